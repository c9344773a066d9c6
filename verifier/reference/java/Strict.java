import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stock parsers are too lenient for: JSON that has one reading, and base64 that has one spelling. */
final class Strict {
    /** A reason to refuse, with its stable code. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        final String code;

        Refusal(String code, Object why) {
            super(code + ": " + why);
            this.code = code;
        }
    }

    static void require(boolean condition, String code, Object why) {
        if (!condition) throw new Refusal(code, why);
    }

    static <T> T present(T value, String code, Object why) {
        require(value != null, code, why);
        return value;
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) digest.update(part);
            return digest.digest();
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes, or null for anything but the canonical spelling without padding. */
    static byte[] base64url(String text) {
        return canonical(text, Base64.getUrlDecoder(), Base64.getUrlEncoder().withoutPadding());
    }

    /** The bytes, or null for anything but the canonical spelling with padding. */
    static byte[] base64(String text) {
        return canonical(text, Base64.getDecoder(), Base64.getEncoder());
    }

    private static byte[] canonical(String text, Base64.Decoder decoder, Base64.Encoder encoder) {
        try {
            byte[] bytes = decoder.decode(text);
            return encoder.encodeToString(bytes).equals(text) ? bytes : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static final Pattern TOKEN = Pattern.compile("[ \\t\\n\\r]*(?:([{}\\[\\]:,])|(\")|(-?(?:0|[1-9][0-9]*))(?![0-9.eE])|(true|false|null))");
    private static final long MAX_INTEGER = (1L << 53) - 1;

    /** One object: no duplicate or escaped names, at most eight levels, whole numbers that a double holds exactly. */
    static Map<String, Object> parseJson(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return new Reader(text).whole();
        } catch (CharacterCodingException notUtf8) {
            throw new Refusal("E_JSON", "not UTF-8");
        }
    }

    private static final class Reader {
        private final String text;
        private final Matcher token;
        private int at;
        private boolean escaped;

        Reader(String text) {
            this.text = text;
            this.token = TOKEN.matcher(text);
        }

        Map<String, Object> whole() {
            next();
            require("{".equals(token.group(1)), "E_JSON", "not an object");
            Map<String, Object> object = object(1);
            require(text.substring(at).matches("[ \\t\\n\\r]*"), "E_JSON", "something follows the object");
            return object;
        }

        private void next() {
            require(token.region(at, text.length()).useTransparentBounds(true).lookingAt(), "E_JSON", "position " + at);
            at = token.end();
        }

        private boolean isMark(String mark) {
            return mark.equals(token.group(1));
        }

        private Object value(int depth) {
            if (isMark("{")) return object(depth);
            if (isMark("[")) return array(depth);
            if (token.group(2) != null) return string();
            if (token.group(3) != null) return number(token.group(3));
            return switch (present(token.group(4), "E_JSON", "a value is missing")) {
                case "true" -> true;
                case "false" -> false;
                default -> null;
            };
        }

        private Map<String, Object> object(int depth) {
            require(depth <= 8, "E_JSON", "more than eight levels");
            Map<String, Object> object = new LinkedHashMap<>();
            next();
            while (!isMark("}")) {
                require(token.group(2) != null, "E_JSON", "a name is missing");
                String name = string();
                require(!escaped && !object.containsKey(name), "E_JSON", "an escape in a name, or a name twice");
                next();
                require(isMark(":"), "E_JSON", "a colon is missing");
                next();
                object.put(name, value(depth + 1));
                following("}");
            }
            return object;
        }

        private List<Object> array(int depth) {
            require(depth <= 8, "E_JSON", "more than eight levels");
            List<Object> array = new ArrayList<>();
            next();
            while (!isMark("]")) {
                array.add(value(depth + 1));
                following("]");
            }
            return array;
        }

        /** On to the next member, or to the end. */
        private void following(String closing) {
            next();
            if (isMark(closing)) return;
            require(isMark(","), "E_JSON", "a comma is missing");
            next();
            require(!isMark(closing), "E_JSON", "a comma before the end");
        }

        private static Long number(String digits) {
            boolean fits = digits.length() <= 17 && !digits.equals("-0") && Math.abs(Long.parseLong(digits)) <= MAX_INTEGER;
            require(fits, "E_JSON", digits);
            return Long.valueOf(digits);
        }

        private char take() {
            require(at < text.length(), "E_JSON", "a string does not end");
            return text.charAt(at++);
        }

        private String string() {
            StringBuilder found = new StringBuilder();
            escaped = false;
            for (char next = take(); next != '"'; next = take()) {
                require(next >= 0x20, "E_JSON", "a control character");
                if (next != '\\') {
                    found.append(next);
                    continue;
                }
                escaped = true;
                char kind = take();
                int known = "\"\\/bfnrt".indexOf(kind);
                require(known >= 0 || kind == 'u', "E_JSON", "an unknown escape");
                if (kind == 'u') found.append(unit());
                else found.append("\"\\/\b\f\n\r\t".charAt(known));
            }
            require(StandardCharsets.UTF_8.newEncoder().canEncode(found), "E_JSON", "half a surrogate pair");
            return found.toString();
        }

        private char unit() {
            boolean whole = at + 4 <= text.length() && text.substring(at, at + 4).matches("[0-9a-fA-F]{4}");
            require(whole, "E_JSON", "a bad escape");
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
    }
}
