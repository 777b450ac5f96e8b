//! Access Analyzer's four checks. Policies and answers are those of Amazon's examples where a test says so
//! (docs.aws.amazon.com/cli, "accessanalyzer").

use serde_json::{Value, json};

use crate::support::World;

fn policy(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn asked(operation: &str, input: Value) -> Value {
    let world = World::new();
    world.ok(&world.root(), &format!("accessanalyzer:{operation}"), input)
}

fn no_new_access(kind: &str, existing: Value, new: Value) -> Value {
    let input = json!({"policyType": kind, "existingPolicyDocument": policy(existing), "newPolicyDocument": policy(new)});
    asked("CheckNoNewAccess", input)
}

fn not_granted(kind: &str, document: &Value, access: Value) -> Value {
    let input =
        json!({"policyType": kind, "policyDocument": policy(document.clone()), "access": [access]});
    asked("CheckAccessNotGranted", input)
}

fn no_public_access(kind: &str, document: Value) -> Value {
    asked("CheckNoPublicAccess", json!({"resourceType": kind, "policyDocument": policy(document)}))
}

fn allow(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

#[test]
fn a_statement_that_allows_more_than_before_is_named_as_amazon_names_it() {
    let existing = json!([{"Effect": "Allow", "Action": ["lambda:Get*"], "Resource": "*"}]);
    let mut new = existing.clone();
    new.as_array_mut()
        .unwrap()
        .push(json!({"Sid": "Run", "Effect": "Allow", "Action": "lambda:Invoke", "Resource": "*"}));
    new.as_array_mut().unwrap().push(allow(&["lambda:GetFunction"]));
    assert_eq!(
        no_new_access("IDENTITY_POLICY", existing.clone(), new),
        json!({
            "result": "FAIL",
            "message": "The modified permissions grant new access compared to your existing policy.",
            "reasons": [{"description": "New access in the statement with sid: Run.", "statementIndex": 1, "statementId": "Run"}],
        })
    );
    assert_eq!(
        no_new_access("IDENTITY_POLICY", existing.clone(), existing),
        json!({
            "result": "PASS",
            "message": "The modified permissions do not grant new access compared to your existing policy.",
        })
    );
}

#[test]
fn a_deny_that_is_taken_away_gives_new_access_to_the_statement_that_it_limited() {
    let all = allow(&["es:*"]);
    let deny = json!({"Effect": "Deny", "Action": "es:ESHttpDelete", "Resource": "*"});
    let told = no_new_access("IDENTITY_POLICY", json!([all, deny]), json!([all]));
    assert_eq!(told["reasons"][0]["description"], "New access in the statement with index: 0.");
    assert_eq!(
        no_new_access("IDENTITY_POLICY", json!([all]), json!([all, deny]))["result"],
        "PASS"
    );
}

#[test]
fn a_trust_policy_is_compared_by_whom_it_lets_in() {
    let trust = |who: &str| json!([{"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}]);
    let (one, all) = ("arn:aws:iam::111122223333:user/JohnDoe", "111122223333");
    assert_eq!(no_new_access("RESOURCE_POLICY", trust(one), trust(all))["result"], "FAIL");
    assert_eq!(no_new_access("RESOURCE_POLICY", trust(all), trust(one))["result"], "PASS");
}

#[test]
fn access_that_is_granted_names_the_statement_and_what_was_listed() {
    let document = json!([allow(&["s3:GetObject"]), allow(&["iam:Put*"])]);
    assert_eq!(
        not_granted(
            "IDENTITY_POLICY",
            &document,
            json!({"actions": ["iam:PutUserPolicy", "iam:PutGroupPolicy"]})
        ),
        json!({
            "result": "FAIL",
            "message": "The policy document grants access to perform one or more of the listed actions.",
            "reasons": [{"description": "One or more of the listed actions in the statement with index: 1.", "statementIndex": 1}],
        })
    );
    assert_eq!(
        not_granted("IDENTITY_POLICY", &document, json!({"actions": ["cloudtrail:DeleteTrail"]})),
        json!({
            "result": "PASS",
            "message": "The policy document does not grant access to perform one or more of the listed actions.",
        })
    );
}

#[test]
fn actions_and_resources_are_asked_together() {
    let document = json!([{"Sid": "AllowJohnDoe", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/JohnDoe"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::my-bucket/*"}]);
    let granted = |access: Value| not_granted("RESOURCE_POLICY", &document, access);
    assert_eq!(
        granted(json!({"resources": ["arn:aws:s3:::my-bucket/*"]})),
        json!({
            "result": "FAIL",
            "message": "The policy document grants access to perform one or more of the listed actions or resources.",
            "reasons": [{
                "description": "One or more of the listed actions or resources in the statement with sid: AllowJohnDoe.",
                "statementIndex": 0,
                "statementId": "AllowJohnDoe",
            }],
        })
    );
    let both = json!({"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::other-bucket/*"]});
    assert_eq!(
        granted(both)["message"],
        "The policy document does not grant access to perform the listed actions or resources."
    );
}

#[test]
fn a_resource_is_public_when_callers_get_in_whom_its_policy_does_not_name() {
    let public = |principal: Value| json!([{"Sid": "Bob", "Effect": "Allow", "Principal": principal, "Action": ["s3:GetObject"], "Resource": "*"}]);
    assert_eq!(
        no_public_access("AWS::S3::Bucket", public(json!("*"))),
        json!({
            "result": "FAIL",
            "message": "The resource policy grants public access for the given resource type.",
            "reasons": [{
                "description": "Public access granted in the following statement with sid: Bob.",
                "statementIndex": 0,
                "statementId": "Bob",
            }],
        })
    );
    assert_eq!(
        no_public_access(
            "AWS::S3::Bucket",
            public(json!({"AWS": "arn:aws:iam::111122223333:user/JohnDoe"}))
        ),
        json!({
            "result": "PASS",
            "message": "The resource policy does not grant public access for the given resource type.",
        })
    );
}

#[test]
fn a_role_that_everybody_may_assume_is_public() {
    let trust =
        |who: Value| json!([{"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}]);
    let kind = "AWS::IAM::AssumeRolePolicyDocument";
    assert_eq!(no_public_access(kind, trust(json!({"AWS": "*"})))["result"], "FAIL");
    assert_eq!(
        no_public_access(kind, trust(json!({"Service": "ec2.amazonaws.com"})))["result"],
        "PASS"
    );
}

#[test]
fn what_is_no_policy_is_refused_with_its_place() {
    let world = World::new();
    let refused = |document: &str| {
        let input = json!({"policyType": "IDENTITY_POLICY", "policyDocument": document, "access": [{"actions": ["s3:*"]}]});
        world.refused(&world.root(), "accessanalyzer:CheckAccessNotGranted", input)
    };
    let why = refused("{\n  \"Statment\": []\n}");
    assert!(why.contains("policyDocument is no policy") && why.contains("Statment"), "{why}");
    assert!(refused("[").contains("policyDocument is no policy"));
}

#[test]
fn a_check_for_no_access_at_all_is_refused() {
    let world = World::new();
    let input = json!({"policyType": "IDENTITY_POLICY", "policyDocument": policy(json!([allow(&["*"])])), "access": []});
    let why = world.refused(&world.root(), "accessanalyzer:CheckAccessNotGranted", input);
    assert!(why.contains("access"), "{why}");
}

#[test]
fn a_check_that_a_policy_variable_decides_is_refused_as_undecided() {
    let home = |variable: &str| {
        let same = json!({"StringEquals": {"aws:PrincipalTag/a": format!("${{{variable}}}")}});
        json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": same}])
    };
    let world = World::new();
    let input = json!({
        "policyType": "IDENTITY_POLICY",
        "existingPolicyDocument": policy(home("aws:PrincipalTag/b")),
        "newPolicyDocument": policy(home("aws:PrincipalTag/c")),
    });
    let why = world.refused(&world.root(), "accessanalyzer:CheckNoNewAccess", input);
    assert!(why.contains("The check cannot be decided"), "{why}");
}

#[test]
fn a_page_has_a_hundred_findings_at_most() {
    let statement = allow(&["es:ESHttpGett"]);
    let document = policy(json!(vec![statement; 101]));
    let input =
        json!({"policyType": "IDENTITY_POLICY", "policyDocument": document, "maxResults": 1000});
    let told = asked("ValidatePolicy", input);
    assert_eq!(told["findings"].as_array().unwrap().len(), 100);
    assert_eq!(told["nextToken"], "100");
}

#[test]
fn findings_come_page_by_page_with_their_places() {
    let document = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"es:ESHttpGett\", \"Resource\": \"*\"},\n\
                    {\"Effect\": \"Allow\", \"Action\": \"iam:PassRole\", \"Resource\": \"*\"}]}";
    let page = |more: Value| {
        let mut input =
            json!({"policyType": "IDENTITY_POLICY", "policyDocument": document, "maxResults": 1});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked("ValidatePolicy", input)
    };
    let first = page(json!({}));
    let finding = &first["findings"][0];
    assert_eq!(
        (&finding["findingType"], &finding["issueCode"]),
        (&json!("ERROR"), &json!("INVALID_ACTION"))
    );
    assert_eq!(
        finding["locations"][0]["path"],
        json!([{"value": "Statement"}, {"index": 0}, {"value": "Action"}])
    );
    let span = &finding["locations"][0]["span"];
    assert_eq!(span["start"], json!({"line": 2, "column": 45, "offset": 71}), "{span}");
    let second = page(json!({"nextToken": first["nextToken"]}));
    assert_eq!(second["findings"][0]["issueCode"], "PASS_ROLE_WITH_STAR");
    assert_eq!(second["findings"][0]["findingType"], "SECURITY_WARNING");
    assert!(second["nextToken"].is_null());
}
