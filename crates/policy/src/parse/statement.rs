//! One statement: which elements its kind of policy must and must not have, and their values.

use super::{Parser, UnsupportedKeys, child};
use crate::action::{ActionPattern, Actions};
use crate::condition::{self, Condition, Family, ValueSyntax};
use crate::context::{ContextKey, KeySubject, is_unsupported_in_domain_policies};
use crate::document::{ParseError, Statement};
use crate::effect::Effect;
use crate::json::{JsonKind, JsonMember, JsonNode};
use crate::kind::PolicyKind;
use crate::principal::{PrincipalName, Principals};
use crate::residual::StatementRest;
use crate::resource::{ResourcePattern, Resources};

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Parser<'_> {
    pub(super) fn statement(&self, node: &JsonNode, at: &str) -> Result<Statement, ParseError> {
        let JsonKind::Object(members) = &node.kind else {
            let message = format!("expected a statement object, found {}", node.noun());
            return Err(self.error(node.offset, at, message));
        };
        self.only(members, at, ELEMENTS)?;
        let mut conditions = match node.member("Condition") {
            Some(element) => self.conditions(element, &child(at, "Condition"))?,
            None => Vec::new(),
        };
        conditions.sort_by_key(|condition| {
            (
                condition.operator.cost(),
                condition.operator_name(),
                condition.key.folded().to_owned(),
            )
        });
        let statement = Statement {
            sid: self.sid(node, at)?,
            effect: self.effect(node, at)?,
            principals: self.principals(node, at)?,
            actions: self.actions(node, at)?,
            resources: self.resources(node, at)?,
            conditions,
            rest: StatementRest::default(),
        };
        if self.kind == PolicyKind::ResourceControl {
            self.check_resource_control(&statement, node, at)?;
        }
        Ok(statement)
    }

    /// A resource control policy denies, whoever asks. The one that allows is `RCPFullAWSAccess`, and allows everything.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>
    fn check_resource_control(
        &self,
        statement: &Statement,
        node: &JsonNode,
        at: &str,
    ) -> Result<(), ParseError> {
        let refused = |name: &str, message: &str| {
            let place = node.member(name).map_or(node.offset, |element| element.offset);
            Err(self.error(place, &child(at, name), message))
        };
        if statement.actions.negated {
            return refused("NotAction", "a resource control policy has no `NotAction`");
        }
        let principals = statement.principals.as_ref();
        if principals.is_some_and(|it| it.negated) {
            return refused("NotPrincipal", "a resource control policy has no `NotPrincipal`");
        }
        let everyone = |it: &Principals| matches!(it.names.as_slice(), [PrincipalName::Everyone]);
        if !principals.is_some_and(everyone) {
            let message = "the Principal of a resource control policy is `\"*\"`: name callers in \
                           conditions, such as aws:PrincipalArn";
            return refused("Principal", message);
        }
        let actions = statement.actions.patterns.iter().map(|it| it.source.as_str());
        let resources = statement.resources.iter().filter(|it| !it.negated);
        let resources = resources.flat_map(|it| it.patterns.iter().map(ResourcePattern::source));
        let is_full = statement.conditions.is_empty() && actions.eq(["*"]) && resources.eq(["*"]);
        match statement.effect {
            Effect::Allow if !is_full => {
                let message = "a resource control policy denies: only RCPFullAWSAccess, which is always \
                               there, has the Effect `Allow`";
                refused("Effect", message)
            }
            Effect::Allow | Effect::Deny => Ok(()),
        }
    }

    fn sid(&self, node: &JsonNode, at: &str) -> Result<Option<String>, ParseError> {
        let Some(element) = node.member("Sid") else { return Ok(None) };
        let pointer = child(at, "Sid");
        let sid = self.string(element, &pointer)?;
        let letters = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !letters && !self.kind.has_principals() {
            // Amazon's rule for IAM; services with resource policies take more.
            let message = format!(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*: `{sid}`"
            );
            return Err(self.error(element.offset, &pointer, message));
        }
        Ok(if sid.is_empty() { None } else { Some(sid.to_owned()) })
    }

    fn effect(&self, node: &JsonNode, at: &str) -> Result<Effect, ParseError> {
        let Some(element) = node.member("Effect") else {
            return Err(self.error(node.offset, at, "the statement has no `Effect`"));
        };
        let pointer = child(at, "Effect");
        match self.string(element, &pointer)? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => {
                let message =
                    format!("`{other}` is not a valid Effect: expected `Allow` or `Deny`");
                Err(self.error(element.offset, &pointer, message))
            }
        }
    }

    /// One of an element and its `Not` form: the node, its pointer, and whether it is negated.
    fn one_of<'n>(
        &self,
        node: &'n JsonNode,
        at: &str,
        names: [&str; 2],
    ) -> Result<Option<(&'n JsonNode, String, bool)>, ParseError> {
        let [plain, negated] = names;
        match (node.member(plain), node.member(negated)) {
            (Some(_), Some(second)) => {
                let message = format!("a statement has `{plain}` or `{negated}`, not both");
                Err(self.error(second.offset, &child(at, negated), message))
            }
            (Some(element), None) => Ok(Some((element, child(at, plain), false))),
            (None, Some(element)) => Ok(Some((element, child(at, negated), true))),
            (None, None) => Ok(None),
        }
    }

    fn actions(&self, node: &JsonNode, at: &str) -> Result<Actions, ParseError> {
        let Some((element, pointer, negated)) = self.one_of(node, at, ["Action", "NotAction"])?
        else {
            return Err(self.error(node.offset, at, "Policy statement must contain actions."));
        };
        let mut patterns = Vec::new();
        for (item, text, pointer) in self.strings(element, &pointer)? {
            let pattern = ActionPattern::parse(text, self.kind)
                .map_err(|message| self.error(item.offset, &pointer, message))?;
            patterns.push(pattern);
        }
        Ok(Actions { negated, patterns })
    }

    fn resources(&self, node: &JsonNode, at: &str) -> Result<Option<Resources>, ParseError> {
        let found = self.one_of(node, at, ["Resource", "NotResource"])?;
        let Some((element, pointer, negated)) = found else {
            // A trust policy is its role's; a resource policy may leave its own resource unsaid
            // (ECR's do), but a domain's may not.
            let optional = matches!(self.kind, PolicyKind::Trust | PolicyKind::Resource(_));
            if optional && !self.kind.is_domain() {
                return Ok(None);
            }
            return Err(self.error(node.offset, at, "Policy statement must contain resources."));
        };
        if self.kind == PolicyKind::Trust {
            let name = if negated { "NotResource" } else { "Resource" };
            let message = format!("Has prohibited field {name}.");
            return Err(self.error(element.offset, &pointer, message));
        }
        let mut patterns = Vec::new();
        for (item, text, pointer) in self.strings(element, &pointer)? {
            let pattern = ResourcePattern::parse(text, self.variables, self.withholds_keys())
                .map_err(|message| self.error(item.offset, &pointer, message))?;
            if let Some(tail) = pattern.tail() {
                for variable in tail.variables() {
                    self.check_variable(&variable.key, item.offset, &pointer)?;
                }
            }
            patterns.push(pattern);
        }
        Ok(Some(Resources { negated, patterns }))
    }

    fn principals(&self, node: &JsonNode, at: &str) -> Result<Option<Principals>, ParseError> {
        let found = self.one_of(node, at, ["Principal", "NotPrincipal"])?;
        let Some((element, pointer, negated)) = found else {
            if self.kind.has_principals() {
                let message = "Missing required field Principal";
                return Err(self.error(node.offset, at, message));
            }
            return Ok(None);
        };
        let refused = |message: &str| Err(self.error(element.offset, &pointer, message));
        if !self.kind.has_principals() {
            return refused("Policy document should not specify a principal.");
        }
        if negated && self.kind == PolicyKind::Trust {
            return refused("Has prohibited field NotPrincipal.");
        }
        let honoured = self.domain.unsupported_keys == UnsupportedKeys::Honour;
        if negated && self.kind.is_domain() && !honoured {
            return refused("`NotPrincipal` is not supported in the access policy of a domain");
        }
        Ok(Some(Principals { negated, names: self.principal_names(element, &pointer)? }))
    }

    fn principal_names(&self, node: &JsonNode, at: &str) -> Result<Vec<PrincipalName>, ParseError> {
        let members = match &node.kind {
            JsonKind::String(text) if text == "*" => return Ok(vec![PrincipalName::Everyone]),
            JsonKind::Object(members) => members,
            JsonKind::String(text) => {
                let message = format!(
                    "Invalid principal in policy: `{text}`: expected `\"*\"` or an object such as \
                     {{\"AWS\": …}}"
                );
                return Err(self.error(node.offset, at, message));
            }
            _ => {
                let message = format!("expected a principal, found {}", node.noun());
                return Err(self.error(node.offset, at, message));
            }
        };
        self.only(members, at, &["AWS", "Service", "Federated", "CanonicalUser"])?;
        let mut names = Vec::new();
        for JsonMember { name, value, .. } in members {
            for (item, text, pointer) in self.strings(value, &child(at, name))? {
                let principal = principal_name(name, text)
                    .map_err(|message| self.error(item.offset, &pointer, message))?;
                names.push(principal);
            }
        }
        Ok(names)
    }

    fn conditions(&self, node: &JsonNode, at: &str) -> Result<Vec<Condition>, ParseError> {
        let JsonKind::Object(operators) = &node.kind else {
            let message = format!("expected an object of operators, found {}", node.noun());
            return Err(self.error(node.offset, at, message));
        };
        let mut conditions = Vec::new();
        for JsonMember { name, offset, value } in operators {
            let pointer = child(at, name);
            let (quantifier, operator, if_exists) = condition::operator(name)
                .map_err(|message| self.error(*offset, &pointer, message))?;
            let JsonKind::Object(keys) = &value.kind else {
                let message = format!("expected an object of context keys, found {}", value.noun());
                return Err(self.error(value.offset, &pointer, message));
            };
            for member in keys {
                let pointer = child(&pointer, &member.name);
                let key = self.context_key(member, &pointer, operator.family)?;
                let written = self.condition_values(&member.value, &pointer)?;
                let syntax =
                    ValueSyntax { variables: self.variables, domain: self.withholds_keys() };
                let values = operator.family.read(&written, syntax).map_err(|problem| {
                    let typed = !matches!(operator.family, Family::String(_) | Family::Arn);
                    let message = if typed { operator.malformed(&problem) } else { problem };
                    self.error(member.value.offset, &pointer, message)
                })?;
                let condition =
                    Condition { operator, quantifier, if_exists, key, values, written, pointer };
                for variable in condition.variables() {
                    self.check_variable(&variable.key, member.value.offset, &condition.pointer)?;
                }
                conditions.push(condition);
            }
        }
        Ok(conditions)
    }

    fn context_key(
        &self,
        member: &JsonMember,
        pointer: &str,
        family: Family,
    ) -> Result<ContextKey, ParseError> {
        if member.name.is_empty() || member.name.contains(char::is_whitespace) {
            let message = format!("`{}` is not a context key", member.name);
            return Err(self.error(member.offset, pointer, message));
        }
        let key = ContextKey::new(&member.name, self.withholds_keys());
        if let Some(message) = document_key_refused(&key, family) {
            return Err(self.error(member.offset, pointer, &message));
        }
        let of_request = key.subject == KeySubject::Request;
        if of_request && self.kind.is_domain() && self.domain.vpc && family == Family::Ip {
            let message = "You can't attach an IP-based policy to a domain that has a VPC \
                           endpoint. Instead, use a security group to control IP-based access.";
            return Err(self.error(member.offset, pointer, message));
        }
        self.check_domain_key(&key, member.offset, pointer)?;
        Ok(key)
    }

    /// What a document holds is compared with values and never becomes part of one.
    fn check_variable(
        &self,
        key: &ContextKey,
        offset: usize,
        pointer: &str,
    ) -> Result<(), ParseError> {
        if key.subject != KeySubject::Request {
            let message = format!(
                "`${{{}}}` is not a variable: a document's value is compared with values, and never part of one",
                key.written()
            );
            return Err(self.error(offset, pointer, &message));
        }
        self.check_domain_key(key, offset, pointer)
    }

    fn check_domain_key(
        &self,
        key: &ContextKey,
        offset: usize,
        pointer: &str,
    ) -> Result<(), ParseError> {
        let refuses =
            self.kind.is_domain() && self.domain.unsupported_keys == UnsupportedKeys::Refuse;
        if refuses && is_unsupported_in_domain_policies(key.folded()) {
            let message =
                format!("`{}` is not supported in the access policy of a domain", key.written());
            return Err(self.error(offset, pointer, message));
        }
        Ok(())
    }

    fn withholds_keys(&self) -> bool {
        self.kind.is_domain() && self.domain.unsupported_keys != UnsupportedKeys::Honour
    }

    /// Values may be unquoted numbers and booleans.
    fn condition_values(&self, node: &JsonNode, at: &str) -> Result<Vec<String>, ParseError> {
        let one = |node: &JsonNode, pointer: &str| match &node.kind {
            JsonKind::String(text) | JsonKind::Number(text) => Ok(text.clone()),
            JsonKind::Bool(value) => Ok(value.to_string()),
            _ => {
                let message =
                    format!("expected a string, a number or a boolean, found {}", node.noun());
                Err(self.error(node.offset, pointer, message))
            }
        };
        match &node.kind {
            JsonKind::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| one(item, &format!("{at}/{index}")))
                .collect(),
            _ => Ok(vec![one(node, at)?]),
        }
    }
}

