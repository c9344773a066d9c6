// Loads 1 000 patients with 23 resources each as transactions, holds sampled answers against what was
// loaded, and writes files of requests for wrk. The same seed gives the same data.
// usage: node load-fhir.mjs FHIR-BASE TOKEN FOLDER

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";

const [base, token, folder] = process.argv.slice(2);
const path = new URL(base).pathname;
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/fhir+json" };

const PATIENTS = 1000;
const CODES = ["8480-6", "8462-4", "8867-4", "8310-5", "9279-1", "2708-6", "29463-7", "8302-2", "4548-4", "2339-0"];
const FNR = "urn:oid:2.16.578.1.12.4.1.4.1";

// A linear congruential generator: numbers that are the same everywhere.
let state = 7n;
function random(below) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(below));
}

// A number of the synthetic series: the month is 80 too high.
function number(place) {
  for (let individual = place % 500; ; individual += 1) {
    const day = String(1 + (place % 28)).padStart(2, "0");
    const month = String(81 + (place % 12)).padStart(2, "0");
    const year = String(20 + (place % 70)).padStart(2, "0");
    const first = [...(day + month + year + String(individual).padStart(3, "0"))].map(Number);
    const control = (digits, weights) => {
      const rest = digits.reduce((sum, digit, at) => sum + digit * weights[at], 0) % 11;
      return rest === 0 ? 0 : 11 - rest;
    };
    const one = control(first, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
    const two = control([...first, one], [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    if (one < 10 && two < 10) return [...first, one, two].join("");
  }
}

const FAMILIES = ["Bjørk", "Furu", "Gran", "Hassel", "Lind", "Lønn", "Osp", "Rogn", "Selje", "Ask"]
  .flatMap((tree) => ["lastet", "prøvet", "malt", "veid", "telt"].map((word) => tree + word));

function patient(at) {
  return {
    resourceType: "Patient", id: `last-${at}`,
    identifier: [{ system: FNR, value: number(at) }],
    name: [{ use: "official", family: FAMILIES[at % FAMILIES.length], given: [`Navn${random(100)}`] }],
    gender: at % 2 ? "female" : "male", birthDate: `19${20 + (at % 70)}-0${1 + (at % 9)}-1${at % 9}`,
  };
}
function observation(subject, code, value, at) {
  const date = new Date(Date.UTC(2024, at % 12, 1 + (at % 28), 8, at % 60)).toISOString().slice(0, 19) + "Z";
  return {
    resourceType: "Observation", status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code }] },
    subject: { reference: subject }, effectiveDateTime: date,
    valueQuantity: { value, unit: "1", system: "http://unitsofmeasure.org", code: "1" },
  };
}
function condition(subject) {
  return {
    resourceType: "Condition", subject: { reference: subject },
    clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] },
    code: { text: "Prøvd under last" },
  };
}
function encounter(subject) {
  return {
    resourceType: "Encounter", status: "finished", subject: { reference: subject },
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
  };
}

function journal(at) {
  const subject = `Patient/last-${at}`;
  const inner = [encounter(subject), condition(subject), condition(subject)];
  for (let turn = 0; turn < 20; turn += 1) {
    inner.push(observation(subject, CODES[turn % CODES.length], 1 + random(200), at + turn * 7));
  }
  inner.forEach((resource, place) => { resource.id = `last-${at}-${place}`; });
  return [patient(at), ...inner];
}
const journals = Array.from({ length: PATIENTS }, (_, at) => journal(at));

