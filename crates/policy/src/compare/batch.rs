//! One comparison as a line of JSON: what `countersign policy diff --batch` reads, and what it answers.

use serde_json::{Value, json};

use super::{Answer, Verdict, Witness, diff};
use crate::{
    Context, DomainRules, ParseOptions, Policy, PolicyKind, ResourcePolicyKind, UnsupportedKeys,
};

/// Compares the two policies of a line, `{"old": POLICY, "new": POLICY, "kind": "resource"}`:
/// `{"gained": …, "lost": …, "verdict": …}`, the first two `false`, a witness or `{"unknown": why}`. Kinds are `identity`
/// (when none is given), `resource`, `domain`, `trust`, `service-control` and `resource-control`.
///
/// # Errors
/// What is wrong with the line.
///
/// ```
/// let line = r#"{"old": {"Version": "2012-10-17", "Statement": []},
///     "new": {"Version": "2012-10-17", "Statement": []}}"#;
/// assert_eq!(policy::compare::answer(line)?, r#"{"gained":false,"lost":false,"verdict":"equal"}"#);
/// # Ok::<(), String>(())
/// ```
pub fn answer(line: &str) -> Result<String, String> {
    let question: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let members = question.as_object().ok_or("expected an object with old and new")?;
    if let Some(unknown) = members.keys().find(|it| !["old", "new", "kind"].contains(&it.as_str()))
    {
        return Err(format!("unknown field `{unknown}`"));
    }
    let kind = match members.get("kind") {
        None => PolicyKind::Identity,
        Some(name) => name.as_str().and_then(kind).ok_or_else(|| {
            format!("kind: {name}: expected {}", KINDS.map(|(name, _)| name).join(", "))
        })?,
    };
    let policy = |name: &str| {
        let policy = members.get(name).ok_or_else(|| format!("{name}: the field is missing"))?;
        let text = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
        let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
        let options = ParseOptions { bytes_max: None, domain };
        Policy::parse_with(&text, kind, &options).map_err(|error| format!("{name}: {error}"))
    };
    let difference = diff(&policy("old")?, &policy("new")?);
    let answer = json!({
        "gained": difference.gained.as_json(),
        "lost": difference.lost.as_json(),
        "verdict": difference.verdict().as_str(),
    });
    Ok(answer.to_string())
}

const KINDS: [(&str, PolicyKind); 6] = [
    ("identity", PolicyKind::Identity),
    ("resource", PolicyKind::Resource(ResourcePolicyKind::Generic)),
    ("domain", PolicyKind::Resource(ResourcePolicyKind::Domain)),
    ("trust", PolicyKind::Trust),
    ("service-control", PolicyKind::ServiceControl),
    ("resource-control", PolicyKind::ResourceControl),
];

fn kind(name: &str) -> Option<PolicyKind> {
    KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

impl Verdict {
    /// The verdict in one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Equal => "equal",
            Verdict::Narrower => "narrower",
            Verdict::Wider => "wider",
            Verdict::Incomparable => "incomparable",
            Verdict::Unknown(_) => "unknown",
        }
    }
}

impl Answer {
    /// As scripts read it: `false`, a witness, or `{"unknown": why}`. A witness has a `caller` where its own policies do not allow everything.
    pub fn as_json(&self) -> Value {
        let witness = match self {
            Answer::No => return Value::Bool(false),
            Answer::Unknown(why) => return json!({ "unknown": why }),
            Answer::Yes(witness) => witness,
        };
        let context: serde_json::Map<String, Value> = witness
            .beyond_the_caller()
            .map(|(key, values)| (key.to_owned(), json!(values)))
            .collect();
        let told = [
            ("principal", json!(witness.principal.arn())),
            ("action", json!(witness.action)),
            ("resource", json!(witness.resource)),
            ("context", Value::Object(context)),
        ];
        let caller = witness.own_side.said().map(|said| ("caller", json!(said)));
        told.into_iter().chain(caller).map(|(name, it)| (name.to_owned(), it)).collect()
    }
}

impl Witness {
    /// The context keys that do not follow from who the caller is.
    pub fn beyond_the_caller(&self) -> impl Iterator<Item = (&str, &[String])> {
        let mut facts = Context::new();
        facts.describe(&self.principal);
        self.context.iter().filter(move |(key, values)| facts.get(key) != Some(values))
    }
}

impl std::fmt::Display for Witness {
    /// In one line: who, the action, the resource, and each key of the context with its values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.principal.arn())?;
        if let Some(said) = self.own_side.said() {
            write!(f, "({said}) ")?;
        }
        write!(f, "{} {}", self.action, self.resource)?;
        for (key, values) in self.beyond_the_caller() {
            write!(f, " {key}={}", values.join(","))?;
        }
        Ok(())
    }
}
