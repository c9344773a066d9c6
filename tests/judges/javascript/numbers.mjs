// Holds identity numbers against NAV's validator: node numbers.mjs NUMBERS.TSV, lines of kind and number
import { readFileSync } from "node:fs";
import { idnr } from "@navikt/fnrvalidator";

// Ours are synthetic: month + 80. An H-number has month + 40 whoever it is given to.
const TYPES = { Fnr: "tnr", DNumber: "dnr-and-tnr", HNumber: "hnr" };
// The validator does not know help numbers that all units share, whose first digits are no day. Their
// control digits are those of all others, so the date alone may be wrong with them.
const WITHOUT_DATE = "FhNumber";

function verdict(kind, number) {
  const { status, type, reasons } = idnr(number);
  if (kind === WITHOUT_DATE) return reasons?.join() === "invalid date";
  return status === "valid" && type === TYPES[kind];
}

/** The number with one digit changed, every way there is. */
function* changed(number) {
  for (let place = 0; place < 11; place++) {
    for (let digit = 0; digit < 10; digit++) {
      const other = number.slice(0, place) + digit + number.slice(place + 1);
      if (other !== number) yield other;
    }
  }
}

const counts = {};
let passed = 0;
let failed = 0;
const numbers = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => line.split("\t"));
for (const [kind, number] of numbers) {
  counts[kind] ??= { accepted: 0, refused: 0, slipped: 0 };
  counts[kind][verdict(kind, number) ? "accepted" : "refused"]++;
  for (const other of changed(number)) {
    if (idnr(other).status === "valid") counts[kind].slipped++;
  }
}
for (const kind of [...Object.keys(TYPES), WITHOUT_DATE]) {
  const count = counts[kind] ?? { accepted: 0, refused: 0, slipped: 0 };
  console.log(`${kind}: ${count.accepted} accepted, ${count.refused} refused; ${count.slipped} accepted with a digit changed`);
  // A kind that nobody has is a kind that was not looked at.
  if (count.accepted > 0 && count.refused === 0 && count.slipped === 0) passed++;
  else failed++;
}
console.log(`# pass ${passed}\n# fail ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
