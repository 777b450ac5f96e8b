//! Access policies as pages show them: the templates, what lint finds, how one differs from the one in force.

use data_encoding::HEXLOWER;
use maud::{Markup, html};
use policy::compare::{Answer, Difference, Effort, Verdict, gained};
use policy::lint::{Finding, Severity, lint};
use policy::template::{self, DomainArn};
use policy::{Policy, PolicyKind, ResourcePolicyKind};
use sha2::{Digest, Sha256};

use crate::html::{badge, command, marked};
use crate::limits::{COMPARED_CELLS_MAX, DIFF_LINES_MAX};

/// The kind of every policy here.
pub(crate) const KIND: PolicyKind = PolicyKind::Resource(ResourcePolicyKind::Domain);

/// An access-policy template: its name in forms, and what it is called.
pub(crate) const TEMPLATES: &[(&str, &str)] = &[
    ("principals", "Allow IAM roles, users or accounts"),
    ("addresses", "Allow IP addresses"),
    ("open", "Open to everybody"),
    ("deny", "Deny everybody"),
    ("own", "Write it myself"),
    ("none", "No access policy: only identity policies of this account decide"),
];

/// What somebody chose.
pub(crate) struct Chosen<'a> {
    /// The template.
    pub(crate) template: &'a str,
    /// Principals, for `principals`.
    pub(crate) principals: Vec<&'a str>,
    /// Addresses and networks, for `addresses`.
    pub(crate) addresses: Vec<&'a str>,
    /// The text, for `own`.
    pub(crate) own: &'a str,
}

impl Chosen<'_> {
    /// The policy for a domain; none for `none`.
    pub(crate) fn text(&self, domain: &DomainArn) -> Option<String> {
        match self.template {
            "addresses" => Some(template::allow_ips(domain, self.addresses.iter().copied())),
            "open" => Some(template::open(domain)),
            "deny" => Some(template::deny_all(domain)),
            "own" => Some(self.own.to_owned()),
            "none" => None,
            _ => Some(template::allow_principals(domain, self.principals.iter().copied())),
        }
    }

    /// What is missing in the form, by field.
    pub(crate) fn fault(&self) -> Option<(&'static str, &'static str)> {
        match self.template {
            "principals" if self.principals.is_empty() => {
                Some(("principals", "Nothing was given; expected at least one ARN or account."))
            }
            "addresses" if self.addresses.is_empty() => {
                Some(("addresses", "Nothing was given; expected at least one address or network."))
            }
            "own" if self.own.trim().is_empty() => {
                Some(("own", "Nothing was given; expected a policy."))
            }
            _ => None,
        }
    }
}

/// A policy with what lint finds in it.
pub(crate) fn checked(text: Option<&str>) -> Markup {
    let Some(text) = text else {
        return html! { p { "Without an access policy, identity policies of this account alone decide who gets in." } };
    };
    html! {
        (command("Access policy", text))
        (linted(text))
    }
}

/// What lint finds in a policy.
pub(crate) fn linted(text: &str) -> Markup {
    linted_as(text, KIND)
}

/// What lint finds in a policy of this kind.
pub(crate) fn linted_as(text: &str, kind: PolicyKind) -> Markup {
    findings(&lint(text, kind))
}

/// Where a text stops being a policy of this kind, and what is expected there; nothing where it is one.
pub(crate) fn fault(text: &str, kind: PolicyKind) -> Option<String> {
    Policy::parse(text, kind).err()?;
    let found = lint(text, kind);
    let Finding { line, column, message, .. } = found.first()?;
    let seen = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
    let seen = match seen {
        "" => "nothing".to_owned(),
        seen => format!("{:?}", seen.chars().take(SEEN_CHARS_MAX).collect::<String>()),
    };
    Some(format!(
        "Line {line}, column {column}: seen {seen}; {message}; expected a policy in JSON."
    ))
}

/// Characters that are shown of the line with a fault.
const SEEN_CHARS_MAX: usize = 60;

