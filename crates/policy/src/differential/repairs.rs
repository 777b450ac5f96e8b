//! What is proposed for random denials: it allows the question, and no other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::generate::Generator;
use super::setting;
use crate::action::{RENAMED, synonym};
use crate::evaluate::PolicyType;
use crate::reference;
use crate::repair::{Change, Impossible, Repair, repair};
use crate::simulation::Simulation;

/// Where the policies of a layer stand in a question.
fn field(layer: PolicyType) -> &'static str {
    match layer {
        PolicyType::Identity => "identityPolicies",
        PolicyType::Resource | PolicyType::Trust => "resourcePolicy",
        PolicyType::PermissionsBoundary => "permissionsBoundary",
        PolicyType::Session => "sessionPolicies",
        PolicyType::ServiceControl => "serviceControlPolicies",
        PolicyType::ResourceControl => "resourceControlPolicies",
        PolicyType::VpcEndpoint => "vpcEndpointPolicies",
    }
}

/// The question with the change applied to its text.
fn applied(question: &Value, change: &Change) -> Value {
    let mut changed = question.clone();
    let after: Value = serde_json::from_str(&change.after.to_string()).unwrap();
    let layer = change.place.layer;
    let level = usize::try_from(change.place.level).unwrap();
    let list = match layer {
        PolicyType::Resource | PolicyType::Trust => {
            changed["resourcePolicy"] = after;
            return changed;
        }
        PolicyType::ServiceControl | PolicyType::ResourceControl => {
            &mut changed[field(layer)][level]
        }
        PolicyType::VpcEndpoint => {
            changed[field(layer)][level] = after;
            return changed;
        }
        _ => &mut changed[field(layer)],
    };
    if list.is_null() {
        *list = json!([]);
    }
    let list = list.as_array_mut().unwrap();
    match &change.place.policy {
        Some((_, position)) => list[*position] = after,
        None => list.push(after),
    }
    changed
}

/// Other questions, each another in one part: action, resource or caller.
fn others(question: &Value, own: bool) -> Vec<Value> {
    let with = |name: &str, value: Value| {
        let mut other = question.clone();
        other[name] = value;
        other
    };
    let resource = question["resource"].as_str().unwrap();
    let mut others = Vec::new();
    let actions = [
        "es:ESHttpGet",
        "es:ESHttpPost",
        "es:ESHttpPut",
        "es:DescribeDomain",
        "iam:PassRole",
        "es:Probe",
    ];
    let synonyms = ["es:CreateElasticsearchDomain", "es:DescribeDomain"];
    for action in actions.into_iter().chain(synonyms) {
        if question["action"] != action && synonym(action) != question["action"].as_str() {
            others.push(with("action", action.into()));
        }
    }
    let action = question["action"].as_str().unwrap();
    let (service, name) = action.split_once(':').unwrap();
    // One for each beginning, and one for each length.
    for cut in 0..=name.len() {
        others.push(with("action", format!("{service}:{}Z", &name[..cut]).into()));
        let mut changed = name.to_owned();
        changed.replace_range(cut..(cut + 1).min(name.len()), "Z");
        others.push(with("action", format!("{service}:{changed}").into()));
    }
    for other in [
        format!("{resource}x"),
        format!("{resource}/x"),
        resource.replace('*', "x"),
        resource.replace("red", "blue"),
    ] {
        if other != resource {
            others.push(with("resource", other.into()));
        }
    }
    // Whose own policy is changed, of them alone is asked.
    if !own {
        let account = question["principal"]["arn"].as_str().unwrap_or_default();
        let account = account.split(':').nth(4).unwrap_or("111122223333").to_owned();
        let user = json!({"type": "user", "arn": format!("arn:aws:iam::{account}:user/probe")});
        others.push(with("principal", user));
    }
    others
        .into_iter()
        .map(|mut other| {
            let same = other["principal"] == question["principal"];
            if let Some(context) = other["context"].as_object_mut().filter(|_| !same) {
                context.shift_remove("aws:PrincipalArn");
            }
            other
        })
        .collect()
}

