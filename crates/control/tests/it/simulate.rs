//! Simulations answer what enforcement would.

use serde_json::{Value, json};

use crate::support::{World, allow, deny};

fn decisions(output: &Value) -> Vec<(&str, &str)> {
    let results = output["EvaluationResults"].as_array().unwrap().iter();
    results
        .map(|r| (r["EvalActionName"].as_str().unwrap(), r["EvalDecision"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_custom_policy_is_asked_for_every_action_and_resource() {
    let world = World::new();
    let input = json!({
        "PolicyInputList": [allow("es:*", "*").to_string(), deny("es:DeleteDomain", "*").to_string()],
        "ActionNames": ["es:DescribeDomain", "es:DeleteDomain", "iam:CreateUser"],
    });
    let output = world.ok(&world.root(), "iam:SimulateCustomPolicy", input);
    let expected = [
        ("es:DescribeDomain", "allowed"),
        ("es:DeleteDomain", "explicitDeny"),
        ("iam:CreateUser", "implicitDeny"),
    ];
    assert_eq!(decisions(&output), expected);
    assert_eq!(
        output["EvaluationResults"][1]["MatchedStatements"][0]["SourcePolicyId"],
        "PolicyInputList.2"
    );
}

#[test]
fn a_principals_policies_boundary_and_groups_are_asked() {
    let world = World::new();
    let root = world.root();
    world.user("ann", &[allow("es:*", "*")]);
    let document = allow("es:DescribeDomain", "*").to_string();
    world.ok(&root, "iam:CreatePolicy", json!({"PolicyName": "b", "PolicyDocument": document}));
    let boundary =
        json!({"UserName": "ann", "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"});
    world.ok(&root, "iam:PutUserPermissionsBoundary", boundary);
    let input = json!({
        "PolicySourceArn": "arn:aws:iam::123456789012:user/ann",
        "ActionNames": ["es:DescribeDomain", "es:DeleteDomain"],
    });
    let output = world.ok(&root, "iam:SimulatePrincipalPolicy", input);
    assert_eq!(
        decisions(&output),
        [("es:DescribeDomain", "allowed"), ("es:DeleteDomain", "implicitDeny")]
    );
    let detail = &output["EvaluationResults"][1]["PermissionsBoundaryDecisionDetail"];
    assert_eq!(detail["AllowedByPermissionsBoundary"], false);
}

#[test]
fn context_is_what_was_given_and_the_rest_is_missing() {
    let world = World::new();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}]});
    let ask = |more: Value| {
        let mut input =
            json!({"PolicyInputList": [policy.to_string()], "ActionNames": ["es:ESHttpGet"]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.ok(&world.root(), "iam:SimulateCustomPolicy", input)
    };
    let silent = ask(json!({}));
    assert_eq!(decisions(&silent), [("es:ESHttpGet", "implicitDeny")]);
    assert_eq!(silent["EvaluationResults"][0]["MissingContextValues"], json!(["aws:SourceIp"]));
    let entry = json!({"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.9"], "ContextKeyType": "ip"});
    assert_eq!(decisions(&ask(json!({"ContextEntries": [entry]}))), [("es:ESHttpGet", "allowed")]);
}

#[test]
fn context_keys_are_those_of_conditions_and_variables() {
    let world = World::new();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*",
        "Resource": "arn:aws:es:*:*:domain/${aws:username}/*", "Condition": {"StringLike": {"aws:UserAgent": "${aws:PrincipalTag/a, 'b'}"}}}]});
    let input = json!({"PolicyInputList": [policy.to_string()]});
    let keys = world.ok(&world.root(), "iam:GetContextKeysForCustomPolicy", input);
    assert_eq!(
        keys["ContextKeyNames"],
        json!(["aws:PrincipalTag/a", "aws:UserAgent", "aws:username"])
    );
}

#[test]
fn a_group_and_a_stranger() {
    let world = World::new();
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "g"}));
    let policy = json!({"GroupName": "g", "PolicyName": "p", "PolicyDocument": allow("es:*", "*").to_string()});
    world.ok(&world.root(), "iam:PutGroupPolicy", policy);
    let ask = |arn: &str| json!({"PolicySourceArn": arn, "ActionNames": ["es:DescribeDomain"]});
    let output = world.ok(
        &world.root(),
        "iam:SimulatePrincipalPolicy",
        ask("arn:aws:iam::123456789012:group/g"),
    );
    assert_eq!(decisions(&output), [("es:DescribeDomain", "allowed")]);
    let stranger = ask("arn:aws:iam::999988887777:user/x");
    assert!(
        world
            .refused(&world.root(), "iam:SimulatePrincipalPolicy", stranger)
            .starts_with("NoSuchEntity")
    );
}

