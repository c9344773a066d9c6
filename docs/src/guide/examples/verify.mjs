// Tier A in Node: everything but the log. `npm install jose`, then
// node verify.mjs trust status.jwt approval.jws [unix-time]
// where `trust` holds the target files as a TUF client has fetched and verified them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";

const ENVIRONMENT = process.env.EPJ_ENVIRONMENT ?? "prod";
const [trustFolder, statusFile, approvalFile, time] = process.argv.slice(2);
const now = time ? Number(time) : Math.floor(Date.now() / 1000);
const refuse = (code, why) => { throw Object.assign(new Error(`${code}: ${why}`), { code }); };

/** Header, key and signature; then the claims. A key is good for one use only. */
async function open(token, typ, use, keys) {
  if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/.test(token)) refuse("E_FORMAT", typ);
  const header = decodeProtectedHeader(token);
  if (Object.keys(header).sort().join() !== "alg,kid,typ") refuse("E_HEADER", typ);
  if (header.typ !== typ) refuse("E_TYP", header.typ);
  const jwk = keys.find(({ kid }) => kid === header.kid) ?? refuse("E_KID", header.kid);
  if (jwk.use !== use) refuse("E_KEY_USE", `${jwk.use} for ${typ}`);
  // Without the log, a key that another has replaced is believed; one that was stolen is not.
  if (jwk.revoked && jwk.revoked.reason !== "superseded") refuse("E_KEY_REVOKED", header.kid);
  const { kty, crv, x, y } = jwk;
  try {
    const { payload } = await compactVerify(token, await importJWK({ kty, crv, x, y }, "ES256"), { algorithms: ["ES256"] });
    return [JSON.parse(new TextDecoder().decode(payload)), jwk];
  } catch {
    return refuse("E_SIG", typ);
  }
}

const file = (path) => readFileSync(path, "utf8").trim();
const sri = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const trusted = (name) => JSON.parse(file(`${trustFolder}/${name}`));

async function verify() {
  const [issuers, reviewers, services] = ["issuers", "reviewers", "status"].map((name) => trusted(`${name}.jwks`).keys);
  const [anchors, denylist] = ["anchors.json", "denylist.json"].map(trusted);

  const token = file(approvalFile);
  if (token.length > 16_384) refuse("E_FORMAT", "too long");
  const [approval] = await open(token, "trust-mark+jwt", "approval", issuers);
  if (approval.iss !== anchors.registry) refuse("E_ISS", approval.iss);
  const mark = anchors.marks.find(({ type }) => type === approval.trust_mark_type) ?? refuse("E_MARK_TYPE", approval.trust_mark_type);
  if (mark.environment !== ENVIRONMENT) refuse("E_ENV", mark.environment);
  if (mark.owner) {
    const [given] = await open(file(`${trustFolder}/delegation.jwt`), "trust-mark-delegation+jwt", "delegation", mark.owner.keys);
    const same = given.iss === mark.owner.sub && given.sub === approval.iss && given.trust_mark_type === mark.type;
    if (!same || given.iat > now + 60 || now >= given.exp) refuse("E_DELEGATION", given.sub);
  }
  if (approval.iat > now + 60) refuse("E_IAT_FUTURE", "clock");
  if (now >= approval.exp) refuse("E_EXPIRED", "approval");
  if (approval.exp - approval.iat > 400 * 86_400) refuse("E_LIFETIME", "approval");

  const people = new Set();
  const organisations = new Set();
  const roles = new Set();
  for (const signed of approval.reviews) {
    const [review, key] = await open(signed, "app-review+jwt", "review", reviewers);
    if (key.organization_id === approval.organization_id) refuse("E_REVIEW_CONFLICT", "a reviewer of the vendor's");
    const same = ["release_digest", "software_id", "software_version"].every((claim) => review[claim] === approval[claim]);
    if (!same || review.decision !== "approve" || review.iss !== key.person) refuse("E_REVIEW_MISMATCH", review.iss);
    if (approval.iat - review.iat > 90 * 86_400) refuse("E_REVIEW_OLD", review.iss);
    if (!key.roles.includes(review.role)) refuse("E_REVIEW_QUORUM", review.role);
    people.add(key.person);
    organisations.add(key.organization_id);
    roles.add(review.role);
  }
  if (people.size < approval.reviews.length || !roles.has("security") || !roles.has("clinical")) refuse("E_REVIEW_QUORUM", [...roles].join());
  if (organisations.size < 2) refuse("E_REVIEW_CONFLICT", "one organisation");

  const [status] = await open(file(statusFile), "statuslist+jwt", "status", services);
  const { idx, uri } = approval.status.status_list;
  if (status.sub !== uri) refuse("E_STATUS_SUB", status.sub);
  if (now - status.iat > Math.min(approval.max_stale, anchors.max_stale.normal)) refuse("E_STATUS_STALE", `${now - status.iat} s old`);
  const list = inflateSync(Buffer.from(status.status_list.lst, "base64url"), { maxOutputLength: 1 << 20 });
  if (status.status_list.bits !== 2 || idx >= list.length * 4) refuse("E_STATUS_RANGE", idx);
  const value = (list[idx >> 2] >> ((idx & 3) * 2)) & 3;
  if (value !== 0) refuse(["", "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED"][value], approval.jti);

  const digests = [approval.content.bundle, approval.content.manifest];
  if (denylist.organizations.includes(approval.organization_id) || denylist.digests.some((digest) => digests.includes(digest))) {
    refuse("E_DENYLISTED", approval.organization_id);
  }
  return `OK ${approval.software_id} ${approval.software_version} ${sri(token)}`;
}

try {
  console.log(await verify());
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
