import static java.util.Objects.requireNonNullElse;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A verifier of app approvals on Nimbus JOSE + JWT and the JDK. It follows the steps of the design in their order and
 * stops at the first refusal. It keeps in memory what it has accepted; saving that is the caller's. The trust
 * configuration is given as the target files that a TUF client has verified; no TUF is done here.
 */
final class Verifier {
    private static final long SKEW = 60;
    private static final long DAY = 86_400;

    /** An installation's own rules. */
    record Policy(String environment, String minAssurance, String minContentLevel, String riskClass, List<String> allowedSoftware) {}

    record Until(long offline, long online) {}

    private record Parts(String token, byte[] header, byte[] payload) {}

    private record Signed(Map<String, Object> claims, Map<String, Object> key) {}

    private record Trust(Map<String, Object> anchors, Map<String, Object> denylist, Map<String, Map<String, Object>> keys, Map<String, Object> delegation, Ticket.Policy policy, Until until) {}

    /** A checkpoint, as its witnesses saw it first. */
    private record Seen(String origin, long size, byte[] root, long time, long index) {}

    private record Accepted(Map<String, Object> claims, List<String> kids, Seen logged) {}

    private final Policy policy;
    private Trust trust;
    private final Map<String, Map<Long, Seen>> logs = new HashMap<>();
    private final Set<String> forked = new HashSet<>();
    private final Map<String, StatusList> lists = new HashMap<>();
    private final Map<String, Accepted> approvals = new HashMap<>();
    private long floor;

    Verifier(Policy policy) {
        this.policy = policy;
    }

    private static void require(boolean condition, String code, Object why) {
        Strict.require(condition, code, why);
    }

    /** Runs a step under another code, as when one check is part of another. */
    private static <T> T recast(Supplier<T> step, UnaryOperator<String> codeOf) {
        try {
            return step.get();
        } catch (Strict.Refusal refusal) {
            throw new Strict.Refusal(codeOf.apply(refusal.code), refusal.getMessage());
        }
    }

    /** Step 1: three canonical parts. */
    private static Parts split(String token, int maxLength) {
        boolean shape = token.length() <= maxLength && token.matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{86}");
        require(shape, "E_FORMAT", "not a compact JWS");
        List<byte[]> parts = Arrays.stream(token.split("\\.")).map(Strict::base64url).toList();
        require(parts.stream().allMatch(part -> part != null), "E_FORMAT", "not canonical base64url");
        return new Parts(token, parts.get(0), parts.get(1));
    }

    /** Steps 3 and 4: a header of exactly alg, kid and typ. */
    private static String readHeader(Parts parts, String typ) {
        var header = recast(() -> Strict.parseJson(parts.header), code -> "E_HEADER");
        boolean exact = header.keySet().equals(Set.of("alg", "kid", "typ")) && header.values().stream().allMatch(Claims.TEXT);
        require(exact, "E_HEADER", "not exactly alg, kid and typ");
        require(header.get("typ").equals(typ), "E_TYP", header.get("typ"));
        require(header.get("alg").equals("ES256"), "E_ALG", header.get("alg"));
        return (String) header.get("kid");
    }

    /** Steps 4 to 7: the key for exactly this use, its signature, and then the claims. */
    private static Signed readClaims(Parts parts, String typ, String use, Map<String, Map<String, Object>> keys) {
        String kid = readHeader(parts, typ);
        var key = Strict.present(keys.get(kid), "E_KID", kid);
        require(use.equals(key.get("use")), "E_KEY_USE", key.get("use") + " for " + use);
        require(isSigned(parts.token, key), "E_SIG", kid);
        var claims = Strict.parseJson(parts.payload);
        require(Claims.SHAPES.get(use).test(claims), "E_CLAIM", "shape of the claims of " + typ);
        return new Signed(claims, key);
    }

    private static boolean isSigned(String token, Map<String, Object> key) {
        try {
            var point = new ECKey.Builder(Curve.P_256, new Base64URL(Claims.text(key, "x")), new Base64URL(Claims.text(key, "y"))).build();
            return JWSObject.parse(token).verify(new ECDSAVerifier(point));
        } catch (JOSEException | ParseException | IllegalArgumentException malformed) {
            return false;
        }
    }

