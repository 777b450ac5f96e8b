//! The two evaluators on random questions, and what must hold of any evaluator.
//!
//! The generator knows the grammar and aims: it makes the request first and then policies whose
//! elements mostly cover it, so that all three outcomes are common. `POLICY_DIFFERENTIAL_RUNS`
//! sets how many questions are compared (a million a night); `POLICY_DIFFERENTIAL_SEED` where
//! they begin.

mod generate;
mod repairs;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::explain::{evaluate_with_reasons, missing_of_all};
use crate::reference;
use crate::simulation::Simulation;
use generate::Generator;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn decide(question: &Value) -> reference::Answer {
    let simulation = Simulation::parse(&question.to_string())
        .unwrap_or_else(|error| panic!("{error}\n{question:#}"));
    let decision = simulation.decide();
    let by = decision.by().map(|it| (it.policy.as_str(), u64::from(it.statement)));
    reference::Answer { decision: decision.outcome().as_str(), by: by.collect() }
}

fn differ(question: &Value) -> bool {
    decide(question) != reference::decide(question)
}

#[test]
fn the_evaluator_agrees_with_the_literal_reading_of_the_documents() {
    let runs = setting("POLICY_DIFFERENTIAL_RUNS", 1_000);
    let seed = setting("POLICY_DIFFERENTIAL_SEED", 1);
    let mut outcomes: HashMap<&str, u64> = HashMap::new();
    for run in 0..runs {
        let question = Generator::new(seed.wrapping_add(run)).question();
        if differ(&question) {
            let smallest = shrink(question);
            let (ours, theirs) = (decide(&smallest), reference::decide(&smallest));
            panic!("seed {}: {ours:?}, reference {theirs:?}:\n{smallest:#}", seed + run);
        }
        *outcomes.entry(reference::decide(&question).decision).or_default() += 1;
    }
    println!("{runs} questions: {outcomes:?}");
    for outcome in ["allowed", "implicitDeny", "explicitDeny"] {
        let count = outcomes.get(outcome).copied().unwrap_or(0);
        assert!(count * 10 > runs, "{outcome} is too rare to test anything: {count} of {runs}");
    }
}

/// What is left over document and field, asked with a document's values, says what the literal evaluator says of a request
/// that has these values. `POLICY_RESIDUAL_RUNS` documents are asked.
#[test]
fn d18_what_is_left_over_documents_and_fields_agrees_with_the_literal_reading() {
    const DOCUMENTS: u64 = 25;
    let runs = setting("POLICY_RESIDUAL_RUNS", 5_000);
    let seed = setting("POLICY_DIFFERENTIAL_SEED", 1);
    let (mut allowed, mut depends) = (0_u64, 0_u64);
    for run in 0..runs.div_ceil(DOCUMENTS) {
        let mut generator = Generator::of_documents(0x5000_0000 + seed + run);
        let question = generator.question();
        let simulation = Simulation::parse(&question.to_string())
            .unwrap_or_else(|error| panic!("{error}\n{question:#}"));
        let left = crate::residual(&simulation.policies(), &simulation.request());
        depends += u64::from(!matches!(left, crate::Residual::Always | crate::Residual::Never));
        for nth in 0..DOCUMENTS {
            let (document, field) = generator.document();
            let values = |path: &str| -> Vec<String> {
                let values = document.get(&format!("es:Document/{path}"));
                let values = values.and_then(Value::as_array).into_iter().flatten();
                values.map(|value| value.as_str().unwrap().to_owned()).collect()
            };
            let mut asked = question.clone();
            let context = asked["context"].as_object_mut().unwrap();
            context.extend(document.clone());
            context.insert("es:Field".to_owned(), field.into());
            let expected = reference::decide(&asked).decision == "allowed";
            allowed += u64::from(expected);
            assert_eq!(left.holds(field, values), expected, "seed {run}: {left}\n{asked:#}");
            assert_eq!(left.at_field(field).holds(field, values), expected, "{left}\n{asked:#}");
            assert!(nth > 0 || !differ(&asked), "{asked:#}");
        }
    }
    println!("{runs} documents, {allowed} allowed; {depends} of the residuals ask for one");
    assert!(allowed * 10 > runs && depends * DOCUMENTS * 10 > runs, "{allowed} {depends}");
}

