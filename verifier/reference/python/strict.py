"""What stock parsers are too lenient for: JSON that has one reading, and base64 that has one spelling."""
import base64
import json
import re


class Refusal(Exception):
    """A reason to refuse, with its stable code."""

    def __init__(self, code, why=""):
        super().__init__(f"{code}: {why}")
        self.code = code


def require(condition, code, why=""):
    if not condition:
        raise Refusal(code, why)


def _canonical(text, alphabet, padding):
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4 if not padding else 0), altchars=alphabet)
    except ValueError:
        return None
    again = base64.b64encode(data, altchars=alphabet).decode()
    return data if (again if padding else again.rstrip("=")) == text else None


def base64url(text):
    """The bytes, or None for anything but the canonical spelling without padding."""
    return _canonical(text, b"-_", padding=False)


def base64std(text):
    """The bytes, or None for anything but the canonical spelling with padding."""
    return _canonical(text, b"+/", padding=True)


MAX_INTEGER = 2**53 - 1
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"([ \t\n\r]*:)?', re.DOTALL)


def parse_json(data):
    """One object: no duplicate or escaped names, at most eight levels, whole numbers that a double holds exactly."""

    def members(pairs):
        found = dict(pairs)
        require(len(found) == len(pairs), "E_JSON", "a name twice")
        return found

    def integer(text):
        require(text != "-0" and len(text) < 20 and abs(int(text)) <= MAX_INTEGER, "E_JSON", text)
        return int(text)

    def refuse(text):
        raise Refusal("E_JSON", text)

    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_int=integer, parse_float=refuse, parse_constant=refuse
        )
        require(isinstance(value, dict), "E_JSON", "not an object")
        _check_texts(value, 1)
    except (ValueError, RecursionError):
        raise Refusal("E_JSON", "not JSON") from None
    escaped = any("\\" in string and colon for string, colon in STRING.findall(text))
    require(not escaped, "E_JSON", "an escape in a name")
    return value


def _check_texts(value, depth):
    """The levels, and that every string is text: Python's parser lets half surrogate pairs pass."""
    if isinstance(value, str):
        value.encode("utf-8")
    if isinstance(value, (dict, list)):
        require(depth <= 8, "E_JSON", "more than eight levels")
        for inner in [*value, *value.values()] if isinstance(value, dict) else value:
            _check_texts(inner, depth + 1)
