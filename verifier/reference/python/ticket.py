"""The ticket: C2SP tlog-proof, signed notes and tlog-policy, and RFC 9162's inclusion proof."""
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from strict import base64std, require

ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
# A key's name has no white space and no control characters.
NAME = r"[^+\s\x00-\x1f\x7f-\x9f]+"


def decimal(text):
    """An unsigned number below 2**63 without leading zeroes, or None."""
    number = int(text) if re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) else 1 << 63
    return number if number < 1 << 63 else None


@dataclass(frozen=True)
class NoteKey:
    """A C2SP verifier key, name+id+key: 1 signs checkpoints, 4 cosigns them, 6 does both with ML-DSA-44."""

    name: str
    id: bytes
    type: int
    public: bytes

    @classmethod
    def read(cls, text, types):
        found = re.fullmatch(rf"({NAME})\+([0-9a-f]{{8}})\+(.+)", text)
        material = base64std(found[3]) if found else None
        require(material and material[0] in types, "E_TRUST_CONFIG", text[:80])
        require(len(material) == (1313 if material[0] == ML_DSA_44 else 33), "E_TRUST_CONFIG", found[1])
        identity = sha256(found[1].encode() + b"\n" + material).digest()[:4]
        require(identity.hex() == found[2], "E_TRUST_CONFIG", f"{found[1]}: key id")
        return cls(found[1], identity, material[0], material[1:])

    def has_signed(self, message, signature):
        key = MLDSA44PublicKey if self.type == ML_DSA_44 else Ed25519PublicKey
        try:
            key.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def message(self, ticket, time):
        if self.type == ED25519:
            return ticket.text.encode()
        if self.type == COSIGNATURE:
            return f"cosignature/v1\ntime {time}\n{ticket.text}".encode()
        names = [bytes([len(name)]) + name for name in (self.name.encode(), ticket.origin.encode())]
        numbers = [number.to_bytes(8, "big") for number in (time, 0, ticket.size)]
        return b"subtree/v1\n\0" + names[0] + numbers[0] + names[1] + numbers[1] + numbers[2] + ticket.root

    def times(self, ticket):
        """When this key has signed (0 where it does not say), or None when one of its signatures is wrong."""
        found = []
        for name, identity, signature in ticket.signatures:
            if (name, identity) != (self.name, self.id):
                continue
            time = 0
            if self.type != ED25519:
                time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if time >= 1 << 63 or not self.has_signed(self.message(ticket, time), signature):
                return None
            found.append(time)
        return found


class Policy:
    """C2SP tlog-policy: logs, witnesses, groups of them, and the quorum."""

    def __init__(self, text):
        self.logs, self.witnesses, members, self.is_met_by = [], [], {}, None
        known = set()

        def once(key):
            """No key stands twice: a log's would be its own witness, a witness's would count as two."""
            require(key.public not in known, "E_TRUST_CONFIG", f"{key.name}: a key that was given before")
            known.add(key.public)
            return key

        for line in text.split("\n"):
            match re.split(r"[ \t]+", line.strip(" \t")):
                case [word, *_] if word == "" or word.startswith("#"):
                    pass
                case ["log", key, *_]:
                    self.logs.append(once(NoteKey.read(key, (ED25519, ML_DSA_44))))
                case ["witness", name, key, *_]:
                    witness = once(NoteKey.read(key, (COSIGNATURE, ML_DSA_44)))
                    self.witnesses.append(witness)
                    members[name] = lambda cosigned, witness=witness: witness in cosigned
                case ["group", name, threshold, *names]:
                    require(all(name in members for name in names), "E_TRUST_CONFIG", line)
                    of = [members[name] for name in names]
                    least = {"any": 1, "all": len(of)}.get(threshold) or int(threshold)
                    members[name] = lambda cosigned, of=of, least=least: sum(one(cosigned) for one in of) >= least
                case ["quorum", "none"]:
                    self.is_met_by = lambda cosigned: True
                case ["quorum", name]:
                    self.is_met_by = members.get(name)
                case _:
                    require(False, "E_TRUST_CONFIG", line)
        require(self.is_met_by, "E_TRUST_CONFIG", "log.policy: no quorum")


class Ticket:
    """Index, hashes, and the signed checkpoint that they lead to."""

    def __init__(self, text):
        def form(condition, why):
            require(condition, "E_PROOF_FORMAT", why)

        form(len(text.encode()) <= 139_264, "too long")
        head, divided, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        form(divided and first == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
        if lines and lines[0].startswith("extra "):
            form(base64std(lines.pop(0)[6:]) is not None, "extra")
        form(lines and lines[0].startswith("index "), "index")
        self.index = decimal(lines.pop(0)[6:])
        self.hashes = [base64std(line) for line in lines]
        form(self.index is not None and len(lines) <= 63, "index or hashes")
        form(all(one is not None and len(one) == 32 for one in self.hashes), "hashes")

        body, divided, signatures = note.rpartition("\n\n")
        form(len(note.encode()) <= 131_072 and not re.search(r"[\x00-\x09\x0b-\x1f]", note), "not a note")
        form(divided and signatures.endswith("\n"), "not a note")
        self.text = body + "\n"
        self.signatures = [self._signature(line, form) for line in signatures[:-1].split("\n")]
        form(len(self.signatures) <= 16, "more than 16 signatures")
        parts = body.split("\n")
        form(len(parts) >= 3 and all(parts), "not a checkpoint")
        self.origin, self.size, self.root = parts[0], decimal(parts[1]), base64std(parts[2])
        form(self.size is not None and self.root is not None and len(self.root) == 32, "not a checkpoint")

    @staticmethod
    def _signature(line, form):
        found = re.fullmatch(rf"\u2014 ({NAME}) ([A-Za-z0-9+/=]+)", line)
        data = base64std(found[2]) if found else None
        form(data and len(data) > 4, "signature line")
        return found[1], data[:4], data[4:]

    def includes(self, leaf):
        """RFC 9162 §2.1.3.2."""
        if self.index >= self.size:
            return False
        node, last, value = self.index, self.size - 1, leaf
        for sibling in self.hashes:
            if last == 0:
                return False
            if node & 1 or node == last:
                value = sha256(b"\x01" + sibling + value).digest()
                while not node & 1 and node != 0:
                    node, last = node >> 1, last >> 1
            else:
                value = sha256(b"\x01" + value + sibling).digest()
            node, last = node >> 1, last >> 1
        return last == 0 and value == self.root