/// Drops policies, statements, elements' entries and conditions as long as the two still differ.
fn shrink(mut question: Value) -> Value {
    loop {
        let smaller = smaller(&question).into_iter().find(|candidate| {
            Simulation::parse(&candidate.to_string()).is_ok() && differ(candidate)
        });
        match smaller {
            Some(smaller) => question = smaller,
            None => return question,
        }
    }
}

/// Every value with one member or item left out, at any depth.
fn smaller(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let mut without = members.clone();
                without.shift_remove(name);
                found.push(Value::Object(without));
                for replacement in smaller(inner) {
                    let mut with = members.clone();
                    with.insert(name.clone(), replacement);
                    found.push(Value::Object(with));
                }
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(at);
                found.push(Value::Array(without));
                for replacement in smaller(inner) {
                    let mut with = items.clone();
                    with[at] = replacement;
                    found.push(Value::Array(with));
                }
            }
        }
        _ => {}
    }
    found
}

/// Runs a property on random questions.
fn for_questions(property: impl Fn(&mut Generator, Value)) {
    for seed in 0..setting("POLICY_DIFFERENTIAL_RUNS", 1_000).min(20_000) / 3 {
        let mut generator = Generator::new(0x1000_0000 + seed);
        let question = generator.question();
        property(&mut generator, question);
    }
}

const KINDS: [&str; 4] =
    ["identityPolicies", "permissionsBoundary", "sessionPolicies", "vpcEndpointPolicies"];

#[test]
fn adding_a_deny_statement_never_allows() {
    for_questions(|generator, mut question| {
        let before = decide(&question);
        let deny = generator.statement(false, "Deny");
        let policy = json!({"Version": "2012-10-17", "Statement": [deny]});
        if let Some(list) = question["identityPolicies"].as_array_mut() {
            list.push(policy);
        }
        let after = decide(&question).decision;
        assert!(before.decision == "allowed" || after != "allowed", "{question:#}");
        assert!(before.decision != "explicitDeny" || after == "explicitDeny", "{question:#}");
    });
}

#[test]
fn a_boundary_a_session_policy_and_a_level_of_control_policies_only_shrink() {
    for_questions(|generator, question| {
        let federated = question["principal"]["type"] == "federated-user";
        for field in [
            "permissionsBoundary",
            "sessionPolicies",
            "serviceControlPolicies",
            "resourceControlPolicies",
            "vpcEndpointPolicies",
        ] {
            // A federated user has no permissions of its own without session policies.
            if !question[field].as_array().is_none_or(Vec::is_empty)
                || (federated && field == "sessionPolicies")
            {
                continue;
            }
            let mut limited = question.clone();
            limited[field] = match field {
                "serviceControlPolicies" => json!([[generator.policy(false)]]),
                "resourceControlPolicies" => json!([[generator.resource_control()]]),
                "vpcEndpointPolicies" => json!([generator.policy(true)]),
                _ => json!([generator.policy(false)]),
            };
            if decide(&question).decision != "allowed" {
                assert_ne!(decide(&limited).decision, "allowed", "{field} {limited:#}");
            }
        }
    });
}

#[test]
fn the_order_of_statements_and_policies_is_irrelevant() {
    for_questions(|_, question| {
        let mut reversed = question.clone();
        let reverse = |policy: &mut Value| {
            if let Some(statements) = policy["Statement"].as_array_mut() {
                statements.reverse();
            }
        };
        for field in KINDS {
            if let Some(list) = reversed[field].as_array_mut() {
                list.reverse();
                list.iter_mut().for_each(reverse);
            }
        }
        if reversed["resourcePolicy"].is_object() {
            reverse(&mut reversed["resourcePolicy"]);
        }
        assert_eq!(decide(&question).decision, decide(&reversed).decision, "{question:#}");
    });
}

#[test]
fn an_explanation_decides_as_the_evaluator_does_and_names_the_statements_it_counts() {
    for_questions(|_, question| {
        let simulation = Simulation::parse(&question.to_string()).unwrap();
        let explanation = simulation.explain();
        assert_eq!(explanation.decision, simulation.decide());
        for reason in &explanation.by {
            let considered = explanation
                .considered
                .iter()
                .find(|it| (it.policy, &it.name) == (reason.policy, &reason.name))
                .unwrap();
            let statement = usize::try_from(reason.statement).unwrap();
            assert!(considered.matching.contains(&statement), "{question:#}");
        }
    });
}

