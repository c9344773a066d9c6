"""A status list (IETF Token Status List) of two-bit values, read with a limit."""
import zlib

from strict import Refusal, base64url, require

MAX_ENTRIES = 1 << 20


class StatusList:
    def __init__(self, claims, kid):
        self.kid, self.gen, self.iat = kid, claims["gen"], claims["iat"]
        packed = base64url(claims["status_list"]["lst"])
        inflater = zlib.decompressobj()
        try:
            self.bytes = inflater.decompress(packed or b"", MAX_ENTRIES // 4 + 1)
        except zlib.error:
            raise Refusal("E_STATUS_FORMAT", "lst") from None
        whole = inflater.eof and not inflater.unused_data and len(self.bytes) <= MAX_ENTRIES // 4
        require(claims["status_list"]["bits"] == 2 and whole, "E_STATUS_FORMAT", "bits or lst")

    def holds(self, keys):
        """What a key said that another has replaced holds until the next list; of one withdrawn otherwise, nothing."""
        key = keys.get(self.kid, {})
        return key.get("use") == "status" and (key.get("revoked") or {}).get("reason") in (None, "superseded")

    def value(self, index):
        return self.bytes[index // 4] >> (index % 4 * 2) & 3 if index < len(self.bytes) * 4 else None

    def check(self, index):
        """Step 20."""
        code = {0: None, 1: "E_REVOKED", 2: "E_SUSPENDED", 3: "E_NOT_ISSUED"}.get(self.value(index), "E_STATUS_RANGE")
        require(code is None, code, index)

    def check_follows(self, known):
        """Not older than what is known, and nothing un-revoked."""
        require(self.gen >= known.gen and self.iat >= known.iat, "E_STATUS_ROLLBACK", "older")
        require(self.gen > known.gen or self.bytes == known.bytes, "E_STATUS_ROLLBACK", "two of one generation")
        if self.bytes != known.bytes:
            entries = range(len(known.bytes) * 4)
            kept = all(known.value(at) != 1 or self.value(at) == 1 for at in entries)
            require(kept, "E_STATUS_ROLLBACK", "a revocation was undone")
