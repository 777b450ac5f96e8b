//! A slow and literal evaluator, for the differential tests only.
//!
//! It reads a question of [`crate::simulation`] as plain JSON and follows Amazon's documents
//! sentence by sentence. It shares no code with the evaluator: no pattern, no condition, no
//! principal, no index. Where the two disagree, one of them has misread a page.

use serde_json::Value;

/// What was decided, and by which statements (`type`, index).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) decision: &'static str,
    pub(crate) by: Vec<(&'static str, u64)>,
}

/// One question.
struct Case<'a> {
    question: &'a Value,
    arn: String,
    kind: String,
    account: Option<String>,
    /// Role of a session, user of a federated user.
    parent: Option<String>,
    context: Vec<(String, Vec<String>)>,
}

/// Which of the caller's policies a naming leaves in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Named {
    Account,
    Parent,
    Itself,
}

/// The matching statements of one policy type.
#[derive(Default)]
struct Matches {
    allow: Vec<u64>,
    deny: Vec<u64>,
    named: Option<Named>,
}

/// Decides a question, which must be well formed.
// long: read beside the page it is a copy of, in one piece
pub(crate) fn decide(question: &Value) -> Answer {
    let case = Case::new(question);
    let own_side = case.kind != "anonymous";
    let list = |field: &str| match question[field].as_array() {
        Some(list) if own_side => list.clone(),
        _ => Vec::new(),
    };
    let everybodys = |field: &str| question[field].as_array().cloned().unwrap_or_default();
    // "SCPs/RCPs don't affect service-linked roles."
    let linked = case.kind == "assumed-role"
        && case.parent.as_deref().unwrap().contains(":role/aws-service-role/");
    let identity = case.matches(&list("identityPolicies"), "identity");
    let boundary = case.matches(&list("permissionsBoundary"), "identity");
    let session = case.matches(&list("sessionPolicies"), "identity");
    let domain = question["resourcePolicyType"] == "domain";
    let has_resource = question["resourcePolicy"].is_object();
    let resource = if has_resource {
        let policies = [question["resourcePolicy"].clone()];
        case.matches(&policies, if domain { "domain" } else { "resource" })
    } else {
        Matches::default()
    };
    let levels_of = |levels: Vec<Value>, kind: &str| -> Vec<Matches> {
        let levels = if linked { Vec::new() } else { levels };
        levels.iter().map(|level| case.matches(level.as_array().unwrap(), kind)).collect()
    };
    let levels = levels_of(list("serviceControlPolicies"), "scp");
    let resource_levels = levels_of(everybodys("resourceControlPolicies"), "resource");
    let endpoints: Vec<Matches> = everybodys("vpcEndpointPolicies")
        .iter()
        .map(|policy| case.matches(std::slice::from_ref(policy), "resource"))
        .collect();

    // Every matching statement of an effect, in the order of the policy types.
    let mut allow: Vec<(&'static str, u64)> = Vec::new();
    let mut deny = Vec::new();
    for (name, matched) in [
        ("resourceControl", &resource_levels),
        ("serviceControl", &levels),
        ("vpcEndpoint", &endpoints),
    ] {
        for matches in matched {
            allow.extend(matches.allow.iter().map(|at| (name, *at)));
            deny.extend(matches.deny.iter().map(|at| (name, *at)));
        }
    }
    for (name, matches) in [
        ("resource", &resource),
        ("identity", &identity),
        ("permissionsBoundary", &boundary),
        ("session", &session),
    ] {
        allow.extend(matches.allow.iter().map(|at| (name, *at)));
        deny.extend(matches.deny.iter().map(|at| (name, *at)));
    }
    if !deny.is_empty() {
        return Answer { decision: "explicitDeny", by: deny };
    }

    let limits =
        |matches: &Matches, field: &str| list(field).is_empty() || !matches.allow.is_empty();
    let boundary_ok = limits(&boundary, "permissionsBoundary");
    let mut session_ok = limits(&session, "sessionPolicies");
    if case.kind == "federated-user" && list("sessionPolicies").is_empty() {
        session_ok = false;
    }
    let identity_ok = case.kind == "root" || !identity.allow.is_empty();
    let own = identity_ok && boundary_ok && session_ok;
    let levels_ok = levels.iter().all(|level| !level.allow.is_empty());
    let endpoints_ok = endpoints.iter().all(|endpoint| !endpoint.allow.is_empty());
    let granted = !resource.allow.is_empty();
    let trust = has_resource && case.assumes_a_role();
    let allowed = if !endpoints_ok {
        false
    } else if !own_side {
        granted
    } else if !levels_ok {
        false
    } else if !case.same_account() {
        granted && own
    } else if granted && resource.named == Some(Named::Itself) {
        true
    } else if granted && resource.named == Some(Named::Parent) {
        boundary_ok && session_ok
    } else if trust && !granted {
        false
    } else {
        own
    };
    if allowed {
        Answer { decision: "allowed", by: allow }
    } else {
        Answer { decision: "implicitDeny", by: Vec::new() }
    }
}

impl<'a> Case<'a> {
    fn new(question: &'a Value) -> Case<'a> {
        let principal = &question["principal"];
        let kind = principal["type"].as_str().unwrap().to_owned();
        let arn = principal["arn"].as_str().unwrap_or("anonymous").to_owned();
        let segments: Vec<&str> = arn.split(':').collect();
        let account = (kind != "anonymous").then(|| segments[4].to_owned());
        let path: Vec<&str> = arn.split('/').collect();
        let told = question["context"]["aws:PrincipalArn"][0].as_str();
        let parent = match kind.as_str() {
            "assumed-role" if told.is_some() => told.map(str::to_owned),
            "assumed-role" => Some(format!("arn:aws:iam::{}:role/{}", segments[4], path[1])),
            "federated-user" => Some(format!("arn:aws:iam::{}:user/{}", segments[4], path[1])),
            _ => None,
        };
        let mut case =
            Case { question, arn: arn.clone(), kind, account, parent, context: Vec::new() };
        case.fill_context();
        case
    }

    fn fill_context(&mut self) {
        let kind = self.kind.clone();
        let mut set = |key: &str, values: Vec<String>| {
            self.context.retain(|(known, _)| !same_key(known, key));
            if !values.is_empty() {
                self.context.push((key.to_owned(), values));
            }
        };
        let account = self.account.clone().unwrap_or("anonymous".to_owned());
        let name = match kind.as_str() {
            "anonymous" => "Anonymous",
            "root" => "Account",
            "user" => "User",
            "assumed-role" => "AssumedRole",
            _ => "FederatedUser",
        };
        set("aws:PrincipalType", vec![name.to_owned()]);
        set("aws:PrincipalAccount", vec![account.clone()]);
        if kind == "anonymous" {
            set("aws:userid", vec!["anonymous".to_owned()]);
        } else {
            let principal = match kind.as_str() {
                "assumed-role" => self.parent.clone().unwrap(),
                _ => self.arn.clone(),
            };
            set("aws:PrincipalArn", vec![principal]);
            set("aws:PrincipalIsAWSService", vec!["false".to_owned()]);
            set("aws:ViaAWSService", vec!["false".to_owned()]);
        }
        match kind.as_str() {
            "user" => {
                set("aws:username", vec![self.arn.split('/').next_back().unwrap().to_owned()])
            }
            "root" => set("aws:userid", vec![account]),
            "federated-user" => {
                let name = self.arn.split('/').next_back().unwrap();
                set("aws:userid", vec![format!("{account}:{name}")]);
            }
            _ => {}
        }
        for (tag, value) in self.question["principal"]["tags"].as_object().into_iter().flatten() {
            set(&format!("aws:PrincipalTag/{tag}"), vec![value.as_str().unwrap().to_owned()]);
        }
        let owner = self.question["resourceAccount"].as_str().or_else(|| {
            let resource = self.question["resource"].as_str().unwrap();
            resource.split(':').nth(4).filter(|account| !account.is_empty())
        });
        if let Some(owner) = owner {
            set("aws:ResourceAccount", vec![owner.to_owned()]);
        }
        for (key, values) in self.question["context"].as_object().into_iter().flatten() {
            set(key, texts(values));
        }
    }

    fn same_account(&self) -> bool {
        let resource = self.question["resource"].as_str().unwrap();
        let of_arn = resource.split(':').nth(4).filter(|account| !account.is_empty());
        let owner = self.question["resourceAccount"].as_str().or(of_arn);
        owner.is_none() || owner == self.account.as_deref()
    }

    fn assumes_a_role(&self) -> bool {
        let resource: Vec<&str> =
            self.question["resource"].as_str().unwrap().splitn(6, ':').collect();
        self.question["action"].as_str().unwrap().to_lowercase().starts_with("sts:assumerole")
            && resource.len() == 6
            && resource[2] == "iam"
            && resource[5].starts_with("role/")
    }

    fn matches(&self, policies: &[Value], kind: &str) -> Matches {
        let mut matches = Matches::default();
        for policy in policies {
            let modern = policy["Version"] == "2012-10-17";
            let statements = match &policy["Statement"] {
                Value::Array(statements) => statements.clone(),
                one => vec![one.clone()],
            };
            for (at, statement) in (0_u64..).zip(&statements) {
                let scope = Scope { case: self, kind, modern };
                if let Some(named) = scope.statement(statement) {
                    if statement["Effect"] == "Deny" {
                        matches.deny.push(at);
                    } else {
                        matches.allow.push(at);
                        matches.named = matches.named.max(Some(named));
                    }
                }
            }
        }
        matches
    }
}

/// What a statement's texts mean: the request, the kind of policy, whether variables are known.
struct Scope<'c, 'a> {
    case: &'c Case<'a>,
    kind: &'c str,
    modern: bool,
}

/// An element of a pattern: a character, any character, any run of characters.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Token {
    Char(char),
    One,
    Many,
}

impl Scope<'_, '_> {
    fn statement(&self, statement: &Value) -> Option<Named> {
        let named = if self.kind == "resource" || self.kind == "domain" {
            let denies = statement["Effect"] == "Deny";
            match statement.get("NotPrincipal") {
                None => self.principal(&statement["Principal"])?,
                Some(listed) if self.excluded(listed, denies) => return None,
                Some(_) => Named::Itself,
            }
        } else {
            Named::Itself
        };
        let action = match statement.get("Action") {
            Some(listed) => texts(listed).iter().any(|it| self.action(it)),
            None => !texts(&statement["NotAction"]).iter().any(|it| self.action(it)),
        };
        let resource = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(listed), _) => texts(listed).iter().any(|it| self.resource(it)),
            (_, Some(listed)) => !texts(listed).iter().any(|it| self.resource(it)),
            _ => true,
        };
        let conditions =
            statement["Condition"].as_object().into_iter().flatten().all(|(operator, keys)| {
                keys.as_object().unwrap().iter().all(|(key, values)| {
                    let wanted = texts(values);
                    // Undefined at Amazon: several values of a document let in by no Allow and kept out by any Deny.
                    let several = key.to_lowercase().starts_with("es:document/")
                        && self.values(key).is_some_and(|seen| seen.len() > 1)
                        && !operator.contains(':')
                        && operator != "Null"
                        && !wanted.is_empty();
                    match several {
                        true => statement["Effect"] == "Deny",
                        false => self.condition(operator, key, &wanted),
                    }
                })
            });
        (action && resource && conditions).then_some(named)
    }

    fn names(&self, element: &Value) -> Vec<String> {
        match element {
            Value::String(text) => vec![text.clone()],
            _ => element.as_object().unwrap().values().flat_map(texts).collect(),
        }
    }

    fn principal(&self, element: &Value) -> Option<Named> {
        self.names(element).iter().filter_map(|name| self.one_principal(name)).max()
    }

    fn one_principal(&self, name: &str) -> Option<Named> {
        if name == "*" {
            return Some(Named::Itself);
        }
        let account = self.case.account.as_deref()?;
        if name == account || name == format!("arn:aws:iam::{account}:root") {
            return Some(Named::Account);
        }
        if name == self.case.arn {
            return Some(Named::Itself);
        }
        (Some(name) == self.case.parent.as_deref()).then_some(Named::Parent)
    }

    /// A Deny spares only those of whom every name is listed; an Allow skips those of whom any is.
    fn excluded(&self, listed: &Value, denies: bool) -> bool {
        let listed = self.names(listed);
        if listed.iter().any(|name| name == "*") {
            return true;
        }
        let Some(account) = &self.case.account else { return false };
        let root = format!("arn:aws:iam::{account}:root");
        let account_listed = listed.contains(account) || listed.contains(&root);
        let mut needed = vec![account_listed];
        if self.case.kind != "root" {
            needed.push(listed.contains(&self.case.arn));
        }
        if let Some(parent) = &self.case.parent {
            needed.push(listed.contains(parent));
        }
        if denies { needed.iter().all(|it| *it) } else { needed.iter().any(|it| *it) }
    }

    fn action(&self, pattern: &str) -> bool {
        let asked = self.case.question["action"].as_str().unwrap().to_lowercase();
        let mut pattern = pattern.to_lowercase();
        if self.kind == "domain" && (pattern == "es:*" || pattern == "*") {
            pattern = "es:eshttp*".to_owned();
        }
        let tokens = wildcards(&pattern);
        let mut names = vec![asked.clone()];
        if self.kind == "identity" {
            for (old, new) in crate::action::RENAMED {
                let (old, new) = (old.to_lowercase(), new.to_lowercase());
                if asked == old {
                    names.push(new);
                } else if asked == new && names.len() == 1 {
                    names.push(old);
                }
            }
        }
        names.iter().any(|name| glob(&tokens, &chars(name)))
    }

    fn resource(&self, pattern: &str) -> bool {
        if pattern == "*" {
            return true;
        }
        let asked = self.case.question["resource"].as_str().unwrap();
        let asked: Vec<&str> = asked.splitn(6, ':').collect();
        let pattern: Vec<&str> = pattern.splitn(6, ':').collect();
        if asked.len() < 6 {
            return false;
        }
        let Some(last) = self.tokens(pattern[5], true) else { return false };
        (0..5).all(|at| glob(&wildcards(pattern[at]), &chars(asked[at])))
            && glob(&last, &chars(asked[5]))
    }

    fn values(&self, key: &str) -> Option<&[String]> {
        let folded = key.to_lowercase();
        if self.kind == "domain"
            && (folded == "aws:securetransport" || folded.starts_with("aws:principaltag/"))
        {
            return None;
        }
        let found = self.case.context.iter().find(|(known, _)| same_key(known, key));
        found.map(|(_, values)| values.as_slice())
    }

    /// A text with its variables replaced, literally; none when one has no value.
    fn tokens(&self, text: &str, with_wildcards: bool) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if self.modern && rest.starts_with("${") {
                let end = rest.find('}').unwrap();
                let inside = &rest[2..end];
                rest = &rest[end + 1..];
                if ["*", "?", "$"].contains(&inside) {
                    tokens.extend(inside.chars().map(Token::Char));
                    continue;
                }
                let (key, default) = match inside.split_once(',') {
                    Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
                    None => (inside, None),
                };
                let value = match self.values(key) {
                    Some([only]) => Some(only.as_str()),
                    _ => default,
                };
                tokens.extend(value?.chars().map(Token::Char));
                continue;
            }
            tokens.push(match character {
                '*' if with_wildcards => Token::Many,
                '?' if with_wildcards => Token::One,
                other => Token::Char(other),
            });
            rest = &rest[character.len_utf8()..];
        }
        Some(tokens)
    }

    fn condition(&self, operator: &str, key: &str, wanted: &[String]) -> bool {
        let (quantifier, name) = operator.split_once(':').unwrap_or(("", operator));
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let seen = self.values(key);
        if name == "Null" {
            return match quantifier {
                "ForAllValues" => true,
                "ForAnyValue" => false,
                _ if wanted.is_empty() => true,
                _ => wanted.contains(&seen.is_none().to_string()),
            };
        }
        let negated = name.contains("Not");
        let Some(seen) = seen else {
            return if_exists
                || match quantifier {
                    "ForAllValues" => true,
                    "ForAnyValue" => false,
                    _ => negated || wanted.is_empty(),
                };
        };
        if wanted.is_empty() {
            return quantifier.is_empty() && !if_exists;
        }
        let satisfies = |value: &String| {
            let each: Vec<Option<bool>> =
                wanted.iter().map(|it| self.compare(name, value, it)).collect();
            // A value that is not of the operator's type satisfies nothing.
            let malformed = each.contains(&None);
            !malformed && each.contains(&Some(true)) != negated
        };
        if key.eq_ignore_ascii_case("es:Field") && seen.len() == 1 {
            // A condition that names an object names all that is inside it.
            let inside = |object: &str| seen[0].starts_with(&format!("{object}."));
            let parts: Vec<&str> = seen[0].split('.').collect();
            let around = (1..parts.len()).map(|length| parts[..length].join("."));
            let named = around.filter(|object| inside(object)).any(|object| {
                wanted.iter().any(|it| self.compare(name, &object, it) == Some(true))
            });
            return if named { !negated } else { satisfies(&seen[0]) };
        }
        match quantifier {
            "ForAllValues" if seen == [""] => true,
            "ForAllValues" => seen.iter().all(satisfies),
            "ForAnyValue" => seen.iter().any(satisfies),
            _ => seen.len() == 1 && satisfies(&seen[0]),
        }
    }

    /// The positive comparison behind an operator; none when the request's value is malformed.
    fn compare(&self, operator: &str, seen: &str, wanted: &str) -> Option<bool> {
        let positive = operator.replace("Not", "");
        Some(match positive.as_str() {
            "StringEquals" => self.tokens(wanted, false).is_some_and(|it| glob(&it, &chars(seen))),
            "StringEqualsIgnoreCase" => {
                let wanted = self.tokens(wanted, false);
                wanted.is_some_and(|it| glob(&lower(&it), &chars(&seen.to_ascii_lowercase())))
            }
            "StringLike" => self.tokens(wanted, true).is_some_and(|it| glob(&it, &chars(seen))),
            "ArnEquals" | "ArnLike" => self.arn(seen, wanted)?,
            "Bool" => boolean(seen)? == boolean(wanted)?,
            "BinaryEquals" => base64(seen)? == base64(wanted)?,
            "IpAddress" => in_network(address(seen)?, wanted),
            _ if positive.starts_with("Numeric") => {
                ordered(&positive["Numeric".len()..], number(seen)?, number(wanted)?)
            }
            _ => ordered(&positive["Date".len()..], date(seen)?, date(wanted)?),
        })
    }

    fn arn(&self, seen: &str, wanted: &str) -> Option<bool> {
        let seen: Vec<&str> = seen.splitn(6, ':').collect();
        if seen.len() < 6 || seen[0] != "arn" {
            return None;
        }
        // The generator writes variables after the fifth colon only.
        let wanted: Vec<&str> = wanted.splitn(6, ':').collect();
        Some(
            wanted.len() == 6
                && (0..6).all(|at| {
                    self.tokens(wanted[at], true).is_some_and(|it| glob(&it, &chars(seen[at])))
                }),
        )
    }
}

