"""A verifier of app approvals on PyJWT and cryptography. It follows the steps of the design in their order and stops at
the first refusal. It keeps in memory what it has accepted; saving that is the caller's. The trust configuration is
given as the target files that a TUF client has verified; no TUF is done here."""
import re
from dataclasses import dataclass
from hashlib import sha256

import jwt

import claims as rules
from status_list import StatusList
from strict import Refusal, base64url, parse_json, require
from ticket import Policy, Ticket

SKEW, DAY = 60, 86_400
SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")


def encoded(data):
    return jwt.utils.base64url_encode(data).decode()


@dataclass
class Parts:
    token: str
    header: bytes
    payload: bytes


def split(token, max_length=16_384):
    """Step 1: three canonical parts."""
    found = SHAPE.fullmatch(token) if len(token) <= max_length else None
    require(found, "E_FORMAT", "not a compact JWS")
    header, payload, signature = map(base64url, found.groups())
    require(None not in (header, payload, signature), "E_FORMAT", "not canonical base64url")
    return Parts(token, header, payload)


def read_header(parts, typ):
    """Steps 3 and 4: a header of exactly alg, kid and typ."""
    try:
        header = parse_json(parts.header)
    except Refusal as refusal:
        raise Refusal("E_HEADER", refusal) from None
    exact = header.keys() == {"alg", "kid", "typ"} and all(isinstance(value, str) for value in header.values())
    require(exact, "E_HEADER", "not exactly alg, kid and typ")
    require(header["typ"] == typ, "E_TYP", header["typ"])
    require(header["alg"] == "ES256", "E_ALG", header["alg"])
    return header["kid"]


def read_claims(parts, typ, use, keys):
    """Steps 4 to 7: the key for exactly this use, its signature, and then the claims."""
    kid = read_header(parts, typ)
    key = keys.get(kid)
    require(key, "E_KID", kid)
    require(key["use"] == use, "E_KEY_USE", f"{key['use']} for {use}")
    public = jwt.PyJWK({name: key[name] for name in ("kty", "crv", "x", "y")}, algorithm="ES256")
    try:
        jwt.PyJWS().decode(parts.token, public, algorithms=["ES256"])
    except jwt.InvalidTokenError:
        raise Refusal("E_SIG", kid) from None
    claims = parse_json(parts.payload)
    require(rules.SHAPES[use](claims), "E_CLAIM", f"shape of the claims of {typ}")
    return claims, key


@dataclass
class Trust:
    anchors: dict
    denylist: dict
    keys: dict
    delegation: dict
    policy: Policy
    until: dict


@dataclass
class Seen:
    """A checkpoint, as its witnesses saw it first."""

    origin: str
    size: int
    root: bytes
    time: int
    index: int


def is_revoked(key, claims, logged):
    """Without a ticket a key that another has replaced is believed; with one, the place in the log decides."""
    revoked = key.get("revoked")
    if not revoked:
        return False
    if logged is None:
        return revoked["reason"] != "superseded"
    cutoff = revoked.get("log_index_cutoff", {}).get(claims["log"]["origin"])
    return cutoff is None or logged.index >= cutoff


def same_content(one, other):
    return all(one.get(name) == other.get(name) for name in ("level", "bundle", "manifest", "size"))


def check_denied(claims, trust):
    """Step 21."""
    require(claims["organization_id"] not in trust.denylist["organizations"], "E_DENYLISTED", claims["organization_id"])
    digests = {claims["content"].get("bundle"), claims["content"].get("manifest")}
    require(not digests & set(trust.denylist["digests"]), "E_DENYLISTED", "content")
    for least in trust.anchors["min_versions"]:
        if least["software_id"] == claims["software_id"]:
            version, oldest = claims["software_version"], least["software_version"]
            require(rules.precedence(version) >= rules.precedence(oldest), "E_DENYLISTED", version)


def thumbprint(jwk):
    """RFC 7638, of a key whose form was checked with the claims."""
    members = ",".join(f'"{name}":"{jwk[name]}"' for name in rules.KEY_MEMBERS[jwk["kty"]])
    return encoded(sha256(f"{{{members}}}".encode()).digest())


@dataclass
class Record:
    claims: dict
    kids: list
    logged: Seen