/// Why a condition on a document or a field cannot be asked, if it cannot.
fn document_key_refused(key: &ContextKey, family: Family) -> Option<String> {
    let (fits, expected) = match key.subject {
        KeySubject::Request => return None,
        KeySubject::Document if key.document_field() == Some("") => {
            return Some(format!(
                "`{}` names no field: expected a path, such as `es:Document/team`",
                key.written()
            ));
        }
        KeySubject::Document => (
            !matches!(family, Family::Arn | Family::Binary),
            "a String, Numeric, Date, Bool, IpAddress or Null operator",
        ),
        KeySubject::Field => {
            (matches!(family, Family::String(_) | Family::Null), "a String operator or Null")
        }
    };
    (!fits).then(|| {
        format!("this operator does not apply to `{}`: expected {expected}", key.written())
    })
}

/// Reads one principal of the given type.
fn principal_name(kind: &str, text: &str) -> Result<PrincipalName, String> {
    let invalid = |why: &str| Err(format!("Invalid principal in policy: `{text}`: {why}"));
    if kind == "AWS" && text == "*" {
        return Ok(PrincipalName::Everyone);
    }
    if text.contains(['*', '?']) {
        return invalid("the only wildcard for a principal is `*`, for everyone");
    }
    if text.is_empty() {
        return invalid("expected a name");
    }
    match kind {
        "Service" => Ok(PrincipalName::Service(text.to_owned())),
        "Federated" => Ok(PrincipalName::Federated(text.to_owned())),
        "CanonicalUser" => Ok(PrincipalName::CanonicalUser(text.to_owned())),
        _ => aws_principal(text).or_else(invalid),
    }
}

