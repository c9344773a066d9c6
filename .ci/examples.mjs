// Runs the book's examples of a verifier (docs/src/guide/examples) on cases of the vector pack: they
// must say what the pack says. Prints `# pass N` and `# fail N`.
// usage: node .ci/examples.mjs RUST PYTHON JAR CLASSES: the built Rust example, a Python and a jar with
// the libraries, and an empty folder for Java's classes. jose comes from the JavaScript reference.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [rust, python, jar, classes] = process.argv.slice(2).map((path) => resolve(path));
const examples = 'docs/src/guide/examples';
const CASES = [
  'form/honest', 'form/truncated', 'reviews/same-twice', 'reviews/older', 'statuses/value-1', 'statuses/value-2',
  'statuses/value-3', 'statuses/own-max-stale', 'statuses/outside',
];

const read = (name) => JSON.parse(readFileSync(join('verifier/vectors', name), 'utf8'));
const { pinned_root: root, configurations } = read('trust.json');
const cases = ['form', 'reviews', 'statuses'].flatMap((name) => read(`cases/${name}.json`).cases);

const folder = mkdtempSync(join(tmpdir(), 'examples-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const file = (name) => join(folder, name);

/** The target files as a TUF client leaves them, and the mirror that a verifier of tier B reads. */
function trust({ files, metadata }) {
  mkdirSync(file('trust/targets'), { recursive: true });
  const targets = JSON.parse(metadata.targets).signed;
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(file(`trust/${name}`), content);
    writeFileSync(file(`trust/targets/${targets.targets[name].hashes.sha256}.${name}`), content);
  }
  writeFileSync(file('trust/timestamp.json'), metadata.timestamp);
  writeFileSync(file(`trust/${JSON.parse(metadata.snapshot).signed.version}.snapshot.json`), metadata.snapshot);
  writeFileSync(file(`trust/${targets.version}.targets.json`), metadata.targets);
  metadata.roots.forEach((text) => writeFileSync(file(`trust/${JSON.parse(text).signed.version}.root.json`), text));
  writeFileSync(file('root.json'), root);
}

copyFileSync(`${examples}/verify.mjs`, file('verify.mjs'));
symlinkSync(resolve('verifier/reference/javascript/node_modules'), file('node_modules'));
execFileSync('javac', ['-Xlint:all,-path,-serial', '-Werror', '-d', classes, '-cp', jar, `${examples}/VerifyApproval.java`]);

const tierA = ['trust', 'status.jwt', 'approval.jwt'].map(file);
const tierB = ['root.json', 'trust', 'status.jwt', 'approval.jwt', 'approval.tlog-proof'].map(file);
const COMMANDS = {
  JavaScript: [process.execPath, file('verify.mjs'), ...tierA],
  Java: ['java', '-cp', `${classes}:${jar}`, 'VerifyApproval', ...tierA],
  Python: [python, `${examples}/verify.py`, ...tierA],
  Rust: [rust, ...tierB],
};

/** `accepted`, or the code of the refusal. */
function verdict([command, ...args], now) {
  const { status, stdout, stderr } = spawnSync(command, [...args, String(now)], { encoding: 'utf8' });
  if (status === 0) return stdout.startsWith('OK ') ? 'accepted' : stdout;
  return /E_[A-Z_]+/.exec(stderr)?.[0] ?? stderr;
}

let passed = 0;
let failed = 0;
for (const name of CASES) {
  const { steps: [configuration, status, ingest], expected } = cases.find((one) => one.name === name);
  trust(configurations[configuration.trust]);
  writeFileSync(file('status.jwt'), status.token);
  writeFileSync(file('approval.jwt'), ingest.approval);
  writeFileSync(file('approval.tlog-proof'), ingest.ticket);
  for (const [language, command] of Object.entries(COMMANDS)) {
    const said = verdict(command, ingest.now);
    if (said === expected) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`${language}, ${name}: ${said}, not ${expected}`);
    }
  }
}
console.log(`# pass ${passed}\n# fail ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
