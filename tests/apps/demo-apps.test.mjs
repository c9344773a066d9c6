// The rules inside the demo apps, without a browser: whom the SMART client trusts and what it
// refuses, and how FHIR resources are read. The journeys drive the whole apps in Chromium.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, describe, test } from "node:test";

const SHARED = "../../src/demo/apps/shared";
const { knownIssuer } = await import(`${SHARED}/issuer.js`);
const { grants } = await import(`${SHARED}/scope.js`);
const { dateInWords, momentInWords, momentOf, nameOf, trusted } = await import(`${SHARED}/fhir.js`);
const { measurements } = await import(`${SHARED}/pressure.js`);
const { Trouble } = await import(`${SHARED}/trouble.js`);
const { Session, arrive, launch } = await import(`${SHARED}/smart.js`);

const ISS = "http://localhost:8081/demo/fhir";
const APP = { clientId: "no.test.app", scope: "launch patient/Patient.r", redirectUri: "index.html" };
const CONFIGURATION = {
  authorization_endpoint: "http://localhost:8081/demo/auth/authorize",
  token_endpoint: "http://localhost:8081/demo/auth/token",
  code_challenge_methods_supported: ["S256"],
};

let requests;
let went;
let answers;

function page(address) {
  went = null;
  const url = new URL(address, "http://a.apps.localhost:8082/");
  globalThis.location = { href: url.href, search: url.search, pathname: url.pathname, hostname: url.hostname, assign: (to) => (went = new URL(to)) };
  globalThis.history = { replaceState() {} };
}

function browser() {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    size: () => kept.size,
  };
  requests = [];
  answers = new Map([[`${ISS}/.well-known/smart-configuration`, CONFIGURATION]]);
  globalThis.fetch = async (address, options = {}) => {
    requests.push({ address: String(address), ...options });
    const answer = answers.get(String(address));
    if (!answer) throw new TypeError("no connection");
    return answer instanceof Response ? answer : Response.json(answer);
  };
}

async function launched() {
  page(`launch.html?iss=${encodeURIComponent(ISS)}&launch=abc`);
  await launch(APP);
  answers.set(CONFIGURATION.token_endpoint, { access_token: "t", token_type: "bearer", patient: "p1", scope: "patient/Patient.r" });
  return went.searchParams;
}

const kind = (expected) => (thrown) => thrown instanceof Trouble && thrown.kind === expected;

describe("the SMART client", () => {
  beforeEach(browser);

  test("asks with exact aud, fresh state of 256 bits and PKCE", async () => {
    const asked = await launched();
    assert.equal(asked.get("aud"), ISS);
    assert.equal(asked.get("launch"), "abc");
    assert.equal(asked.get("redirect_uri"), "http://a.apps.localhost:8082/index.html");
    assert.equal(asked.get("code_challenge_method"), "S256");
    assert.equal(asked.get("state").length, 43);
    const again = await launched();
    assert.notEqual(asked.get("state"), again.get("state"));
    assert.notEqual(asked.get("code_challenge"), again.get("code_challenge"));
  });

  test("exchanges the code once and leaves nothing in storage", async () => {
    const asked = await launched();
    page(`index.html?code=c&state=${asked.get("state")}`);
    const session = await arrive();
    assert.equal(session.patient, "p1");
    assert.equal(sessionStorage.size(), 0);
    await assert.rejects(arrive(), kind("state"));
    assert.equal(requests.filter(({ method }) => method === "POST").length, 1);
  });

  for (const [name, answer] of [
    ["another state", "code=c&state=other"],
    ["no state", "code=c"],
    ["no code", (state) => `state=${state}`],
  ]) {
    test(`refuses an answer with ${name} without asking for a token`, async () => {
      const state = (await launched()).get("state");
      page(`index.html?${typeof answer === "function" ? answer(state) : answer}`);
      await assert.rejects(arrive(), kind("state"));
      assert.equal(requests.filter(({ method }) => method === "POST").length, 0);
      assert.equal(sessionStorage.size(), 0);
    });
  }

  test("says so when access is denied", async () => {
    const state = (await launched()).get("state");
    page(`index.html?error=access_denied&state=${state}`);
    await assert.rejects(arrive(), kind("denied"));
  });

  test("does not go on without PKCE, discovery or a known issuer", async () => {
    const address = `${ISS}/.well-known/smart-configuration`;
    answers.set(address, { ...CONFIGURATION, code_challenge_methods_supported: ["plain"] });
    await assert.rejects(launched(), kind("discovery"));
    answers.set(address, new Response("", { status: 500 }));
    await assert.rejects(launched(), kind("discovery"));
    page("launch.html?iss=https%3A%2F%2Fevil.example%2Ffhir&launch=abc");
    await assert.rejects(launch(APP), kind("unknown-issuer"));
    assert.equal(went, null);
  });

  test("follows pages at its own server only", async () => {
    const session = new Session(ISS, { access_token: "t", patient: "p1" }, "");
    const next = (url) => ({ resourceType: "Bundle", link: [{ relation: "next", url }], entry: [{ resource: { resourceType: "Observation" } }] });
    answers.set(`${ISS}/Observation?code=x`, next(`${ISS}/Observation?page=2`));
    answers.set(`${ISS}/Observation?page=2`, { resourceType: "Bundle", entry: [{ resource: { resourceType: "Observation" } }] });
    const found = await session.search("Observation", { code: "x" });
    assert.deepEqual([found.resources.length, found.complete], [2, true]);
    for (const elsewhere of ["http://evil.example/fhir/Observation", "http://localhost:8081/other/fhir/Observation"]) {
      answers.set(`${ISS}/Observation?code=x`, next(elsewhere));
      await assert.rejects(session.search("Observation", { code: "x" }), kind("unreadable"));
      assert.ok(!requests.some(({ address }) => address === elsewhere));
    }
  });

  test("uses a token no more after it was refused", async () => {
    const session = new Session(ISS, { access_token: "t", patient: "p1" }, "");
    answers.set(`${ISS}/Patient/p1`, new Response("", { status: 401 }));
    await assert.rejects(session.read("Patient", "p1"), kind("expired"));
    await assert.rejects(session.read("Patient", "p1"), kind("expired"));
    assert.equal(requests.length, 1);
  });
});

