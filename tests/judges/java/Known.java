import ca.uhn.fhir.validation.SingleValidationMessage;
import java.util.List;
import java.util.regex.Pattern;

/** What the validator takes for an error and is none. Each rule is as narrow as it can be, and says why. */
final class Known {
    /** A message, what it says, what the resource must hold for it to be false, and why it is. */
    private record Rule(String id, Pattern message, String holds, String why) {}

    private static final List<Rule> RULES = List.of(
        new Rule("Validation_VAL_Profile_Unknown",
            Pattern.compile("Invalid profile\\. Failed to retrieve profile with url=http://hl7\\.no/fhir/(no-domain/vitalsigns/)?StructureDefinition/no-(basis|domain)-[\\w-]+"),
            "\"http://hl7.no/fhir/",
            "HL7 Norway's profiles are in no registry of packages that a build reaches; the product's own tables hold them"),
        new Rule("Validation_VAL_Profile_Unknown",
            Pattern.compile("Invalid profile\\. Failed to retrieve profile with url=http://hl7\\.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-[\\w-]+"),
            "\"http://hl7.org/fhir/uv/subscriptions-backport/",
            "the guide for subscriptions by topic in R4 is in no registry of packages that a build reaches either"),
        new Rule("Type_Specific_Checks_DT_Identifier_System",
            Pattern.compile("Identifier\\.system must be an absolute reference, not a local reference"),
            "\"system\":\"HNR\"",
            "no-basis-Patient wants this very word as the system of an H-number"));

    private Known() {}

    static boolean isFalse(SingleValidationMessage one, String resource) {
        return RULES.stream().anyMatch(rule -> rule.id().equals(one.getMessageId())
            && rule.message().matcher(one.getMessage()).matches() && resource.contains(rule.holds()));
    }
}