/// Keys have no case, but for the path behind `es:Document/`.
fn same_key(one: &str, other: &str) -> bool {
    let path = |key: &str| {
        key.to_lowercase()
            .starts_with("es:document/")
            .then(|| key["es:Document/".len()..].to_owned())
    };
    one.to_lowercase() == other.to_lowercase() && path(one) == path(other)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn wildcards(pattern: &str) -> Vec<Token> {
    let token = |character| match character {
        '*' => Token::Many,
        '?' => Token::One,
        other => Token::Char(other),
    };
    pattern.chars().map(token).collect()
}

fn lower(tokens: &[Token]) -> Vec<Token> {
    let lower = |token: &Token| match token {
        Token::Char(character) => Token::Char(character.to_ascii_lowercase()),
        other => *other,
    };
    tokens.iter().map(lower).collect()
}

/// The textbook table: `row[j]` says whether the tokens so far match the first `j` characters.
fn glob(tokens: &[Token], text: &[char]) -> bool {
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match token {
                Token::Many => row[at] || (at > 0 && next[at - 1]),
                Token::One => at > 0 && row[at - 1],
                Token::Char(character) => at > 0 && row[at - 1] && text[at - 1] == *character,
            };
        }
        row = next;
    }
    row[text.len()]
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn ordered<T: PartialOrd>(order: &str, seen: T, wanted: T) -> bool {
    match order {
        "Equals" => seen == wanted,
        "LessThan" => seen < wanted,
        "LessThanEquals" => seen <= wanted,
        "GreaterThan" => seen > wanted,
        _ => seen >= wanted,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|it: &f64| it.is_finite())
}

