// The ticket: C2SP tlog-proof, signed notes and tlog-policy with Ed25519, and RFC 9162's inclusion proof.
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { canonical, require, sha256 } from "./strict.mjs";

const isDecimal = (text) => /^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) < 1n << 63n;

/** A key's name: no white space (\s is another set) and no control characters. */
const NAME = String.raw`[^+\p{White_Space}\p{Cc}]+`;
const VERIFIER_KEY = new RegExp(`^(${NAME})\\+([0-9a-f]{8})\\+(.+)$`, "u");
const SIGNATURE_LINE = new RegExp(`^\u2014 (${NAME}) ([A-Za-z0-9+/=]+)$`, "u");

/** A C2SP verifier key: name+id+key. Only Ed25519: 1 signs checkpoints, 4 cosigns them. */
function noteKey(text, type) {
  const [, name, id, encoded] = VERIFIER_KEY.exec(text) ?? require(false, "E_TRUST_CONFIG", text);
  const material = canonical(encoded, "base64");
  require(material?.[0] === type && material.length === 33, "E_TRUST_CONFIG", `${name}: not an Ed25519 key`);
  require(sha256(name, "\n", material).toString("hex").startsWith(id), "E_TRUST_CONFIG", `${name}: key id`);
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: material.subarray(1).toString("base64url") }, format: "jwk" });
  return { name, id, type, key, bytes: material.toString("hex", 1) };
}

/** C2SP tlog-policy: logs, witnesses, groups of them, and the quorum. */
export function readPolicy(text) {
  const policy = { logs: [], witnesses: [], members: new Map(), quorum: undefined };
  const known = new Set();
  /** No key stands twice: a log's would be its own witness, a witness's would count as two. */
  const once = (key) => {
    require(!known.has(key.bytes), "E_TRUST_CONFIG", `${key.name}: a key that was given before`);
    known.add(key.bytes);
    return key;
  };
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === undefined || word.startsWith("#")) continue;
    if (word === "log") policy.logs.push(once(noteKey(rest[0], 1)));
    else if (word === "witness") {
      const witness = once(noteKey(rest[1], 4));
      policy.witnesses.push(witness);
      policy.members.set(rest[0], (cosigned) => cosigned.has(witness));
    } else if (word === "group") {
      const of = rest.slice(2).map((name) => policy.members.get(name) ?? require(false, "E_TRUST_CONFIG", name));
      const threshold = { any: 1, all: of.length }[rest[1]] ?? Number(rest[1]);
      policy.members.set(rest[0], (cosigned) => of.filter((member) => member(cosigned)).length >= threshold);
    } else if (word === "quorum") policy.quorum = rest[0] === "none" ? () => true : policy.members.get(rest[0]);
    else require(false, "E_TRUST_CONFIG", line);
  }
  require(policy.quorum, "E_TRUST_CONFIG", "log.policy: no quorum");
  return policy;
}

/** C2SP signed-note: the text, and who says to have signed it. */
function readNote(note) {
  const middle = note.lastIndexOf("\n\n");
  // eslint-disable-next-line no-control-regex
  const plain = Buffer.byteLength(note) <= 131_072 && !/[\x00-\x09\x0b-\x1f]/.test(note) && note.endsWith("\n");
  require(plain && middle >= 0 && middle < note.length - 2, "E_PROOF_FORMAT", "not a note");
  const lines = note.slice(middle + 2, -1).split("\n");
  require(lines.length <= 16, "E_PROOF_FORMAT", "more than 16 signatures");
  const signatures = lines.map((line) => {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? require(false, "E_PROOF_FORMAT", "signature line");
    const bytes = canonical(encoded, "base64");
    require(bytes?.length > 4, "E_PROOF_FORMAT", "signature line");
    return { name, id: bytes.subarray(0, 4).toString("hex"), bytes: bytes.subarray(4) };
  });
  return { text: note.slice(0, middle + 1), signatures };
}

/** The times a key has signed the note at (0 where it does not say), or null when one of its signatures is wrong. */
export function signedAt({ text, signatures }, { name, id, type, key }) {
  const times = [];
  for (const { bytes } of signatures.filter((line) => line.name === name && line.id === id)) {
    const time = type === 1 ? 0n : bytes.length > 8 ? bytes.readBigUInt64BE() : 1n << 63n;
    const message = type === 1 ? text : `cosignature/v1\ntime ${time}\n${text}`;
    const signature = type === 1 ? bytes : bytes.subarray(8);
    if (time >= 1n << 63n || !verifySignature(null, Buffer.from(message), key, signature)) return null;
    times.push(Number(time));
  }
  return times;
}

/** C2SP tlog-proof: index, hashes, and the checkpoint that they lead to. */
export function readTicket(ticket) {
  const fits = Buffer.byteLength(ticket) <= 139_264 && ticket.startsWith("c2sp.org/tlog-proof@v1\n");
  const at = ticket.indexOf("\n\n");
  require(fits && at >= 0, "E_PROOF_FORMAT", "not a tlog-proof");
  const lines = ticket.slice(0, at).split("\n").slice(1);
  if (lines[0]?.startsWith("extra ")) require(canonical(lines.shift().slice(6), "base64"), "E_PROOF_FORMAT", "extra");
  const [, index] = /^index (.+)$/.exec(lines.shift() ?? "") ?? [];
  require(index !== undefined && isDecimal(index), "E_PROOF_FORMAT", "index");
  const hashes = lines.map((line) => canonical(line, "base64"));
  require(hashes.length <= 63 && hashes.every((hash) => hash?.length === 32), "E_PROOF_FORMAT", "hashes");
  const note = ticket.slice(at + 2);
  const { text, signatures } = readNote(note);
  const [origin, size, encoded, ...extensions] = text.slice(0, -1).split("\n");
  const root = canonical(encoded ?? "", "base64");
  const checkpoint = origin && isDecimal(size ?? "") && root?.length === 32 && extensions.every(Boolean);
  require(checkpoint, "E_PROOF_FORMAT", "not a checkpoint");
  return { index: BigInt(index), hashes, note: { text, signatures }, origin, size: BigInt(size), root };
}

/** RFC 9162 §2.1.3.2. */
export function isIncluded(leaf, { index, size, hashes, root }) {
  if (index >= size) return false;
  let [node, last, hash] = [index, size - 1n, leaf];
  for (const sibling of hashes) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      hash = sha256(Uint8Array.of(1), sibling, hash);
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else hash = sha256(Uint8Array.of(1), hash, sibling);
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && hash.equals(root);
}
