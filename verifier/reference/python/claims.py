"""The claims: their shapes, their own rules, and SMART scopes that cover one another."""
import re

from strict import base64std, require

LEVELS = ["origin", "manifest", "bundle"]


def is_text(value):
    return isinstance(value, str)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value):
    return is_integer(value) and value >= 0


def is_switch(value):
    return isinstance(value, bool)


def is_object(value):
    return isinstance(value, dict)


def is_digest(value):
    data = base64std(value[7:]) if is_text(value) and value.startswith("sha256-") else None
    return data is not None and len(data) == 32


def one_of(*words):
    return lambda value: is_text(value) and value in words


def list_of(is_one):
    return lambda value: isinstance(value, list) and all(map(is_one, value))


class Optional:
    """Absent, or null where that is the same."""

    def __init__(self, is_one, null=True):
        self.is_one, self.null = is_one, null

    def __call__(self, value):
        return (self.null and value is None) or self.is_one(value)


def has_all(**members):
    def check(value):
        return is_object(value) and all(
            is_one(value[name]) if name in value else isinstance(is_one, Optional) for name, is_one in members.items()
        )

    return check


def closed(**members):
    """An object without further members."""
    complete = has_all(**members)
    return lambda value: complete(value) and all(name in members for name in value)


def texts(names):
    return {name: is_text for name in names.split()}


MAYBE, SWITCH = Optional(is_text), Optional(is_switch, null=False)
APPROVAL = has_all(
    **texts("iss sub trust_mark_type jti software_id software_version client_name developer_name organization_id scope"),
    **texts("token_endpoint_auth_method"), ref=MAYBE, logo_uri=MAYBE, client_uri=MAYBE, tos_uri=MAYBE, policy_uri=MAYBE,
    launch_uri=MAYBE, supersedes=MAYBE, iat=is_integer, exp=is_integer, max_stale=is_integer,
    contacts=Optional(list_of(is_text), null=False), redirect_uris=list_of(is_text), origins=list_of(is_text),
    grant_types=list_of(is_text), response_types=list_of(is_text), reviews=list_of(is_text),
    dpop_bound_access_tokens=SWITCH, require_pushed_authorization_requests=SWITCH,
    jwks=Optional(closed(keys=list_of(is_object))), release_digest=is_digest,
    content=closed(level=one_of(*LEVELS), bundle=Optional(is_digest), manifest=Optional(is_digest), size=Optional(is_count)),
    criteria=closed(uri=is_text, digest=is_digest), status=closed(status_list=closed(idx=is_count, uri=is_text)),
    log=closed(origin=is_text, after=closed(size=is_count, root=is_digest)),
)
REVIEW = has_all(
    **texts("iss sub software_id software_version criteria"), iat=is_integer, release_digest=is_digest,
    decision=one_of("approve", "reject"), role=one_of("security", "clinical", "privacy"), scope=MAYBE,
    evidence=list_of(closed(kind=one_of("suite", "evidence", "verdict"), digest=is_digest)),
    redirect_uris=Optional(list_of(is_text)),
)
STATUS = has_all(
    **texts("iss sub"), iat=is_integer, exp=is_integer, ttl=is_integer, gen=is_count,
    status_list=closed(bits=is_count, lst=is_text),
)
DELEGATION = has_all(**texts("iss sub trust_mark_type"), iat=is_integer, exp=is_integer, ref=MAYBE)
# The shape of the claims that a key of this use signs.
SHAPES = {"approval": APPROVAL, "review": REVIEW, "status": STATUS, "delegation": DELEGATION}

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
REST = r"(?:[/?][\x21\x24-\x29\x2b-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]*)?"
URI = re.compile(rf"((https?)://({LABEL}(?:\.{LABEL})*)(?::([1-9][0-9]{{0,4}}))?){REST}")


def origin_of(uri, environment):
    """The address's origin; refuses what cannot be compared as bytes, and http but for localhost in tests."""
    found = URI.fullmatch(uri)
    require(found and len(uri) <= 2048, "E_CLAIM", "not a plain address")
    origin, scheme, host, port = found.groups()
    local = environment == "test" and (host == "localhost" or host.endswith(".localhost"))
    fits = len(host) <= 253 and int(port or 0) <= 65_535 and (scheme == "https" or local)
    require(fits, "E_CLAIM", uri)
    return origin


NUMBER = "(?:0|[1-9][0-9]*)"
PART = f"(?:{NUMBER}|[0-9]*[A-Za-z-][A-Za-z0-9-]*)"
SEMVER = re.compile(rf"({NUMBER}\.{NUMBER}\.{NUMBER})(?:-({PART}(?:\.{PART})*))?(?:\+[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?")
UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SOFTWARE_ID = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
KEY_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}


