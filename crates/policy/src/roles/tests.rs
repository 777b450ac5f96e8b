use super::*;
use serde_json::json;

fn members(value: Value) -> BTreeMap<String, Value> {
    value.as_object().unwrap().clone().into_iter().collect()
}

fn user(roles: Value, user: RoleUser) -> UserRoles {
    let names: Vec<String> = roles.as_object().unwrap().keys().cloned().collect();
    let groups = json!({"read": {"allowed_actions": ["indices:data/read*", "self"]}, "self": {"allowed_actions": ["self", "read"]},
        "crud": {"allowed_actions": ["read", "indices:data/write*"]}});
    let roles = Roles::compile(&RolesText {
        roles: &members(roles),
        action_groups: &members(groups),
        mappings: &BTreeMap::new(),
    });
    roles.of(RoleUser { own_roles: names, ..user })
}

fn ann() -> RoleUser {
    let attributes = [("attr.internal.team", "re\"d"), ("attr.internal.level", "3")];
    RoleUser {
        name: "ann".to_owned(),
        backend_roles: vec!["r1".to_owned(), "r\"2".to_owned()],
        attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ..RoleUser::default()
    }
}

fn entry(patterns: &[&str], more: Value) -> Value {
    let mut entry = json!({"index_patterns": patterns, "allowed_actions": ["read"]});
    entry.as_object_mut().unwrap().extend(members(more));
    json!({"index_permissions": [entry]})
}

#[test]
fn mappings_name_users_roles_all_of_several_roles_and_hosts() {
    let mappings = json!({
        "by-name": {"users": ["an*"]},
        "by-role": {"backend_roles": ["r1", "other"]},
        "by-both": {"and_backend_roles": ["r1", "r\"2"]},
        "by-more": {"and_backend_roles": ["r1", "r3"]},
        "by-host": {"hosts": ["10.0.0.*"]},
        "by-none": {"users": ["bob"], "backend_roles": [], "and_backend_roles": []},
        "no-such-role": {"users": ["*"]},
    });
    let names = ["by-name", "by-role", "by-both", "by-more", "by-host", "by-none"];
    let roles = Roles::compile(&RolesText {
        roles: &names.map(|name| (name.to_owned(), json!({}))).into(),
        action_groups: &BTreeMap::new(),
        mappings: &members(mappings),
    });
    let user = RoleUser { address: "10.0.0.7".to_owned(), ..ann() };
    assert_eq!(roles.of(user).names(), ["by-both", "by-host", "by-name", "by-role"]);
}

#[test]
fn groups_stand_for_their_actions_also_within_each_other() {
    let roles = json!({"r": {"cluster_permissions": ["crud"],
        "index_permissions": [{"index_patterns": ["logs-*"], "allowed_actions": ["crud"]}]}});
    let user = user(roles, ann());
    for action in ["indices:data/read/search", "indices:data/write/index"] {
        assert_eq!((user.cluster(action), user.index(action, &["logs-1"])), (Some("r"), Some("r")));
    }
    assert_eq!(user.cluster("cluster:monitor/health"), None);
    assert_eq!(user.index("indices:data/read/get", &["other"]), None);
}

#[test]
fn a_group_that_many_entries_name_is_kept_once() {
    let groups = json!({"big": {"allowed_actions": (0..2_000).map(|n| format!("a:{n}")).collect::<Vec<_>>()},
        "outer": {"allowed_actions": ["big"]}});
    let permission = json!({"index_patterns": ["x"], "allowed_actions": ["outer"]});
    let roles = json!({"r": {"index_permissions": vec![permission; 2_000]}});
    let roles = Roles::compile(&RolesText {
        roles: &members(roles),
        action_groups: &members(groups),
        mappings: &BTreeMap::new(),
    });
    let user = roles.of(RoleUser { own_roles: vec!["r".to_owned()], ..RoleUser::default() });
    assert_eq!(user.index("a:1999", &["x"]), Some("r"));
    assert_eq!(user.index("a:2000", &["x"]), None);
    // Four million actions are told of as the two thousand that they are.
    assert!(fingerprint(&user).len() < 1_000_000);
}

