import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The ticket: C2SP tlog-proof, signed notes and tlog-policy with Ed25519, and RFC 9162's inclusion proof. */
final class Ticket {
    /** A key's name: no white space (\\s is ASCII alone) and no control characters. */
    private static final String NAME = "[^+\\p{IsWhite_Space}\\p{Cc}]+";
    private static final Pattern VERIFIER_KEY = Pattern.compile("(" + NAME + ")\\+([0-9a-f]{8})\\+(.+)");
    private static final Pattern SIGNATURE_LINE = Pattern.compile("\u2014 (" + NAME + ") ([A-Za-z0-9+/=]+)");

    record Line(String name, String id, byte[] bytes) {}

    /** A C2SP verifier key, name+id+key: type 1 signs checkpoints, 4 cosigns them. */
    record NoteKey(String name, String id, int type, PublicKey key) {
        static NoteKey read(String text, int type) {
            Matcher found = VERIFIER_KEY.matcher(text);
            Strict.require(found.matches(), "E_TRUST_CONFIG", text);
            byte[] material = Strict.base64(found.group(3));
            Strict.require(material != null && material.length == 33 && material[0] == type, "E_TRUST_CONFIG", "not an Ed25519 key");
            String hash = HexFormat.of().formatHex(Strict.sha256(Strict.utf8(found.group(1) + "\n"), material));
            Strict.require(hash.startsWith(found.group(2)), "E_TRUST_CONFIG", found.group(1) + ": key id");
            // RFC 8410: what stands before the 32 bytes of an Ed25519 key.
            byte[] encoded = Arrays.copyOf(HexFormat.of().parseHex("302a300506032b6570032100"), 44);
            System.arraycopy(material, 1, encoded, 12, 32);
            try {
                PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
                return new NoteKey(found.group(1), found.group(2), type, key);
            } catch (GeneralSecurityException error) {
                throw new Strict.Refusal("E_TRUST_CONFIG", error);
            }
        }

        boolean hasSigned(String message, byte[] signature) {
            try {
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(key);
                verifier.update(Strict.utf8(message));
                return verifier.verify(signature);
            } catch (GeneralSecurityException malformed) {
                return false;
            }
        }

        /** When this key has signed (0 where it does not say), or null when one of its signatures is wrong. */
        List<Long> times(Ticket ticket) {
            List<Long> times = new ArrayList<>();
            for (Line line : ticket.lines) {
                if (!line.name.equals(name) || !line.id.equals(id)) continue;
                long time = type == 1 ? 0 : line.bytes.length > 8 ? java.nio.ByteBuffer.wrap(line.bytes).getLong() : -1;
                String message = type == 1 ? ticket.text : "cosignature/v1\ntime " + time + "\n" + ticket.text;
                byte[] signature = type == 1 || time < 0 ? line.bytes : Arrays.copyOfRange(line.bytes, 8, line.bytes.length);
                if (time < 0 || !hasSigned(message, signature)) return null;
                times.add(time);
            }
            return times;
        }
    }

    /** C2SP tlog-policy: logs, witnesses, groups of them, and the quorum. */
    static final class Policy {
        final List<NoteKey> logs = new ArrayList<>();
        final List<NoteKey> witnesses = new ArrayList<>();
        Predicate<Set<NoteKey>> quorum;

        /** No key stands twice: a log's would be its own witness, a witness's would count as two. */
        private NoteKey once(NoteKey key) {
            boolean known = Stream.concat(logs.stream(), witnesses.stream()).anyMatch(other -> other.key().equals(key.key()));
            Strict.require(!known, "E_TRUST_CONFIG", key.name() + ": a key that was given before");
            return key;
        }

