//! What iam says of policies that it refuses, case by case: cases and texts of moto 5.2.5
//! (`tests/test_iam/test_iam_policies.py`), taken for what Amazon says. What differs is named.

use control::ErrorCode;
use serde_json::{Value, json};

use crate::support::World;

/// Cases that are not answered alike, and why.
const DIFFER: &[(&str, &str)] = &[];

#[test]
fn every_policy_that_amazon_refuses_is_refused_in_its_words() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../data/refused_policies.json")).unwrap();
    let world = World::new();
    let mut faults = Vec::new();
    for case in cases {
        let document = case["document"].to_string();
        let input = json!({"PolicyName": "p", "PolicyDocument": document});
        let said = match world.call(&world.root(), "iam:CreatePolicy", input) {
            Ok(_) => {
                let arn = "arn:aws:iam::123456789012:policy/p";
                world.ok(&world.root(), "iam:DeletePolicy", json!({"PolicyArn": arn}));
                "accepted".to_owned()
            }
            Err(error) => {
                assert_eq!(error.code, ErrorCode::MalformedPolicyDocument);
                error.message
            }
        };
        let wanted = case["error_message"].as_str().unwrap();
        if said != wanted && !DIFFER.iter().any(|(differs, _)| *differs == document) {
            faults.push(format!("{document}\n  {wanted}\n  {said}"));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_more_is_known_of_a_fault_stands_behind_amazons_words() {
    let world = World::new();
    let document = r#"{"Version":"2012-10-17","Statement":[{"effect":"Allow","Action":"*"}]}"#;
    let input = json!({"PolicyName": "p", "PolicyDocument": document});
    let error = world.call(&world.root(), "iam:CreatePolicy", input).unwrap_err();
    assert_eq!(error.message, "Syntax errors in policy.");
    let reason = error.reason.unwrap();
    assert_eq!(reason, "unknown element `effect`: did you mean `Effect`?");
}
