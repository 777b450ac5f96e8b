//! Fine-grained access control: the options that turn it on, and the security plugin's API.

use control::record::Domain;
use control::{ControlSettings, Password, SecurityCall, SecurityReply};
use expect_test::expect;
use policy::roles::RoleUser;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, World};

const PASSWORD: &str = "Zx-9-quartz-lamp!";

fn world() -> World {
    World::with_settings(ControlSettings { storage_encrypted: true, ..ControlSettings::default() })
}

/// What a domain needs that has roles.
fn encrypted(security: &Value) -> Value {
    json!({
        "DomainName": "logs", "AdvancedSecurityOptions": security, "EngineVersion": "OpenSearch_2.19",
        "DomainEndpointOptions": {"EnforceHTTPS": true},
        "NodeToNodeEncryptionOptions": {"Enabled": true}, "EncryptionAtRestOptions": {"Enabled": true},
    })
}

fn with_internal_master() -> Value {
    json!({"Enabled": true, "InternalUserDatabaseEnabled": true,
        "MasterUserOptions": {"MasterUserName": "boss", "MasterUserPassword": PASSWORD}})
}

fn with_iam_master(arn: &str) -> Value {
    json!({"Enabled": true, "MasterUserOptions": {"MasterUserARN": arn}})
}

fn domain(world: &World) -> Domain {
    world.control.directory().domain(ACCOUNT, REGION, "logs").unwrap().record.clone()
}

/// The roles of a user of the domain.
fn roles(domain: &Domain, user: RoleUser) -> Vec<String> {
    let user = domain.security.as_ref().unwrap().roles().of(user);
    user.names().into_iter().map(str::to_owned).collect()
}

fn named(name: &str, backend_role: &str) -> RoleUser {
    let backend_roles = vec![backend_role.to_owned()];
    RoleUser { name: name.to_owned(), backend_roles, ..RoleUser::default() }
}

/// A call of the API by who has these roles.
fn call(world: &World, own_roles: &[&str], name: &str, line: (&str, &str, &str)) -> SecurityReply {
    let (method, path, body) = line;
    let own_roles: Vec<String> = own_roles.iter().map(|role| (*role).to_owned()).collect();
    let name = name.to_owned();
    let user = move |_: &control::Directory,
                     domain: &std::sync::Arc<control::CompiledRecord<Domain>>| {
        let security = domain.security.as_ref().unwrap();
        let user = security.internal_user(&name).unwrap_or_else(|| named(&name, "admin"));
        let own_roles = own_roles.iter().chain(&user.own_roles).cloned().collect();
        Ok(security.roles().of(RoleUser { own_roles, ..user }))
    };
    let unique = domain(world).unique;
    let path = format!("/_plugins/_security/api/{path}");
    let call = SecurityCall {
        domain: (ACCOUNT, REGION, "logs", &unique),
        method,
        path: &path,
        body: body.as_bytes(),
        peer: "127.0.0.1",
        user: &user,
        caller: "test",
        now: world.now,
        request_id: "r",
    };
    world.control.security(&call).unwrap()
}

fn admin(world: &World, line: (&str, &str, &str)) -> SecurityReply {
    call(world, &["all_access"], "admin", line)
}