/// The actions that there are.
fn known() -> Vec<String> {
    let verbs = ["Delete", "Get", "Head", "Patch", "Post", "Put"];
    let verbs = verbs.into_iter().map(|verb| format!("es:ESHttp{verb}"));
    let renamed = RENAMED.iter().flat_map(|(old, new)| [*old, *new]);
    let others = [
        "es:Probe",
        "es:AddTags",
        "iam:PassRole",
        "iam:CreateUser",
        "sts:AssumeRole",
        "sts:TagSession",
    ];
    let mut known: Vec<String> = verbs.chain(renamed.chain(others).map(str::to_owned)).collect();
    known.sort_unstable();
    known.dedup();
    known
}

/// Whether a value that is said to be in the way is: with one character of the request replaced by one that no text has, it still covers
/// the request. Any pattern that covers all of that covers the request, too.
fn stands_in_the_way(question: &Value, element: &str, value: &str) -> bool {
    if element == "Principal" {
        return true;
    }
    let mut asked = question.clone();
    let field = if element == "Action" { "action" } else { "resource" };
    let text: Vec<char> = question[field].as_str().unwrap().chars().collect();
    // One statement that denies by the value alone, in a question that everything else allows.
    let mut deny = json!({"Effect": "Deny", "Action": question["action"], "Resource": "*"});
    deny[element] = value.into();
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    asked["identityPolicies"] = json!([{"Version": "2012-10-17", "Statement": [allow, deny]}]);
    for other in [
        "resourcePolicy",
        "resourcePolicyType",
        "permissionsBoundary",
        "sessionPolicies",
        "serviceControlPolicies",
        "resourceControlPolicies",
        "vpcEndpointPolicies",
    ] {
        asked.as_object_mut().unwrap().shift_remove(other);
    }
    let mut in_a_domains = asked.clone();
    let mut named = asked["identityPolicies"][0].clone();
    let statements = named["Statement"].as_array_mut().unwrap();
    statements.iter_mut().for_each(|it| it["Principal"] = "*".into());
    in_a_domains["resourcePolicy"] = named;
    in_a_domains["resourcePolicyType"] = "domain".into();
    in_a_domains["identityPolicies"] = json!([]);
    // In a domain's own policy some variables have no value.
    [asked, in_a_domains].into_iter().any(|mut asked| {
        (0..text.len()).any(|at| {
            let mut changed = text.clone();
            changed[at] = '\u{e000}';
            asked[field] = changed.into_iter().collect::<String>().into();
            decided(&asked) == "explicitDeny"
        })
    })
}

fn decided(question: &Value) -> &'static str {
    reference::decide(question).decision
}

/// Adding one value to one Allow statement of the layer that was silent: whether any of it, in a statement that then names the request alone, frees the question.
fn smaller(question: &Value, layer: PolicyType) -> Option<Value> {
    let mut found = Vec::new();
    let name = field(layer);
    let single = question[name].is_object();
    let policies = if single { 1 } else { question[name].as_array().map_or(0, Vec::len) };
    for policy in 0..policies {
        let pointer = if single { format!("/{name}") } else { format!("/{name}/{policy}") };
        let statements = question.pointer(&pointer).map(|it| &it["Statement"]);
        let count = statements.and_then(Value::as_array).map_or(0, Vec::len);
        for statement in 0..count {
            for (element, value) in
                [("Action", &question["action"]), ("Resource", &question["resource"])]
            {
                let mut more = question.clone();
                let place = format!("{pointer}/Statement/{statement}");
                let one = more.pointer_mut(&place).unwrap();
                if one["Effect"] != "Allow" || one.get(element).is_none() {
                    continue;
                }
                let mut list = match one[element].take() {
                    Value::Array(items) => items,
                    single => vec![single],
                };
                list.push(value.clone());
                one[element] = list.into();
                // What else the statement names would be allowed, too.
                let names = |element: &str, values: &[&str]| {
                    let listed = one[element].as_array().cloned();
                    let listed = listed.unwrap_or_else(|| vec![one[element].clone()]);
                    listed.iter().all(|it| values.contains(&it.as_str().unwrap_or("*")))
                };
                let (action, resource) = (&question["action"], &question["resource"]);
                let action = action.as_str().unwrap();
                let alone = names("Action", &[action, synonym(action).unwrap_or(action)])
                    && names("Resource", &[resource.as_str().unwrap()])
                    && !resource.as_str().unwrap().contains(['*', '?']);
                if alone && Simulation::parse(&more.to_string()).is_ok() {
                    found.push(more);
                }
            }
        }
    }
    found.into_iter().find(|more| decided(more) == "allowed")
}

