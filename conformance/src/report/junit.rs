//! The report as `JUnit` XML, which every build server shows. One test case for each requirement.

use foundation::language::Language;

use super::{Outcome, Report, RequirementResult};

impl Report {
    /// The report for a build server, in a language.
    pub fn junit(&self, language: Language) -> String {
        let skipped = self
            .results
            .iter()
            .filter(|result| is_skipped(result))
            .count();
        let failures = self
            .results
            .iter()
            .filter(|result| is_failure(result))
            .count();
        let cases: String = self
            .results
            .iter()
            .map(|result| case(&self.suite.id, result, language))
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">\n<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" timestamp=\"{time}\">\n<properties>\n{properties}</properties>\n{cases}{interrupted}</testsuite>\n</testsuites>\n",
            tests = self.results.len(),
            errors = usize::from(self.interrupted.is_some()),
            name = escaped(&format!("{} {} {}", self.suite.id, self.app, self.version)),
            time = self.started_at.rfc3339(),
            properties = self.properties(),
            interrupted = self.interruption(),
        )
    }

    fn properties(&self) -> String {
        let release = self.release.map(|digest| digest.sri()).unwrap_or_default();
        [
            ("suite", self.suite.digest.sri()),
            ("evidence", self.evidence.sri()),
            ("release", release),
            ("passed", self.passed.to_string()),
        ]
        .map(|(name, value)| {
            format!(
                "<property name=\"{name}\" value=\"{}\"/>\n",
                escaped(&value)
            )
        })
        .concat()
    }

    fn interruption(&self) -> String {
        self.interrupted.as_ref().map_or_else(String::new, |code| {
            format!("<system-err>{}</system-err>\n", escaped(code))
        })
    }
}

fn case(suite: &str, result: &RequirementResult, language: Language) -> String {
    let inner = if is_failure(result) {
        let remedy = result.remedy.as_ref().map_or("", |text| text.get(language));
        format!(
            "<failure type=\"{severity:?}\" message=\"{message}\">{body}</failure>",
            severity = result.severity,
            message = escaped(result.observed.get(language)),
            body = escaped(&format!("{}\n{remedy}", result.expected.get(language))),
        )
    } else if is_skipped(result) {
        format!(
            "<skipped message=\"{}\"/>",
            escaped(result.observed.get(language))
        )
    } else {
        String::new()
    };
    format!(
        "<testcase classname=\"{}\" name=\"{}\">{inner}</testcase>\n",
        escaped(suite),
        escaped(&format!("{} {}", result.id, result.title.get(language))),
    )
}

fn is_failure(result: &RequirementResult) -> bool {
    result.outcome == Outcome::Failed || result.blocks()
}

fn is_skipped(result: &RequirementResult) -> bool {
    !is_failure(result) && result.outcome != Outcome::Fulfilled
}

/// Text for XML 1.0; characters that it cannot hold are shown as a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                out.push(character);
            }
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_page_cannot_break_out_of_the_report() {
        assert_eq!(
            escaped("<a b=\"c\">&\u{0}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}"
        );
    }
}
