// The claims: their shapes, their own rules, and SMART scopes that cover one another.
import { canonical, require } from "./strict.mjs";

const isText = (value) => typeof value === "string";
const isInteger = Number.isSafeInteger;
const isCount = (value) => isInteger(value) && value >= 0;
const isSwitch = (value) => typeof value === "boolean";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const oneOf = (...words) => (value) => words.includes(value);
const listOf = (is) => (value) => Array.isArray(value) && value.every(is);
/** Absent or null. */
const optional = (is) => (value) => value == null || is(value);
/** Absent, and not null. */
const defaulted = (is) => (value) => value === undefined || is(value);
const isDigest = (value) => isText(value) && /^sha256-.{44}$/.test(value) && canonical(value.slice(7), "base64")?.length === 32;
const hasAll = (members) => (value) => isObject(value) && Object.entries(members).every(([name, is]) => is(value[name]));
/** An object without further members. */
const closed = (members) => (value) => hasAll(members)(value) && Object.keys(value).every((name) => Object.hasOwn(members, name));
const texts = (...names) => Object.fromEntries(names.map((name) => [name, isText]));
const optionalTexts = (...names) => Object.fromEntries(names.map((name) => [name, optional(isText)]));

const approval = hasAll({
  ...texts("iss", "sub", "trust_mark_type", "jti", "software_id", "software_version", "client_name", "developer_name"),
  ...texts("organization_id", "scope", "token_endpoint_auth_method"),
  ...optionalTexts("ref", "logo_uri", "client_uri", "tos_uri", "policy_uri", "launch_uri", "supersedes"),
  iat: isInteger,
  exp: isInteger,
  max_stale: isInteger,
  contacts: defaulted(listOf(isText)),
  redirect_uris: listOf(isText),
  origins: listOf(isText),
  grant_types: listOf(isText),
  response_types: listOf(isText),
  reviews: listOf(isText),
  dpop_bound_access_tokens: defaulted(isSwitch),
  require_pushed_authorization_requests: defaulted(isSwitch),
  jwks: optional(closed({ keys: listOf(isObject) })),
  release_digest: isDigest,
  content: closed({
    level: oneOf("origin", "manifest", "bundle"),
    bundle: optional(isDigest),
    manifest: optional(isDigest),
    size: optional(isCount),
  }),
  criteria: closed({ uri: isText, digest: isDigest }),
  status: closed({ status_list: closed({ idx: isCount, uri: isText }) }),
  log: closed({ origin: isText, after: closed({ size: isCount, root: isDigest }) }),
});

const review = hasAll({
  ...texts("iss", "sub", "software_id", "software_version", "criteria"),
  iat: isInteger,
  release_digest: isDigest,
  decision: oneOf("approve", "reject"),
  role: oneOf("security", "clinical", "privacy"),
  evidence: listOf(closed({ kind: oneOf("suite", "evidence", "verdict"), digest: isDigest })),
  scope: optional(isText),
  redirect_uris: optional(listOf(isText)),
});

const status = hasAll({
  ...texts("iss", "sub"),
  iat: isInteger,
  exp: isInteger,
  ttl: isInteger,
  gen: isCount,
  status_list: closed({ bits: isCount, lst: isText }),
});

const delegation = hasAll({ ...texts("iss", "sub", "trust_mark_type"), iat: isInteger, exp: isInteger, ref: optional(isText) });

const shape = (is, name) => (claims) => require(is(claims), "E_CLAIM", `shape of a ${name}`);

/** The shape of the claims that a key of this use signs. */
export const SHAPES = {
  approval: shape(approval, "approval"),
  review: shape(review, "review"),
  status: shape(status, "status list"),
  delegation: shape(delegation, "delegation"),
};

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const REST = String.raw`(?:[/?][\x21\x24-\x29\x2b-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]*)?`;
const URI = new RegExp(`^((https?)://(${LABEL}(?:\\.${LABEL})*)(?::([1-9][0-9]{0,4}))?)${REST}$`);

/** The address's origin; refuses what cannot be compared as bytes, and http but for localhost in tests. */
function originOf(uri, environment) {
  const [, origin, scheme, host, port] = URI.exec(uri) ?? require(false, "E_CLAIM", `not a plain address: ${uri}`);
  const local = scheme === "http" && environment === "test" && /(^|\.)localhost$/.test(host);
  const fits = uri.length <= 2048 && host.length <= 253 && Number(port ?? 0) <= 65_535;
  require(fits && (scheme === "https" || local), "E_CLAIM", uri);
  return origin;
}

const NUMBER = "(?:0|[1-9][0-9]*)";
const PART = `(?:${NUMBER}|[0-9]*[A-Za-z-][A-Za-z0-9-]*)`;
const SEMVER = new RegExp(`^(${NUMBER}\\.${NUMBER}\\.${NUMBER})(?:-(${PART}(?:\\.${PART})*))?(?:\\+[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*)?$`);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SOFTWARE_ID = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$/;

/** Modulus 11, with the check digit's own weight of 1. */
function isOrganization(id) {
  const digits = /^NO:ORGNR:([0-9]{9})$/.exec(id)?.[1] ?? "";
  return digits !== "" && [3, 2, 7, 6, 5, 4, 3, 2, 1].reduce((sum, weight, at) => sum + weight * digits[at], 0) % 11 === 0;
}

function checkKeys({ keys }) {
  for (const key of keys) {
    const members = new Map([["EC", ["crv", "x", "y"]], ["RSA", ["e", "n"]], ["OKP", ["crv", "x"]]]).get(key.kty);
    const secret = ["d", "p", "q", "dp", "dq", "qi", "k"].some((name) => Object.hasOwn(key, name));
    const plain = members?.every((name) => isText(key[name]) && /^[A-Za-z0-9_-]*$/.test(key[name]));
    require(plain && !secret, "E_CLAIM", "jwks");
  }
}