    /** RFC 7638, of a key whose form was checked. */
    private static String thumbprint(Map<String, Object> jwk) {
        var members = Claims.KEY_MEMBERS.get(Claims.text(jwk, "kty")).stream().map(name -> "\"" + name + "\":\"" + jwk.get(name) + "\"").toList();
        return Base64URL.encode(Strict.sha256(Strict.utf8("{" + String.join(",", members) + "}"))).toString();
    }

    /** Takes in the trust repository's target files, each by its name. */
    void trust(Map<String, String> files, long issued, Until until, long now) {
        require(issued <= now + SKEW, "E_IAT_FUTURE", "timestamp.json");
        var anchors = Strict.parseJson(Strict.utf8(files.get("anchors.json")));
        // What the anchors leave out, there is none of.
        for (String name : List.of("frozen_logs", "min_versions")) anchors.putIfAbsent(name, List.of());
        var denylist = Strict.parseJson(Strict.utf8(files.get("denylist.json")));
        Map<String, Map<String, Object>> keys = new HashMap<>();
        add(keys, Strict.parseJson(Strict.utf8(files.get("issuers.jwks"))), "approval");
        add(keys, Strict.parseJson(Strict.utf8(files.get("reviewers.jwks"))), "review");
        add(keys, Strict.parseJson(Strict.utf8(files.get("status.jwks"))), "status", "status-event", "status-digest");
        var marks = Claims.objects(anchors, "marks");
        var owners = marks.stream().filter(mark -> mark.get("owner") != null).map(mark -> Claims.object(mark, "owner")).toList();
        for (var owner : owners) add(keys, owner, "delegation");
        var delegation = recast(() -> delegation(files.get("delegation.jwt"), owners, keys), code -> "E_DELEGATION");
        boolean here = marks.stream().anyMatch(mark -> mark.get("environment").equals(policy.environment));
        require(here, "E_ENV", "no mark for this environment");
        trust = new Trust(anchors, denylist, keys, delegation, new Ticket.Policy(files.get("log.policy")), until);
        floor = Math.max(floor, issued);
        // A thief's list goes with the key, and so does what it demands of later ones.
        lists.values().removeIf(list -> !list.holds(keys));
    }

    private static void add(Map<String, Map<String, Object>> keys, Map<String, Object> set, String... uses) {
        for (var key : Claims.objects(set, "keys")) {
            boolean good = thumbprint(key).equals(key.get("kid")) && List.of(uses).contains(key.get("use"));
            require(good && keys.put(Claims.text(key, "kid"), key) == null, "E_TRUST_CONFIG", key.get("kid"));
        }
    }

    private static Map<String, Object> delegation(String token, List<Map<String, Object>> owners, Map<String, Map<String, Object>> keys) {
        if (owners.isEmpty()) return null;
        require(token != null, "E_DELEGATION", "missing");
        Signed signed = readClaims(split(token.stripTrailing(), 16_384), "trust-mark-delegation+jwt", "delegation", keys);
        boolean owns = owners.stream().anyMatch(owner -> owner.get("sub").equals(signed.claims.get("iss")) && Claims.objects(owner, "keys").contains(signed.key));
        require(owns && signed.key.get("revoked") == null, "E_DELEGATION", signed.claims.get("iss"));
        return signed.claims;
    }

    /** A trust configuration that may still be used: an EPJ may run off line for as long as on an old status list. */
    private Trust standing(long now) {
        require(trust != null, "E_TRUST_CONFIG", "none");
        long grace = Claims.number(Claims.object(trust.anchors, "max_stale"), "offline");
        require(now < trust.until.offline && now < trust.until.online + grace, "E_TRUST_EXPIRED", "expired");
        return trust;
    }

    private Trust current(long now) {
        require(now < standing(now).until.online, "E_TRUST_EXPIRED", "timestamp or snapshot");
        return trust;
    }

