"""Tier A in Python: everything but the log. `pip install "pyjwt[crypto]"`, then
python verify.py trust status.jwt approval.jws [unix-time]
where `trust` holds the target files as a TUF client has fetched and verified them."""
import base64, json, os, re, sys, time, zlib
from pathlib import Path

import jwt

SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
DAY = 86_400


class Refused(Exception):
    pass


def require(condition, code, why=""):
    if not condition:
        raise Refused(f"{code}: {why}")


def open_token(token, typ, use, keys):
    """Header, key and signature; then the claims. A key is good for one use only."""
    require(SHAPE.fullmatch(token), "E_FORMAT", typ)
    header = jwt.get_unverified_header(token)
    require(set(header) == {"alg", "kid", "typ"}, "E_HEADER", typ)
    require(header["typ"] == typ, "E_TYP", header["typ"])
    require(header["alg"] == "ES256", "E_ALG", header["alg"])
    key = next((key for key in keys if key["kid"] == header["kid"]), None)
    require(key, "E_KID", header["kid"])
    require(key["use"] == use, "E_KEY_USE", f"{key['use']} for {typ}")
    # Without the log, a key that another has replaced is believed; one that was stolen is not.
    require(key.get("revoked", {}).get("reason", "superseded") == "superseded", "E_KEY_REVOKED", header["kid"])
    public = jwt.PyJWK({name: key[name] for name in ("kty", "crv", "x", "y")}, algorithm="ES256")
    try:
        return json.loads(jwt.PyJWS().decode(token, public, algorithms=["ES256"])), key
    except jwt.InvalidTokenError:
        raise Refused(f"E_SIG: {typ}") from None


def verify(trust, status_token, token, now, environment):
    load = lambda name: json.loads((trust / name).read_text())
    issuers, reviewers, services = (load(f"{name}.jwks")["keys"] for name in ("issuers", "reviewers", "status"))
    anchors, denied = load("anchors.json"), load("denylist.json")

    require(len(token) <= 16_384, "E_FORMAT", "too long")
    approval, _ = open_token(token, "trust-mark+jwt", "approval", issuers)
    require(approval["iss"] == anchors["registry"], "E_ISS", approval["iss"])
    mark = next((mark for mark in anchors["marks"] if mark["type"] == approval["trust_mark_type"]), None)
    require(mark, "E_MARK_TYPE", approval["trust_mark_type"])
    require(mark["environment"] == environment, "E_ENV", mark["environment"])
    if owner := mark.get("owner"):
        given, _ = open_token((trust / "delegation.jwt").read_text(), "trust-mark-delegation+jwt", "delegation", owner["keys"])
        same = (given["iss"], given["sub"], given["trust_mark_type"]) == (owner["sub"], approval["iss"], mark["type"])
        require(same and given["iat"] <= now + 60 and now < given["exp"], "E_DELEGATION", given["sub"])
    require(approval["iat"] <= now + 60, "E_IAT_FUTURE")
    require(now < approval["exp"], "E_EXPIRED", "approval")
    require(approval["exp"] - approval["iat"] <= 400 * DAY, "E_LIFETIME")

    people, organisations, roles = set(), set(), set()
    for signed in approval["reviews"]:
        review, key = open_token(signed, "app-review+jwt", "review", reviewers)
        require(key["organization_id"] != approval["organization_id"], "E_REVIEW_CONFLICT")
        same = all(review[name] == approval[name] for name in ("release_digest", "software_id", "software_version"))
        require(same and review["decision"] == "approve" and review["iss"] == key["person"], "E_REVIEW_MISMATCH")
        require(approval["iat"] - review["iat"] <= 90 * DAY, "E_REVIEW_OLD")
        require(review["role"] in key["roles"], "E_REVIEW_QUORUM", review["role"])
        people.add(key["person"])
        organisations.add(key["organization_id"])
        roles.add(review["role"])
    require(len(people) == len(approval["reviews"]) and {"security", "clinical"} <= roles, "E_REVIEW_QUORUM")
    require(len(organisations) >= 2, "E_REVIEW_CONFLICT", "one organisation")

    status, _ = open_token(status_token, "statuslist+jwt", "status", services)
    reference = approval["status"]["status_list"]
    require(status["sub"] == reference["uri"], "E_STATUS_SUB", status["sub"])
    require(now - status["iat"] <= min(approval["max_stale"], anchors["max_stale"]["normal"]), "E_STATUS_STALE")
    packed = status["status_list"]["lst"]
    inflater = zlib.decompressobj()
    values = inflater.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), 1 << 20)
    index = reference["idx"]
    require(status["status_list"]["bits"] == 2 and inflater.eof and index < len(values) * 4, "E_STATUS_RANGE")
    value = values[index // 4] >> (index % 4 * 2) & 3
    require(value == 0, ["", "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED"][value], approval["jti"])

    require(approval["organization_id"] not in denied["organizations"], "E_DENYLISTED")
    content = approval["content"]
    require(not {content.get("bundle"), content.get("manifest")} & set(denied["digests"]), "E_DENYLISTED")
    return approval


if __name__ == "__main__":
    tokens = (Path(path).read_text().strip() for path in sys.argv[2:4])
    now = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
    try:
        approval = verify(Path(sys.argv[1]), *tokens, now, os.environ.get("EPJ_ENVIRONMENT", "prod"))
        print("OK", approval["software_id"], approval["software_version"])
    except Refused as refused:
        sys.exit(str(refused))