fn findings(found: &[Finding]) -> Markup {
    if found.is_empty() {
        return html! { p { (badge("good", "Lint")) " finds nothing." } };
    }
    html! {
        ul.findings {
            @for finding in found {
                li {
                    (badge(class(finding.severity), &finding.severity.as_str().replace('-', " ")))
                    " " (marked(&finding.message))
                    span.quiet { " (line " (finding.line) ", column " (finding.column) ")" }
                    @if let Some(fix) = &finding.fix { br; "Instead: " (marked(fix)) }
                }
            }
        }
    }
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::SecurityWarning => "bad",
        Severity::Warning => "warn",
        Severity::Suggestion => "",
    }
}

/// The kind of policy that records call so, where it can be changed by a call.
pub(crate) fn kind_of(recorded: &str) -> Option<PolicyKind> {
    match recorded {
        "resource" => Some(KIND),
        "identity" => Some(PolicyKind::Identity),
        "permissionsBoundary" => Some(PolicyKind::Boundary),
        "trust" => Some(PolicyKind::Trust),
        _ => None,
    }
}

/// What a new access policy allows more and less than the one in force, each with a request that shows it.
pub(crate) fn comparison(old: Option<&str>, new: Option<&str>) -> Markup {
    comparison_as(KIND, old, new)
}

/// What a policy allows where none was in force, with a request that shows it.
pub(crate) fn first_of_its_name(kind: PolicyKind, new: &str) -> Markup {
    let (Ok(nothing), Ok(new)) = (Policy::parse(NOTHING, kind), Policy::parse(new, kind)) else {
        return html! {};
    };
    let gained = gained(&nothing, &new, &Effort::of(COMPARED_CELLS_MAX));
    html! {
        @if gained == Answer::No { p { "It allows nothing." } }
        (witness("None is in force yet: whatever it allows is new, such as", &gained))
    }
}

/// A policy that allows nothing.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// The same of policies of this kind.
pub(crate) fn comparison_as(kind: PolicyKind, old: Option<&str>, new: Option<&str>) -> Markup {
    let (Ok(old), Ok(new)) =
        (Policy::parse(old.unwrap_or(NOTHING), kind), Policy::parse(new.unwrap_or(NOTHING), kind))
    else {
        return html! { p { "It cannot be compared: it is not a policy." } };
    };
    let effort = Effort::of(COMPARED_CELLS_MAX);
    let difference =
        Difference { gained: gained(&old, &new, &effort), lost: gained(&new, &old, &effort) };
    let (class, word, sentence) = match difference.verdict() {
        Verdict::Equal => {
            ("good", "The same", "It allows the same requests as the policy in force")
        }
        Verdict::Narrower => {
            ("good", "Narrower", "It allows less than the policy in force, and nothing more")
        }
        Verdict::Wider => {
            ("bad", "Wider", "It allows more than the policy in force, and nothing less")
        }
        Verdict::Incomparable => (
            "warn",
            "Different",
            "It allows requests that the policy in force does not, and no longer allows others",
        ),
        Verdict::Unknown(_) => (
            "warn",
            "Not decided",
            "Whether it allows more or less than the policy in force was not decided",
        ),
    };
    let proof = if matches!(difference.verdict(), Verdict::Unknown(_)) {
        "."
    } else {
        ": proven over every request."
    };
    html! {
        p { (badge(class, word)) " " (sentence) (proof) }
        (witness("It would let in, and the policy in force does not:", &difference.gained))
        (witness("It would no longer let in:", &difference.lost))
    }
}

fn witness(what: &str, answer: &Answer) -> Markup {
    match answer {
        Answer::Yes(witness) => html! { p { (what) } p.words { code { (witness) } } },
        Answer::No => html! {},
        Answer::Unknown(why) => html! { p.quiet { (what) " not decided: " (why) } },
    }
}

/// What the comparison of two policies is known by: its form sets no other one, over no other one.
pub(crate) fn digest(old: &str, new: &str) -> String {
    let mut hash = Sha256::new();
    hash.update((old.len() as u64).to_be_bytes());
    hash.update(old);
    hash.update(new);
    HEXLOWER.encode(&hash.finalize())
}

/// The lines of two texts, one below the other: what went, what came, what stayed.
pub(crate) fn diff(old: &str, new: &str) -> Markup {
    html! {
        figure.code.diff {
            figcaption { "Changed lines" }
            pre tabindex="0" { code {
                @for (mark, line) in lines(old, new) {
                    @match mark {
                        '+' => ins.add { "+ " (line) },
                        '-' => del.del { "- " (line) },
                        _ => span.same { "  " (line) },
                    }
                }
            } }
        }
    }
}