#[test]
fn what_it_needs_is_refused_in_amazons_words() {
    let world = world();
    let root = world.root();
    let arn = "arn:aws:iam::123456789012:user/ann";
    let on = with_internal_master();
    let told: Vec<String> = [
        json!({"NodeToNodeEncryptionOptions": {"Enabled": false}}),
        json!({"EncryptionAtRestOptions": {"Enabled": false}}),
        json!({"DomainEndpointOptions": {"EnforceHTTPS": false}}),
        json!({"AdvancedSecurityOptions": {"Enabled": true, "InternalUserDatabaseEnabled": true,
            "MasterUserOptions": {"MasterUserARN": arn}}}),
        json!({"AdvancedSecurityOptions": {"Enabled": true, "InternalUserDatabaseEnabled": true}}),
        json!({"AdvancedSecurityOptions": {"Enabled": true}}),
        json!({"AdvancedSecurityOptions": {"Enabled": false, "InternalUserDatabaseEnabled": true}}),
        json!({"AdvancedSecurityOptions": {"Enabled": true, "InternalUserDatabaseEnabled": true,
            "MasterUserOptions": {"MasterUserName": "boss", "MasterUserPassword": "weakweak"}}}),
        json!({"AdvancedSecurityOptions": with_iam_master("arn:aws:s3:::bucket")}),
        json!({"AdvancedOptions": {"countersign.basic_authentication": "true"}}),
        json!({"AdvancedSecurityOptions": {"Enabled": true, "AnonymousAuthEnabled": true}}),
    ]
    .into_iter()
    .map(|change| {
        let mut input = encrypted(&on);
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        world.refused(&root, "opensearch:CreateDomain", input)
    })
    .collect();
    expect![[r#"
        [
            "ValidationError: You must enable node-to-node encryption to use advanced security options.",
            "ValidationError: You must enable encryption at rest to use advanced security options.",
            "ValidationError: You must enable EnforceHTTPS in the domain endpoint options to use advanced security.",
            "ValidationError: You must provide a master username and password when the internal user database is enabled.",
            "ValidationError: You must provide a master username and password when the internal user database is enabled.",
            "ValidationError: You must provide a master user ARN when the internal user database is disabled.",
            "ValidationError: You must enable advanced security options to set a master user.",
            "ValidationError: The master user password is not accepted: Password must be minimum 8 characters long and must contain at least one uppercase letter, one lowercase letter, one digit, and one special character.",
            "ValidationError: The master user ARN arn:aws:s3:::bucket is not that of an IAM user or role.",
            "ValidationError: AdvancedSecurityOptions.InternalUserDatabaseEnabled and the advanced option countersign.basic_authentication cannot both be on: a name would be of an internal user and of an IAM user",
            "ValidationError: AdvancedSecurityOptions.AnonymousAuthEnabled cannot be enabled: countersign offers internal users and IAM to fine-grained access control, and no other sign-in",
        ]
    "#]]
    .assert_debug_eq(&told);
}

#[test]
fn what_is_on_is_told_without_the_master_user_and_never_turned_off() {
    let world = world();
    let root = world.root();
    world.ok(&root, "opensearch:CreateDomain", encrypted(&with_internal_master()));
    let told = world.ok(&root, "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
    assert_eq!(
        told["DomainStatus"]["AdvancedSecurityOptions"],
        json!({"Enabled": true, "InternalUserDatabaseEnabled": true, "AnonymousAuthEnabled": false})
    );
    for change in [
        json!({"AdvancedSecurityOptions": {"Enabled": false}}),
        json!({"DomainEndpointOptions": {"EnforceHTTPS": false}}),
    ] {
        let mut input = json!({"DomainName": "logs"});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = world.refused(&root, "opensearch:UpdateDomainConfig", input);
        assert!(refused.starts_with("ValidationError: You "), "{refused}");
    }
    // What says nothing of it changes nothing of it.
    let input = json!({"DomainName": "logs", "ClusterConfig": {"InstanceCount": 2}});
    world.ok(&root, "opensearch:UpdateDomainConfig", input);
    assert_eq!(roles(&domain(&world), named("boss", "x")), ["all_access", "security_manager"]);
}

#[test]
fn an_open_policy_is_accepted_where_roles_decide_behind_it() {
    let world = world();
    let root = world.root();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "es:*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/logs/*"}]});
    let mut input = encrypted(&with_internal_master());
    input["AccessPolicies"] = policy.to_string().into();
    world.ok(&root, "opensearch:CreateDomain", input);
}

#[test]
fn the_master_user_is_whom_the_last_change_names() {
    let world = world();
    let root = world.root();
    let user = "arn:aws:iam::123456789012:user/ann";
    let role = "arn:aws:iam::123456789012:role/boss";
    world.ok(&root, "opensearch:CreateDomain", encrypted(&with_iam_master(user)));
    assert_eq!(roles(&domain(&world), named(user, "x")), ["all_access", "security_manager"]);
    let input = json!({"DomainName": "logs", "AdvancedSecurityOptions": with_iam_master(role)});
    world.ok(&root, "opensearch:UpdateDomainConfig", input);
    assert!(roles(&domain(&world), named(user, "x")).is_empty());
    assert_eq!(roles(&domain(&world), named(role, role)), ["all_access", "security_manager"]);
    let input = json!({"DomainName": "logs", "AdvancedSecurityOptions": with_internal_master()});
    world.ok(&root, "opensearch:UpdateDomainConfig", input);
    assert!(roles(&domain(&world), named(role, role)).is_empty());
    assert!(domain(&world).has_internal_users());
}

/// Whether an internal user comes in.
fn comes_in(world: &World, name: &str, password: &str) -> bool {
    let directory = world.control.directory();
    let login = directory.internal_login(&domain(world), name);
    login.matches(&Password::new(password)) && directory.identify_login(&login, world.now).is_ok()
}

#[test]
fn internal_users_come_in_with_the_password_that_was_set_last() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    assert!(comes_in(&world, "boss", PASSWORD));
    assert!(!comes_in(&world, "boss", "other") && !comes_in(&world, "nobody", PASSWORD));
    let body = json!({"password": "An-0ther-lamp!"}).to_string();
    assert_eq!(admin(&world, ("PUT", "internalusers/ann", &body)).status, 201);
    assert!(comes_in(&world, "ann", "An-0ther-lamp!"));
    let own = |current: &str| {
        let body = json!({"current_password": current, "password": PASSWORD}).to_string();
        call(&world, &[], "ann", ("PUT", "account", &body))
    };
    let wrong = own("wrong");
    assert_eq!(wrong.body["message"], "Could not validate your current password.");
    assert_eq!(own("An-0ther-lamp!").status, 200);
    assert!(comes_in(&world, "ann", PASSWORD) && !comes_in(&world, "ann", "An-0ther-lamp!"));
    // The same text in two entries is two hashes, each sealed for its own.
    let kept = serde_json::to_string(&domain(&world)).unwrap();
    assert!(!kept.contains("argon2") && !kept.contains(PASSWORD), "{kept}");
}

