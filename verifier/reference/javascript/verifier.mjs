// A verifier of app approvals on Node's own library and `jose`. It follows the steps of the design in their order and
// stops at the first refusal. It keeps in memory what it has accepted; saving that is the caller's. The trust
// configuration is given as the target files that a TUF client has verified; no TUF is done here.
import { inflateSync } from "node:zlib";
import { compactVerify, importJWK } from "jose";
import { check as checkClaims, precedence, ScopeSet, SHAPES } from "./claims.mjs";
import { canonical, parseJson, Refusal, require, sha256 } from "./strict.mjs";
import { isIncluded, readPolicy, readTicket, signedAt } from "./ticket.mjs";

const SKEW = 60;
const DAY = 86_400;
const MAX_ENTRIES = 1 << 20;

/** Runs a step under another code, as when one check is part of another. */
async function recast(step, codeOf) {
  try {
    return await step();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(codeOf(error.code), error.message) : error;
  }
}

/** Steps 1, 3 and 4: three canonical parts, then a header of exactly alg, kid and typ. */
function split(token, maxLength = 16_384) {
  require(token.length <= maxLength, "E_FORMAT", "too long");
  require(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/.test(token), "E_FORMAT", "not a compact JWS");
  const [header, payload] = token.split(".").map((part) => canonical(part, "base64url") ?? require(false, "E_FORMAT", "base64url"));
  return { token, header, payload };
}

async function readHeader({ header }, typ) {
  const read = await recast(() => parseJson(header), () => "E_HEADER");
  const exact = Object.keys(read).sort().join() === "alg,kid,typ" && Object.values(read).every((value) => typeof value === "string");
  require(exact, "E_HEADER", "not exactly alg, kid and typ");
  require(read.typ === typ, "E_TYP", read.typ);
  require(read.alg === "ES256", "E_ALG", read.alg);
  return read.kid;
}

/** Steps 5 to 7: the key for exactly this use, its signature, and then the claims. */
async function readClaims(parts, typ, use, keys) {
  const kid = await readHeader(parts, typ);
  const key = keys.get(kid) ?? require(false, "E_KID", kid);
  require(key.use === use, "E_KEY_USE", `${key.use} for ${use}`);
  const jwk = await importJWK({ kty: "EC", crv: "P-256", x: key.x, y: key.y }, "ES256");
  await compactVerify(parts.token, jwk, { algorithms: ["ES256"] }).catch(() => require(false, "E_SIG", kid));
  const claims = parseJson(parts.payload);
  SHAPES[use](claims);
  return { claims, key };
}

export class Verifier {
  #policy;
  #trust;
  #logs = new Map();
  #lists = new Map();
  #approvals = new Map();
  #floor = 0;

  /** @param policy environment, min_assurance, min_content_level, risk_class, allowed_software */
  constructor(policy) {
    this.#policy = policy;
  }