    static Map<String, Object> reference(Map<String, Object> claims) {
        return Claims.object(Claims.object(claims, "status"), "status_list");
    }

    /** Takes in a status list; `from` is where it was fetched from, or null. */
    void status(String token, String from, long now) {
        Trust trust = standing(now);
        Signed signed = recast(() -> readClaims(split(token, 512 * 1024), "statuslist+jwt", "status", trust.keys), code -> switch (code) {
            case "E_TYP", "E_ALG", "E_KID", "E_KEY_USE" -> code;
            case "E_SIG" -> "E_STATUS_SIG";
            default -> "E_STATUS_FORMAT";
        });
        var claims = signed.claims;
        String sub = Claims.text(claims, "sub");
        require(signed.key.get("revoked") == null, "E_KEY_REVOKED", signed.key.get("kid"));
        require(claims.get("iss").equals(trust.anchors.get("registry")), "E_ISS", claims.get("iss"));
        require(Claims.number(claims, "iat") <= now + SKEW, "E_IAT_FUTURE", "status list");
        require(now < Claims.number(claims, "exp") + SKEW, "E_STATUS_STALE", "expired");
        require(from == null || from.equals(sub), "E_STATUS_SUB", sub);
        StatusList newer = new StatusList(claims, Claims.text(signed.key, "kid"));
        if (lists.containsKey(sub)) newer.checkFollows(lists.get(sub));
        lists.put(sub, newer);
        floor = Math.max(floor, newer.iat);
    }

    /** Takes in an approval with its ticket (null where the policy asks for none): steps 1 to 21. */
    void ingest(String token, String ticket, long now) {
        require(ticket != null || "jose-only".equals(policy.minAssurance), "E_LOCAL_POLICY", "no ticket");
        Parts parts = split(token, 16_384);
        Trust trust = current(now);
        Signed signed = readClaims(parts, "trust-mark+jwt", "approval", trust.keys);
        var claims = signed.claims;
        require(claims.get("iss").equals(trust.anchors.get("registry")), "E_ISS", claims.get("iss"));
        var marks = Claims.objects(trust.anchors, "marks").stream().filter(one -> one.get("type").equals(claims.get("trust_mark_type"))).toList();
        require(!marks.isEmpty(), "E_MARK_TYPE", claims.get("trust_mark_type"));
        var mark = marks.get(0);
        require(mark.get("environment").equals(policy.environment), "E_ENV", mark.get("environment"));
        Claims.check(claims, policy.environment, trust.anchors);
        if (mark.get("owner") != null) {
            var given = trust.delegation;
            var said = List.of(given.get("iss"), given.get("sub"), given.get("trust_mark_type"));
            boolean valid = Claims.number(given, "iat") <= now + SKEW && now < Claims.number(given, "exp");
            require(valid && said.equals(List.of(Claims.object(mark, "owner").get("sub"), claims.get("iss"), mark.get("type"))), "E_DELEGATION", said);
        }
        long iat = Claims.number(claims, "iat");
        long exp = Claims.number(claims, "exp");
        require(iat <= now + SKEW, "E_IAT_FUTURE", "approval");
        require(now < exp, "E_EXPIRED", "approval");
        require(exp - iat <= 400 * DAY, "E_LIFETIME", "more than 400 days");
        List<Map<String, Object>> signers = reviews(claims, trust.keys);
        signers.add(signed.key);
        Seen logged = ticket == null ? null : ticket(claims, Strict.sha256(new byte[1], Strict.utf8(token)), new Ticket(ticket), now);
        require(signers.stream().noneMatch(key -> isRevoked(key, claims, logged)), "E_KEY_REVOKED", "withdrawn");

        String name = claims.get("software_id") + " " + claims.get("software_version");
        Accepted known = approvals.get(name);
        require(known == null || isSame(Claims.object(known.claims, "content"), Claims.object(claims, "content")), "E_VERSION_REUSED", name);
        fresh(claims, now);
        list(claims).check(claims);
        checkDenied(claims, trust);
        if (logged != null) {
            floor = Math.max(floor, logged.time);
            logs.computeIfAbsent(logged.origin, origin -> new HashMap<>()).put(logged.size, logged);
        }
        if (known == null || Claims.number(known.claims, "iat") <= iat) {
            approvals.put(name, new Accepted(claims, signers.stream().map(key -> Claims.text(key, "kid")).toList(), logged));
        }
    }

