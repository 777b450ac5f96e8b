//! Random questions that are worth asking.

use serde_json::{Map, Value, json};

/// A stream of random questions, the same for the same seed (splitmix64).
pub(super) struct Generator {
    state: u64,
    request: Request,
    /// Whether it asks about documents and fields.
    documents: bool,
}

/// What the policies aim at.
#[derive(Default)]
struct Request {
    arn: String,
    parent: String,
    account: String,
    action: String,
    resource: String,
    context: Map<String, Value>,
}

const ACCOUNTS: &[&str] = &["111122223333", "444455556666"];
const ACTIONS: &[&str] = &[
    "es:ESHttpGet",
    "es:ESHttpPost",
    "es:DescribeDomain",
    "es:CreateElasticsearchDomain",
    "sts:AssumeRole",
    "iam:PassRole",
];
const KEYS: &[(&str, &str, &[&str])] = &[
    ("Ip", "aws:SourceIp", &["203.0.113.7", "10.1.2.3", "2001:db8::1", "::ffff:203.0.113.7", "x"]),
    ("String", "aws:UserAgent", &["curl/8", "CURL/8", "py*", "", "ü"]),
    ("String", "aws:TagKeys", &["team", "cost", "Team", ""]),
    ("String", "aws:PrincipalTag/team", &["red", "blue", "re*"]),
    ("String", "aws:username", &["ann", "bob", "an?"]),
    ("Date", "aws:CurrentTime", &["2026-01-31", "2026-01-31T00:00:00Z", "1769817600", "soon"]),
    ("Numeric", "s3:max-keys", &["10", "10.0", "9.5", "-1", "many"]),
    ("Bool", "aws:SecureTransport", &["true", "false", "TRUE", "yes"]),
    (
        "Arn",
        "aws:SourceArn",
        &["arn:aws:es:us-east-1:111122223333:domain/logs", "arn:aws:s3:::b:c", "b"],
    ),
    ("Binary", "app:Digest", &["QUJD", "QUJE", "QQ==", "!"]),
];

/// What a document holds, and the field that is read.
const DOCUMENT_KEYS: &[(&str, &str, &[&str])] = &[
    ("String", "es:Document/team", &["red", "blue", "re*", ""]),
    ("String", "es:Document/Team", &["red", "ann"]),
    ("Numeric", "es:Document/level", &["10", "-1", "9"]),
    ("Date", "es:Document/at", &["2026-01-31T00:00:00Z", "2026-01-30"]),
    ("Bool", "es:Document/open", &["true", "false"]),
    ("Ip", "es:Document/from", &["203.0.113.7", "10.1.2.3", "2001:db8::1"]),
    ("Field", "es:Field", FIELDS),
];
pub(super) const FIELDS: &[&str] = &["name", "pay", "pay.sum", "pay.sum.raw", "na", "*"];

impl Generator {
    /// Whose conditions are on documents and fields, mostly.
    pub(super) fn of_documents(seed: u64) -> Generator {
        Generator { documents: true, ..Generator::new(seed) }
    }

    /// The values of a document by field, and the field that is read.
    pub(super) fn document(&mut self) -> (Map<String, Value>, &'static str) {
        let mut values = Map::new();
        for (family, key, known) in DOCUMENT_KEYS {
            if *family != "Field" && self.chance(75) {
                let count = if self.chance(80) { 1 } else { 2 };
                let values_of: Vec<&str> = (0..count).map(|_| self.pick(known)).collect();
                values.insert((*key).to_owned(), values_of.into());
            }
        }
        (values, FIELDS[self.below(FIELDS.len() - 1)])
    }

