import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/** Holds resources against R4 with HL7's own validator, as HAPI FHIR packs it: java Judge FAULTS FOLDER... */
final class Judge {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final FhirValidator validator;
    private final Set<String> seen = new HashSet<>();
    private int passed;
    private int failed;

    /** A resource with where it stands. */
    private record Line(String place, String text) {}

    private Judge() {
        var context = FhirContext.forR4();
        var module = new FhirInstanceValidator(new ValidationSupportChain(new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context), new InMemoryTerminologyServerValidationSupport(context)));
        module.setAnyExtensionsAllowed(true);
        module.setErrorForUnknownProfiles(false);
        module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
        validator = context.newValidator().registerValidatorModule(module);
    }

    /** What is wrong, errors only. */
    private List<String> findings(String text) {
        List<SingleValidationMessage> messages;
        try {
            messages = validator.validateWithResult(text).getMessages();
        } catch (JsonSyntaxException | DataFormatException unreadable) {
            return List.of("cannot be read: " + unreadable.getMessage());
        }
        return messages.stream().filter(one -> one.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0 && !Known.isFalse(one, text))
            .map(Judge::told).toList();
    }

    private static String told(SingleValidationMessage one) {
        return one.getLocationString() + " [" + one.getMessageId() + "] " + one.getMessage();
    }

    /** This validator takes its time: a resource is held against it only when it has an element, a code or a
        form of text that none before it had in the same place. */
    private boolean isNew(String text) throws IOException {
        Set<String> traits = new HashSet<>();
        traits(JSON.readTree(text), "", "", traits);
        return seen.addAll(traits);
    }

    private static void traits(JsonNode node, String path, String name, Set<String> found) {
        if (node.isObject()) {
            var type = node.path("resourceType").asText(path);
            node.properties().forEach(member -> traits(member.getValue(), type + "." + member.getKey(), member.getKey(), found));
        } else if (node.isArray()) {
            node.forEach(item -> traits(item, path, name, found));
        } else {
            found.add(path + "=" + form(name, node));
        }
    }

    private static String form(String name, JsonNode value) {
        if (!value.isTextual()) return value.getNodeType().name();
        return switch (name) {
            case "code", "system", "url", "unit", "status", "use", "type", "mode", "profile" -> value.asText();
            case "div", "data", "text", "display", "diagnostics" -> "text";
            default -> value.asText().replaceAll("\\p{L}+", "a").replaceAll("[0-9]+", "0").replaceAll("(a[ .,-]+)+a", "a a");
        };
    }

    private void count(boolean good) {
        if (good) passed++;
        else failed++;
    }

    private void faults(Path file) throws IOException {
        for (var text : Files.readAllLines(file)) {
            var fault = JSON.readTree(text);
            boolean expected = false;
            for (var judge : fault.path("seen_by")) expected |= judge.asText().equals("hapi");
            boolean sound = fault.path("seen_by").isEmpty();
            if (!expected && !sound) continue;
            var found = findings(fault.path("resource").toString());
            boolean right = found.isEmpty() == sound;
            if (!right) System.out.println((sound ? "false alarm: " : "not seen: ") + fault.path("fault").asText() + " " + found);
            count(right);
        }
    }

    private void folder(Path folder) throws IOException {
        List<Path> files;
        try (var all = Files.walk(folder)) {
            files = all.filter(file -> file.toString().endsWith(".ndjson")).sorted().toList();
        }
        int judged = 0;
        for (var file : files) {
            List<Line> lines = new ArrayList<>();
            var texts = Files.readAllLines(file);
            for (int number = 0; number < texts.size(); number++) {
                if (isNew(texts.get(number))) lines.add(new Line(folder.relativize(file) + ":" + (number + 1), texts.get(number)));
            }
            var findings = lines.parallelStream().flatMap(line -> findings(line.text()).stream().map(one -> line.place() + " " + one)).toList();
            findings.stream().limit(20).forEach(System.out::println);
            if (findings.size() > 20) System.out.println("and " + (findings.size() - 20) + " more");
            judged += lines.size();
            count(findings.isEmpty());
        }
        System.out.println(folder + ": " + judged + " resources of " + files.size() + " files");
        if (judged == 0) count(false);
    }

    public static void main(String[] arguments) throws IOException {
        var judge = new Judge();
        judge.faults(Path.of(arguments[0]));
        for (var folder : Arrays.asList(arguments).subList(1, arguments.length)) judge.folder(Path.of(folder));
        System.out.println("# pass " + judge.passed + "\n# fail " + judge.failed);
        if (judge.failed > 0) System.exit(1);
    }
}