    /** Step 11: different people of different organisations, none of them the vendor's, have said yes to exactly this. */
    private static List<Map<String, Object>> reviews(Map<String, Object> approval, Map<String, Map<String, Object>> keys) {
        List<Map<String, Object>> found = new ArrayList<>();
        Set<Object> people = new HashSet<>();
        Set<Object> organizations = new HashSet<>();
        Set<Object> roles = new HashSet<>();
        for (String token : Claims.texts(approval, "reviews")) {
            Signed signed = recast(() -> readClaims(split(token, 16_384), "app-review+jwt", "review", keys),
                code -> Set.of("E_KEY_USE", "E_JSON", "E_CLAIM").contains(code) ? code : "E_REVIEW_SIG");
            var review = signed.claims;
            var key = signed.key;
            require(!key.get("organization_id").equals(approval.get("organization_id")), "E_REVIEW_CONFLICT", "of the vendor");
            require(people.add(key.get("person")), "E_REVIEW_QUORUM", "one person twice");
            require(Claims.texts(key, "roles").contains(Claims.text(review, "role")), "E_REVIEW_QUORUM", review.get("role"));
            boolean about = List.of("release_digest", "sub", "software_id", "software_version").stream().allMatch(name -> review.get(name).equals(approval.get(name)));
            var kinds = Claims.objects(review, "evidence").stream().map(one -> one.get("kind")).toList();
            boolean basis = kinds.containsAll(List.of("suite", "evidence")) && review.get("criteria").equals(Claims.object(approval, "criteria").get("uri"));
            require(about && basis && review.get("iss").equals(key.get("person")) && review.get("decision").equals("approve"), "E_REVIEW_MISMATCH", review.get("iss"));
            long later = Claims.number(approval, "iat") - Claims.number(review, "iat");
            require(later >= -SKEW, "E_REVIEW_MISMATCH", "after the approval");
            require(later <= 90 * DAY, "E_REVIEW_OLD", review.get("iss"));
            if (review.get("scope") != null) {
                var reviewed = Strict.present(Claims.scopes(Claims.text(review, "scope")), "E_CLAIM", "scope of a review");
                require(Claims.covers(reviewed, Claims.text(approval, "scope")), "E_REVIEW_MISMATCH", "scope");
            }
            var redirects = requireNonNullElse(Claims.texts(review, "redirect_uris"), Claims.texts(approval, "redirect_uris"));
            require(redirects.containsAll(Claims.texts(approval, "redirect_uris")), "E_REVIEW_MISMATCH", "redirect_uris");
            found.add(key);
            organizations.add(key.get("organization_id"));
            roles.add(review.get("role"));
        }
        require(found.size() >= 2 && roles.containsAll(Set.of("security", "clinical")), "E_REVIEW_QUORUM", roles);
        require(organizations.size() >= 2, "E_REVIEW_CONFLICT", "one organisation");
        return found;
    }

