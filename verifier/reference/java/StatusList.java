import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A status list (IETF Token Status List) of two-bit values, read with a limit. */
final class StatusList {
    private static final int MAX_ENTRIES = 1 << 20;

    final String kid;
    final long gen;
    final long iat;
    final byte[] bytes;

    StatusList(Map<String, Object> claims, String kid) {
        this.kid = kid;
        gen = Claims.number(claims, "gen");
        iat = Claims.number(claims, "iat");
        var list = Claims.object(claims, "status_list");
        byte[] packed = Strict.base64url(Claims.text(list, "lst"));
        Strict.require(Claims.number(list, "bits") == 2 && packed != null, "E_STATUS_FORMAT", "bits or lst");
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            byte[] room = new byte[MAX_ENTRIES / 4 + 1];
            int length = inflater.inflate(room);
            boolean whole = inflater.finished() && inflater.getRemaining() == 0 && length <= MAX_ENTRIES / 4;
            Strict.require(whole, "E_STATUS_FORMAT", "lst");
            bytes = Arrays.copyOf(room, length);
        } catch (DataFormatException error) {
            throw new Strict.Refusal("E_STATUS_FORMAT", error);
        } finally {
            inflater.end();
        }
    }

    /** What a key said that another has replaced holds until the next list; of a key withdrawn otherwise, nothing. */
    boolean holds(Map<String, Map<String, Object>> keys) {
        var key = keys.get(kid);
        if (key == null || !key.get("use").equals("status")) return false;
        return key.get("revoked") == null || Claims.object(key, "revoked").get("reason").equals("superseded");
    }

    int value(long at) {
        return at < bytes.length * 4L ? bytes[(int) (at / 4)] >> (at % 4 * 2) & 3 : -1;
    }

    /** Step 20. */
    void check(Map<String, Object> claims) {
        long index = Claims.number(Verifier.reference(claims), "idx");
        int value = value(index);
        Strict.require(value >= 0, "E_STATUS_RANGE", index);
        Strict.require(value == 0, List.of("", "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED").get(value), index);
    }

    /** Not older than what is known, and nothing un-revoked. */
    void checkFollows(StatusList known) {
        Strict.require(gen >= known.gen && iat >= known.iat, "E_STATUS_ROLLBACK", "older");
        Strict.require(gen > known.gen || Arrays.equals(bytes, known.bytes), "E_STATUS_ROLLBACK", "two of one generation");
        for (int at = 0; at < known.bytes.length * 4; at++) {
            Strict.require(known.value(at) != 1 || value(at) == 1, "E_STATUS_ROLLBACK", at);
        }
    }
}