/// Seconds since 1970 of `YYYY-MM-DD`, `YYYY-MM-DDThh:mm:ssZ` or an integer.
fn date(text: &str) -> Option<i64> {
    if let Some(seconds) = text.parse().ok().filter(|_| text.len() != 4) {
        return Some(seconds);
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let time = match text.len() {
        10 => 0,
        20 => part(11..13)? * 3600 + part(14..16)? * 60 + part(17..19)?,
        _ => return None,
    };
    // Days from the civil date, counted from March so that leap days come last.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day;
    Some((days - 719_469) * 86_400 + time)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    let mut bits = Vec::new();
    for digit in digits.chars() {
        let value = ALPHABET.find(digit)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let bytes = bits.chunks_exact(8);
    Some(bytes.map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | *bit as u8)).collect())
}

fn address(text: &str) -> Option<Vec<u8>> {
    let address: std::net::IpAddr = text.parse().ok()?;
    Some(match address {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.octets().to_vec(),
            None => address.octets().to_vec(),
        },
    })
}

fn in_network(address_bytes: Vec<u8>, network: &str) -> bool {
    let (base, length) = network.split_once('/').unwrap_or((network, ""));
    let base = address(base).unwrap();
    let length: usize = length.parse().unwrap_or(base.len() * 8);
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    base.len() == address_bytes.len()
        && (0..length).all(|at| bit(&base, at) == bit(&address_bytes, at))
}
