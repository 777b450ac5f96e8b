//! Who may read a record, and what of it.
//!
//! The record of a request to a domain belongs to the domain's account. A caller of another account learns why it was
//! denied as far as Amazon's own text says it: its own policies' statements in full, of the resource's side only that it
//! denied or has no allow. For everybody else there is no such record.

use super::record::{AuditRecord, DecisionRecord};

/// What account `reader` may see of `record`, whose id it knows; `None`: that there is one is none of its business.
#[must_use]
pub(crate) fn seen_by(record: AuditRecord, reader: &str) -> Option<AuditRecord> {
    let caller = record.principal.account.clone();
    // A claim is no proof: who only says that it is of an account makes no record of that account's.
    let is_caller = record.principal.proven && caller.as_deref() == Some(reader);
    match record.account.as_deref() {
        Some(owner) if owner == reader => Some(owners_side(record, reader)),
        Some(_) if is_caller => Some(callers_side(record)),
        Some(_) => None,
        // The control plane and its like: the caller's own.
        None if caller.as_deref() == Some(reader) => Some(own_policies(record, reader)),
        // Nobody's: refused before it was known whose. It holds nothing but what was sent; who has its id, sent it.
        None if caller.is_none() && record.decisions.is_empty() => Some(record),
        None => None,
    }
}

/// What account `reader` may see of a record that it did not ask for by its id: those of nobody's account are strangers' there.
#[must_use]
pub(crate) fn seen_in_scan(record: AuditRecord, reader: &str) -> Option<AuditRecord> {
    let is_of_an_account = record.account.is_some() || record.principal.account.is_some();
    is_of_an_account.then(|| seen_by(record, reader)).flatten()
}

/// Without the texts of policies and the tags of a caller of another account: what its own account keeps is not the owner's.
pub(super) fn owners_side(mut record: AuditRecord, reader: &str) -> AuditRecord {
    if record.principal.account.as_deref().is_some_and(|account| account != reader) {
        record.policies.retain(|policy| !is_callers(&policy.kind));
        without_keys(&mut record, "aws:principaltag/");
    }
    record
}

/// Leaves out what is known of the request under keys that begin so.
fn without_keys(record: &mut AuditRecord, prefix: &str) {
    record.context.retain(|key, _| !key.starts_with(prefix));
    for decision in &mut record.decisions {
        decision.context.retain(|key, _| !key.starts_with(prefix));
    }
}

/// Whether a policy of this kind is the caller's account's, and not the resource's.
pub(super) fn is_callers(kind: &str) -> bool {
    !matches!(kind, "resource" | "trust" | "role" | "resourceControl" | "vpcEndpoint")
}

/// Without what only the domain's owner may know: the indices behind names, the policy of the domain.
fn callers_side(mut record: AuditRecord) -> AuditRecord {
    record.resources.truncate(1);
    record.decisions.truncate(1);
    if !record.is_denied() && record.status != 403 {
        // They are of an index that was left out of the answer: that there is such an index is the owner's to know.
        record.context.clear();
        record.policies.clear();
        record.decisions.iter_mut().for_each(|decision| decision.context.clear());
    }
    (record.resources_left_out, record.decisions_left_out) = (0, 0);
    // Where the service listens behind a proxy.
    record.peer.clone_from(&record.client_address);
    record.reason = None;
    record.policies.retain(|policy| is_callers(&policy.kind));
    without_keys(&mut record, "aws:resourcetag/");
    record.decisions.iter_mut().for_each(identity_side);
    record
}

/// Of resources in other accounts (a role's trust policy) the caller sees its own side.
fn own_policies(mut record: AuditRecord, reader: &str) -> AuditRecord {
    let mut is_anothers = false;
    for decision in &mut record.decisions {
        if decision.resource_account.as_deref().is_some_and(|account| account != reader) {
            identity_side(decision);
            is_anothers = true;
        }
    }
    if is_anothers {
        record.policies.retain(|policy| is_callers(&policy.kind));
        without_keys(&mut record, "aws:resourcetag/");
    }
    record
}