        Policy(String text) {
            Map<String, Predicate<Set<NoteKey>>> members = new HashMap<>();
            for (String line : text.split("\n")) {
                String[] words = line.strip().split("[ \\t]+");
                if (line.isBlank() || words[0].startsWith("#")) continue;
                switch (words[0]) {
                    case "log" -> logs.add(once(NoteKey.read(words[1], 1)));
                    case "witness" -> {
                        NoteKey witness = once(NoteKey.read(words[2], 4));
                        witnesses.add(witness);
                        members.put(words[1], cosigned -> cosigned.contains(witness));
                    }
                    case "group" -> {
                        var of = Arrays.stream(words).skip(3).map(name -> Strict.present(members.get(name), "E_TRUST_CONFIG", name)).toList();
                        int threshold = switch (words[2]) {
                            case "any" -> 1;
                            case "all" -> of.size();
                            default -> Integer.parseInt(words[2]);
                        };
                        members.put(words[1], cosigned -> of.stream().filter(member -> member.test(cosigned)).count() >= threshold);
                    }
                    case "quorum" -> quorum = words[1].equals("none") ? cosigned -> true : members.get(words[1]);
                    default -> throw new Strict.Refusal("E_TRUST_CONFIG", line);
                }
            }
            Strict.require(quorum != null, "E_TRUST_CONFIG", "log.policy: no quorum");
        }
    }

    final long index;
    final List<byte[]> hashes = new ArrayList<>();
    final String text;
    final List<Line> lines = new ArrayList<>();
    final String origin;
    final long size;
    final byte[] root;

    private static void form(boolean condition, String why) {
        Strict.require(condition, "E_PROOF_FORMAT", why);
    }

    /** An unsigned number below 2⁶³ without leading zeroes. */
    private static long decimal(String digits) {
        form(digits.matches("0|[1-9][0-9]{0,18}"), "number");
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException tooLarge) {
            throw new Strict.Refusal("E_PROOF_FORMAT", "number");
        }
    }

    private static byte[] hash(String line) {
        byte[] hash = Strict.base64(line);
        form(hash != null && hash.length == 32, "hash");
        return hash;
    }

    Ticket(String ticket) {
        int divided = ticket.indexOf("\n\n");
        form(divided > 0 && Strict.utf8(ticket).length <= 139_264, "not a tlog-proof");
        List<String> head = new ArrayList<>(List.of(ticket.substring(0, divided).split("\n", -1)));
        form(head.remove(0).equals("c2sp.org/tlog-proof@v1") && !head.isEmpty(), "not a tlog-proof");
        if (head.get(0).startsWith("extra ")) form(Strict.base64(head.remove(0).substring(6)) != null, "extra");
        form(!head.isEmpty() && head.get(0).startsWith("index ") && head.size() <= 64, "index or hashes");
        index = decimal(head.remove(0).substring(6));
        for (String line : head) hashes.add(hash(line));

        String note = ticket.substring(divided + 2);
        int middle = note.lastIndexOf("\n\n");
        boolean plain = note.chars().noneMatch(unit -> unit < 0x20 && unit != '\n') && note.endsWith("\n");
        form(plain && middle >= 0 && middle < note.length() - 2 && Strict.utf8(note).length <= 131_072, "not a note");
        text = note.substring(0, middle + 1);
        for (String line : note.substring(middle + 2, note.length() - 1).split("\n", -1)) {
            Matcher found = SIGNATURE_LINE.matcher(line);
            byte[] bytes = found.matches() ? Strict.base64(found.group(2)) : null;
            form(bytes != null && bytes.length > 4 && lines.size() < 16, "signatures");
            String id = HexFormat.of().formatHex(bytes, 0, 4);
            lines.add(new Line(found.group(1), id, Arrays.copyOfRange(bytes, 4, bytes.length)));
        }
        List<String> parts = List.of(text.substring(0, middle).split("\n", -1));
        form(parts.size() >= 3 && !parts.contains(""), "not a checkpoint");
        origin = parts.get(0);
        size = decimal(parts.get(1));
        root = hash(parts.get(2));
    }

    /** RFC 9162 §2.1.3.2. */
    boolean includes(byte[] leaf) {
        if (index >= size) return false;
        long node = index;
        long last = size - 1;
        byte[] value = leaf;
        byte[] one = {1};
        for (byte[] sibling : hashes) {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last) {
                value = Strict.sha256(one, sibling, value);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                value = Strict.sha256(one, value, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(value, root);
    }
}
