//! Findings as text, as JSON, and as SARIF 2.1.0 for code hosts.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Value, json as value};

use super::{Finding, Severity};

/// One line a finding, as compilers print them: `FILE:LINE:COLUMN: severity CODE: message`.
///
/// ```
/// use policy::PolicyKind;
/// use policy::lint::{lint, text};
///
/// let findings = lint("{", PolicyKind::Identity);
/// assert!(text("p.json", &findings).starts_with("p.json:1:2: error SYNTAX_ERROR: "));
/// ```
pub fn text(file: &str, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding { code, line, column, message, .. } = finding;
        let severity = finding.severity.as_str();
        text.push_str(&format!("{file}:{line}:{column}: {severity} {code}: {message}\n"));
        if let Some(fix) = &finding.fix {
            text.push_str(&format!("    write: {fix}\n"));
        }
    }
    text
}

/// `[{"file":…,"findings":[…]}]`.
pub fn json(files: &[(String, Vec<Finding>)]) -> Value {
    files.iter().map(|(file, findings)| value!({"file": file, "findings": findings})).collect()
}

/// A SARIF log with one run.
pub fn sarif(files: &[(String, Vec<Finding>)]) -> Value {
    let mut rules: Vec<&str> =
        files.iter().flat_map(|(_, findings)| findings).map(|finding| finding.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Value> = rules.iter().map(|rule| value!({"id": rule})).collect();
    let results: Vec<Value> = files
        .iter()
        .flat_map(|(file, findings)| findings.iter().map(move |finding| result(file, finding)))
        .collect();
    value!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "countersign policy lint", "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    let message = match &finding.fix {
        Some(fix) => format!("{} (write: {fix})", finding.message),
        None => finding.message.clone(),
    };
    value!({
        "ruleId": finding.code,
        "level": finding.severity.sarif_level(),
        "message": {"text": message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": file},
                "region": {"startLine": finding.line, "startColumn": finding.column},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
        }],
    })
}

impl Severity {
    /// The name in text: `error`, `security-warning`, `warning`, `suggestion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::SecurityWarning => "security-warning",
            Severity::Warning => "warning",
            Severity::Suggestion => "suggestion",
        }
    }

    fn sarif_level(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::SecurityWarning | Severity::Warning => "warning",
            Severity::Suggestion => "note",
        }
    }
}
