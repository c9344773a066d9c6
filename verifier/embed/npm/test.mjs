// The package against the whole vector pack: every case, and every changed byte of one approval and
// its ticket. Prints what failed, then `# pass N` and `# fail N`.
import { readdirSync, readFileSync } from 'node:fs';
import { load, Refused } from './index.js';

const pack = new URL('../../vectors/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, pack), 'utf8'));
const { pinned_root: pinned, configurations } = read('trust.json');
const module = await load(readFileSync(new URL('verifier.wasm', import.meta.url)));

/** The file that the verifier asks for, from a configuration of the pack. */
function served({ metadata, files }, name) {
  if (name.endsWith('.root.json')) {
    // In the pack's order, whatever versions they claim: a server may lie.
    return metadata.roots[Number.parseInt(name, 10) - JSON.parse(pinned).signed.version - 1] ?? null;
  }
  if (name.startsWith('targets/')) {
    // A target's name follows its digest.
    return files[name.slice(name.indexOf('.') + 1)] ?? null;
  }
  return metadata[name.replace(/^\d+\./, '').replace('.json', '')] ?? null;
}

async function act(verifier, step) {
  switch (step.do) {
    case 'trust':
      return verifier.refreshTrust((name) => served(configurations[step.trust], name), step.now);
    case 'status':
      return verifier.updateStatus(step.token, step.now, step.from ?? null);
    case 'ingest':
      return verifier.ingest(step.approval, step.ticket ?? null, step.now);
    case 'launch':
      return verifier.launch(step.request, step.now);
    default:
      throw new Error(`unknown step ${step.do}`);
  }
}

async function verdict(verifier, step) {
  try {
    await act(verifier, step);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.code;
  }
}

/** A verifier after all steps but the last; half-way through it is saved and opened again. */
async function prepared({ policy, steps }) {
  let verifier = module.open(pinned, policy);
  for (const step of steps.slice(0, -1)) await act(verifier, step);
  const state = verifier.save();
  verifier.close();
  return module.open(pinned, policy, state);
}

let pass = 0;
let fail = 0;
function count(name, found, expected) {
  if (found === expected) pass += 1;
  else {
    fail += 1;
    console.log(`not ok - ${name}: ${found}, not ${expected}`);
  }
}

for (const file of readdirSync(new URL('cases/', pack)).sort()) {
  for (const one of read(`cases/${file}`).cases) {
    try {
      const verifier = await prepared(one);
      count(one.name, await verdict(verifier, one.steps.at(-1)), one.expected);
      verifier.close();
    } catch (error) {
      count(one.name, error.stack, one.expected);
    }
  }
}

const { case: original } = read('mutations.json');
const last = original.steps.at(-1);
const verifier = await prepared(original);
let accepted = 0;
for (const part of ['approval', 'ticket']) {
  const bytes = Buffer.from(last[part]);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    if ((await verdict(verifier, { ...last, [part]: changed })) === 'accepted') accepted += 1;
  }
}
count('mutations', `${accepted} accepted`, '0 accepted');

for (const [what, call] of [
  ['no settings', () => module.open(pinned, {})],
  ['no root', () => module.open('', { environment: 'prod' })],
  ['a closed verifier', () => (verifier.close(), verifier.save())],
]) {
  let refused = false;
  try {
    call();
  } catch (error) {
    refused = error instanceof Refused && error.remedy.length > 0;
  }
  count(what, refused, true);
}

/** What a call comes to: a code, another error's name, or what `value` reads of the answer. */
async function outcome(call, value = () => 'accepted') {
  try {
    return value(await call());
  } catch (error) {
    return error instanceof Refused ? error.code : error.name;
  }
}

const everyCase = readdirSync(new URL('cases/', pack)).flatMap((file) => read(`cases/${file}`).cases);
const { policy, steps } = everyCase.find(({ name }) => name === 'histories/version-signed-anew');
const [trust, list, older, newer] = steps;
const fresh = (...known) => module.open(pinned, policy, ...known);

// Only null and undefined mean that a thing is not there; neither is an empty file.
for (const absent of [null, undefined]) {
  count(`state ${absent}`, await outcome(() => fresh(absent)), 'accepted');
  const bare = fresh();
  bare.trustTake(absent);
  count(`file ${absent}`, bare.trustWanted().name, 'timestamp.json');
  await act(bare, trust);
  count(`address ${absent}`, await outcome(() => bare.updateStatus(list.token, list.now, absent)), 'accepted');
  count(`ticket ${absent}`, await outcome(() => bare.ingest(older.approval, absent, older.now)), 'E_LOCAL_POLICY');
  count(`token ${absent}`, await outcome(() => bare.updateStatus(absent, list.now)), 'MISUSE');
  bare.close();
}
count('an empty ticket', await outcome(() => fresh().ingest(older.approval, '', older.now)), 'E_TRUST_CONFIG');

// A refresh that was broken off leaves nothing behind.
const broken = fresh();
const given = (name) => served(configurations[trust.trust], name);
const cut = (name) => {
  if (name === '99.snapshot.json') throw new TypeError('the line is dead');
  return name === 'timestamp.json' ? '{"signed":{"meta":{"snapshot.json":{"version":99}}}}' : given(name);
};
count('a refresh broken off', await outcome(() => broken.refreshTrust(cut, trust.now)), 'TypeError');
count('the next one', await outcome(() => act(broken, trust)), 'accepted');

// An older approval of a version is taken in and does not come into force.
await act(broken, list);
const claims = ({ in_force, approval }) => `${in_force} ${approval?.jti?.length}`;
count('in force', await outcome(() => act(broken, newer), claims), 'true 36');
count('not in force', await outcome(() => act(broken, older), claims), 'false undefined');

count('no memory', await outcome(() => broken.trustTake(new Uint8Array(2 ** 31))), 'RangeError');
count('still there', await outcome(() => broken.save()), 'accepted');
broken.close();

console.log(`# pass ${pass}`);
console.log(`# fail ${fail}`);
process.exitCode = fail === 0 ? 0 : 1;