    /** Steps 12 to 17: in a known log, under a checkpoint that enough witnesses have seen, at a time that agrees. */
    private Seen ticket(Map<String, Object> claims, byte[] leaf, Ticket ticket, long now) {
        Trust trust = current(now);
        String origin = ticket.origin;
        for (var end : Claims.objects(trust.anchors, "frozen_logs")) {
            if (!end.get("origin").equals(origin)) continue;
            require(ticket.size <= Claims.number(end, "size"), "E_LOG_UNKNOWN", "frozen");
            boolean same = ticket.size < Claims.number(end, "size") || Arrays.equals(ticket.root, Claims.digest(Claims.text(end, "root")));
            require(same, "E_LOG_FORK", "frozen with another root");
        }
        var known = trust.policy.logs.stream().filter(log -> log.name().equals(origin)).toList();
        require(!known.isEmpty(), "E_LOG_UNKNOWN", origin);
        List<Long> signed = new ArrayList<>();
        for (var log : known) signed.addAll(Strict.present(log.times(ticket), "E_LOG_SIG", origin));
        require(!signed.isEmpty(), "E_LOG_SIG", "not signed by the log");
        Set<Ticket.NoteKey> cosigned = new HashSet<>();
        List<Long> times = new ArrayList<>();
        for (var witness : trust.policy.witnesses) {
            var found = Strict.present(witness.times(ticket), "E_WITNESS_SIG", witness.name());
            if (!found.isEmpty()) cosigned.add(witness);
            found.stream().filter(time -> time > 0).forEach(times::add);
        }
        require(trust.policy.quorum.test(cosigned) && !times.isEmpty(), "E_WITNESS_QUORUM", cosigned.size());
        Seen seen = new Seen(origin, ticket.size, ticket.root, times.stream().min(Long::compare).orElseThrow(), ticket.index);
        require(seen.time <= now + SKEW, "E_IAT_FUTURE", "witnessed");
        var log = Claims.object(claims, "log");
        require(origin.equals(log.get("origin")), "E_LOG_UNKNOWN", "the approval names another log");

        Map<Long, Seen> view = logs.getOrDefault(origin, Map.of());
        Seen same = view.get(seen.size);
        if (same != null && !Arrays.equals(same.root, seen.root)) forked.add(origin);
        require(!forked.contains(origin), "E_LOG_FORK", origin);
        for (Seen other : view.values()) {
            boolean shrunk = other.size < seen.size ? seen.time < other.time - SKEW : other.size > seen.size && seen.time > other.time + SKEW;
            require(!shrunk, "E_LOG_ROLLBACK", origin);
        }
        require(ticket.includes(leaf), "E_INCLUSION", ticket.index + " of " + ticket.size);
        var after = Claims.object(log, "after");
        long iat = Claims.number(claims, "iat");
        require(Claims.number(after, "size") <= ticket.index, "E_BACKDATED", "log.after");
        Seen followed = view.get(Claims.number(after, "size"));
        boolean follows = followed == null || (Arrays.equals(followed.root, Claims.digest(Claims.text(after, "root"))) && followed.time - SKEW <= iat);
        require(follows && iat <= seen.time + SKEW && seen.time - iat <= DAY, "E_BACKDATED", "witnessed at " + seen.time);
        return seen;
    }

    /** Without a ticket a key that another has replaced is believed; with one, the place in the log decides. */
    private static boolean isRevoked(Map<String, Object> key, Map<String, Object> claims, Seen logged) {
        if (key.get("revoked") == null) return false;
        var revoked = Claims.object(key, "revoked");
        if (logged == null) return !revoked.get("reason").equals("superseded");
        var cutoffs = requireNonNullElse(Claims.object(revoked, "log_index_cutoff"), Map.<String, Object>of());
        Object cutoff = cutoffs.get(Claims.text(Claims.object(claims, "log"), "origin"));
        return cutoff == null || logged.index >= (Long) cutoff;
    }

    private static boolean isSame(Map<String, Object> one, Map<String, Object> other) {
        return List.of("level", "bundle", "manifest", "size").stream().allMatch(name -> Objects.equals(one.get(name), other.get(name)));
    }

    /** Step 21. */
    private static void checkDenied(Map<String, Object> claims, Trust trust) {
        require(!Claims.texts(trust.denylist, "organizations").contains(Claims.text(claims, "organization_id")), "E_DENYLISTED", "vendor");
        var content = Claims.object(claims, "content");
        require(Claims.texts(trust.denylist, "digests").stream().noneMatch(content::containsValue), "E_DENYLISTED", "content");
        for (var least : Claims.objects(trust.anchors, "min_versions")) {
            if (!least.get("software_id").equals(claims.get("software_id"))) continue;
            int order = Claims.precedence(Claims.text(claims, "software_version"), Claims.text(least, "software_version"));
            require(order >= 0, "E_DENYLISTED", "version");
        }
    }

