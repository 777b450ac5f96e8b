//! The domain option `countersign.wider_policy`.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, World};

const GUARDED: &str = "countersign.wider_policy";
const READ: [&str; 2] = ["es:ESHttpGet", "es:ESHttpHead"];

fn policy(actions: &[&str], id: Option<&str>) -> String {
    json!({"Version": "2012-10-17", "Id": id.unwrap_or("books"), "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": ACCOUNT}, "Action": actions,
        "Resource": format!("arn:aws:es:us-east-1:{ACCOUNT}:domain/books/*")}]})
    .to_string()
}

/// A domain whose policy lets its account read.
fn world(options: Value) -> World {
    let world = World::new();
    world.ok(
        &world.root(),
        "opensearch:CreateDomain",
        json!({"DomainName": "books", "AccessPolicies": policy(&READ, None),
            "AdvancedOptions": options}),
    );
    world
}

fn update(policy: &str) -> Value {
    json!({"DomainName": "books", "AccessPolicies": policy})
}

/// The `Id` that a refusal asks for.
fn asked(refusal: &str) -> String {
    refusal.rsplit('"').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_wider_policy_is_refused_with_a_request_that_shows_it_until_it_is_acknowledged() {
    let world = world(json!({GUARDED: "acknowledged"}));
    let set = |policy: &str| {
        world.refused(&world.root(), "opensearch:UpdateDomainConfig", update(policy))
    };
    let wider = ["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpDelete"];
    let refusal = set(&policy(&wider, None));
    assert!(
        refusal.starts_with("ValidationError: The access policy allows what the present one does not, for example: arn:aws:")
            && refusal.contains(" es:ESHttpDelete arn:aws:es:us-east-1:123456789012:domain/books/"),
        "{refusal}"
    );
    assert_eq!(set(&policy(&wider, Some("wider-than-anything"))), refusal);
    let id = asked(&refusal);
    world.ok(&world.root(), "opensearch:UpdateDomainConfig", update(&policy(&wider, Some(&id))));
    // It was about that policy alone.
    let again = set(&policy(&["es:*"], Some(&id)));
    assert_ne!(asked(&again), id, "{again}");
}

#[test]
fn a_policy_that_is_not_wider_needs_no_acknowledgement() {
    let world = world(json!({GUARDED: "acknowledged"}));
    for same_or_less in [policy(&READ, None), policy(&["es:ESHttpGet"], None), String::new()] {
        world.ok(&world.root(), "opensearch:UpdateDomainConfig", update(&same_or_less));
    }
    // Then any policy lets in more than none.
    let refusal = world.refused(
        &world.root(),
        "opensearch:UpdateDomainConfig",
        update(&policy(&["es:ESHttpGet"], None)),
    );
    assert!(refusal.contains("for example"), "{refusal}");
}

#[test]
fn the_option_is_not_given_up_and_made_use_of_at_once() {
    let world = world(json!({GUARDED: "acknowledged"}));
    let mut both = update(&policy(&["es:*"], None));
    both["AdvancedOptions"] = json!({});
    let refusal = world.refused(&world.root(), "opensearch:UpdateDomainConfig", both);
    assert!(refusal.contains("for example"), "{refusal}");
    let given_up = json!({"DomainName": "books", "AdvancedOptions": {}});
    world.ok(&world.root(), "opensearch:UpdateDomainConfig", given_up);
    world.ok(&world.root(), "opensearch:UpdateDomainConfig", update(&policy(&["es:*"], None)));
}

#[test]
fn a_dry_run_tells_that_a_policy_is_wider_and_without_the_option_nobody_asks() {
    let world = world(json!({GUARDED: "acknowledged"}));
    let mut dry = update(&policy(&["es:*"], None));
    dry["DryRun"] = true.into();
    assert!(
        world.refused(&world.root(), "opensearch:UpdateDomainConfig", dry).contains("for example")
    );
    let free = self::world(json!({}));
    free.ok(&free.root(), "opensearch:UpdateDomainConfig", update(&policy(&["es:*"], None)));
}

#[test]
fn a_user_named_instead_of_its_account_is_let_in_without_a_policy_of_its_own_and_acknowledged() {
    let world = world(json!({GUARDED: "acknowledged"}));
    world.ok(&world.root(), "iam:CreateUser", json!({"UserName": "bob"}));
    let bob = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    let named = policy(&READ, None).replace(&format!("\"{ACCOUNT}\""), &format!("\"{bob}\""));
    let refusal = world.refused(&world.root(), "opensearch:UpdateDomainConfig", update(&named));
    assert!(
        refusal.contains(&format!("for example: {bob} (without a policy of its own) es:ESHttpGet")),
        "{refusal}"
    );
    let acknowledged = named.replace("\"books\"", &format!("\"{}\"", asked(&refusal)));
    world.ok(&world.root(), "opensearch:UpdateDomainConfig", update(&acknowledged));
}
