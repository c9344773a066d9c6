// Runs the whole vector pack: node vectors.mjs [folder of the pack]
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Refusal } from "./strict.mjs";
import { Verifier } from "./verifier.mjs";

const CAN = [];
const folder = process.argv[2] ?? fileURLToPath(new URL("../../vectors", import.meta.url));
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
const { configurations } = read("trust.json");

async function act(verifier, step) {
  switch (step.do) {
    case "trust": return verifier.trust(configurations[step.trust], step.now);
    case "status": return verifier.status(step.token, step.now, step.from);
    case "ingest": return verifier.ingest(step.approval, step.ticket, step.now);
    case "launch": return verifier.launch(step.request, step.now);
    default: throw new Error(step.do);
  }
}

/** A verifier after all steps but the last, which have to be accepted. */
async function prepared({ policy, steps }) {
  const verifier = new Verifier(policy);
  for (const step of steps.slice(0, -1)) await act(verifier, step);
  return verifier;
}

async function verdict(verifier, step) {
  try {
    await act(verifier, step);
    return "accepted";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  }
}

const counts = { pass: 0, fail: 0, skip: 0 };
function count(name, expected, found) {
  const good = expected === found;
  counts[good ? "pass" : "fail"] += 1;
  if (!good) console.log(`not ok - ${name}: ${found}, not ${expected}`);
}

for (const file of readdirSync(`${folder}/cases`).sort()) {
  for (const one of read(`cases/${file}`).cases) {
    if (!(one.needs ?? []).every((need) => CAN.includes(need))) {
      counts.skip += 1;
      continue;
    }
    const found = await prepared(one).then((verifier) => verdict(verifier, one.steps.at(-1))).catch((error) => `${error.stack}`);
    count(one.name, one.expected, found);
  }
}

const { case: original } = read("mutations.json");
const last = original.steps.at(-1);
let accepted = 0;
// Nothing of what is refused is remembered, so one verifier may try them all.
const trying = await prepared(original);
for (const part of ["approval", "ticket"]) {
  const bytes = Buffer.from(last[part]);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    accepted += (await verdict(trying, { ...last, [part]: changed.toString() })) === "accepted" ? 1 : 0;
  }
}
count("mutations", "0 accepted", `${accepted} accepted`);

// An installation that does not say what it asks for asks for a ticket.
const cases = readdirSync(`${folder}/cases`).flatMap((file) => read(`cases/${file}`).cases);
const unlogged = cases.find(({ name }) => name === "histories/unlogged");
for (const min_assurance of [undefined, null, "Logged", ""]) {
  const silent = { ...unlogged, policy: { ...unlogged.policy, min_assurance } };
  const found = await prepared(silent).then((verifier) => verdict(verifier, silent.steps.at(-1)));
  count(`min_assurance ${min_assurance}`, "E_LOCAL_POLICY", found);
}

for (const [what, many] of Object.entries(counts)) console.log(`# ${what} ${many}`);
process.exitCode = counts.fail > 0 ? 1 : 0;
