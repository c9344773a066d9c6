// A SMART App Launch 2.2 client for public browser apps: EHR launch, PKCE, one patient, read only.
// The access token lives in this module's memory alone. Storage holds the pending launch, from
// the redirect to the authorization server until the answer, and nothing afterwards.

import { knownIssuer } from "./issuer.js";
import { grants } from "./scope.js";
import { Trouble } from "./trouble.js";

const PENDING = "smart.pending";
const PENDING_LIFETIME_MS = 10 * 60 * 1000;
const REQUEST_TIMEOUT_MS = 15_000;
const MOST_PAGES = 50;

/**
 * The launch page: sends the browser to the authorization server of the system that launched us.
 * @param {{clientId: string, scope: string, redirectUri: string}} app as registered
 */
export async function launch({ clientId, scope, redirectUri }) {
  sessionStorage.removeItem(PENDING);
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname);
  const iss = query.get("iss");
  const launchContext = query.get("launch");
  if (!iss || !launchContext) throw new Trouble("not-launched");
  if (!knownIssuer(iss)) throw new Trouble("unknown-issuer", { detail: iss });

  const endpoints = await discover(iss);
  const state = random();
  const verifier = random();
  const redirect = new URL(redirectUri, location.href).href;
  const pending = { state, verifier, iss, token: endpoints.token, issuer: endpoints.issuer, clientId, scope, redirect, since: Date.now() };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));

  const target = new URL(endpoints.authorization);
  const request = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirect,
    scope,
    state,
    aud: iss,
    launch: launchContext,
    code_challenge: await challenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(request)) target.searchParams.set(name, value);
  location.assign(target);
}

/**
 * The redirect page: checks the answer, exchanges the code and gives a session with one patient.
 * @returns {Promise<Session>}
 */
export async function arrive() {
  const answer = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname);
  const pending = takePending();

  if (answer.has("error")) throw denial(answer);
  if (!answer.has("code") && !answer.has("state")) throw new Trouble("not-launched");
  if (!pending || answer.get("state") !== pending.state || !answer.get("code")) throw new Trouble("state");
  if (answer.has("iss") && pending.issuer && answer.get("iss") !== pending.issuer) throw new Trouble("state");

  const token = await exchange(pending, answer.get("code"));
  return new Session(pending.iss, token, pending.scope);
}

/** What the app may do after a launch: read and search as far as the grant goes. */
export class Session {
  #base;
  #token;
  #scope;

  constructor(iss, token, requestedScope) {
    this.#base = new URL(iss.replace(/\/*$/, "/"));
    this.#token = token.access_token;
    this.#scope = token.scope ?? requestedScope;
    this.patient = token.patient;
  }

  /** How much of a resource type the grant covers: `all`, `part` or `none`. */
  grants(type, interaction) {
    return grants(this.#scope, type, interaction);
  }

  /** Whether a reference names the patient of this launch. */
  isPatient(reference) {
    return reference === `Patient/${this.patient}` || reference === `${this.#base}Patient/${this.patient}`;
  }

  /** One resource. */
  async read(type, id) {
    const resource = await this.#get(new URL(`${type}/${encodeURIComponent(id)}`, this.#base));
    if (resource.resourceType !== type) throw new Trouble("unreadable", { detail: `expected ${type}` });
    return resource;
  }

  /** Every match of a search, page by page. Pages elsewhere than at our server are not followed. */
  async search(type, parameters) {
    let page = new URL(`${type}?${new URLSearchParams(parameters)}`, this.#base);
    const resources = [];
    for (let pages = 0; page && pages < MOST_PAGES; pages += 1) {
      const bundle = await this.#get(page);
      if (bundle.resourceType !== "Bundle") throw new Trouble("unreadable", { detail: "expected Bundle" });
      for (const { resource, search } of bundle.entry ?? []) {
        if (resource?.resourceType === type && search?.mode !== "outcome") resources.push(resource);
      }
      page = this.#next(bundle);
    }
    return { resources, complete: page === null };
  }

  #next(bundle) {
    const link = bundle.link?.find(({ relation }) => relation === "next");
    if (!link) return null;
    const url = new URL(link.url, this.#base);
    const ours = url.origin === this.#base.origin && url.pathname.startsWith(this.#base.pathname);
    if (!ours) throw new Trouble("unreadable", { detail: "the next page is on another server" });
    return url;
  }

  async #get(url) {
    if (!this.#token) throw new Trouble("expired");
    const response = await fetch(url, {
      headers: { accept: "application/fhir+json", authorization: `Bearer ${this.#token}` },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.status === 401) this.#token = null;
    if (!response.ok) throw Trouble.fromStatus(response.status, response.headers.get("retry-after"));
    return json(response);
  }
}

async function discover(iss) {
  const base = iss.replace(/\/*$/, "/");
  let configuration;
  try {
    const response = await fetch(new URL(".well-known/smart-configuration", base), {
      headers: { accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) throw new Trouble("discovery", { status: response.status });
    configuration = await response.json();
  } catch (thrown) {
    throw thrown instanceof Trouble ? thrown : new Trouble("discovery", { detail: thrown.message });
  }
  const methods = configuration.code_challenge_methods_supported;
  if (!Array.isArray(methods) || !methods.includes("S256")) throw new Trouble("discovery", { detail: "S256 is not offered" });
  return {
    authorization: endpoint(configuration.authorization_endpoint, base),
    token: endpoint(configuration.token_endpoint, base),
    issuer: configuration.issuer,
  };
}

// Relative addresses are allowed by SMART 2.2 and are resolved against the FHIR base.
function endpoint(address, base) {
  if (typeof address !== "string" || address === "") throw new Trouble("discovery", { detail: "an endpoint is missing" });
  return new URL(address, base).href;
}

async function exchange(pending, code) {
  const response = await fetch(pending.token, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: pending.redirect,
      client_id: pending.clientId,
      code_verifier: pending.verifier,
    }),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new Trouble("token", { status: response.status });
  const token = await json(response);
  if (!token.access_token || String(token.token_type).toLowerCase() !== "bearer") throw new Trouble("token");
  if (!token.patient) throw new Trouble("no-patient");
  return token;
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new Trouble("unreadable");
  }
}

function denial(answer) {
  return new Trouble(answer.get("error") === "access_denied" ? "denied" : "authorization", { detail: answer.get("error") });
}

// A pending launch is used once, whatever comes of it.
function takePending() {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  if (!text) return null;
  const pending = JSON.parse(text);
  return Date.now() - pending.since < PENDING_LIFETIME_MS ? pending : null;
}

// 256 bits: twice what SMART asks of `state`, and the length that PKCE recommends.
function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
