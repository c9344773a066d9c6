// Tier A in Java 17: everything but the log. With nimbus-jose-jwt on the class path:
// java VerifyApproval.java trust status.jwt approval.jws [unix-time]
// where `trust` holds the target files as a TUF client has fetched and verified them.
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.Inflater;

public final class VerifyApproval {
    record Opened(Map<String, Object> claims, Map<String, Object> key) {}

    static final class Refused extends RuntimeException {
        Refused(String code, Object why) { super(code + ": " + why); }
    }

    static void require(boolean condition, String code, Object why) {
        if (!condition) throw new Refused(code, why);
    }

    /** Header, key and signature; then the claims. A key is good for one use only. */
    static Opened open(String token, String typ, String use, List<Map<String, Object>> keys) throws Exception {
        require(token.matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{86}"), "E_FORMAT", typ);
        JWSObject jws = JWSObject.parse(token);
        var header = jws.getHeader();
        require(header.toJSONObject().keySet().equals(Set.of("alg", "kid", "typ")), "E_HEADER", typ);
        require(typ.equals(header.getType().getType()), "E_TYP", header.getType());
        require("ES256".equals(header.getAlgorithm().getName()), "E_ALG", header.getAlgorithm());
        Map<String, Object> key = keys.stream().filter(one -> header.getKeyID().equals(one.get("kid"))).findFirst()
            .orElseThrow(() -> new Refused("E_KID", header.getKeyID()));
        require(use.equals(key.get("use")), "E_KEY_USE", key.get("use") + " for " + typ);
        // Without the log, a key that another has replaced is believed; one that was stolen is not.
        require(!key.containsKey("revoked") || "superseded".equals(object(key, "revoked").get("reason")), "E_KEY_REVOKED", header.getKeyID());
        ECKey curve = ECKey.parse(Map.of("kty", key.get("kty"), "crv", key.get("crv"), "x", key.get("x"), "y", key.get("y")));
        require(jws.verify(new ECDSAVerifier(curve)), "E_SIG", typ);
        return new Opened(jws.getPayload().toJSONObject(), key);
    }

    static Map<String, Object> verify(Path trust, String statusToken, String token, long now, String environment) throws Exception {
        var anchors = JSONObjectUtils.parse(Files.readString(trust.resolve("anchors.json")));
        var denied = JSONObjectUtils.parse(Files.readString(trust.resolve("denylist.json")));

        require(token.length() <= 16_384, "E_FORMAT", "too long");
        var approval = open(token, "trust-mark+jwt", "approval", keys(trust, "issuers")).claims();
        require(approval.get("iss").equals(anchors.get("registry")), "E_ISS", approval.get("iss"));
        var mark = objects(anchors, "marks").stream().filter(one -> one.get("type").equals(approval.get("trust_mark_type"))).findFirst()
            .orElseThrow(() -> new Refused("E_MARK_TYPE", approval.get("trust_mark_type")));
        require(environment.equals(mark.get("environment")), "E_ENV", mark.get("environment"));
        if (mark.containsKey("owner")) {
            var owner = object(mark, "owner");
            var given = open(Files.readString(trust.resolve("delegation.jwt")), "trust-mark-delegation+jwt", "delegation", objects(owner, "keys")).claims();
            boolean same = owner.get("sub").equals(given.get("iss")) && approval.get("iss").equals(given.get("sub")) && mark.get("type").equals(given.get("trust_mark_type"));
            require(same && number(given, "iat") <= now + 60 && now < number(given, "exp"), "E_DELEGATION", given.get("sub"));
        }
        require(number(approval, "iat") <= now + 60, "E_IAT_FUTURE", "clock");
        require(now < number(approval, "exp"), "E_EXPIRED", "approval");
        require(number(approval, "exp") - number(approval, "iat") <= 400 * 86_400L, "E_LIFETIME", "approval");

        reviews(approval, keys(trust, "reviewers"));

        var status = open(statusToken, "statuslist+jwt", "status", keys(trust, "status")).claims();
        var reference = object(object(approval, "status"), "status_list");
        require(status.get("sub").equals(reference.get("uri")), "E_STATUS_SUB", status.get("sub"));
        long age = now - number(status, "iat");
        require(age <= Math.min(number(approval, "max_stale"), number(object(anchors, "max_stale"), "normal")), "E_STATUS_STALE", age);
        int value = value(object(status, "status_list"), number(reference, "idx"));
        require(value == 0, List.of("", "E_REVOKED", "E_SUSPENDED", "E_NOT_ISSUED").get(value), approval.get("jti"));

        var content = object(approval, "content");
        require(!strings(denied, "organizations").contains(approval.get("organization_id")), "E_DENYLISTED", approval.get("organization_id"));
        require(strings(denied, "digests").stream().noneMatch(content::containsValue), "E_DENYLISTED", "content");
        return approval;
    }

    static void reviews(Map<String, Object> approval, List<Map<String, Object>> keys) throws Exception {
        Set<Object> people = new HashSet<>(), organisations = new HashSet<>(), roles = new HashSet<>();
        for (String signed : strings(approval, "reviews")) {
            Opened opened = open(signed, "app-review+jwt", "review", keys);
            var review = opened.claims();
            var key = opened.key();
            require(!key.get("organization_id").equals(approval.get("organization_id")), "E_REVIEW_CONFLICT", "the vendor's own");
            boolean same = List.of("release_digest", "software_id", "software_version").stream().allMatch(claim -> approval.get(claim).equals(review.get(claim)));
            require(same && "approve".equals(review.get("decision")) && key.get("person").equals(review.get("iss")), "E_REVIEW_MISMATCH", review.get("iss"));
            require(number(approval, "iat") - number(review, "iat") <= 90 * 86_400L, "E_REVIEW_OLD", review.get("iss"));
            require(strings(key, "roles").contains(review.get("role")), "E_REVIEW_QUORUM", review.get("role"));
            people.add(key.get("person"));
            organisations.add(key.get("organization_id"));
            roles.add(review.get("role"));
        }
        require(people.size() == strings(approval, "reviews").size() && roles.containsAll(Set.of("security", "clinical")), "E_REVIEW_QUORUM", roles);
        require(organisations.size() >= 2, "E_REVIEW_CONFLICT", "one organisation");
    }

    static List<Map<String, Object>> keys(Path trust, String name) throws Exception {
        return objects(JSONObjectUtils.parse(Files.readString(trust.resolve(name + ".jwks"))), "keys");
    }

    static int value(Map<String, Object> list, long index) throws Exception {
        Inflater inflater = new Inflater();
        inflater.setInput(new Base64URL((String) list.get("lst")).decode());
        byte[] values = new byte[1 << 20];
        int length = inflater.inflate(values);
        require(number(list, "bits") == 2 && inflater.finished() && index >= 0 && index < length * 4L, "E_STATUS_RANGE", index);
        return values[(int) (index / 4)] >> (index % 4 * 2) & 3;
    }

    static long number(Map<String, Object> in, String name) { return ((Number) in.get(name)).longValue(); }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<String, Object> in, String name) { return (Map<String, Object>) in.get(name); }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> objects(Map<String, Object> in, String name) { return (List<Map<String, Object>>) in.get(name); }

    @SuppressWarnings("unchecked")
    static List<String> strings(Map<String, Object> in, String name) { return (List<String>) in.getOrDefault(name, List.of()); }

    public static void main(String[] args) throws Exception {
        String[] text = new String[3];
        for (int at = 1; at < 3; at++) text[at] = Files.readString(Path.of(args[at])).strip();
        long now = args.length > 3 ? Long.parseLong(args[3]) : System.currentTimeMillis() / 1000;
        String environment = System.getenv().getOrDefault("EPJ_ENVIRONMENT", "prod");
        try {
            var approval = verify(Path.of(args[0]), text[1], text[2], now, environment);
            System.out.println("OK " + approval.get("software_id") + " " + approval.get("software_version"));
        } catch (Refused refused) {
            System.err.println(refused.getMessage());
            System.exit(1);
        }
    }
}
