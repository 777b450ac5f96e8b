//! `explain`: an audit record told in prose. Why was this request allowed, or refused, and by what?

use std::fmt::Write;

use super::layer::{self, Layer};
use super::record::{AuditRecord, DecisionRecord, StatementRecord};
use super::repair::{RecordedDenials, RepairRecord};

/// The record of a request in words, for a person.
///
/// ```
/// let record = server::AuditRecord::of_service(jiff::Timestamp::UNIX_EPOCH, "service:Start");
/// let text = server::prose(&record);
/// assert!(text.contains("action     service:Start"));
/// ```
#[must_use]
pub fn prose(record: &AuditRecord) -> String {
    let record = &printable(record);
    let mut text = String::new();
    let time = record.time.map(|time| time.to_string()).unwrap_or_default();
    let _ = writeln!(text, "{} at {time}", record.request_id);
    let query = if record.query.is_empty() { String::new() } else { format!("?{}", record.query) };
    let (method, path) = (&record.method, &record.path);
    let _ = writeln!(
        text,
        "  request    {method} {path}{query}  ({}, from {})",
        record.listener, record.peer
    );
    let _ = writeln!(text, "  principal  {}", principal(record));
    if let Some(action) = &record.action {
        let _ = writeln!(text, "  action     {action}");
    }
    for (index, resource) in record.resources.iter().enumerate() {
        let label = if index == 0 { "resource" } else { "" };
        let _ = writeln!(text, "  {label:<9}  {resource}");
    }
    if record.resources_left_out > 0 {
        let _ = writeln!(text, "             and {} more", record.resources_left_out);
    }
    let took = f64::from(u32::try_from(record.duration_micros).unwrap_or(u32::MAX)) / 1000.0;
    let _ = writeln!(text, "  answer     {} after {took:.1} ms\n", record.status);
    text.push_str(&verdict(record));
    for decision in &record.decisions {
        text.push('\n');
        text.push_str(&told(decision));
    }
    text
}

/// What would allow the denials of a record, in words.
#[must_use]
pub fn repair_prose(repairs: &[RepairRecord]) -> String {
    let mut text = String::new();
    for repair in repairs {
        let (action, resource) = (&repair.action, &repair.resource);
        let _ = writeln!(
            text,
            "\nWhat would allow {action} on {resource}: {}.",
            sentence(&repair.text)
        );
        for edit in &repair.edits {
            let _ = writeln!(text, "  edit        {edit}");
        }
        if let (Some(after), true) = (&repair.after, repair.kind.as_deref() != Some("role")) {
            for line in changed_lines(repair.before.as_ref(), after) {
                let _ = writeln!(text, "    {line}");
            }
        }
        if let Some(command) = &repair.command {
            let _ = writeln!(text, "  apply       {command}");
        }
        if let Some(RecordedDenials { denials, allowed, others, unknown }) = &repair.recorded {
            let _ = writeln!(
                text,
                "  recorded    of {denials} denials on record it would allow {allowed}, and nothing that was allowed would be denied"
            );
            for other in others {
                let _ = writeln!(text, "              also {other}");
            }
            if *unknown > 0 {
                let _ =
                    writeln!(text, "              of {unknown} the record does not tell enough");
            }
        }
    }
    text
}

/// The lines that differ, and two around them.
fn changed_lines(before: Option<&serde_json::Value>, after: &serde_json::Value) -> Vec<String> {
    let pretty =
        |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let (before, after) = (before.map(pretty).unwrap_or_default(), pretty(after));
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - same;
    let ends =
        old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new);
    let end = ends.count();
    let of = |lines: &[&str], sign: &str| -> Vec<String> {
        let kept = lines.get(same..lines.len() - end).unwrap_or_default();
        kept.iter().map(|line| format!("{sign} {line}")).collect()
    };
    let around = |range: Option<&[&str]>| -> Vec<String> {
        range.unwrap_or_default().iter().map(|line| format!("  {line}")).collect()
    };
    let ahead = around(new.get(same.saturating_sub(2)..same));
    let behind = around(new.get(new.len() - end..(new.len() - end + 2).min(new.len())));
    [ahead, of(&old, "-"), of(&new, "+"), behind].concat()
}

fn principal(record: &AuditRecord) -> String {
    let principal = &record.principal;
    if principal.kind.is_empty() {
        return match (&principal.access_key_id, &principal.user_name) {
            (Some(id), _) => format!("unknown (claimed access key {id})"),
            (None, Some(name)) => format!("unknown (claimed user name {name})"),
            (None, None) => "unknown".into(),
        };
    }
    if by_password(record) {
        return format!("{} (Basic authentication)", principal.arn);
    }
    let presigned = principal.authentication.as_deref() == Some("presigned");
    match &principal.access_key_id {
        None => principal.arn.clone(),
        Some(id) if principal.proven && presigned => {
            format!("{} (access key {id}, presigned)", principal.arn)
        }
        Some(id) if principal.proven => format!("{} (access key {id})", principal.arn),
        Some(id) => format!("{} as claimed by access key {id}; not proven", principal.arn),
    }
}