#[test]
fn a_fingerprint_tells_of_roles_and_their_groups_and_of_no_address() {
    let compiled = |allowed: &str, other: &str| {
        let groups = json!({"g": {"allowed_actions": ["inner"]}, "inner": {"allowed_actions": [allowed]},
            other: {"allowed_actions": ["x"]}});
        Roles::compile(&RolesText {
            roles: &members(json!({"r": {"cluster_permissions": ["g"]}})),
            action_groups: &members(groups),
            mappings: &BTreeMap::new(),
        })
    };
    let of = |roles: &Roles, address: &str| {
        let (own_roles, address) = (vec!["r".to_owned()], address.to_owned());
        fingerprint(&roles.of(RoleUser { own_roles, address, ..ann() }))
    };
    let before = of(&compiled("a", "other"), "10.0.0.1");
    assert_eq!(of(&compiled("a", "before"), "10.0.0.2"), before);
    assert_ne!(of(&compiled("b", "other"), "10.0.0.1"), before);
}

fn fingerprint(user: &UserRoles) -> String {
    let mut text = String::new();
    user.write_fingerprint(&mut text).unwrap();
    text
}

#[test]
fn an_index_is_named_by_its_aliases_too() {
    let user = user(json!({"r": entry(&["al*"], json!({}))}), ann());
    assert_eq!(user.index("indices:data/read/get", &["x", "alias"]), Some("r"));
    assert_eq!(user.index("indices:data/read/get", &["x"]), None);
}

#[test]
fn a_pattern_with_the_users_name_names_its_own_and_no_wildcard_gets_in() {
    let roles = json!({"r": entry(&["own-${user.name}"], json!({})), "s": entry(&["of-${attr.internal.none}"], json!({}))});
    assert!(user(roles.clone(), ann()).index("indices:data/read/get", &["own-ann"]).is_some());
    let star = RoleUser { name: "*".to_owned(), ..RoleUser::default() };
    let star = user(roles, star);
    assert_eq!(star.index("indices:data/read/get", &["own-ann"]), None);
    assert_eq!(star.index("indices:data/read/get", &["of-", "of-${attr.internal.none}"]), None);
}