class Verifier:
    def __init__(self, policy):
        """policy: environment, min_assurance, min_content_level, risk_class, allowed_software."""
        self.policy = policy
        self.loaded = None
        self.logs, self.forked, self.lists, self.approvals, self.floor = {}, set(), {}, {}, 0

    def trust(self, files, issued, until, now):
        """Takes in the trust repository's target files, each by its name."""
        require(issued <= now + SKEW, "E_IAT_FUTURE", "timestamp.json")
        anchors, denylist = (parse_json(files[name].encode()) for name in ("anchors.json", "denylist.json"))
        # What the anchors leave out, there is none of.
        anchors = {"frozen_logs": [], "min_versions": [], **anchors}
        keys = {}

        def add(found, *uses):
            for key in found:
                good = key["kid"] == thumbprint(key) and key["use"] in uses and key["kid"] not in keys
                require(good, "E_TRUST_CONFIG", f"key {key['kid']}")
                keys[key["kid"]] = key

        for name, *uses in (("issuers", "approval"), ("reviewers", "review"), ("status", "status", "status-event", "status-digest")):
            add(parse_json(files[f"{name}.jwks"].encode())["keys"], *uses)
        owners = [mark["owner"] for mark in anchors["marks"] if mark.get("owner")]
        for owner in owners:
            add(owner["keys"], "delegation")
        try:
            delegation = self._delegation(files.get("delegation.jwt"), owners, keys)
        except Refusal as refusal:
            raise Refusal("E_DELEGATION", refusal) from None
        environments = [mark["environment"] for mark in anchors["marks"]]
        require(self.policy["environment"] in environments, "E_ENV", environments)
        self.loaded = Trust(anchors, denylist, keys, delegation, Policy(files["log.policy"]), until)
        self.floor = max(self.floor, issued)
        # A thief's list goes with the key, and so does what it demands of later ones.
        self.lists = {uri: known for uri, known in self.lists.items() if known.holds(keys)}

    @staticmethod
    def _delegation(token, owners, keys):
        if not owners:
            return None
        require(token is not None, "E_DELEGATION", "missing")
        claims, key = read_claims(split(token.rstrip()), "trust-mark-delegation+jwt", "delegation", keys)
        owns = any(owner["sub"] == claims["iss"] and key in owner["keys"] for owner in owners)
        require(owns and not key.get("revoked"), "E_DELEGATION", claims["iss"])
        return claims

    def _standing(self, now):
        """A trust configuration that may still be used: an EPJ may run off line as long as on an old status list."""
        require(self.loaded, "E_TRUST_CONFIG", "none")
        until, grace = self.loaded.until, self.loaded.anchors["max_stale"]["offline"]
        require(now < until["offline"] and now < until["online"] + grace, "E_TRUST_EXPIRED", "expired")
        return self.loaded

    def _current(self, now):
        trust = self._standing(now)
        require(now < trust.until["online"], "E_TRUST_EXPIRED", "timestamp or snapshot")
        return trust

    def status(self, token, now, address=None):
        """Takes in a status list; `address` is where it was fetched from."""
        trust = self._standing(now)
        try:
            claims, key = read_claims(split(token, 512 * 1024), "statuslist+jwt", "status", trust.keys)
        except Refusal as refusal:
            passed = {code: code for code in ("E_TYP", "E_ALG", "E_KID", "E_KEY_USE")}
            code = {**passed, "E_SIG": "E_STATUS_SIG"}.get(refusal.code, "E_STATUS_FORMAT")
            raise Refusal(code, refusal) from None
        require(not key.get("revoked"), "E_KEY_REVOKED", key["kid"])
        require(claims["iss"] == trust.anchors["registry"], "E_ISS", claims["iss"])
        require(claims["iat"] <= now + SKEW, "E_IAT_FUTURE", "status list")
        require(now < claims["exp"] + SKEW, "E_STATUS_STALE", "expired")
        require(address in (None, claims["sub"]), "E_STATUS_SUB", claims["sub"])
        newer = StatusList(claims, key["kid"])
        if claims["sub"] in self.lists:
            newer.check_follows(self.lists[claims["sub"]])
        self.lists[claims["sub"]] = newer
        self.floor = max(self.floor, newer.iat)

    def ingest(self, token, ticket, now):
        """Takes in an approval with its ticket (None where the policy asks for none): steps 1 to 21."""
        require(ticket is not None or self.policy.get("min_assurance") == "jose-only", "E_LOCAL_POLICY", "no ticket")
        parts = split(token)
        trust = self._current(now)
        claims, key = read_claims(parts, "trust-mark+jwt", "approval", trust.keys)
        require(claims["iss"] == trust.anchors["registry"], "E_ISS", claims["iss"])
        marks = {mark["type"]: mark for mark in trust.anchors["marks"]}
        mark = marks.get(claims["trust_mark_type"])
        require(mark, "E_MARK_TYPE", claims["trust_mark_type"])
        require(mark["environment"] == self.policy["environment"], "E_ENV", mark["environment"])
        rules.check(claims, mark["environment"], trust.anchors)
        if mark.get("owner"):
            given = trust.delegation
            said = (given["iss"], given["sub"], given["trust_mark_type"])
            valid = given["iat"] <= now + SKEW and now < given["exp"]
            require(valid and said == (mark["owner"]["sub"], claims["iss"], mark["type"]), "E_DELEGATION", said)
        require(claims["iat"] <= now + SKEW, "E_IAT_FUTURE", "approval")
        require(now < claims["exp"], "E_EXPIRED", "approval")
        require(claims["exp"] - claims["iat"] <= 400 * DAY, "E_LIFETIME", "more than 400 days")
        signers = [key, *self._reviews(claims, trust.keys)]
        logged = None
        if ticket is not None:
            logged = self._ticket(claims, sha256(b"\0" + token.encode()).digest(), Ticket(ticket), now)
        require(not any(is_revoked(signer, claims, logged) for signer in signers), "E_KEY_REVOKED", "withdrawn")

        name = (claims["software_id"], claims["software_version"])
        known = self.approvals.get(name)
        require(not known or same_content(known.claims["content"], claims["content"]), "E_VERSION_REUSED", name)
        self._fresh(claims, now)
        self._list(claims).check(claims["status"]["status_list"]["idx"])
        check_denied(claims, trust)
        if logged:
            self.floor = max(self.floor, logged.time)
            self.logs.setdefault(logged.origin, {})[logged.size] = logged
        if not known or known.claims["iat"] <= claims["iat"]:
            self.approvals[name] = Record(claims, [signer["kid"] for signer in signers], logged)

    @staticmethod
    def _reviews(approval, keys):
        """Step 11: different people of different organisations, none of them the vendor's, have said yes to this."""
        found, people, organizations, roles = [], set(), set(), set()
        for signed in approval["reviews"]:
            try:
                review, key = read_claims(split(signed), "app-review+jwt", "review", keys)
            except Refusal as refusal:
                passed = refusal.code in ("E_KEY_USE", "E_JSON", "E_CLAIM")
                raise Refusal(refusal.code if passed else "E_REVIEW_SIG", refusal) from None
            require(key["organization_id"] != approval["organization_id"], "E_REVIEW_CONFLICT", "of the vendor")
            require(key["person"] not in people, "E_REVIEW_QUORUM", "one person twice")
            require(review["role"] in key["roles"], "E_REVIEW_QUORUM", review["role"])
            same = ("release_digest", "sub", "software_id", "software_version")
            about = all(review[name] == approval[name] for name in same) and review["iss"] == key["person"]
            basis = {"suite", "evidence"} <= {one["kind"] for one in review["evidence"]}
            agrees = about and basis and review["criteria"] == approval["criteria"]["uri"]
            require(agrees and review["decision"] == "approve", "E_REVIEW_MISMATCH", review["iss"])
            require(review["iat"] <= approval["iat"] + SKEW, "E_REVIEW_MISMATCH", "after the approval")
            require(approval["iat"] - review["iat"] <= 90 * DAY, "E_REVIEW_OLD", review["iss"])
            if review.get("scope") is not None:
                reviewed = rules.read_scopes(review["scope"])
                require(reviewed is not None, "E_CLAIM", "scope of a review")
                require(rules.covers(reviewed, approval["scope"]), "E_REVIEW_MISMATCH", "scope")
            if review.get("redirect_uris") is not None:
                within = set(approval["redirect_uris"]) <= set(review["redirect_uris"])
                require(within, "E_REVIEW_MISMATCH", "redirect_uris")
            found.append(key)
            people.add(key["person"])
            organizations.add(key["organization_id"])
            roles.add(review["role"])
        require(len(found) >= 2 and {"security", "clinical"} <= roles, "E_REVIEW_QUORUM", roles)
        require(len(organizations) >= 2, "E_REVIEW_CONFLICT", "one organisation")
        return found

    def _ticket(self, claims, leaf, ticket, now):
        """Steps 12 to 17: in a known log, under a checkpoint that enough witnesses have seen, at a time that agrees."""
        trust, origin, size = self._current(now), ticket.origin, ticket.size
        for end in trust.anchors["frozen_logs"]:
            if end["origin"] == origin:
                require(size <= end["size"], "E_LOG_UNKNOWN", "frozen")
                same = size < end["size"] or rules.base64std(end["root"][7:]) == ticket.root
                require(same, "E_LOG_FORK", "frozen with another root")
        signed = [log.times(ticket) for log in trust.policy.logs if log.name == origin]
        require(signed, "E_LOG_UNKNOWN", origin)
        require(None not in signed and any(signed), "E_LOG_SIG", origin)
        cosigned = {witness: witness.times(ticket) for witness in trust.policy.witnesses}
        require(None not in cosigned.values(), "E_WITNESS_SIG", origin)
        times = [time for found in cosigned.values() for time in found if time]
        met = trust.policy.is_met_by({witness for witness, found in cosigned.items() if found})
        require(met and times, "E_WITNESS_QUORUM", origin)
        seen = Seen(origin, size, ticket.root, min(times), ticket.index)
        require(seen.time <= now + SKEW, "E_IAT_FUTURE", "witnessed")
        require(origin == claims["log"]["origin"], "E_LOG_UNKNOWN", "the approval names another log")

        log = self.logs.get(origin, {})
        if size in log and log[size].root != seen.root:
            self.forked.add(origin)
        require(origin not in self.forked, "E_LOG_FORK", origin)
        for other in log.values():
            shrunk = (other.size < size and seen.time < other.time - SKEW) or (
                other.size > size and seen.time > other.time + SKEW
            )
            require(not shrunk, "E_LOG_ROLLBACK", origin)
        require(ticket.includes(leaf), "E_INCLUSION", f"{ticket.index} of {size}")
        after, iat = claims["log"]["after"], claims["iat"]
        require(after["size"] <= ticket.index, "E_BACKDATED", "log.after")
        if followed := log.get(after["size"]):
            follows = rules.base64std(after["root"][7:]) == followed.root and followed.time - SKEW <= iat
            require(follows, "E_BACKDATED", "log.after")
        require(iat <= seen.time + SKEW and seen.time - iat <= DAY, "E_BACKDATED", f"witnessed at {seen.time}")
        return seen

    def _list(self, claims):
        uri = claims["status"]["status_list"]["uri"]
        require(uri in self.lists, "E_STATUS_STALE", "no list")
        return self.lists[uri]

    def _fresh(self, claims, now):
        max_stale = min(claims["max_stale"], self.loaded.anchors["max_stale"][self.policy["risk_class"]])
        age = now - self._list(claims).iat
        require(age <= max_stale, "E_STATUS_STALE", f"{age} s old")
        return max_stale

    def launch(self, request, now):
        """Decides about a launch, in memory: steps L1 to L12. What a step of the flow does not carry yet is left out."""
        require(now >= self.floor - SKEW, "E_CLOCK_ROLLBACK", self.floor)
        trust = self._standing(now)
        record = self.approvals.get((request["software_id"], request["software_version"]))
        require(record, "E_NOT_APPROVED", request["software_id"])
        claims = record.claims
        require(now < claims["exp"], "E_EXPIRED", "approval")
        signers = [trust.keys.get(kid) for kid in record.kids]
        gone = any(key is None or is_revoked(key, claims, record.logged) for key in signers)
        require(not gone, "E_KEY_REVOKED", "withdrawn")
        check_denied(claims, trust)
        self._list(claims).check(claims["status"]["status_list"]["idx"])
        require(now < trust.until["online"] + self._fresh(claims, now), "E_TRUST_EXPIRED", "timestamp or snapshot")

        require(request["organization_id"] == claims["organization_id"], "E_VENDOR", request["organization_id"])
        given = {name: request.get(name) for name in ("launch_uri", "redirect_uri", "scope", "client", "content")}
        require(given["launch_uri"] in (None, claims.get("launch_uri")), "E_LAUNCH_URI", given["launch_uri"])
        require(given["redirect_uri"] in (None, *claims["redirect_uris"]), "E_REDIRECT_URI", given["redirect_uri"])
        if given["scope"] is not None:
            require(rules.covers(rules.read_scopes(claims["scope"]), given["scope"]), "E_SCOPE", given["scope"])
        if client := given["client"]:
            require(client["dpop"] or not claims.get("dpop_bound_access_tokens"), "E_CLIENT_KEY", "no DPoP")
            known = [thumbprint(key) for key in (claims.get("jwks") or {}).get("keys", [])]
            require(not known or client["key"] in known, "E_CLIENT_KEY", client["key"])
        content, approved = given["content"] or {}, claims["content"]
        if approved["level"] == "bundle":
            require(content.get("bundle") == approved["bundle"], "E_DIGEST", "bundle")
        if approved["level"] == "manifest":
            seen = content.get("manifest") == approved["manifest"] and -SKEW <= now - content["observed_at"] < DAY
            require(seen, "E_CONTENT_DRIFT", "manifest")
        firm = rules.LEVELS.index(approved["level"]) >= rules.LEVELS.index(self.policy["min_content_level"])
        require(firm, "E_LOCAL_POLICY", approved["level"])
        allowed = self.policy["allowed_software"]
        require(allowed is None or claims["software_id"] in allowed, "E_LOCAL_POLICY", claims["software_id"])
        require(record.logged or self.policy.get("min_assurance") == "jose-only", "E_LOCAL_POLICY", "no ticket")
        return claims