/// An account, an ARN of one of its principals, or a unique id.
fn aws_principal(text: &str) -> Result<PrincipalName, &'static str> {
    if is_account(text) {
        return Ok(PrincipalName::Account(text.to_owned()));
    }
    if ["AIDA", "AROA"].iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return Ok(PrincipalName::UniqueId(text.to_owned()));
    }
    let Some(segments) = crate::arn::six_segments(text) else {
        return Err("expected an account of twelve digits, an ARN or `*`");
    };
    let ["arn", _, service, "", account, resource] = segments else {
        return Err("an IAM ARN has no region");
    };
    if !is_account(account) {
        return Err("expected an account of twelve digits in the ARN");
    }
    let rest = |prefix: &str| resource.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    let is_session = || {
        let parts = rest("assumed-role/").and_then(|rest| rest.split_once('/'));
        parts.is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
    };
    match service {
        "iam" if resource == "root" => Ok(PrincipalName::Account(account.to_owned())),
        "iam" if rest("user/").is_some() || rest("role/").is_some() => Ok(arn(text)),
        "sts" if is_session() || rest("federated-user/").is_some() => Ok(arn(text)),
        _ => Err("expected root, a user, a role, an assumed-role session or a federated user"),
    }
}

fn arn(text: &str) -> PrincipalName {
    PrincipalName::Arn { arn: text.to_owned(), unique_id: None }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