  /** Takes in the trust repository's target files: what each says is believed, for a TUF client has verified them. */
  async trust({ files, issued, until }, now) {
    require(issued <= now + SKEW, "E_IAT_FUTURE", "timestamp.json");
    const [anchors, denylist] = ["anchors.json", "denylist.json"].map((name) => parseJson(Buffer.from(files[name])));
    // What the anchors leave out, there is none of.
    anchors.frozen_logs ??= [];
    anchors.min_versions ??= [];
    const keys = new Map();
    const add = (set, ...uses) => {
      for (const key of set) {
        const thumbprint = sha256(`{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`).toString("base64url");
        const good = key.kid === thumbprint && uses.includes(key.use) && !keys.has(key.kid);
        require(good, "E_TRUST_CONFIG", `key ${key.kid}`);
        keys.set(key.kid, key);
      }
    };
    for (const [name, ...uses] of [["issuers", "approval"], ["reviewers", "review"], ["status", "status", "status-event", "status-digest"]]) {
      add(parseJson(Buffer.from(files[`${name}.jwks`])).keys, ...uses);
    }
    const owners = anchors.marks.flatMap(({ owner }) => owner ?? []);
    for (const owner of owners) add(owner.keys, "delegation");
    const delegation = await recast(() => this.#delegation(files["delegation.jwt"], owners, keys), () => "E_DELEGATION");
    const matches = anchors.marks.some(({ environment }) => environment === this.#policy.environment);
    require(matches, "E_ENV", "no mark for this environment");
    this.#trust = { anchors, denylist, keys, delegation, until, policy: readPolicy(files["log.policy"]) };
    this.#floor = Math.max(this.#floor, issued);
    // A thief's list goes with the key, and so does what it demands of later ones; what a replaced key said holds on.
    const holds = (key) => key?.use === "status" && (!key.revoked || key.revoked.reason === "superseded");
    for (const [uri, { kid }] of this.#lists) if (!holds(keys.get(kid))) this.#lists.delete(uri);
  }

  async #delegation(token, owners, keys) {
    if (owners.length === 0) return null;
    require(token !== undefined, "E_DELEGATION", "missing");
    const { claims, key } = await readClaims(split(token.trimEnd()), "trust-mark-delegation+jwt", "delegation", keys);
    const owns = owners.some(({ sub, keys: own }) => sub === claims.iss && own.some(({ kid }) => kid === key.kid));
    require(owns && !key.revoked, "E_DELEGATION", claims.iss);
    return claims;
  }

  /** A trust configuration that may still be used: an EPJ may run off line for as long as on an old status list. */
  #standing(now) {
    const trust = this.#trust ?? require(false, "E_TRUST_CONFIG", "none");
    const grace = trust.anchors.max_stale.offline;
    require(now < trust.until.offline && now < trust.until.online + grace, "E_TRUST_EXPIRED", "expired");
    return trust;
  }

  #current(now) {
    const trust = this.#standing(now);
    require(now < trust.until.online, "E_TRUST_EXPIRED", "timestamp or snapshot");
    return trust;
  }

  /** Takes in a status list; `from` is the address that it was fetched from. */
  async status(token, now, from) {
    const { keys, anchors } = this.#standing(now);
    const passed = ["E_TYP", "E_ALG", "E_KID", "E_KEY_USE"];
    const codeOf = (code) => (passed.includes(code) ? code : code === "E_SIG" ? "E_STATUS_SIG" : "E_STATUS_FORMAT");
    const { claims, key } = await recast(() => readClaims(split(token, 512 * 1024), "statuslist+jwt", "status", keys), codeOf);
    require(!key.revoked, "E_KEY_REVOKED", key.kid);
    require(claims.iss === anchors.registry, "E_ISS", claims.iss);
    require(claims.iat <= now + SKEW, "E_IAT_FUTURE", "status list");
    require(now < claims.exp + SKEW, "E_STATUS_STALE", "expired");
    require(from === undefined || from === claims.sub, "E_STATUS_SUB", claims.sub);
    const { bits, lst } = claims.status_list;
    const packed = canonical(lst, "base64url");
    require(bits === 2 && packed, "E_STATUS_FORMAT", "bits or lst");
    let list;
    try {
      const { buffer, engine } = inflateSync(packed, { maxOutputLength: MAX_ENTRIES / 4, info: true });
      require(engine.bytesWritten === packed.length, "E_STATUS_FORMAT", "bytes after the list");
      list = buffer;
    } catch {
      require(false, "E_STATUS_FORMAT", "lst");
    }
    const known = this.#lists.get(claims.sub);
    if (known) {
      require(claims.gen >= known.gen && claims.iat >= known.iat, "E_STATUS_ROLLBACK", "older");
      require(claims.gen > known.gen || list.equals(known.list), "E_STATUS_ROLLBACK", "two of one generation");
      for (let at = 0; at < known.list.length * 4; at++) {
        require(value(known.list, at) !== 1 || value(list, at) === 1, "E_STATUS_ROLLBACK", `entry ${at}`);
      }
    }
    this.#lists.set(claims.sub, { kid: key.kid, gen: claims.gen, iat: claims.iat, list });
    this.#floor = Math.max(this.#floor, claims.iat);
  }