/// Lines with their marks: the longest common lines stay (the textbook's table, bounded).
fn lines<'t>(old: &'t str, new: &'t str) -> Vec<(char, &'t str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len() > DIFF_LINES_MAX || new.len() > DIFF_LINES_MAX {
        let gone = old.into_iter().map(|line| ('-', line));
        return gone.chain(new.into_iter().map(|line| ('+', line))).collect();
    }
    // common[i][j]: how many lines the rest of old from i and of new from j have in common.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    let at = |common: &[Vec<u32>], i: usize, j: usize| {
        common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for (i, gone) in old.iter().enumerate().rev() {
        for (j, came) in new.iter().enumerate().rev() {
            let longest = match gone == came {
                true => at(&common, i + 1, j + 1) + 1,
                false => at(&common, i + 1, j).max(at(&common, i, j + 1)),
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = longest;
            }
        }
    }
    let (mut i, mut j, mut marked) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(gone), Some(came)) if gone == came => {
                marked.push((' ', *gone));
                (i, j) = (i + 1, j + 1);
            }
            (Some(gone), came)
                if came.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) =>
            {
                marked.push(('-', *gone));
                i += 1;
            }
            (_, Some(came)) => {
                marked.push(('+', *came));
                j += 1;
            }
            _ => return marked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(template: &str) -> Chosen<'_> {
        Chosen {
            template,
            principals: vec!["123456789012"],
            addresses: vec!["10.0.0.0/8"],
            own: "{}",
        }
    }

    #[test]
    fn each_template_makes_the_policy_that_it_says() {
        let domain = DomainArn::new("us-east-1", "123456789012", "books");
        for (template, holds) in [
            ("principals", r#""AWS": "123456789012""#),
            ("addresses", "10.0.0.0/8"),
            ("open", r#""Allow""#),
            ("deny", r#""Deny""#),
            ("own", "{}"),
        ] {
            assert!(chosen(template).text(&domain).unwrap().contains(holds), "{template}");
        }
        assert_eq!(chosen("none").text(&domain), None);
        assert!(TEMPLATES.iter().all(|(name, _)| chosen(name).fault().is_none()));
    }

    #[test]
    fn what_is_missing_is_said_by_field() {
        let nothing =
            |template| Chosen { template, principals: vec![], addresses: vec![], own: " " };
        for (template, field) in
            [("principals", "principals"), ("addresses", "addresses"), ("own", "own")]
        {
            assert_eq!(nothing(template).fault().unwrap().0, field);
        }
    }

    #[test]
    fn a_wider_policy_is_shown_with_a_request_that_it_would_let_in() {
        let domain = DomainArn::new("us-east-1", "123456789012", "books");
        let (narrow, wide) = (chosen("principals").text(&domain).unwrap(), template::open(&domain));
        let shown = comparison(Some(&narrow), Some(&wide)).into_string();
        assert!(shown.contains("Wider") && shown.contains("It would let in"), "{shown}");
        let shown = comparison(Some(&wide), Some(&narrow)).into_string();
        assert!(shown.contains("Narrower") && shown.contains("no longer let in"), "{shown}");
        let shown = comparison(Some(&wide), Some(&wide)).into_string();
        assert!(shown.contains("It allows the same requests"), "{shown}");
    }

    #[test]
    fn what_is_no_policy_is_found_by_lint_and_not_compared() {
        assert!(checked(Some("{")).into_string().contains("error"));
        assert!(comparison(None, Some("{")).into_string().contains("not a policy"));
    }

    #[test]
    fn lines_that_stay_keep_their_place() {
        assert_eq!(
            lines("a\nb\nc", "a\nx\nc\nd"),
            [(' ', "a"), ('-', "b"), ('+', "x"), (' ', "c"), ('+', "d")]
        );
        assert_eq!(lines("", "a"), [('+', "a")]);
        assert_eq!(lines("a", ""), [('-', "a")]);
        assert!(lines("", "").is_empty());
    }

    #[test]
    fn texts_of_very_many_lines_are_shown_one_after_the_other() {
        let long = "x\n".repeat(DIFF_LINES_MAX + 1);
        assert_eq!(lines(&long, "x").len(), DIFF_LINES_MAX + 2);
    }
}