/// Whether it came from a local workload, which shows a token and signs nothing.
fn is_workload(record: &AuditRecord) -> bool {
    record.listener.starts_with("workload")
}

fn by_password(record: &AuditRecord) -> bool {
    record.principal.authentication.as_deref() == Some("basic")
}

/// What became of the request: who decided, why, whose fault it is and what to do next.
fn verdict(record: &AuditRecord) -> String {
    match record.layer {
        _ if record.requests_left_out > 0 => {
            format!("{}.\n", sentence(record.refusal.as_deref().unwrap_or_default()))
        }
        _ if record.status == 0 => {
            "It was allowed and about to run; how it ended was not recorded.\n".into()
        }
        Some(layer) => refused(record, layer),
        // A record of an earlier version.
        None if record.refusal.is_some() => {
            format!(
                "It was refused: {}.\n",
                sentence(record.refusal.as_deref().unwrap_or_default())
            )
        }
        None if record.status == 499 => "The client disconnected before the response.\n".into(),
        None => served(record),
    }
}

fn served(record: &AuditRecord) -> String {
    if let Some(reason) = &record.service_reason
        && !is_workload(record)
    {
        return format!("The service did it of its own accord ({reason}).\n");
    }
    if by_password(record) {
        return "The password is right; it was allowed.\n".into();
    }
    if is_workload(record) {
        return "The workload's token is right; it was allowed.\n".into();
    }
    if record.principal.access_key_id.is_none() {
        return "It carried no credentials; it was allowed.\n".into();
    }
    let form = record.signature_form.as_deref().map(|form| format!(" in form '{form}'"));
    format!("The signature is right{}; it was allowed.\n", form.unwrap_or_default())
}

fn refused(record: &AuditRecord, layer: Layer) -> String {
    let kind = record.refusal_kind.as_deref().unwrap_or_default();
    let refusal = record.refusal.as_deref().unwrap_or_default();
    // The subject says it in words.
    let refusal = sentence(refusal.strip_prefix("unproven: ").unwrap_or(refusal));
    let principal = &record.principal;
    let known = match (principal.proven, by_password(record)) {
        (true, true) => "The password is right; ",
        (true, false) if is_workload(record) => "The workload's token is right; ",
        (true, false) if principal.access_key_id.is_some() => "The signature is right; ",
        (true, false) => "",
        (false, _) if principal.kind == "anonymous" && !is_workload(record) => {
            "It carried no credentials; "
        }
        (false, _) => "",
    };
    let subject = layer.subject();
    let nobody = principal.kind == "anonymous" && matches!(layer, Layer::Policies | Layer::Items);
    if nobody && !is_workload(record) {
        return NOBODY.to_owned();
    }
    let first = match (known, layer) {
        ("", _) => format!("{subject}: {refusal}."),
        // The decisions below say it better.
        (known, Layer::Policies) => format!("{known}{}.", lowered(subject)),
        (known, _) => format!("{known}{}: {refusal}.", lowered(subject)),
    };
    let mut text = format!("{first}\n");
    if let Some(reason) = &record.reason {
        let _ = writeln!(text, "  because     {}.", sentence(reason));
    }
    let _ = writeln!(text, "  fault       {}.", layer.fault());
    let _ = writeln!(text, "  next        {}", layer::next_step(layer, kind));
    text
}

/// What is said of a request without credentials that no policy lets in.
const NOBODY: &str = "\
It carried no credentials, and nobody is let in without them.
  fault       the client's: it did not sign; no permission of anybody is missing.
  next        sign the request: eval \"$(cat DIR/env)\" first; countersign request does it for you
";