#[test]
fn values_that_make_document_queries_too_long_leave_none_to_ask() {
    let name = "x".repeat(200_000);
    let user_of = |queries: &[String]| {
        let roles = queries.iter().enumerate();
        let roles = roles.map(|(n, dls)| (format!("r{n}"), entry(&["*"], json!({"dls": dls}))));
        user(Value::Object(roles.collect()), RoleUser { name: name.clone(), ..RoleUser::default() })
    };
    let query = |n: usize, times: usize| {
        format!(r#"{{"term": {{"o{n}": "{}"}}}}"#, "${user.name}".repeat(times))
    };
    assert!(user_of(&[query(0, 4)]).restriction(&["x"]).is_ok());
    // Of one query, and of several together.
    for queries in [vec![query(0, 30_000)], (0..6).map(|n| query(n, 1)).collect()] {
        let why = user_of(&queries).restriction(&["x"]).unwrap_err();
        assert!(why.contains("too long"), "{why}");
    }
}

#[test]
fn values_in_a_document_query_are_no_json() {
    for (dls, query) in [
        (r#"{"term": {"o": "${user.name}"}}"#, json!({"term": {"o": "ann"}})),
        (
            r#"{"term": {"o": "x-${attr.internal.team}\"${user_name}"}}"#,
            json!({"term": {"o": "x-re\"d\"ann"}}),
        ),
        (r#"{"terms": {"o": [${user.roles}]}}"#, json!({"terms": {"o": ["r1", "r\"2"]}})),
        (r#"{"terms": {"o": [${user.securityRoles}]}}"#, json!({"terms": {"o": ["r"]}})),
        (
            r#"{"range": {"l": {"gte": ${attr.internal.level}}}}"#,
            json!({"range": {"l": {"gte": 3}}}),
        ),
        (r#"{"term": {"o": "$x $"}}"#, json!({"term": {"o": "$x $"}})),
    ] {
        let user = user(json!({"r": entry(&["*"], json!({"dls": dls}))}), ann());
        assert_eq!(user.restriction(&["x"]).unwrap().unwrap().queries, [query], "{dls}");
    }
}

#[test]
fn a_query_without_its_values_shows_nothing_and_says_why() {
    for (dls, why) in [
        (
            r#"{"term": {"o": "${attr.internal.none}"}}"#,
            "the variable ${attr.internal.none} has no value",
        ),
        (r#"{"term": {"o": "${user.roles}"}}"#, "is a list and stands inside a text"),
        (r#"{"term": "#, "it is no JSON"),
        ("[]", "it is no JSON object"),
    ] {
        let user = user(json!({"r": entry(&["*"], json!({"dls": dls}))}), ann());
        let error = user.restriction(&["x"]).unwrap_err();
        assert!(error.contains("[r]") && error.contains(why), "{error}");
    }
}

#[test]
fn queries_of_several_roles_are_one_or_another_and_a_role_without_one_lifts_none() {
    let roles = json!({
        "a": entry(&["x"], json!({"dls": r#"{"term": {"o": 1}}"#})), "b": entry(&["*"], json!({"dls": r#"{"term": {"o": 2}}"#})),
        "c": entry(&["*"], json!({})), "d": entry(&["other"], json!({"dls": r#"{"term": {"o": 3}}"#})),
    });
    let view = user(roles, ann()).restriction(&["x"]).unwrap().unwrap();
    assert_eq!(view.queries, [json!({"term": {"o": 1}}), json!({"term": {"o": 2}})]);
    assert_eq!(view.roles, ["a", "b"]);
}

#[test]
fn fields_that_one_role_excludes_are_hidden_and_else_the_included_ones_show() {
    let shown = |roles: Value| user(roles, ann()).restriction(&["x"]).unwrap().unwrap().fields;
    let included = shown(json!({"a": entry(&["*"], json!({"fls": ["name", "home.c*"]}))}));
    for (path, shows) in
        [("name", true), ("name.raw", true), ("home.city", true), ("home", false), ("pay", false)]
    {
        assert_eq!(included.shows(path), shows, "{path}");
    }
    let both = json!({"a": entry(&["*"], json!({"fls": ["name"]})), "b": entry(&["*"], json!({"fls": ["~pay"]}))});
    let excluded = shown(both);
    for (path, shows) in [("pay", false), ("pay.sum", false), ("pays", true), ("other", true)] {
        assert_eq!(excluded.shows(path), shows, "{path}");
    }
}

#[test]
fn what_may_name_something_inside_a_field_is_told() {
    let of = |field: &str| {
        let roles = json!({"a": entry(&["*"], json!({"fls": [format!("~{field}")]}))});
        user(roles, ann()).restriction(&["x"]).unwrap().unwrap().fields
    };
    for (field, may) in [
        ("labels.secret", true),
        ("*.secret", true),
        ("labels", false),
        ("pay*", false),
        ("lab*t", true),
    ] {
        assert_eq!(of(field).may_differ_inside("labels"), may, "{field}");
    }
}

#[test]
fn masks_are_hashes_or_replacements_and_a_named_algorithm_is_refused() {
    assert_eq!(FieldMask::parse("pay").unwrap().masking, Masking::Hash);
    let replaced = FieldMask::parse("mail::/@.*/::@x::/a/::b").unwrap().masking;
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(replaced, Masking::Replace(vec![pair("@.*", "@x"), pair("a", "b")]));
    for (text, why) in
        [("pay::SHA-256", "[SHA-256]"), ("pay::a::b", "between slashes"), ("a::b::c::d", "got 4")]
    {
        assert!(FieldMask::parse(text).unwrap_err().contains(why), "{text}");
    }
}

#[test]
fn a_denial_reads_as_the_plugins() {
    let user = user(json!({}), ann());
    let text = user.denial(&["indices:data/read/search"]);
    assert_eq!(
        text,
        "no permissions for [indices:data/read/search] and User [name=ann, backend_roles=[r1, r\"2], requestedTenant=null]"
    );
}

#[test]
fn tenants_are_the_users_own_and_those_that_its_roles_name() {
    let roles = json!({"r": {"tenant_permissions": [
        {"tenant_patterns": ["adm*"], "allowed_actions": ["kibana:saved_objects/*/write"]},
        {"tenant_patterns": ["read"], "allowed_actions": ["kibana:saved_objects/*/read"]}]}});
    let tenants = user(roles, ann()).tenants(["admin", "read", "other"].into_iter());
    let expected = [("admin", true), ("ann", true), ("read", false)];
    assert_eq!(tenants, expected.map(|(name, writes)| (name.to_owned(), writes)).into());
}

#[test]
fn a_tenant_is_written_by_the_very_permission_also_in_a_group() {
    let roles = json!({"r": {"tenant_permissions": [
        {"tenant_patterns": ["group"], "allowed_actions": ["kibana_all_write"]},
        {"tenant_patterns": ["wild"], "allowed_actions": ["kibana:*"]}]}});
    let group = json!({"kibana_all_write": {"allowed_actions": ["inner"]},
        "inner": {"allowed_actions": ["kibana:saved_objects/*/write"]}});
    let roles = Roles::compile(&RolesText {
        roles: &members(roles),
        action_groups: &members(group),
        mappings: &BTreeMap::new(),
    });
    let user = roles.of(RoleUser { own_roles: vec!["r".to_owned()], ..ann() });
    let tenants = user.tenants(["group", "wild"].into_iter());
    assert_eq!((tenants["group"], tenants["wild"]), (true, false));
}