/** Every rule of an approval's claims that needs no key and no clock. */
export function check(claims, environment, anchors) {
  const rule = (condition, name) => require(condition, "E_CLAIM", name);
  const { content } = claims;
  const digests = [content.bundle, content.manifest].map((digest) => digest != null);
  const fits = { bundle: digests[0] && digests[1] && content.size != null, manifest: !digests[0] && digests[1], origin: !digests[0] && !digests[1] };
  const levels = ["origin", "manifest", "bundle"];
  rule(UUID.test(claims.jti), "jti");
  rule(claims.exp > claims.iat, "exp");
  rule(claims.reviews.length >= 2 && claims.reviews.length <= 4, "reviews");
  rule(claims.max_stale >= 0 && claims.max_stale <= 604_800, "max_stale");
  rule(claims.log.origin !== "", "log.origin");
  rule(fits[content.level] && levels.indexOf(content.level) >= levels.indexOf(anchors.min_content_level), "content");
  rule(claims.software_id.length <= 128 && SOFTWARE_ID.test(claims.software_id), "software_id");
  rule(claims.software_version.length <= 64 && SEMVER.test(claims.software_version), "software_version");
  rule(!/^\p{White_Space}*$/u.test(claims.client_name), "client_name");
  rule(isOrganization(claims.organization_id), "organization_id");
  rule(ScopeSet.read(claims.scope), "scope");
  rule((claims.token_endpoint_auth_method !== "none") === (claims.jwks?.keys.length > 0), "jwks");
  if (claims.jwks) checkKeys(claims.jwks);
  rule(claims.redirect_uris.length <= 10, "redirect_uris");
  rule(anchors.criteria.includes(claims.criteria.uri), "criteria");
  const plain = [claims.sub, claims.trust_mark_type, claims.criteria.uri, claims.status.status_list.uri];
  const pages = [claims.logo_uri, claims.client_uri, claims.tos_uri, claims.policy_uri].filter((uri) => uri != null);
  for (const uri of [...plain, ...pages]) originOf(uri, environment);
  for (const origin of claims.origins) rule(originOf(origin, environment) === origin, "origins");
  for (const uri of [...claims.redirect_uris, claims.launch_uri].filter((one) => one != null)) {
    rule(claims.origins.includes(originOf(uri, environment)), "origins");
  }
}

/** Which of two versions comes first (Semantic Versioning §11): below, at or above zero. */
export function precedence(left, right) {
  const isNumber = (text) => /^[0-9]+$/.test(text);
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const part = (a, b) => (isNumber(a) && isNumber(b) ? compare(BigInt(a), BigInt(b)) : compare(isNumber(b), isNumber(a)) || compare(a, b));
  const all = (a, b) => a.map((one, at) => (at < b.length ? part(one, b[at]) : 1)).find(Boolean) ?? compare(a.length, b.length);
  const [[, core, pre], [, otherCore, otherPre]] = [SEMVER.exec(left), SEMVER.exec(right)];
  const first = all(core.split("."), otherCore.split("."));
  if (first || !pre || !otherPre) return first || compare(!pre, !otherPre);
  return all(pre.split("."), otherPre.split("."));
}

/** SMART App Launch 2 scopes, with version 1's words for permissions. */
export class ScopeSet {
  constructor(text) {
    this.scopes = ScopeSet.read(text).scopes;
  }

  /** The scopes, or null when one of them is malformed. */
  static read(text) {
    const scopes = text === "" ? [] : text.split(" ").map(parseScope);
    return scopes.every(Boolean) ? Object.assign(Object.create(ScopeSet.prototype), { scopes }) : null;
  }

  /** Whether all of the text's scopes are well-formed and within these; several may give the permissions together. */
  covers(text) {
    return ScopeSet.read(text)?.scopes.every((wanted) => {
      if (!wanted.context) return this.scopes.some(({ word }) => word === wanted.word);
      const given = this.scopes.filter((mine) => coversWhere(mine, wanted)).map(({ letters }) => letters).join("");
      return [...wanted.letters].every((letter) => given.includes(letter));
    }) ?? false;
  }
}

function parseScope(word) {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word)) return null;
  if (!/^(patient|user|system)\//.test(word)) return { word };
  const shape = /^(patient|user|system)\/(\*|[A-Z][A-Za-z0-9]{0,63})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?$/;
  const [, context, type, permissions, query] = shape.exec(word) ?? [];
  const filters = query?.split("&").map((pair) => /^([A-Za-z0-9_.:-]+)=(.+)$/.exec(pair)) ?? [];
  if (!context || !filters.every(Boolean)) return null;
  const letters = { read: "rs", write: "cud", "*": "cruds" }[permissions] ?? permissions;
  return { word, context, type, letters, filters: filters.map(([, name, value]) => ({ name, value })) };
}

/** Whether each of my conditions follows from one of theirs. */
function coversWhere(mine, theirs) {
  const types = mine.type === "*" || mine.type === theirs.type;
  const admits = (filter, other) => {
    if (filter.name !== other.name) return false;
    const literal = filter.name.includes(":") || /[\\%$]/.test(filter.value + other.value);
    return literal ? filter.value === other.value : other.value.split(",").every((one) => filter.value.split(",").includes(one));
  };
  return mine.context === theirs.context && types && mine.filters.every((filter) => theirs.filters.some((other) => admits(filter, other)));
}