function transaction(resources) {
  const entry = resources.map((resource) => ({
    resource, request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` },
  }));
  return JSON.stringify({ resourceType: "Bundle", type: "transaction", entry });
}

async function load() {
  const bodies = journals.map(transaction);
  const begun = performance.now();
  let next = 0;
  const one = async () => {
    while (next < bodies.length) {
      const answer = await fetch(base, { method: "POST", headers, body: bodies[next++] });
      assert.equal(answer.status, 200, await answer.text());
      await answer.arrayBuffer().catch(() => {});
    }
  };
  await Promise.all([one(), one()]);
  const took = (performance.now() - begun) / 1000;
  console.log(`loaded ${PATIENTS * 24} resources over 2 connections: ${Math.round((PATIENTS * 24) / took)} a second`);
}

async function get(query) {
  const answer = await fetch(`${base}/${query}`, { headers });
  assert.equal(answer.status, 200, `${query}: ${answer.status}`);
  return answer.json();
}
const system = encodeURIComponent(FNR);
const byIdentifier = (at) => `Patient?identifier=${system}%7C${journals[at][0].identifier[0].value}`;
const byName = (family) => `Patient?name=${encodeURIComponent(family)}&_count=20`;
const byCode = (at, code) => `Observation?patient=Patient/last-${at}&code=http://loinc.org%7C${code}&_sort=-date&_count=50`;
const newest = (at) => `Observation?patient=Patient/last-${at}&_sort=-date&_count=20`;

async function verify() {
  for (let sample = 0; sample < 25; sample += 1) {
    const at = random(PATIENTS);
    const [own] = journals[at];
    const read = await get(`Patient/last-${at}`);
    assert.deepEqual([read.name, read.identifier], [own.name, own.identifier]);
    const found = await get(byIdentifier(at));
    assert.deepEqual([found.total, found.entry[0].resource.id], [1, own.id]);
    const family = own.name[0].family;
    assert.equal((await get(byName(family))).total, PATIENTS / FAMILIES.length);
    const code = CODES[random(CODES.length)];
    for (const [query, wanted] of [[byCode(at, code), code], [newest(at), null]]) {
      const expected = journals[at].filter((one) => one.resourceType === "Observation")
        .filter((one) => !wanted || one.code.coding[0].code === wanted)
        .map((one) => one.effectiveDateTime).sort().reverse();
      const dates = (await get(query)).entry.map((one) => one.resource.effectiveDateTime);
      assert.deepEqual(dates, expected, query);
    }
  }
  // What is wrong is refused under load as it is without.
  const wrong = { ...patient(0), gender: "kvinne" };
  const answer = await fetch(`${base}/Patient`, { method: "POST", headers, body: JSON.stringify(wrong) });
  assert.equal(answer.status, 422, "a gender that is none");
  console.log("answers are right: 25 patients, five kinds of question each; a faulty resource is refused");
}

function requests(name, each) {
  writeFileSync(join(folder, name), Array.from({ length: 2000 }, each).join("\n") + "\n");
}

function eleven() {
  const { id, ...person } = patient(random(PATIENTS));
  const subject = `urn:uuid:00000000-0000-4000-8000-${String(random(1e9)).padStart(12, "0")}`;
  const entry = [{ fullUrl: subject, resource: person, request: { method: "POST", url: "Patient" } }];
  for (let turn = 0; turn < 10; turn += 1) {
    const resource = observation(subject, CODES[turn], 1 + random(200), turn);
    entry.push({ resource, request: { method: "POST", url: "Observation" } });
  }
  return JSON.stringify({ resourceType: "Bundle", type: "transaction", entry });
}

await load();
await verify();
writeFileSync(join(folder, "patient.json"), JSON.stringify(await get("Patient/last-0")));
const GET = (query) => `GET\t${path}/${query}`;
requests("read.txt", () => GET(`Patient/last-${random(PATIENTS)}`));
requests("identifier.txt", () => GET(byIdentifier(random(PATIENTS))));
requests("name.txt", () => GET(byName(FAMILIES[random(FAMILIES.length)])));
requests("code.txt", () => GET(byCode(random(PATIENTS), CODES[random(CODES.length)])));
requests("newest.txt", () => GET(newest(random(PATIENTS))));
requests("create.txt", () => {
  const { id, ...person } = patient(random(PATIENTS));
  return `POST\t${path}/Patient\t${JSON.stringify(person)}`;
});
requests("transaction.txt", () => `POST\t${path}\t${eleven()}`);