    private StatusList list(Map<String, Object> claims) {
        return Strict.present(lists.get(Claims.text(reference(claims), "uri")), "E_STATUS_STALE", "no list");
    }

    private long fresh(Map<String, Object> claims, long now) {
        long table = Claims.number(Claims.object(trust.anchors, "max_stale"), policy.riskClass);
        long maxStale = Math.min(Claims.number(claims, "max_stale"), table);
        require(now - list(claims).iat <= maxStale, "E_STATUS_STALE", maxStale);
        return maxStale;
    }

    /** Decides about a launch, in memory: steps L1 to L12. What a step of the flow does not carry yet is left out. */
    Map<String, Object> launch(Map<String, Object> request, long now) {
        require(now >= floor - SKEW, "E_CLOCK_ROLLBACK", floor);
        Trust trust = standing(now);
        Accepted accepted = Strict.present(approvals.get(request.get("software_id") + " " + request.get("software_version")), "E_NOT_APPROVED", request.get("software_id"));
        var claims = accepted.claims;
        require(now < Claims.number(claims, "exp"), "E_EXPIRED", "approval");
        boolean gone = accepted.kids.stream().anyMatch(kid -> !trust.keys.containsKey(kid) || isRevoked(trust.keys.get(kid), claims, accepted.logged));
        require(!gone, "E_KEY_REVOKED", "withdrawn");
        checkDenied(claims, trust);
        list(claims).check(claims);
        require(now < trust.until.online + fresh(claims, now), "E_TRUST_EXPIRED", "timestamp or snapshot");

        require(claims.get("organization_id").equals(request.get("organization_id")), "E_VENDOR", request.get("organization_id"));
        Object launchUri = request.get("launch_uri");
        require(launchUri == null || launchUri.equals(claims.get("launch_uri")), "E_LAUNCH_URI", launchUri);
        Object redirectUri = request.get("redirect_uri");
        require(redirectUri == null || Claims.texts(claims, "redirect_uris").contains(redirectUri), "E_REDIRECT_URI", redirectUri);
        String scope = Claims.text(request, "scope");
        require(scope == null || Claims.covers(Claims.scopes(Claims.text(claims, "scope")), scope), "E_SCOPE", scope);
        if (request.get("client") != null) {
            var client = Claims.object(request, "client");
            require(client.get("dpop").equals(true) || !Boolean.TRUE.equals(claims.get("dpop_bound_access_tokens")), "E_CLIENT_KEY", "no DPoP");
            var keys = claims.get("jwks") == null ? List.<String>of() : Claims.objects(Claims.object(claims, "jwks"), "keys").stream().map(Verifier::thumbprint).toList();
            require(keys.isEmpty() || (client.get("key") != null && keys.contains(client.get("key"))), "E_CLIENT_KEY", client.get("key"));
        }
        var approved = Claims.object(claims, "content");
        var content = requireNonNullElse(Claims.object(request, "content"), Map.<String, Object>of());
        String level = Claims.text(approved, "level");
        if (level.equals("bundle")) require(approved.get("bundle").equals(content.get("bundle")), "E_DIGEST", "bundle");
        if (level.equals("manifest")) {
            boolean same = approved.get("manifest").equals(content.get("manifest"));
            long age = same ? now - Claims.number(content, "observed_at") : DAY;
            require(age >= -SKEW && age < DAY, "E_CONTENT_DRIFT", "manifest");
        }
        require(Claims.LEVELS.indexOf(level) >= Claims.LEVELS.indexOf(policy.minContentLevel), "E_LOCAL_POLICY", level);
        require(policy.allowedSoftware == null || policy.allowedSoftware.contains(Claims.text(claims, "software_id")), "E_LOCAL_POLICY", "list");
        require(accepted.logged != null || "jose-only".equals(policy.minAssurance), "E_LOCAL_POLICY", "no ticket");
        return claims;
    }
}
