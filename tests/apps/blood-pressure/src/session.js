// SMART App Launch with the fhirclient library, in the shape that the pages expect of a session.

import browserAdapter from "fhirclient/lib/adapters/BrowserAdapter.js";
import { SMART_KEY } from "fhirclient/lib/settings.js";
import { knownIssuer } from "shared/issuer.js";
import { grants } from "shared/scope.js";
import { Trouble } from "shared/trouble.js";
import { patientToShow, requestedScope, stateKey, tellsOfDenial } from "./choices.js";
import { CLIENT_ID, REDIRECT } from "./registration.js";
import { storage, takePending } from "./storage.js";

const REQUEST_TIMEOUT_MS = 15_000;
const MOST_PAGES = 50;

/** The launch page: checks who launches us and leaves for the authorization server. */
export async function launch() {
  sessionStorage.clear();
  const query = new URLSearchParams(location.search);
  const iss = query.get("iss");
  const marker = query.get("launch");
  // The library lets further parameters of the address overrule its options, so they go first.
  clearAddress();
  if (!iss || !marker) throw new Trouble("not-launched");
  if (!knownIssuer(iss)) throw new Trouble("unknown-issuer", { detail: iss });
  try {
    await smart().authorize({
      clientId: CLIENT_ID,
      scope: requestedScope,
      redirectUri: REDIRECT,
      iss,
      launch: marker,
      pkceMode: "required",
      stateKey: stateKey(),
      completeInTarget: true,
    });
  } catch (thrown) {
    throw new Trouble("discovery", { detail: thrown.message });
  }
}

/** The redirect page: checks the answer and exchanges the code. */
export async function arrive() {
  const answer = new URLSearchParams(location.search);
  takePending();
  if (answer.has("error")) return denied(answer.get("error"));
  if (!answer.has("code") && !answer.has("state")) throw new Trouble("not-launched");
  // The library takes any key it finds in storage for a state, and an answer without a code for an open server.
  const expected = await storage.get(SMART_KEY);
  if (!answer.get("code") || !expected || answer.get("state") !== expected) {
    clearAddress();
    throw new Trouble("state");
  }
  return new Session(await exchange());
}

// An answer that says no ends here: with a word to the user, unless built not to.
function denied(error) {
  if (!tellsOfDenial) return new Promise(() => {});
  clearAddress();
  throw new Trouble(error === "access_denied" ? "denied" : "authorization", { detail: error });
}

function clearAddress() {
  history.replaceState(null, "", location.pathname);
}

async function exchange() {
  let client;
  try {
    client = await smart().ready();
  } catch (thrown) {
    throw new Trouble("token", { detail: thrown.message });
  }
  if (!client.patient.id) throw new Trouble("no-patient");
  return client;
}

class Session {
  #client;
  #base;

  constructor(client) {
    this.#client = client;
    this.#base = new URL(client.state.serverUrl.replace(/\/*$/, "/"));
    this.patient = client.patient.id;
  }

  grants(type, interaction) {
    return grants(this.#client.state.tokenResponse.scope ?? this.#client.state.scope, type, interaction);
  }

  isPatient(reference) {
    return reference === `Patient/${this.patient}` || reference === `${this.#base}Patient/${this.patient}`;
  }

  async read(type, id) {
    const get = () => this.#get(`${type}/${encodeURIComponent(id)}`);
    const resource = type === "Patient" ? await patientToShow(get) : await get();
    if (resource?.resourceType !== type) throw new Trouble("unreadable");
    return resource;
  }

  async search(type, parameters) {
    let page = `${type}?${new URLSearchParams(parameters)}`;
    const resources = [];
    for (let pages = 0; page && pages < MOST_PAGES; pages += 1) {
      const bundle = await this.#get(page);
      if (bundle?.resourceType !== "Bundle") throw new Trouble("unreadable");
      resources.push(...(bundle.entry ?? []).map(({ resource }) => resource).filter((resource) => resource?.resourceType === type));
      page = this.#next(bundle);
    }
    return { resources, complete: page === null };
  }

  // The library would send the token along to any address a server gives as the next page.
  #next(bundle) {
    const link = bundle.link?.find(({ relation }) => relation === "next");
    if (!link) return null;
    const url = new URL(link.url, this.#base);
    if (url.origin !== this.#base.origin || !url.pathname.startsWith(this.#base.pathname)) throw new Trouble("unreadable");
    return url.href;
  }

  async #get(url) {
    try {
      return await this.#client.request({ url, headers: { accept: "application/fhir+json" }, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    } catch (thrown) {
      throw thrown.status ? Trouble.fromStatus(thrown.status, thrown.response?.headers.get("retry-after")) : Trouble.from(thrown);
    }
  }
}

function smart() {
  const adapter = new browserAdapter.default();
  adapter.getStorage = () => storage;
  return adapter.getSmartApi();
}