/// Leaves of a decision what the caller's own policies said.
fn identity_side(decision: &mut DecisionRecord) {
    let by = decision.by.len();
    decision.by.retain(|statement| is_callers(&statement.kind));
    let considered = decision.considered.len();
    decision.considered.retain(|(kind, _)| is_callers(kind));
    decision.near_misses.retain(|miss| is_callers(&miss.statement.kind));
    // Nobody says which policy asked for them.
    decision.missing.clear();
    decision.resource_side_hidden =
        by > decision.by.len() || considered > decision.considered.len();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::PolicyRecord;
    use crate::audit::{NearMissRecord, PrincipalRecord, StatementRecord};

    const OWNER: &str = "111111111111";
    const CALLER: &str = "222222222222";

    fn denied() -> AuditRecord {
        let statement = |kind: &'static str, policy: &str| StatementRecord {
            kind: kind.into(),
            policy: policy.into(),
            ..StatementRecord::default()
        };
        let miss = |kind: &'static str, failed: &str| NearMissRecord {
            statement: statement(kind, "p"),
            failed: failed.into(),
        };
        let decision = DecisionRecord {
            outcome: "implicitDeny".into(),
            by: vec![
                statement("resource", "owners-policy"),
                statement("identity", "callers-policy"),
            ],
            considered: vec![
                ("resource".into(), "owners-policy".into()),
                ("identity".into(), "callers-policy".into()),
            ],
            near_misses: vec![
                miss("resource", "aws:SourceIp expects 192.0.2.0/24"),
                miss("identity", "Action expects es:ESHttpGet"),
            ],
            missing: vec!["aws:PrincipalTag/team".into()],
            resource_account: Some(OWNER.into()),
            ..DecisionRecord::default()
        };
        AuditRecord {
            account: Some(OWNER.into()),
            resources: vec!["…/s*/_search".into(), "…/secret/_search".into()],
            decisions: vec![decision.clone(), decision],
            principal: PrincipalRecord {
                account: Some(CALLER.into()),
                proven: true,
                ..PrincipalRecord::default()
            },
            ..AuditRecord::default()
        }
    }

    #[test]
    fn s9_the_domains_owner_reads_all_of_the_record() {
        let seen = seen_by(denied(), OWNER).unwrap();
        assert_eq!((seen.decisions.len(), seen.resources.len()), (2, 2));
        assert_eq!(seen.decisions[0].by.len(), 2);
    }

    #[test]
    fn s9_a_caller_of_another_account_reads_its_own_side_only() {
        let seen = seen_by(denied(), CALLER).unwrap();
        let text = serde_json::to_string(&seen).unwrap();
        for hidden in ["owners-policy", "192.0.2.0", "secret", "PrincipalTag"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
        assert!(text.contains("callers-policy") && text.contains("Action expects"), "{text}");
        assert!(seen.decisions[0].resource_side_hidden);
    }

    #[test]
    fn s9_a_third_account_and_an_unproven_claim_read_nothing() {
        assert!(seen_by(denied(), "333333333333").is_none());
        let mut claimed = denied();
        claimed.principal.proven = false;
        assert!(seen_by(claimed, CALLER).is_none());
    }

    #[test]
    fn s9_a_caller_of_another_account_reads_the_same_whether_or_not_an_index_was_hidden_from_it() {
        let allowed = DecisionRecord { outcome: "allowed".into(), ..DecisionRecord::default() };
        let mut nothing_hidden = denied();
        nothing_hidden.decisions = vec![allowed.clone()];
        let mut hidden = denied();
        hidden.decisions.insert(0, allowed);
        hidden.context = [("aws:sourceip".to_owned(), vec!["x".to_owned()])].into();
        hidden.policies = vec![PolicyRecord { kind: "identity".into(), ..PolicyRecord::default() }];
        let told = |record| serde_json::to_value(seen_by(record, CALLER).unwrap()).unwrap();
        assert_eq!(told(hidden), told(nothing_hidden));
    }

    #[test]
    fn s9_what_nobody_proved_is_read_by_its_id_and_found_by_no_scan() {
        let nobodys = AuditRecord { path: "/x".into(), ..AuditRecord::default() };
        assert!(seen_by(nobodys.clone(), OWNER).is_some());
        assert!(seen_in_scan(nobodys, OWNER).is_none());
        assert!(seen_in_scan(denied(), OWNER).is_some());
    }

    #[test]
    fn e24_each_account_sees_its_own_policies_and_tags_alone() {
        let policy = |kind: &'static str| PolicyRecord {
            kind: kind.into(),
            policy: kind.to_owned(),
            ..PolicyRecord::default()
        };
        let key = |key: &str| (key.to_owned(), vec!["x".to_owned()]);
        let record = AuditRecord {
            policies: vec![policy("identity"), policy("session"), policy("resource")],
            context: [
                key("aws:principaltag/team"),
                key("aws:resourcetag/env"),
                key("aws:sourceip"),
            ]
            .into(),
            ..denied()
        };
        let told = |reader| {
            let seen = seen_by(record.clone(), reader).unwrap();
            let kinds: Vec<String> = seen.policies.into_iter().map(|it| it.policy).collect();
            (kinds, seen.context.into_keys().collect::<Vec<_>>())
        };
        let of = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(told(OWNER), (of(&["resource"]), of(&["aws:resourcetag/env", "aws:sourceip"])));
        let own = of(&["identity", "session"]);
        assert_eq!(told(CALLER), (own, of(&["aws:principaltag/team", "aws:sourceip"])));
    }

    #[test]
    fn a_role_of_another_account_does_not_show_its_trust_policy() {
        let mut assumed = denied();
        assumed.account = None;
        assumed.decisions[0].by[0].kind = "trust".into();
        let seen = seen_by(assumed, CALLER).unwrap();
        assert!(!serde_json::to_string(&seen.decisions).unwrap().contains("owners-policy"));
    }
}