/// `own`: policies of the layer are the caller's alone; then one that is there is extended, where that is less.
fn check(question: &Value, change: &Change, own: bool, seed: u64) {
    let told = || format!("seed {seed}: {:?}\n{}\n{question:#}", change.edits, change.after);
    let changed = applied(question, change);
    assert_eq!(decided(&changed), "allowed", "{}", told());
    let simulation = Simulation::parse(&question.to_string()).unwrap();
    let decision = simulation.decide();
    let layer = change.place.layer;
    let denied = decision.by().any(|it| it.policy == layer);
    let silent = decision.by().next().is_none()
        && (decision.decided_by() == Some(layer)
            || decision.decided_by() == Some(PolicyType::Identity)
                && layer == PolicyType::Resource);
    assert!(denied || silent, "a layer that did not decide: {}", told());
    // Some of them for each question; of all questions together, all.
    let skipped = usize::try_from(seed % 6).unwrap();
    let known = known();
    // Of names that no action has, nothing is promised.
    let exists = |other: &Value| {
        let of = |text: &Value| text["action"].as_str().map(str::to_owned).unwrap_or_default();
        !change.of_known_actions || of(other) == of(question) || known.contains(&of(other))
    };
    let session = layer == PolicyType::Session;
    let new = change.place.policy.is_none() && layer == PolicyType::Identity;
    for other in
        others(question, own || new || session).into_iter().filter(exists).skip(skipped).step_by(6)
    {
        let mut after = other.clone();
        after[field(layer)] = changed[field(layer)].clone();
        assert_eq!(decided(&other), decided(&after), "{}\nalso: {other:#}", told());
    }
    if silent && change.size > 1 && (session || own && layer == PolicyType::Identity) {
        let found = smaller(question, layer);
        assert!(found.is_none(), "smaller: {}\n{:#}", told(), found.unwrap_or_default());
    }
}

/// `POLICY_REPAIR_RUNS` questions; those that are denied are repaired.
#[test]
fn what_is_proposed_for_a_denial_allows_it_and_nothing_else() {
    let runs = setting("POLICY_REPAIR_RUNS", 60);
    let seed = setting("POLICY_DIFFERENTIAL_SEED", 1);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let known = known();
    for run in 0..runs {
        let at = 0x6000_0000 + seed + run;
        let question = Generator::new(at).question();
        let own = at.is_multiple_of(2);
        let simulation = Simulation::parse(&question.to_string()).unwrap();
        let counted = match repair(&simulation, &|_, _| own, &known) {
            Repair::Allowed => "allowed",
            Repair::Change(change) => {
                check(&question, &change, own, at);
                match change.size {
                    1 => "one value",
                    2..=4 => "one statement",
                    _ => "more",
                }
            }
            Repair::Several(places) => {
                assert!(places.len() > 1, "{places:?}");
                "several policies"
            }
            Repair::Impossible(Impossible::Anonymous) => "anonymous",
            Repair::Impossible(Impossible::Pattern { element, value, .. }) => {
                assert!(
                    stands_in_the_way(&question, element, &value),
                    "seed {at}: {element} {value}\n{question:#}"
                );
                match element {
                    "Action" => "by a pattern of actions",
                    "Resource" => "by a pattern of resources",
                    _ => "by principals",
                }
            }
            Repair::Impossible(Impossible::Undecided { .. }) => "undecided",
            Repair::Impossible(Impossible::Unnameable) => "unnameable",
        };
        *counts.entry(counted).or_default() += 1;
    }
    println!("{runs} questions: {counts:?}");
    let proposed: u64 =
        ["one value", "one statement", "more"].iter().filter_map(|it| counts.get(it)).sum();
    assert!(proposed * 10 > runs, "{counts:?}");
}