#[test]
fn the_api_answers_as_the_plugin_answered_when_it_was_recorded() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    let mut differences = Vec::new();
    for line in include_str!("../data/security_api.jsonl").lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| recorded[member].as_str().unwrap_or_default();
        let seen = admin(&world, (text("method"), text("path"), text("body")));
        let seen = json!({"status": seen.status, "answer": sorted(seen.body)});
        let answer = sorted(recorded["answer"].clone());
        let expected = json!({"status": recorded["status"], "answer": answer});
        if seen != expected {
            differences.push(format!("{line}\n  seen {seen}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A body without an order that the plugin takes from a set.
fn sorted(mut body: Value) -> Value {
    if let Some(Value::String(keys)) = body.pointer_mut("/specify_one_of/keys") {
        let mut names: Vec<&str> = keys.split(',').collect();
        names.sort_unstable();
        *keys = names.join(",");
    }
    body
}

#[test]
fn who_has_no_role_for_it_changes_and_reads_nothing_but_its_own_account() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    let reply = call(&world, &["readall"], "ann", ("GET", "roles", ""));
    assert_eq!(
        (reply.status, reply.body),
        (
            403,
            json!({"status": "FORBIDDEN", "message": "No permission to access REST API: User ann with Security roles [readall] does not have any role privileged for admin access. No ssl info found in request."})
        )
    );
    let account = call(&world, &["readall"], "ann", ("GET", "account", ""));
    assert_eq!(account.body["roles"], json!(["readall"]));
}

#[test]
fn what_is_not_offered_is_refused_by_name() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    for (path, body, told) in [
        (
            "roles/r",
            json!({"index_permissions": [{"index_patterns": ["/a.*/"], "allowed_actions": ["read"]}]}),
            "[/a.*/]",
        ),
        (
            "roles/r",
            json!({"index_permissions": [{"index_patterns": ["a"], "masked_fields": ["pay::SHA-1"]}]}),
            "SHA-1",
        ),
        ("roles/r", json!({"index_permissions": [{"index_patterns": ["a"], "nope": 1}]}), "nope"),
        ("internalusers/u", json!({"hash": "$2y$12$x"}), "hash cannot be set"),
        ("rolesmapping/readall", json!({"hosts": ["/10.*/"]}), "[/10.*/]"),
    ] {
        let reply = admin(&world, ("PUT", path, &body.to_string()));
        assert!(reply.status >= 400, "{body}: {reply:?}");
        assert!(reply.body.to_string().contains(told), "{body}: {reply:?}");
    }
}

#[test]
fn a_patch_of_the_whole_document_changes_what_it_changes_and_takes_out_nothing_shipped() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    let patch = |value: &Value| {
        let body = json!([{"op": "replace", "path": "", "value": value}]).to_string();
        admin(&world, ("PATCH", "tenants", &body))
    };
    assert_eq!(patch(&json!({"mine": {"description": "x"}})).status, 403);
    assert_eq!(patch(&json!([])).status, 400);
    let shipped = admin(&world, ("GET", "tenants", "")).body;
    let mut all = shipped.clone();
    for entry in all.as_object_mut().unwrap().values_mut() {
        entry.as_object_mut().unwrap().retain(|member, _| member == "description");
    }
    assert_eq!(patch(&all).body["message"], "No updates required");
    all["mine"] = json!({"description": "x"});
    assert_eq!(patch(&all).body["message"], "Resource updated.");
    let tenants = admin(&world, ("GET", "tenants", "")).body;
    assert_eq!(tenants["mine"]["description"], "x");
    assert_eq!(tenants["global_tenant"], shipped["global_tenant"]);
}

#[test]
fn a_configuration_has_a_bound() {
    let world = world();
    world.ok(&world.root(), "opensearch:CreateDomain", encrypted(&with_internal_master()));
    let long = "x".repeat(1 << 20);
    let body = json!({"description": long, "cluster_permissions": []}).to_string();
    let reply = admin(&world, ("PUT", "roles/long", &body));
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].as_str().unwrap().contains("at most"), "{reply:?}");
    assert_eq!(admin(&world, ("GET", "roles/long", "")).status, 404);
    let longer = " ".repeat(2 << 20) + &body;
    assert_eq!(admin(&world, ("PUT", "roles/long", &longer)).status, 413);
}