#[test]
fn a_reasoned_decision_tells_what_the_explanation_does_of_all_statements() {
    for_questions(|_, question| {
        let simulation = Simulation::parse(&question.to_string()).unwrap();
        let (policies, request) = (simulation.policies(), simulation.request());
        let (reasoned, explanation) =
            (evaluate_with_reasons(&policies, &request), simulation.explain());
        assert_eq!((&reasoned.decision, &reasoned.by), (&explanation.decision, &explanation.by));
        let considered = explanation.considered.into_iter().map(|it| (it.policy, it.name));
        assert_eq!(reasoned.considered, considered.collect::<Vec<_>>(), "{question:#}");
        assert_eq!(reasoned.missing, missing_of_all(&policies, &request), "{question:#}");
    });
}

#[test]
fn an_index_finds_what_asking_one_by_one_finds() {
    for seed in 0..200 {
        let mut generator = Generator::new(0x2000_0000 + seed);
        let mut question = generator.question();
        let statements: Vec<Value> = (0..60)
            .map(|_| {
                let effect = if generator.chance(5) { "Deny" } else { "Allow" };
                generator.statement(false, effect)
            })
            .collect();
        question["identityPolicies"] = json!([{"Version": "2012-10-17", "Statement": statements}]);
        if differ(&question) {
            let smallest = shrink(question);
            let (ours, theirs) = (decide(&smallest), reference::decide(&smallest));
            panic!("{ours:?}, reference {theirs:?}:\n{smallest:#}");
        }
    }
}

#[test]
fn a_policy_prints_as_text_that_parses_to_the_same_policy() {
    use crate::{Policy, PolicyKind, ResourcePolicyKind};
    for seed in 0..1_000 {
        let mut generator = Generator::new(0x3000_0000 + seed);
        generator.question();
        for (with_principal, kind) in [
            (false, PolicyKind::Identity),
            (true, PolicyKind::Resource(ResourcePolicyKind::Generic)),
        ] {
            let policy =
                Policy::parse(&generator.policy(with_principal).to_string(), kind).unwrap();
            let printed = policy.to_string();
            let again = Policy::parse(&printed, kind).unwrap();
            assert_eq!(again.to_string(), printed);
            assert_eq!(again.statements.len(), policy.statements.len());
        }
    }
}

/// The comparison of policies is decided with automata; here requests are thrown at its verdicts.
#[test]
fn no_random_request_contradicts_a_verdict_of_the_comparison() {
    use crate::compare::{Answer, diff};
    use crate::{AccessRequest, Policies, Policy, PolicyKind, PolicySet, evaluate};
    let mut decided = 0;
    for seed in 0..setting("POLICY_COMPARISON_RUNS", 40) {
        let mut generator = Generator::new(0x4000_0000 + seed);
        let mut requests: Vec<Simulation> = Vec::new();
        while requests.len() < 60 {
            let mut question = generator.question();
            if question["principal"]["type"] != "user" {
                continue;
            }
            for values in question["context"].as_object_mut().unwrap().values_mut() {
                values.as_array_mut().unwrap().truncate(1);
            }
            for field in ["resourcePolicy", "resourcePolicyType", "permissionsBoundary"] {
                question.as_object_mut().unwrap().shift_remove(field);
            }
            requests.push(Simulation::parse(&question.to_string()).unwrap());
        }
        let [old, new] = [0, 1].map(|_| {
            let text = generator.policy(false).to_string();
            Policy::parse(&text, PolicyKind::Identity).unwrap()
        });
        let difference = diff(&old, &new);
        let allows = |policy: &Policy, request: &Simulation| {
            let identity = PolicySet::single("p", policy.clone());
            // The frame of a comparison: the resource is the caller's own.
            let request = AccessRequest {
                resource_account: request.principal.account(),
                ..request.request()
            };
            evaluate(&Policies { identity: &identity, ..Policies::NONE }, &request).is_allowed()
        };
        for (answer, wide, narrow) in
            [(&difference.gained, &new, &old), (&difference.lost, &old, &new)]
        {
            decided += usize::from(!matches!(answer, Answer::Unknown(_)));
            if *answer != Answer::No {
                continue;
            }
            for request in &requests {
                let contradicts = allows(wide, request) && !allows(narrow, request);
                assert!(!contradicts, "seed {seed}:\n{wide}\n{narrow}\n{request:?}");
            }
        }
    }
    assert!(decided > 0, "every verdict was unknown");
}