#[test]
fn results_say_where_the_statement_stands_and_what_each_side_decided() {
    let world = World::new();
    let text = "{\"Version\":\"2012-10-17\",\"Statement\":[\n{\"Effect\":\"Allow\",\"Action\":\"es:*\",\"Resource\":\"*\"}]}";
    let resource = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "es:ESHttpGet", "Resource": "*"}]});
    let arn = "arn:aws:es:us-east-1:999988887777:domain/logs";
    let input = json!({
        "PolicyInputList": [text], "ActionNames": ["es:ESHttpGet", "es:ESHttpPut"], "ResourceArns": [arn],
        "ResourcePolicy": resource.to_string(), "ResourceOwner": "arn:aws:iam::999988887777:root",
        "CallerArn": "arn:aws:iam::123456789012:user/ann",
        "OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": [allow("*", "*").to_string()]}],
    });
    let output = world.ok(&world.root(), "iam:SimulateCustomPolicy", input);
    let [both, one] = [0, 1].map(|at| &output["EvaluationResults"][at]);
    let own = &both["MatchedStatements"][1];
    assert_eq!(own["SourcePolicyType"], "IAM Policy", "{both}");
    assert_eq!(own["StartPosition"], json!({"Line": 2, "Column": 2}));
    assert_eq!(own["EndPosition"], json!({"Line": 2, "Column": 50}));
    let sides = |iam: &str, resource: &str| json!({"IAM Policy": iam, "Resource Policy": resource});
    assert_eq!(both["EvalDecisionDetails"], sides("allowed", "allowed"));
    assert_eq!(one["EvalDecisionDetails"], sides("allowed", "implicitDeny"));
    let specific = &one["ResourceSpecificResults"][0];
    assert_eq!(
        (&specific["EvalResourceName"], &specific["EvalResourceDecision"]),
        (&json!(arn), &json!("implicitDeny"))
    );
    assert_eq!(both["OrganizationsDecisionDetail"], json!({"AllowedByOrganizations": true}));
}

#[test]
fn what_bounds_is_told_also_where_the_policy_itself_denies() {
    let world = World::new();
    let bound = |action: &str| allow(action, "*").to_string();
    let input = json!({
        "PolicyInputList": [deny("es:*", "*").to_string()], "ActionNames": ["es:ESHttpGet"],
        "PermissionsBoundaryPolicyInputList": [bound("s3:*")],
        "OrderedOrganizationPolicyInputList": [
            {"ServiceControlPolicyInputList": [bound("*")]}, {"ServiceControlPolicyInputList": [bound("s3:*")]},
        ],
    });
    let output = world.ok(&world.root(), "iam:SimulateCustomPolicy", input);
    let result = &output["EvaluationResults"][0];
    assert_eq!(result["EvalDecision"], "explicitDeny");
    let bounds = ["PermissionsBoundaryDecisionDetail", "OrganizationsDecisionDetail"];
    assert_eq!(
        bounds.map(|member| result[member].clone()),
        [json!({"AllowedByPermissionsBoundary": false}), json!({"AllowedByOrganizations": false})]
    );
}

#[test]
fn policies_of_one_name_are_told_apart_by_where_they_are() {
    let world = World::new();
    let root = world.root();
    world.user("ann", &[]);
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "g"}));
    world.ok(&root, "iam:AddUserToGroup", json!({"GroupName": "g", "UserName": "ann"}));
    let text = |lines: &str, action: &str| {
        format!(
            "{{\"Version\":\"2012-10-17\",{lines}\"Statement\":{{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"*\"}}}}"
        )
    };
    let put = |operation: &str, who: &str, name: &str, document: String| {
        let input = json!({who: name, "PolicyName": "p", "PolicyDocument": document});
        world.ok(&root, operation, input);
    };
    put("iam:PutUserPolicy", "UserName", "ann", text("\n", "es:A"));
    put("iam:PutGroupPolicy", "GroupName", "g", text("\n\n\n", "es:B"));
    let input = json!({"PolicySourceArn": "arn:aws:iam::123456789012:user/ann", "ActionNames": ["es:A", "es:B"]});
    let output = world.ok(&root, "iam:SimulatePrincipalPolicy", input);
    let line = |at: usize| {
        output["EvaluationResults"][at]["MatchedStatements"][0]["StartPosition"]["Line"].clone()
    };
    assert_eq!((line(0), line(1)), (json!(2), json!(4)));
}