test("an issuer is known when it shares the app's domain", () => {
  for (const [iss, host, expected] of [
    ["http://localhost:8081/demo/fhir", "a.apps.localhost", true],
    ["http://127.0.0.1:4000/x/fhir", "a.apps.localhost", true],
    ["https://epj.example.no/fhir", "a.apps.example.no", true],
    ["https://example.no/fhir", "a.apps.example.no", true],
    ["http://example.no/fhir", "a.apps.example.no", false],
    ["https://example.no.evil.no/fhir", "a.apps.example.no", false],
    ["https://evilexample.no/fhir", "a.apps.example.no", false],
    ["http://localhost:8081/fhir", "a.apps.example.no", false],
    ["https://user@example.no/fhir", "a.apps.example.no", false],
    ["javascript:alert(1)", "a.apps.localhost", false],
    ["nonsense", "a.apps.localhost", false],
  ]) {
    assert.equal(knownIssuer(iss, host), expected, `${iss} at ${host}`);
  }
});

test("scopes of both versions are read", () => {
  assert.equal(grants("patient/Observation.rs", "Observation", "s"), "all");
  assert.equal(grants("patient/Observation.r", "Observation", "s"), "none");
  assert.equal(grants("patient/Observation.read", "Observation", "s"), "all");
  assert.equal(grants("patient/*.cruds", "Observation", "s"), "all");
  assert.equal(grants("patient/Observation.rs?category=laboratory", "Observation", "s"), "part");
  assert.equal(grants("openid launch patient/Patient.rs", "Observation", "r"), "none");
});

test("a missing or doubtful value is unknown, never a number and never left out in silence", () => {
  const part = (code, quantity) => ({ code: { coding: [{ system: "http://loinc.org", code }] }, valueQuantity: quantity });
  const one = (fields, systolic, diastolic) => ({
    status: "final", effectiveDateTime: "2026-03-01T08:00:00Z", component: [part("8480-6", systolic), part("8462-4", diastolic)], ...fields,
  });
  const mmHg = (value) => ({ value, unit: "mmHg", code: "mm[Hg]" });
  const { rows, unread } = measurements([
    one({}, mmHg(120), mmHg(80)),
    one({}, undefined, mmHg(81)),
    one({}, { value: 16, unit: "kPa" }, mmHg(82)),
    one({}, { ...mmHg(90), comparator: "<" }, mmHg(83)),
    one({ status: "entered-in-error" }, mmHg(1), mmHg(1)),
    one({ modifierExtension: [{ url: "x" }] }, mmHg(1), mmHg(1)),
    one({ effectiveDateTime: undefined }, mmHg(1), mmHg(1)),
  ]);
  assert.deepEqual(rows.map(({ systolic }) => systolic), [120, null, null, null]);
  assert.equal(unread, 2);
});

test("names, dates and withdrawn resources are read as FHIR means them", () => {
  assert.equal(nameOf({ name: [{ use: "old", family: "Før" }, { use: "official", given: ["Áile"], family: "Gaup" }] }), "Áile Gaup");
  assert.equal(nameOf({}), "Navn mangler");
  assert.equal(dateInWords("1951"), "1951");
  assert.equal(dateInWords("1951-03"), "mars 1951");
  assert.equal(dateInWords("1951-03-02"), "2. mars 1951");
  assert.equal(momentInWords(momentOf({ effectiveDateTime: "2026-01-15T08:05:00Z" })), "15. jan. 2026 kl. 09.05");
  assert.equal(momentOf({ effectiveDateTime: "en gang" }), null);
  assert.equal(trusted([{ status: "final" }, { status: "entered-in-error" }]).readable.length, 1);
});

test("every trouble has a title and a text", async () => {
  const source = await readFile(new URL(`${SHARED}/trouble.js`, import.meta.url), "utf8");
  const kinds = [...source.matchAll(/^ {2}"?([a-z-]+)"?: \{$/gm)].map(([, kind]) => kind);
  assert.ok(kinds.length > 15);
  for (const name of kinds) {
    const trouble = new Trouble(name, { status: 500, wait: 1, detail: "målinger" });
    assert.ok(trouble.title && trouble.text && !trouble.text.includes("undefined"), name);
  }
});

test("what an app is registered with is what it asks for", async () => {
  for (const folder of ["blodtrykk", "legemidler", "laboratoriesvar"]) {
    const file = (name) => readFile(new URL(`../../src/demo/apps/${folder}/${name}`, import.meta.url), "utf8");
    const { REGISTRATION } = await import(`../../src/demo/apps/${folder}/registration.js`);
    const entry = JSON.parse(await file("app.json"));
    const version = JSON.parse(await file("version.json"));
    assert.equal(REGISTRATION.clientId, entry.software_id);
    assert.equal(REGISTRATION.scope, version.scope);
    assert.deepEqual(version.redirect_uris, [`/${REGISTRATION.redirectUri}`]);
  }
});