  /** Takes in an approval with its ticket (null where the installation's policy asks for none): steps 1 to 21. */
  async ingest(token, ticket, now) {
    require(ticket !== null || this.#policy.min_assurance === "jose-only", "E_LOCAL_POLICY", "no ticket");
    const parts = split(token);
    const trust = this.#current(now);
    const { anchors, keys } = trust;
    const { claims, key } = await readClaims(parts, "trust-mark+jwt", "approval", keys);
    require(claims.iss === anchors.registry, "E_ISS", claims.iss);
    const mark = anchors.marks.find(({ type }) => type === claims.trust_mark_type) ?? require(false, "E_MARK_TYPE", "unknown");
    require(mark.environment === this.#policy.environment, "E_ENV", mark.environment);
    checkClaims(claims, mark.environment, anchors);
    if (mark.owner) {
      const given = trust.delegation;
      const same = given.iss === mark.owner.sub && given.sub === claims.iss && given.trust_mark_type === mark.type;
      require(same && given.iat <= now + SKEW && now < given.exp, "E_DELEGATION", given.sub);
    }
    require(claims.iat <= now + SKEW, "E_IAT_FUTURE", "approval");
    require(now < claims.exp, "E_EXPIRED", "approval");
    require(claims.exp - claims.iat <= 400 * DAY, "E_LIFETIME", "more than 400 days");
    const signers = [key, ...(await this.#reviews(claims, keys))];
    const logged = ticket === null ? null : this.#ticket(claims, sha256(Uint8Array.of(0), token), ticket, now);
    require(!signers.some((signer) => isRevoked(signer, claims, logged)), "E_KEY_REVOKED", "withdrawn");

    const name = `${claims.software_id} ${claims.software_version}`;
    const known = this.#approvals.get(name);
    const same = !known || isSame(known.claims.content, claims.content);
    require(same, "E_VERSION_REUSED", name);
    const list = this.#lists.get(claims.status.status_list.uri) ?? require(false, "E_STATUS_STALE", "no list");
    this.#fresh(list, claims, now);
    checkValue(list, claims);
    checkDenied(claims, trust);
    if (logged) {
      this.#floor = Math.max(this.#floor, logged.time);
      this.#log(logged.origin).seen.set(logged.size, logged);
    }
    if (!known || known.claims.iat <= claims.iat) {
      const kids = signers.map(({ kid }) => kid);
      this.#approvals.set(name, { claims, kids, logged, scopes: new ScopeSet(claims.scope) });
    }
  }

  /** Step 11: different people from different organisations, none of them the vendor's, have said yes to exactly this. */
  async #reviews(approval, keys) {
    const [found, people, organizations, roles] = [[], new Set(), new Set(), new Set()];
    const codeOf = (code) => (["E_KEY_USE", "E_JSON", "E_CLAIM"].includes(code) ? code : "E_REVIEW_SIG");
    for (const signed of approval.reviews) {
      const { claims: review, key } = await recast(() => readClaims(split(signed), "app-review+jwt", "review", keys), codeOf);
      require(key.organization_id !== approval.organization_id, "E_REVIEW_CONFLICT", "of the vendor");
      require(!people.has(key.person), "E_REVIEW_QUORUM", "one person twice");
      require(key.roles.includes(review.role), "E_REVIEW_QUORUM", review.role);
      const about = ["release_digest", "sub", "software_id", "software_version"].every((name) => review[name] === approval[name]);
      const basis = ["suite", "evidence"].every((kind) => review.evidence.some((one) => one.kind === kind));
      const same = about && basis && review.criteria === approval.criteria.uri && review.iss === key.person;
      require(same && review.decision === "approve", "E_REVIEW_MISMATCH", review.iss);
      require(review.iat <= approval.iat + SKEW, "E_REVIEW_MISMATCH", "after the approval");
      require(approval.iat - review.iat <= 90 * DAY, "E_REVIEW_OLD", review.iss);
      if (review.scope != null) {
        const reviewed = ScopeSet.read(review.scope) ?? require(false, "E_CLAIM", "scope of a review");
        require(reviewed.covers(approval.scope), "E_REVIEW_MISMATCH", "scope");
      }
      const redirects = review.redirect_uris ?? approval.redirect_uris;
      require(approval.redirect_uris.every((uri) => redirects.includes(uri)), "E_REVIEW_MISMATCH", "redirect_uris");
      found.push(key);
      people.add(key.person);
      organizations.add(key.organization_id);
      roles.add(review.role);
    }
    require(found.length >= 2 && roles.has("security") && roles.has("clinical"), "E_REVIEW_QUORUM", [...roles].join());
    require(organizations.size >= 2, "E_REVIEW_CONFLICT", "one organisation");
    return found;
  }

  #log(origin) {
    if (!this.#logs.has(origin)) this.#logs.set(origin, { seen: new Map(), forked: false });
    return this.#logs.get(origin);
  }

  /** Steps 12 to 17: in a known log, under a checkpoint that enough witnesses have seen, at a time that agrees. */
  #ticket(claims, leaf, ticket, now) {
    const { anchors, policy } = this.#current(now);
    const proof = readTicket(ticket);
    const { origin, size, root, note } = proof;
    const end = anchors.frozen_logs.find((log) => log.origin === origin);
    require(!end || size <= end.size, "E_LOG_UNKNOWN", "frozen");
    const sri = `sha256-${root.toString("base64")}`;
    require(!end || size < end.size || end.root === sri, "E_LOG_FORK", "frozen with another root");
    const verdicts = policy.logs.filter(({ name }) => name === origin).map((key) => signedAt(note, key));
    require(verdicts.length > 0, "E_LOG_UNKNOWN", origin);
    require(verdicts.every(Boolean) && verdicts.some(({ length }) => length), "E_LOG_SIG", origin);
    const [cosigned, times] = [new Set(), []];
    for (const witness of policy.witnesses) {
      const signed = signedAt(note, witness);
      require(signed, "E_WITNESS_SIG", witness.name);
      if (signed.length) cosigned.add(witness);
      times.push(...signed.filter(Boolean));
    }
    require(policy.quorum(cosigned) && times.length, "E_WITNESS_QUORUM", `${cosigned.size}`);
    const time = Math.min(...times);
    require(time <= now + SKEW, "E_IAT_FUTURE", "witnessed");
    require(origin === claims.log.origin, "E_LOG_UNKNOWN", "the approval names another log");

    const log = this.#log(origin);
    log.forked ||= (log.seen.get(size)?.sri ?? sri) !== sri;
    require(!log.forked, "E_LOG_FORK", origin);
    for (const [other, seen] of log.seen) {
      const shrunk = other < size ? time < seen.time - SKEW : other > size && time > seen.time + SKEW;
      require(!shrunk, "E_LOG_ROLLBACK", origin);
    }
    require(isIncluded(leaf, proof), "E_INCLUSION", `${proof.index} of ${size}`);
    const { after } = claims.log;
    const followed = log.seen.get(BigInt(after.size));
    const follows = !followed || (followed.sri === after.root && followed.time - SKEW <= claims.iat);
    require(after.size <= proof.index && follows, "E_BACKDATED", "log.after");
    require(claims.iat <= time + SKEW && time - claims.iat <= DAY, "E_BACKDATED", `witnessed at ${time}`);
    return { origin, size, sri, time, index: proof.index };
  }

  #fresh({ iat }, claims, now) {
    const maxStale = Math.min(claims.max_stale, this.#trust.anchors.max_stale[this.#policy.risk_class]);
    require(now - iat <= maxStale, "E_STATUS_STALE", `${now - iat} s old`);
    return maxStale;
  }

  /** Decides about a launch, in memory: steps L1 to L12. What a step of the flow does not carry yet is left out. */
  launch(request, now) {
    require(now >= this.#floor - SKEW, "E_CLOCK_ROLLBACK", `${this.#floor}`);
    const trust = this.#standing(now);
    const record = this.#approvals.get(`${request.software_id} ${request.software_version}`);
    const { claims, kids, logged, scopes } = record ?? require(false, "E_NOT_APPROVED", request.software_id);
    require(now < claims.exp, "E_EXPIRED", "approval");
    const gone = (kid) => !trust.keys.has(kid) || isRevoked(trust.keys.get(kid), claims, logged);
    require(!kids.some(gone), "E_KEY_REVOKED", "withdrawn");
    checkDenied(claims, trust);
    const list = this.#lists.get(claims.status.status_list.uri) ?? require(false, "E_STATUS_STALE", "no list");
    checkValue(list, claims);
    require(now < trust.until.online + this.#fresh(list, claims, now), "E_TRUST_EXPIRED", "timestamp or snapshot");

    require(request.organization_id === claims.organization_id, "E_VENDOR", request.organization_id);
    const { launch_uri, redirect_uri, scope, client, content } = request;
    require(launch_uri == null || launch_uri === claims.launch_uri, "E_LAUNCH_URI", launch_uri);
    require(redirect_uri == null || claims.redirect_uris.includes(redirect_uri), "E_REDIRECT_URI", redirect_uri);
    require(scope == null || scopes.covers(scope), "E_SCOPE", scope);
    require(!client || !claims.dpop_bound_access_tokens || client.dpop, "E_CLIENT_KEY", "no DPoP");
    const known = (claims.jwks?.keys ?? []).map(thumbprintOf);
    require(!client || known.length === 0 || known.includes(client.key), "E_CLIENT_KEY", client?.key);
    const { level, bundle, manifest } = claims.content;
    if (level === "bundle") require(content?.bundle === bundle, "E_DIGEST", "bundle");
    if (level === "manifest") {
      const age = now - (content?.observed_at ?? 0);
      require(content?.manifest === manifest && age >= -SKEW && age < DAY, "E_CONTENT_DRIFT", "manifest");
    }
    const levels = ["origin", "manifest", "bundle"];
    const { min_content_level, allowed_software, min_assurance } = this.#policy;
    require(levels.indexOf(level) >= levels.indexOf(min_content_level), "E_LOCAL_POLICY", level);
    require(!allowed_software || allowed_software.includes(claims.software_id), "E_LOCAL_POLICY", claims.software_id);
    require(logged || min_assurance === "jose-only", "E_LOCAL_POLICY", "no ticket");
    return claims;
  }
}

const isSame = (one, other) => ["level", "bundle", "manifest", "size"].every((name) => (one[name] ?? null) === (other[name] ?? null));
const value = (list, at) => (at < list.length * 4 ? (list[at >> 2] >> ((at & 3) * 2)) & 3 : undefined);

function checkValue({ list }, { status }) {
  const { idx } = status.status_list;
  require(idx < list.length * 4, "E_STATUS_RANGE", idx);
  const code = [null, "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED"][value(list, idx)];
  require(code === null, code, idx);
}

/** Without a ticket a key that another has replaced is believed; with one, the place in the log decides. */
function isRevoked({ revoked }, { log }, logged) {
  if (!revoked) return false;
  if (!logged) return revoked.reason !== "superseded";
  const cutoff = revoked.log_index_cutoff?.[log.origin];
  return cutoff === undefined || logged.index >= cutoff;
}

function checkDenied(claims, { anchors, denylist }) {
  require(!denylist.organizations.includes(claims.organization_id), "E_DENYLISTED", claims.organization_id);
  const { bundle, manifest } = claims.content;
  require(!denylist.digests.some((digest) => digest === bundle || digest === manifest), "E_DENYLISTED", "content");
  const old = ({ software_id, software_version }) => software_id === claims.software_id && precedence(claims.software_version, software_version) < 0;
  require(!anchors.min_versions.some(old), "E_DENYLISTED", claims.software_version);
}

/** RFC 7638, of a key whose form was checked with the claims. */
function thumbprintOf(jwk) {
  const members = { EC: ["crv", "kty", "x", "y"], RSA: ["e", "kty", "n"], OKP: ["crv", "kty", "x"] }[jwk.kty];
  return sha256(JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])))).toString("base64url");
}
