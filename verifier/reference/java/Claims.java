import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The claims: their shapes, their own rules, and SMART scopes that cover one another. */
final class Claims {
    static final List<String> LEVELS = List.of("origin", "manifest", "bundle");
    static final Map<String, List<String>> KEY_MEMBERS = Map.of("EC", List.of("crv", "kty", "x", "y"), "RSA", List.of("e", "kty", "n"), "OKP", List.of("crv", "kty", "x"));

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<String, Object> in, String name) { return (Map<String, Object>) in.get(name); }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> objects(Map<String, Object> in, String name) { return (List<Map<String, Object>>) in.get(name); }

    @SuppressWarnings("unchecked")
    static List<String> texts(Map<String, Object> in, String name) { return (List<String>) in.get(name); }

    static String text(Map<String, Object> in, String name) { return (String) in.get(name); }

    static long number(Map<String, Object> in, String name) { return (Long) in.get(name); }

    /** What a member must be; whether it may be absent, or null. */
    record Member(Predicate<Object> is, boolean absent, boolean none) {
        boolean allows(Map<?, ?> in, String name) {
            if (!in.containsKey(name)) return absent;
            return in.get(name) == null ? none : is.test(in.get(name));
        }
    }

    static Member of(Predicate<Object> is) { return new Member(is, false, false); }
    static Member optional(Predicate<Object> is) { return new Member(is, true, true); }
    static Member defaulted(Predicate<Object> is) { return new Member(is, true, false); }
    static Predicate<Object> listOf(Predicate<Object> is) { return value -> value instanceof List<?> list && list.stream().allMatch(is); }
    static Predicate<Object> oneOf(String... words) { return value -> Set.of(words).contains(value); }

    static final Predicate<Object> TEXT = String.class::isInstance;
    static final Predicate<Object> INTEGER = Long.class::isInstance;
    static final Predicate<Object> COUNT = value -> value instanceof Long number && number >= 0;
    static final Predicate<Object> SWITCH = Boolean.class::isInstance;
    static final Predicate<Object> DIGEST = value -> value instanceof String text && text.startsWith("sha256-") && digest(text) != null && digest(text).length == 32;
    static final Predicate<Object> KEY = value -> value instanceof Map;

    static byte[] digest(String sri) { return Strict.base64(sri.substring(7)); }

    private static Map<String, Member> members(Object... pairs) {
        Map<String, Member> members = new HashMap<>();
        for (int at = 0; at < pairs.length; at += 2) {
            for (String name : ((String) pairs[at]).split(" ")) members.put(name, (Member) pairs[at + 1]);
        }
        return members;
    }

    private static Predicate<Object> open(Object... pairs) {
        Map<String, Member> members = members(pairs);
        return value -> value instanceof Map<?, ?> in && members.entrySet().stream().allMatch(one -> one.getValue().allows(in, one.getKey()));
    }

    /** An object without further members. */
    private static Predicate<Object> closed(Object... pairs) {
        Predicate<Object> complete = open(pairs);
        Set<String> names = members(pairs).keySet();
        return value -> complete.test(value) && names.containsAll(((Map<?, ?>) value).keySet());
    }

    /** The shape of the claims that a key of this use signs. */
    static final Map<String, Predicate<Object>> SHAPES = Map.of(
        "approval", open(
            "iss sub trust_mark_type jti software_id software_version client_name developer_name organization_id scope token_endpoint_auth_method", of(TEXT),
            "ref logo_uri client_uri tos_uri policy_uri launch_uri supersedes", optional(TEXT),
            "iat exp max_stale", of(INTEGER),
            "contacts", defaulted(listOf(TEXT)),
            "redirect_uris origins grant_types response_types reviews", of(listOf(TEXT)),
            "dpop_bound_access_tokens require_pushed_authorization_requests", defaulted(SWITCH),
            "jwks", optional(closed("keys", of(listOf(KEY)))),
            "release_digest", of(DIGEST),
            "content", of(closed("level", of(oneOf("origin", "manifest", "bundle")), "bundle manifest", optional(DIGEST), "size", optional(COUNT))),
            "criteria", of(closed("uri", of(TEXT), "digest", of(DIGEST))),
            "status", of(closed("status_list", of(closed("idx", of(COUNT), "uri", of(TEXT))))),
            "log", of(closed("origin", of(TEXT), "after", of(closed("size", of(COUNT), "root", of(DIGEST)))))),
        "review", open(
            "iss sub software_id software_version criteria", of(TEXT),
            "iat", of(INTEGER),
            "release_digest", of(DIGEST),
            "decision", of(oneOf("approve", "reject")),
            "role", of(oneOf("security", "clinical", "privacy")),
            "evidence", of(listOf(closed("kind", of(oneOf("suite", "evidence", "verdict")), "digest", of(DIGEST)))),
            "scope", optional(TEXT),
            "redirect_uris", optional(listOf(TEXT))),
        "status", open("iss sub", of(TEXT), "iat exp ttl", of(INTEGER), "gen", of(COUNT), "status_list", of(closed("bits", of(COUNT), "lst", of(TEXT)))),
        "delegation", open("iss sub trust_mark_type", of(TEXT), "iat exp", of(INTEGER), "ref", optional(TEXT)));

    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final String REST = "(?:[/?][\\x21\\x24-\\x29\\x2b-\\x3b\\x3d\\x3f-\\x5b\\x5d\\x5f\\x61-\\x7a\\x7c\\x7e]*)?";
    private static final Pattern URI = Pattern.compile("((https?)://(" + LABEL + "(?:\\." + LABEL + ")*)(?::([1-9][0-9]{0,4}))?)" + REST);

    /** The address's origin; refuses what cannot be compared as bytes, and http but for localhost in tests. */
    static String originOf(String uri, String environment) {
        Matcher found = URI.matcher(uri);
        Strict.require(uri.length() <= 2048 && found.matches(), "E_CLAIM", "not a plain address");
        String host = found.group(3);
        boolean local = environment.equals("test") && (host.equals("localhost") || host.endsWith(".localhost"));
        boolean port = found.group(4) == null || Integer.parseInt(found.group(4)) <= 65_535;
        Strict.require(host.length() <= 253 && port && (found.group(2).equals("https") || local), "E_CLAIM", uri);
        return found.group(1);
    }

    private static final String NUMBER = "(?:0|[1-9][0-9]*)";
    private static final String PART = "(?:" + NUMBER + "|[0-9]*[A-Za-z-][A-Za-z0-9-]*)";
    private static final Pattern SEMVER = Pattern.compile("(" + NUMBER + "\\." + NUMBER + "\\." + NUMBER + ")(?:-(" + PART + "(?:\\." + PART + ")*))?(?:\\+[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*)?");
    private static final Pattern BLANK = Pattern.compile("\\p{IsWhite_Space}*");

    /** Modulus 11, with the check digit's own weight of 1. */
    static boolean isOrganization(String id) {
        if (!id.matches("NO:ORGNR:[0-9]{9}")) return false;
        int sum = 0;
        for (int at = 0; at < 9; at++) sum += (id.charAt(9 + at) - '0') * List.of(3, 2, 7, 6, 5, 4, 3, 2, 1).get(at);
        return sum % 11 == 0;
    }

    private static boolean isPublicKey(Map<String, Object> key) {
        List<String> names = key.get("kty") instanceof String kty ? KEY_MEMBERS.get(kty) : null;
        boolean secret = List.of("d", "p", "q", "dp", "dq", "qi", "k").stream().anyMatch(key::containsKey);
        return names != null && !secret && names.stream().allMatch(name -> key.get(name) instanceof String text && text.matches("[A-Za-z0-9_-]*"));
    }

    private static void rule(boolean condition, String name) {
        Strict.require(condition, "E_CLAIM", name);
    }

    /** Every rule of an approval's claims that needs no key and no clock. */
    static void check(Map<String, Object> claims, String environment, Map<String, Object> anchors) {
        var content = object(claims, "content");
        String level = text(content, "level");
        boolean bundle = content.get("bundle") != null;
        boolean manifest = content.get("manifest") != null;
        boolean fits = switch (level) {
            case "bundle" -> bundle && manifest && content.get("size") != null;
            case "manifest" -> !bundle && manifest;
            default -> !bundle && !manifest;
        };
        rule(text(claims, "jti").matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), "jti");
        rule(number(claims, "exp") > number(claims, "iat"), "exp");
        rule(texts(claims, "reviews").size() >= 2 && texts(claims, "reviews").size() <= 4, "reviews");
        rule(number(claims, "max_stale") >= 0 && number(claims, "max_stale") <= 604_800, "max_stale");
        rule(!text(object(claims, "log"), "origin").isEmpty(), "log.origin");
        rule(fits && LEVELS.indexOf(level) >= LEVELS.indexOf(text(anchors, "min_content_level")), "content");
        rule(text(claims, "software_id").length() <= 128 && text(claims, "software_id").matches("[a-z0-9][a-z0-9-]*(\\.[a-z0-9][a-z0-9-]*)+"), "software_id");
        rule(text(claims, "software_version").length() <= 64 && SEMVER.matcher(text(claims, "software_version")).matches(), "software_version");
        rule(!BLANK.matcher(text(claims, "client_name")).matches(), "client_name");
        rule(isOrganization(text(claims, "organization_id")), "organization_id");
        rule(scopes(text(claims, "scope")) != null, "scope");
        var keys = claims.get("jwks") == null ? List.<Map<String, Object>>of() : objects(object(claims, "jwks"), "keys");
        rule(!text(claims, "token_endpoint_auth_method").equals("none") == !keys.isEmpty(), "jwks");
        rule(keys.stream().allMatch(Claims::isPublicKey), "jwks");
        rule(texts(claims, "redirect_uris").size() <= 10, "redirect_uris");
        String criteria = text(object(claims, "criteria"), "uri");
        rule(texts(anchors, "criteria").contains(criteria), "criteria");
        List<String> plain = new ArrayList<>(List.of(text(claims, "sub"), text(claims, "trust_mark_type"), criteria, text(object(object(claims, "status"), "status_list"), "uri")));
        for (String name : List.of("logo_uri", "client_uri", "tos_uri", "policy_uri")) {
            if (claims.get(name) != null) plain.add(text(claims, name));
        }
        for (String uri : plain) originOf(uri, environment);
        List<String> origins = texts(claims, "origins");
        for (String origin : origins) rule(originOf(origin, environment).equals(origin), "origins");
        for (String uri : texts(claims, "redirect_uris")) rule(origins.contains(originOf(uri, environment)), "origins");
        if (claims.get("launch_uri") != null) rule(origins.contains(originOf(text(claims, "launch_uri"), environment)), "origins");
    }

    /** Which of two versions comes first (Semantic Versioning §11): below, at or above zero. */
    static int precedence(String left, String right) {
        Matcher[] found = {SEMVER.matcher(left), SEMVER.matcher(right)};
        Strict.require(found[0].matches() && found[1].matches(), "E_TRUST_CONFIG", "version");
        int core = compare(found[0].group(1), found[1].group(1));
        String[] pre = {found[0].group(2), found[1].group(2)};
        if (core != 0 || pre[0] == null || pre[1] == null) return core != 0 ? core : Boolean.compare(pre[0] == null, pre[1] == null);
        return compare(pre[0], pre[1]);
    }

    private static int compare(String left, String right) {
        String[][] words = {left.split("\\."), right.split("\\.")};
        for (int at = 0; at < Math.min(words[0].length, words[1].length); at++) {
            String one = words[0][at];
            String other = words[1][at];
            boolean[] numbers = {one.matches("[0-9]+"), other.matches("[0-9]+")};
            int order = numbers[0] && numbers[1] ? new BigInteger(one).compareTo(new BigInteger(other))
                : numbers[0] == numbers[1] ? one.compareTo(other) : numbers[0] ? -1 : 1;
            if (order != 0) return order;
        }
        return Integer.compare(words[0].length, words[1].length);
    }

    private static final Pattern SCOPE = Pattern.compile("(patient|user|system)/(\\*|[A-Z][A-Za-z0-9]{0,63})\\.(read|write|\\*|(?=[cruds])c?r?u?d?s?)(?:\\?(.+))?");

    /** A SMART App Launch 2 scope; one that is not about resources has its word alone. */
    record Scope(String word, String context, String type, String letters, List<String[]> filters) {
        static Scope read(String word) {
            if (!word.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+")) return null;
            if (!word.matches("(patient|user|system)/.*")) return new Scope(word, null, null, "", List.of());
            Matcher found = SCOPE.matcher(word);
            if (!found.matches()) return null;
            List<String[]> filters = new ArrayList<>();
            if (found.group(4) != null) {
                for (String pair : found.group(4).split("&", -1)) {
                    if (!pair.matches("[A-Za-z0-9_.:-]+=.+")) return null;
                    filters.add(pair.split("=", 2));
                }
            }
            String letters = Map.of("read", "rs", "write", "cud", "*", "cruds").getOrDefault(found.group(3), found.group(3));
            return new Scope(word, found.group(1), found.group(2), letters, filters);
        }

        boolean coversWhere(Scope other) {
            boolean types = context != null && context.equals(other.context) && (type.equals("*") || type.equals(other.type));
            return types && filters.stream().allMatch(mine -> other.filters.stream().anyMatch(theirs -> admits(mine, theirs)));
        }

        /** Whether everything that meets their condition meets mine too. */
        private static boolean admits(String[] mine, String[] theirs) {
            if (!mine[0].equals(theirs[0])) return false;
            boolean literal = mine[0].contains(":") || (mine[1] + theirs[1]).matches(".*[\\\\%$].*");
            return literal ? mine[1].equals(theirs[1]) : List.of(mine[1].split(",", -1)).containsAll(List.of(theirs[1].split(",", -1)));
        }
    }

    /** The scopes of a text, with version 1's words for permissions; null when one is malformed. */
    static List<Scope> scopes(String text) {
        List<Scope> scopes = new ArrayList<>();
        if (text.isEmpty()) return scopes;
        for (String word : text.split(" ", -1)) {
            Scope scope = Scope.read(word);
            if (scope == null) return null;
            scopes.add(scope);
        }
        return scopes;
    }

    /** Whether all of the text's scopes are well-formed and within these; several may give the permissions together. */
    static boolean covers(List<Scope> approved, String text) {
        List<Scope> asked = scopes(text);
        return asked != null && asked.stream().allMatch(wanted -> {
            if (wanted.context() == null) return approved.stream().anyMatch(mine -> mine.word().equals(wanted.word()));
            Set<Integer> given = new HashSet<>();
            approved.stream().filter(mine -> mine.coversWhere(wanted)).forEach(mine -> mine.letters().chars().forEach(given::add));
            return wanted.letters().chars().allMatch(given::contains);
        });
    }
}