fn lowered(subject: &str) -> String {
    let mut characters = subject.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// A text that a full stop can follow.
fn sentence(text: &str) -> &str {
    text.trim_end_matches([' ', '.'])
}

/// A record that a terminal can show: no text of a client moves the cursor, begins a line or turns the direction.
fn printable(record: &AuditRecord) -> AuditRecord {
    fn plain(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                let odd = |c: char| {
                    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                };
                if text.contains(odd) {
                    let escaped = text.chars().map(|c| match odd(c) {
                        true => c.escape_unicode().to_string(),
                        false => c.to_string(),
                    });
                    *text = escaped.collect();
                }
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(plain),
            serde_json::Value::Object(members) => members.values_mut().for_each(plain),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(record).unwrap_or_default();
    plain(&mut value);
    serde_json::from_value(value).unwrap_or_default()
}

/// One decision: what was asked, what decided, what was considered.
fn told(decision: &DecisionRecord) -> String {
    let mut text = String::new();
    let outcome = match &*decision.outcome {
        "allowed" => "allowed",
        "explicitDeny" => "denied by a statement",
        _ if decision.is_of_roles() => "denied because no role allows it",
        _ => "denied because no statement allows it",
    };
    let _ = writeln!(text, "{} on {}: {outcome}.", decision.action, decision.resource);
    for by in &decision.by {
        let sid = by.sid.as_deref().map(|sid| format!(" ({sid})")).unwrap_or_default();
        let (kind, policy, statement) = (words(&by.kind), &by.policy, by.statement);
        if by.kind == "role" {
            let _ = writeln!(text, "  decided by  role {policy}");
            continue;
        }
        let _ = writeln!(text, "  decided by  statement {statement}{sid} of {kind} {policy}");
    }
    for (kind, policy) in &decision.considered {
        let _ = writeln!(text, "  considered  {} {policy}", words(kind));
    }
    if decision.resource_side_hidden {
        text.push_str(
            "  considered  policies of the resource, which belongs to another account: ask its owner\n",
        );
    } else if decision.considered.is_empty() {
        text.push_str("  considered  no policy: none is attached to the caller or the resource\n");
    }
    for near in &decision.near_misses {
        let StatementRecord { statement, policy, .. } = &near.statement;
        let _ = writeln!(text, "  near miss   statement {statement} of {policy}: {}", near.failed);
    }
    for key in &decision.missing {
        let _ =
            writeln!(text, "  missing     condition key {key} is used by a policy and is absent");
    }
    text
}

/// A kind of policy as a person says it.
fn words(kind: &str) -> String {
    match kind {
        "identity" => "the identity policy".into(),
        "resource" => "the resource policy".into(),
        "permissionsBoundary" => "the permissions boundary".into(),
        "session" => "the session policy".into(),
        "serviceControl" => "the service control policy".into(),
        "resourceControl" => "the resource control policy".into(),
        "vpcEndpoint" => "the VPC endpoint policy".into(),
        "trust" => "the trust policy".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::audit::{PrincipalRecord, Stage};

    #[test]
    fn a_denial_names_the_statement_and_everything_considered() {
        let record = AuditRecord {
            request_id: "1b4e28ba-2fa1-41d2-883f-0016d3cca427".into(),
            listener: "domain/dev".into(),
            peer: "127.0.0.1:4000".into(),
            method: "GET".into(),
            path: "/books/_search".into(),
            stage: Stage::Authorize,
            layer: Some(Layer::Policies),
            refusal_kind: Some("denied".into()),
            status: 403,
            principal: PrincipalRecord {
                arn: "arn:aws:sts::123456789012:assumed-role/reader/r".into(),
                kind: "assumed-role".into(),
                access_key_id: Some("ASIAEXAMPLE".into()),
                proven: true,
                ..PrincipalRecord::default()
            },
            action: Some("es:ESHttpGet".into()),
            resources: vec!["arn:aws:es:us-east-1:123456789012:domain/dev/books/_search".into()],
            decisions: vec![DecisionRecord {
                outcome: "explicitDeny".into(),
                action: "es:ESHttpGet".into(),
                resource: "arn:aws:es:us-east-1:123456789012:domain/dev/books/_search".into(),
                by: vec![StatementRecord {
                    kind: "resource".into(),
                    policy: "arn:aws:es:us-east-1:123456789012:domain/dev".into(),
                    statement: 1,
                    sid: Some("NoBooks".into()),
                }],
                considered: vec![(
                    "resource".into(),
                    "arn:aws:es:us-east-1:123456789012:domain/dev".into(),
                )],
                ..DecisionRecord::default()
            }],
            ..AuditRecord::default()
        };
        expect![[r#"
            1b4e28ba-2fa1-41d2-883f-0016d3cca427 at 
              request    GET /books/_search  (domain/dev, from 127.0.0.1:4000)
              principal  arn:aws:sts::123456789012:assumed-role/reader/r (access key ASIAEXAMPLE)
              action     es:ESHttpGet
              resource   arn:aws:es:us-east-1:123456789012:domain/dev/books/_search
              answer     403 after 0.0 ms

            The signature is right; the policies deny it.
              fault       the policies', or the caller's for asking too much; the credentials are right.
              next        what would allow it is said below; countersign policy who-can says who else may

            es:ESHttpGet on arn:aws:es:us-east-1:123456789012:domain/dev/books/_search: denied by a statement.
              decided by  statement 1 (NoBooks) of the resource policy arn:aws:es:us-east-1:123456789012:domain/dev
              considered  the resource policy arn:aws:es:us-east-1:123456789012:domain/dev
        "#]]
        .assert_eq(&prose(&record));
    }
}