def is_organization(text):
    """Modulus 11, with the check digit's own weight of 1."""
    digits = re.fullmatch("NO:ORGNR:([0-9]{9})", text)
    return digits and sum(int(digit) * weight for digit, weight in zip(digits[1], (3, 2, 7, 6, 5, 4, 3, 2, 1))) % 11 == 0


def check_key(key):
    kty = key.get("kty")
    members = KEY_MEMBERS.get(kty) if is_text(kty) else None
    plain = members and all(is_text(key.get(name)) and re.fullmatch("[A-Za-z0-9_-]*", key[name]) for name in members)
    require(plain and not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys(), "E_CLAIM", "jwks")


def check(claims, environment, anchors):
    """Every rule of an approval's claims that needs no key and no clock."""

    def rule(condition, name):
        require(condition, "E_CLAIM", name)

    content, jwks = claims["content"], claims.get("jwks")
    has = [content.get(name) is not None for name in ("bundle", "manifest", "size")]
    fits = {"bundle": all(has), "manifest": has[:2] == [False, True], "origin": has[:2] == [False, False]}
    rule(UUID.fullmatch(claims["jti"]), "jti")
    rule(claims["exp"] > claims["iat"], "exp")
    rule(2 <= len(claims["reviews"]) <= 4, "reviews")
    rule(0 <= claims["max_stale"] <= 604_800, "max_stale")
    rule(claims["log"]["origin"], "log.origin")
    rule(fits[content["level"]], "content")
    rule(LEVELS.index(content["level"]) >= LEVELS.index(anchors["min_content_level"]), "content.level")
    rule(len(claims["software_id"]) <= 128 and SOFTWARE_ID.fullmatch(claims["software_id"]), "software_id")
    rule(len(claims["software_version"]) <= 64 and SEMVER.fullmatch(claims["software_version"]), "software_version")
    rule(claims["client_name"].strip(WHITE_SPACE), "client_name")
    rule(is_organization(claims["organization_id"]), "organization_id")
    rule(read_scopes(claims["scope"]) is not None, "scope")
    rule((claims["token_endpoint_auth_method"] != "none") == bool(jwks and jwks["keys"]), "jwks")
    for key in (jwks or {}).get("keys", []):
        check_key(key)
    rule(len(claims["redirect_uris"]) <= 10, "redirect_uris")
    rule(claims["criteria"]["uri"] in anchors["criteria"], "criteria")
    for uri in (claims["sub"], claims["trust_mark_type"], claims["criteria"]["uri"], claims["status"]["status_list"]["uri"]):
        origin_of(uri, environment)
    for name in ("logo_uri", "client_uri", "tos_uri", "policy_uri"):
        if claims.get(name) is not None:
            origin_of(claims[name], environment)
    for origin in claims["origins"]:
        rule(origin_of(origin, environment) == origin, "origins")
    for uri in [*claims["redirect_uris"], claims.get("launch_uri")]:
        rule(uri is None or origin_of(uri, environment) in claims["origins"], "origins")


def precedence(version):
    """A key to sort versions by (Semantic Versioning §11)."""
    core, pre = SEMVER.fullmatch(version).groups()
    words = [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in (pre or "").split(".")]
    return [int(number) for number in core.split(".")], pre is None, words


SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z0-9]{0,63})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?")
PERMISSIONS = {"read": "rs", "write": "cud", "*": "cruds"}


def read_scopes(text):
    """SMART App Launch 2 scopes, with version 1's words for permissions; None when one is malformed."""
    scopes = [read_scope(word) for word in text.split(" ")] if text else []
    return None if None in scopes else scopes


def read_scope(word):
    if not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", word):
        return None
    if not re.match("(patient|user|system)/", word):
        return word
    found = SCOPE.fullmatch(word)
    if not found:
        return None
    context, kind, letters, query = found.groups()
    filters = [re.fullmatch("([A-Za-z0-9_.:-]+)=(.+)", pair) for pair in query.split("&")] if query else []
    if None in filters:
        return None
    return context, kind, set(PERMISSIONS.get(letters, letters)), [pair.groups() for pair in filters]


def covers(approved, text):
    """Whether all of the text's scopes are well-formed and within these; several may give the permissions together."""
    wanted = read_scopes(text)
    return wanted is not None and all(one in approved or covers_one(approved, one) for one in wanted)


def covers_one(approved, wanted):
    if is_text(wanted):
        return False
    context, kind, letters, filters = wanted
    given = set()
    for mine in approved:
        if is_text(mine) or mine[0] != context or mine[1] not in ("*", kind):
            continue
        if all(any(admits(condition, theirs) for theirs in filters) for condition in mine[3]):
            given |= mine[2]
    return letters <= given


def admits(mine, theirs):
    """Whether everything that meets their condition meets mine too."""
    if mine[0] != theirs[0]:
        return False
    if ":" in mine[0] or re.search(r"[\\%$]", mine[1] + theirs[1]):
        return mine[1] == theirs[1]
    return set(theirs[1].split(",")) <= set(mine[1].split(","))
