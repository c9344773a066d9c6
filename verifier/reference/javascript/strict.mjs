// What stock parsers are too lenient for: JSON that has one reading, and base64 that has one spelling.
import { createHash } from "node:crypto";

/** A reason to refuse, with its stable code. */
export class Refusal extends Error {
  constructor(code, why) {
    super(`${code}: ${why}`);
    this.code = code;
  }
}

export function require(condition, code, why) {
  if (!condition) throw new Refusal(code, why);
}

export const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** The bytes, or null for anything but the canonical spelling. */
export function canonical(text, encoding) {
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : null;
}

const STRING = String.raw`"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const TOKEN = new RegExp(String.raw`[ \t\n\r]*(?:([{}\[\]:,])|(${STRING})|(-?(?:0|[1-9][0-9]*))(?![0-9.eE])|(true|false|null))`, "y");

/** One object: no duplicate or escaped names, at most eight levels, whole numbers that a double holds exactly. */
export function parseJson(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    require(false, "E_JSON", "not UTF-8");
  }
  let at = 0;
  const next = () => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    require(found, "E_JSON", `position ${at}`);
    at = TOKEN.lastIndex;
    return found;
  };
  const scalar = ([, , string, number, word]) => {
    require(string ?? number ?? word, "E_JSON", "a value is missing");
    const value = JSON.parse(string ?? number ?? word);
    require(string === undefined || value.isWellFormed(), "E_JSON", "half a surrogate pair");
    require(number === undefined || (Number.isSafeInteger(value) && number !== "-0"), "E_JSON", number);
    return value;
  };
  const members = (closing, depth, take) => {
    require(depth <= 8, "E_JSON", "more than eight levels");
    let token = next();
    if (token[1] === closing) return;
    for (;;) {
      take(token);
      token = next();
      if (token[1] === closing) return;
      require(token[1] === ",", "E_JSON", "a comma is missing");
      token = next();
    }
  };
  const value = (token, depth) => {
    if (token[1] === "{") {
      const object = new Map();
      members("}", depth, (name) => {
        require(name[2] && !name[2].includes("\\"), "E_JSON", "a name is missing or has an escape");
        const key = scalar(name);
        require(!object.has(key), "E_JSON", `${key} twice`);
        require(next()[1] === ":", "E_JSON", "a colon is missing");
        object.set(key, value(next(), depth + 1));
      });
      return Object.fromEntries(object);
    }
    if (token[1] === "[") {
      const array = [];
      members("]", depth, (first) => array.push(value(first, depth + 1)));
      return array;
    }
    return scalar(token);
  };
  const first = next();
  require(first[1] === "{", "E_JSON", "not an object");
  const object = value(first, 1);
  require(/^[ \t\n\r]*$/.test(text.slice(at)), "E_JSON", "something follows the object");
  return object;
}