    pub(super) fn new(seed: u64) -> Generator {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Generator { state, request: Request::default(), documents: false }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// True in about `percent` of a hundred cases.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn question(&mut self) -> Value {
        let principal = self.principal();
        self.request.action = self.pick(ACTIONS).to_owned();
        let owner =
            if self.chance(75) { self.request.account.clone() } else { ACCOUNTS[1].to_owned() };
        self.request.resource = match self.request.action.as_str() {
            "sts:AssumeRole" | "iam:PassRole" => format!("arn:aws:iam::{owner}:role/app"),
            _ => {
                let path = self.pick(&["", "/", "/logs-red/_search", "/ann/_doc/a:b", "/ü*x"]);
                format!("arn:aws:es:us-east-1:{owner}:domain/logs{path}")
            }
        };
        self.context();
        let mut question = json!({
            "principal": principal,
            "action": self.request.action,
            "resource": self.request.resource,
            "context": self.request.context,
            "identityPolicies": self.policies(2),
        });
        if self.chance(60) {
            question["resourcePolicy"] = self.policy(true);
            if self.chance(40) && !question["resourcePolicy"].to_string().contains("NotPrincipal") {
                question["resourcePolicyType"] = "domain".into();
                self.resources_everywhere(&mut question["resourcePolicy"]);
            }
        }
        if self.chance(30) {
            question["permissionsBoundary"] = self.policies(2);
        }
        if self.chance(30) {
            question["sessionPolicies"] = self.policies(2);
        }
        if self.chance(20) {
            let levels: Vec<Value> = (0..=self.below(2)).map(|_| self.policies(2)).collect();
            question["serviceControlPolicies"] = levels.into();
        }
        if self.chance(20) {
            let levels: Vec<Value> = (0..=self.below(1))
                .map(|_| (0..=self.below(1)).map(|_| self.resource_control()).collect())
                .collect();
            question["resourceControlPolicies"] = levels.into();
        }
        if self.chance(15) {
            let endpoints: Vec<Value> = (0..=self.below(1)).map(|_| self.policy(true)).collect();
            question["vpcEndpointPolicies"] = endpoints.into();
        }
        if question["principal"]["type"] == "assumed-role" && self.chance(10) {
            let role = "arn:aws:iam::123456789012:role/aws-service-role/es.amazonaws.com/app";
            question["context"]["aws:PrincipalArn"] = json!([role]);
        }
        question
    }

