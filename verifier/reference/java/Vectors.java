import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the whole vector pack: java Vectors FOLDER */
final class Vectors {
    private static final List<String> CAN = List.of();
    private static Path folder;
    private static Map<String, Object> configurations;
    private static final Map<String, Integer> COUNTS = new LinkedHashMap<>();

    private static Map<String, Object> read(Path file) throws IOException {
        return Strict.parseJson(Files.readAllBytes(file));
    }

    private static void act(Verifier verifier, Map<String, Object> step) {
        long now = Claims.number(step, "now");
        switch (Claims.text(step, "do")) {
            case "trust" -> {
                var given = Claims.object(configurations, Claims.text(step, "trust"));
                Map<String, String> files = new LinkedHashMap<>();
                Claims.object(given, "files").forEach((name, file) -> files.put(name, (String) file));
                var until = Claims.object(given, "until");
                verifier.trust(files, Claims.number(given, "issued"), new Verifier.Until(Claims.number(until, "offline"), Claims.number(until, "online")), now);
            }
            case "status" -> verifier.status(Claims.text(step, "token"), Claims.text(step, "from"), now);
            case "ingest" -> verifier.ingest(Claims.text(step, "approval"), Claims.text(step, "ticket"), now);
            case "launch" -> verifier.launch(Claims.object(step, "request"), now);
            default -> throw new IllegalArgumentException(Claims.text(step, "do"));
        }
    }

    /** A verifier after all steps but the last, which have to be accepted. */
    private static Verifier prepared(Map<String, Object> one) {
        var policy = Claims.object(one, "policy");
        Verifier verifier = new Verifier(new Verifier.Policy(Claims.text(policy, "environment"), Claims.text(policy, "min_assurance"),
            Claims.text(policy, "min_content_level"), Claims.text(policy, "risk_class"), Claims.texts(policy, "allowed_software")));
        var steps = Claims.objects(one, "steps");
        for (var step : steps.subList(0, steps.size() - 1)) act(verifier, step);
        return verifier;
    }

    private static Map<String, Object> last(Map<String, Object> one) {
        var steps = Claims.objects(one, "steps");
        return steps.get(steps.size() - 1);
    }

    private static String verdict(Verifier verifier, Map<String, Object> step) {
        try {
            act(verifier, step);
            return "accepted";
        } catch (Strict.Refusal refusal) {
            return refusal.code;
        }
    }

    private static void count(String name, String expected, String found) {
        boolean good = expected.equals(found);
        COUNTS.merge(good ? "pass" : "fail", 1, Integer::sum);
        if (!good) System.out.println("not ok - " + name + ": " + found + ", not " + expected);
    }

    private static void run(Map<String, Object> one) {
        if (one.get("needs") != null && !CAN.containsAll(Claims.texts(one, "needs"))) {
            COUNTS.merge("skip", 1, Integer::sum);
            return;
        }
        String found;
        try {
            found = verdict(prepared(one), last(one));
        } catch (RuntimeException defect) {
            // A defect is a failed case, not the end of the run.
            found = defect + " " + List.of(defect.getStackTrace()).stream().limit(3).toList();
        }
        count(Claims.text(one, "name"), Claims.text(one, "expected"), found);
    }

    private static int acceptedMutations() throws IOException {
        var original = Claims.object(read(folder.resolve("mutations.json")), "case");
        // Nothing of what is refused is remembered, so one verifier may try them all.
        Verifier verifier = prepared(original);
        int accepted = 0;
        for (String part : List.of("approval", "ticket")) {
            byte[] bytes = Strict.utf8(Claims.text(last(original), part));
            for (int at = 0; at < bytes.length; at++) {
                byte[] changed = bytes.clone();
                changed[at] ^= 1;
                var mutant = new LinkedHashMap<>(last(original));
                mutant.put(part, new String(changed, StandardCharsets.UTF_8));
                if (verdict(verifier, mutant).equals("accepted")) accepted++;
            }
        }
        return accepted;
    }

    /** An installation that does not say what it asks for asks for a ticket. */
    private static void silent(Map<String, Object> unlogged) {
        for (String said : Arrays.asList(null, "Logged")) {
            var policy = new LinkedHashMap<>(Claims.object(unlogged, "policy"));
            policy.put("min_assurance", said);
            var one = new LinkedHashMap<>(unlogged);
            one.put("policy", policy);
            count("min_assurance " + said, "E_LOCAL_POLICY", verdict(prepared(one), last(one)));
        }
    }

    public static void main(String[] arguments) throws IOException {
        folder = Path.of(arguments[0]);
        configurations = Claims.object(read(folder.resolve("trust.json")), "configurations");
        for (String what : List.of("pass", "fail", "skip")) COUNTS.put(what, 0);
        try (var files = Files.list(folder.resolve("cases"))) {
            for (Path file : files.sorted().toList()) Claims.objects(read(file), "cases").forEach(Vectors::run);
        }
        var histories = Claims.objects(read(folder.resolve("cases/histories.json")), "cases");
        histories.stream().filter(one -> one.get("name").equals("histories/unlogged")).forEach(Vectors::silent);
        count("mutations", "0 accepted", acceptedMutations() + " accepted");
        COUNTS.forEach((what, many) -> System.out.println("# " + what + " " + many));
        System.exit(COUNTS.get("fail") > 0 ? 1 : 0);
    }
}