    /// It denies everybody, as most of them would on some condition; now and then it is `RCPFullAWSAccess`.
    pub(super) fn resource_control(&mut self) -> Value {
        let statements: Vec<Value> = (0..=self.below(1))
            .map(|_| {
                if self.chance(20) {
                    return json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
                }
                let mut statement = self.statement(true, "Deny");
                let members = statement.as_object_mut().unwrap();
                for name in ["Principal", "NotPrincipal"] {
                    members.shift_remove(name);
                }
                members.insert("Principal".to_owned(), "*".into());
                if let Some(actions) = members.shift_remove("NotAction") {
                    members.insert("Action".to_owned(), actions);
                }
                if !members.contains_key("Resource") && !members.contains_key("NotResource") {
                    members.insert("Resource".to_owned(), "*".into());
                }
                statement
            })
            .collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn principal(&mut self) -> Value {
        let account = ACCOUNTS[0];
        let kind = self.pick(&[
            "user",
            "user",
            "assumed-role",
            "assumed-role",
            "root",
            "federated-user",
            "anonymous",
        ]);
        let (arn, parent) = match kind {
            "user" => (format!("arn:aws:iam::{account}:user/ann"), String::new()),
            "assumed-role" => (
                format!("arn:aws:sts::{account}:assumed-role/app/s1"),
                format!("arn:aws:iam::{account}:role/app"),
            ),
            "root" => (format!("arn:aws:iam::{account}:root"), String::new()),
            "federated-user" => (
                format!("arn:aws:sts::{account}:federated-user/ann"),
                format!("arn:aws:iam::{account}:user/ann"),
            ),
            _ => (String::new(), String::new()),
        };
        self.request = Request { arn, parent, account: account.to_owned(), ..Request::default() };
        if kind == "anonymous" {
            return json!({"type": kind});
        }
        let tags = if self.chance(50) { json!({"team": "red"}) } else { json!({}) };
        json!({"arn": self.request.arn, "type": kind, "tags": tags})
    }

    fn context(&mut self) {
        for (_, key, values) in KEYS {
            if self.chance(55) {
                let count = if self.chance(75) { 1 } else { self.below(4) };
                let values: Vec<&str> = (0..count).map(|_| self.pick(values)).collect();
                let key = if self.chance(20) { key.to_uppercase() } else { (*key).to_owned() };
                self.request.context.insert(key, values.into());
            }
        }
    }

    fn policies(&mut self, limit: usize) -> Value {
        let count = 1 + self.below(limit);
        (0..count).map(|_| self.policy(false)).collect()
    }

    pub(super) fn policy(&mut self, with_principal: bool) -> Value {
        let count = 1 + self.below(3);
        let statements: Vec<Value> = (0..count)
            .map(|_| {
                let effect = if self.chance(18) { "Deny" } else { "Allow" };
                self.statement(with_principal, effect)
            })
            .collect();
        let mut policy = Map::new();
        if self.chance(85) {
            let version = if self.chance(90) { "2012-10-17" } else { "2008-10-17" };
            policy.insert("Version".to_owned(), version.into());
        }
        policy.insert("Statement".to_owned(), statements.into());
        policy.into()
    }

    pub(super) fn statement(&mut self, with_principal: bool, effect: &str) -> Value {
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), effect.into());
        if with_principal {
            let name = if self.chance(10) { "NotPrincipal" } else { "Principal" };
            statement.insert(name.to_owned(), self.principals());
        }
        let name = if self.chance(12) { "NotAction" } else { "Action" };
        statement.insert(name.to_owned(), self.several(Generator::action));
        if !(with_principal && self.chance(15)) {
            let name = if self.chance(12) { "NotResource" } else { "Resource" };
            statement.insert(name.to_owned(), self.several(Generator::resource));
        }
        if self.chance(50) {
            let mut operators = Map::new();
            for _ in 0..=self.below(2) {
                let (operator, key, values) = self.condition();
                let keys = operators.entry(operator).or_insert_with(|| json!({}));
                keys[key] = values;
            }
            statement.insert("Condition".to_owned(), operators.into());
        }
        statement.into()
    }

    /// A domain's statements name their resources.
    fn resources_everywhere(&mut self, policy: &mut Value) {
        for statement in policy["Statement"].as_array_mut().unwrap() {
            if statement.get("Resource").is_none() && statement.get("NotResource").is_none() {
                statement["Resource"] = "*".into();
            }
        }
    }

    fn several(&mut self, one: fn(&mut Generator) -> String) -> Value {
        match self.below(10) {
            0 => Value::Array(Vec::new()),
            1..=3 => (0..2).map(|_| Value::from(one(self))).collect(),
            _ => one(self).into(),
        }
    }

    fn principals(&mut self) -> Value {
        if self.chance(20) {
            return "*".into();
        }
        let one = |generator: &mut Generator| -> Value {
            let Request { arn, parent, account, .. } = &generator.request;
            let root = format!("arn:aws:iam::{account}:root");
            let mut names = vec![account.clone(), root, "*".to_owned()];
            names.extend(
                [arn, arn, parent, parent].into_iter().filter(|it| !it.is_empty()).cloned(),
            );
            names.push("arn:aws:iam::111122223333:user/eve".to_owned());
            let at = generator.below(names.len());
            names.swap_remove(at).into()
        };
        let names: Value = (0..=self.below(3)).map(|_| one(self)).collect();
        json!({"AWS": names})
    }

    fn action(&mut self) -> String {
        let action = self.request.action.clone();
        let (service, name) = action.split_once(':').unwrap();
        match self.below(8) {
            0 => "*".to_owned(),
            1 => format!("{service}:*"),
            2 => action.to_uppercase().replace(&service.to_uppercase(), service),
            3 => format!("{service}:{}*", &name[..3]),
            4 => format!("{service}:?{}", &name[1..]),
            5 => self.pick(ACTIONS).to_owned(),
            6 => self
                .pick(&["es:CreateDomain", "es:DescribeElasticsearchDomain", "es:*Http*"])
                .to_owned(),
            _ => action.clone(),
        }
    }

    fn resource(&mut self) -> String {
        let resource = self.request.resource.clone();
        let account = self.request.account.clone();
        match self.below(9) {
            0 | 1 => "*".to_owned(),
            2 => resource,
            3 => format!("{}*", &resource[..resource.find("/").unwrap_or(0) + 2]),
            4 => resource.replace(&account, "*"),
            5 => format!("arn:aws:es:*:{account}:domain/logs/${{aws:username}}/*"),
            6 => format!(
                "arn:aws:es:us-east-1:{account}:domain/logs/*-${{aws:PrincipalTag/team, 'red'}}/*"
            ),
            7 => resource.replacen('o', "?", 1),
            _ => "arn:aws:es:us-east-1:*:domain/l*s/${*}*".to_owned(),
        }
    }

    fn condition(&mut self) -> (String, String, Value) {
        let asked = if self.documents && self.chance(75) { DOCUMENT_KEYS } else { KEYS };
        let (family, key, values) = asked[self.below(asked.len())];
        let family = if family == "Field" { "String" } else { family };
        let base = match family {
            "Ip" => self.pick(&["IpAddress", "NotIpAddress"]),
            "String" => self.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "StringLike",
                "StringNotLike",
            ]),
            "Date" => self.pick(&[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ]),
            "Numeric" => self.pick(&[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ]),
            "Bool" => "Bool",
            "Arn" => self.pick(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]),
            _ => "BinaryEquals",
        };
        let quantifier = self.pick(&["", "", "", "ForAllValues:", "ForAnyValue:"]);
        if self.chance(8) {
            let wanted = self.pick(&["true", "false"]);
            return (format!("{quantifier}Null"), key.to_owned(), wanted.into());
        }
        let if_exists = if self.chance(20) { "IfExists" } else { "" };
        let count = match self.below(12) {
            0 => 0,
            1..=3 => 2,
            _ => 1,
        };
        let wanted: Vec<Value> = (0..count).map(|_| self.value(family, values)).collect();
        let wanted = if count == 1 && self.chance(50) { wanted[0].clone() } else { wanted.into() };
        (format!("{quantifier}{base}{if_exists}"), key.to_owned(), wanted)
    }

    /// A well-formed value of the family: often one that the context may hold.
    fn value(&mut self, family: &str, values: &[&'static str]) -> Value {
        match family {
            "Ip" => self
                .pick(&[
                    "203.0.113.0/24",
                    "203.0.113.7",
                    "10.0.0.0/8",
                    "2001:db8::/32",
                    "0.0.0.0/0",
                ])
                .into(),
            "Date" => self.pick(&["2026-01-31", "2026-01-30T23:59:59Z", "1769817600"]).into(),
            "Numeric" => {
                [json!(10), json!("10"), json!("9.5"), json!(0), json!("-1")][self.below(5)].clone()
            }
            "Bool" => [json!(true), json!("false"), json!("true")][self.below(3)].clone(),
            "Arn" => self
                .pick(&[
                    "arn:aws:es:us-east-1:111122223333:domain/logs",
                    "arn:*:es:*:111122223333:domain/*",
                    "arn:aws:s3:::b*",
                    "arn:aws:s3:::${aws:username}",
                    "arn:aws:s3",
                ])
                .into(),
            "Binary" => self.pick(&["QUJD", "QQ=="]).into(),
            _ if self.chance(30) => self
                .pick(&[
                    "*",
                    "re?",
                    "${aws:username}",
                    "c*/8",
                    "${aws:absent, 'red'}",
                    "${aws:absent}",
                    "${?}",
                ])
                .into(),
            _ => self.pick(values).into(),
        }
    }
}
