//! Edits of statements: the texts, and how large a change each is.

use serde_json::{Map, Value, json};

use crate::action::{Actions, synonym};
use crate::document::{Effect, Statement};
use crate::kind::PolicyKind;
use crate::principal::{CallerKind, Principal, PrincipalName, Principals};
use crate::print;
use crate::resource::{Resources, Shape, Target};
use crate::simulation::Simulation;
use crate::statement::Question;
use crate::{Context, PolicyKind as Kind};

/// The size of a statement that is added; a value is 1.
pub(super) const STATEMENT: usize = 3;

/// The request, as policies spell it.
pub(super) struct Asked {
    action: String,
    /// As `Resource` names it alone.
    resource: String,
    /// As it is.
    target: String,
    context: Context,
    caller: Principal,
    /// The type and the name of an element `Principal`.
    principal: (&'static str, String),
    /// Conditions without which that names others, too.
    condition: Option<Value>,
}

/// A statement in the place of another, or several.
pub(super) struct Edited {
    /// As they are written.
    pub(super) written: Vec<Value>,
    /// As the caller saw the statement.
    pub(super) seen_before: Vec<Value>,
    /// As the caller sees them.
    pub(super) seen: Vec<Value>,
    /// In words.
    pub(super) edit: String,
    /// How large it is.
    pub(super) size: usize,
}

/// Edits of one policy, one after the other.
#[derive(Default)]
pub(super) struct Narrowed {
    pub(super) edits: Vec<String>,
    pub(super) size: usize,
}

impl Narrowed {
    pub(super) fn add(&mut self, edited: Edited) {
        self.edits.push(edited.edit);
        self.size += edited.size;
    }
}

/// Puts statements in the place of one.
pub(super) fn replace(document: &mut Value, at: usize, statements: &[Value]) {
    let list = document.get_mut("Statement").and_then(Value::as_array_mut);
    if let Some(list) = list.filter(|list| at < list.len()) {
        list.splice(at..=at, statements.iter().cloned());
    }
}

/// A resource as a pattern that covers it alone; none where a wildcard would stand where no variable may.
fn literal(resource: &str) -> Option<String> {
    if resource == "*" {
        return Some("*".to_owned());
    }
    let last = resource.match_indices(':').nth(4).map(|(at, _)| at + 1)?;
    let (head, tail) = (resource.get(..last)?, resource.get(last..)?);
    if head.contains(['*', '?', '$']) {
        return None;
    }
    let tail = tail.replace("${", "${$}{").replace('*', "${*}").replace('?', "${?}");
    // The first replacement made `${$}{`, in which nothing else is replaced.
    Some(format!("{head}{tail}"))
}

/// One of the three sides of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Caller,
    Action,
    Resource,
}

impl Asked {
    /// The request of a question; none where no policy can name it alone.
    pub(super) fn of(question: &Simulation) -> Option<Asked> {
        let caller = question.principal.clone();
        let arn = || caller.arn().to_owned();
        let principal = match caller.kind() {
            CallerKind::Anonymous => return None,
            CallerKind::User | CallerKind::FederatedUser | CallerKind::Root => ("AWS", arn()),
            CallerKind::AssumedRole => ("AWS", caller.parent()?.to_owned()),
            CallerKind::WebIdentity => ("Federated", arn()),
            CallerKind::Service => ("Service", arn()),
        };
        let condition = match caller.kind() {
            CallerKind::WebIdentity => Some(subject(&question.context)?),
            // Its ARN names the whole account.
            CallerKind::Root => Some(json!({"ArnEquals": {CALLER: caller.arn()}})),
            _ => None,
        };
        Some(Asked {
            action: question.action.clone(),
            resource: literal(&question.resource)?,
            target: question.resource.clone(),
            context: question.context.clone(),
            caller,
            principal,
            condition,
        })
    }

    /// Whether its resource is spelt with variables.
    pub(super) fn is_escaped(&self) -> bool {
        self.resource != self.target
    }

    /// A Deny of the request, as its caller sees it.
    pub(super) fn denied(&self) -> Value {
        json!({"Effect": "Deny", "Action": self.action, "Resource": self.resource})
    }

    /// An Allow of the request. Where the policy names no principals and is others', too, a condition names the caller; none where
    /// that cannot be said.
    pub(super) fn statement(&self, kind: PolicyKind, own: bool) -> Option<Value> {
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), "Allow".into());
        if kind.has_principals() {
            let (of, name) = &self.principal;
            statement.insert("Principal".to_owned(), json!({*of: name}));
        }
        statement.insert("Action".to_owned(), self.action.as_str().into());
        if kind != Kind::Trust {
            statement.insert("Resource".to_owned(), self.resource.as_str().into());
        }
        match (&self.condition, kind.has_principals()) {
            (Some(condition), true) => {
                statement.insert("Condition".to_owned(), condition.clone());
            }
            (None, true) => {}
            (_, false) if own => {}
            (_, false) => {
                let names = json!({"ArnEquals": {CALLER: self.caller_arn()?}});
                statement.insert("Condition".to_owned(), names);
            }
        }
        Some(statement.into())
    }

    /// The value of `aws:PrincipalArn`, where the request has it.
    fn caller_arn(&self) -> Option<&str> {
        let values = self.context.get(CALLER)?;
        values.first().map(String::as_str).filter(|it| *it == self.caller.principal_arn())
    }

    /// An Allow statement with one value more, where it names but one of what it misses the request by and nothing else.
    pub(super) fn extended(
        &self,
        statement: &Statement,
        kind: PolicyKind,
        question: &Question<'_>,
        at: usize,
    ) -> Option<Edited> {
        let met =
            statement.conditions.iter().all(|it| it.is_met(statement.effect, question.context));
        let fixed = self.condition.is_some() && kind.has_principals();
        if statement.effect != Effect::Allow || !met || fixed {
            return None;
        }
        let covers = [
            (Side::Caller, statement.names_principal(question).is_some()),
            (Side::Action, statement.covers_action(kind, question)),
            (Side::Resource, statement.covers_resource(question)),
        ];
        let mut missed = covers.iter().filter(|(_, covered)| !covered).map(|(side, _)| *side);
        let (Some(side), None) = (missed.next(), missed.next()) else { return None };
        let alone = |other: Side| other == side || self.is_alone(statement, kind, true, other);
        if ![Side::Caller, Side::Action, Side::Resource].into_iter().all(alone) {
            return None;
        }
        let mut written = print::statement(statement);
        let (element, value) = match side {
            Side::Caller if !statement.principals.as_ref()?.negated => {
                ("Principal", self.principal.1.clone())
            }
            Side::Action if !statement.actions.negated => ("Action", self.action.clone()),
            Side::Resource if !statement.resources.as_ref()?.negated => {
                ("Resource", self.resource.clone())
            }
            _ => return None,
        };
        let list = match side {
            Side::Caller => written
                .get_mut(element)?
                .as_object_mut()?
                .entry(self.principal.0)
                .or_insert(json!([])),
            Side::Action | Side::Resource => written.get_mut(element)?,
        };
        push(list, &value);
        let seen_before = match side {
            Side::Caller => Vec::new(),
            Side::Action | Side::Resource => {
                vec![seen(&print::statement(statement), kind, &self.resource)]
            }
        };
        let seen = vec![seen(&written, kind, &self.resource)];
        let edit = format!("add `{value}` to {element} of statement {at}");
        Some(Edited { written: vec![written], seen_before, seen, edit, size: 1 })
    }

    /// A Deny statement without the request, and nothing else; none where it names by patterns what it would have to leave out.
    pub(super) fn without(
        &self,
        statement: &Statement,
        kind: PolicyKind,
        own: bool,
        at: usize,
    ) -> Option<Edited> {
        let whole = print::statement(statement);
        let seen_before = vec![seen(&whole, kind, &self.resource)];
        let sides = [Side::Caller, Side::Action, Side::Resource];
        let wide: Vec<Side> =
            sides.into_iter().filter(|side| !self.is_alone(statement, kind, own, *side)).collect();
        let mut edited = Edited {
            written: Vec::new(),
            seen_before,
            seen: Vec::new(),
            edit: String::new(),
            size: wide.len().saturating_sub(1) * STATEMENT + 1,
        };
        // The statement without the first side; of that side's own value without the second; and so on.
        let mut rest = whole;
        let mut words = Vec::new();
        for (number, side) in wide.iter().enumerate() {
            let mut piece = rest.clone();
            words.push(self.leave_out(&mut piece, statement, kind, *side)?);
            if number > 0 {
                piece.as_object_mut()?.shift_remove("Sid");
            }
            if *side != Side::Caller {
                edited.seen.push(seen(&piece, kind, &self.resource));
            }
            edited.written.push(piece);
            if number + 1 < wide.len() {
                self.narrow_to(&mut rest, statement, kind, *side)?;
            }
        }
        edited.edit = match words.as_slice() {
            [] => format!("remove statement {at}"),
            [only] => format!("{only} statement {at}"),
            _ => format!("split statement {at}: {} one part each", words.join(" one, ")),
        };
        // What the caller sees does not name it.
        edited.seen.iter_mut().for_each(|it| unnamed(it, &self.caller));
        Some(edited)
    }

    /// Whether one side of a statement holds the request's and nothing else.
    fn is_alone(&self, statement: &Statement, kind: PolicyKind, own: bool, side: Side) -> bool {
        match side {
            Side::Caller => match &statement.principals {
                Some(principals) if kind != Kind::ResourceControl => {
                    !principals.negated
                        && principals.names.len() == 1
                        && principals.names.iter().all(|name| self.is_caller(name))
                }
                _ => own,
            },
            Side::Action => {
                let Actions { negated, patterns } = &statement.actions;
                let is_it = |source: &str| {
                    let other = synonym(&self.action).filter(|_| kind.joins_renamed_actions());
                    [Some(self.action.as_str()), other]
                        .into_iter()
                        .flatten()
                        .any(|it| it.eq_ignore_ascii_case(source))
                };
                !negated && !patterns.is_empty() && patterns.iter().all(|it| is_it(&it.source))
            }
            Side::Resource => match &statement.resources {
                None => kind == Kind::Trust,
                Some(Resources { negated, patterns }) => {
                    !negated
                        && !patterns.is_empty()
                        && patterns.iter().all(|it| it.source() == self.resource)
                }
            },
        }
    }

    fn is_caller(&self, name: &PrincipalName) -> bool {
        name.as_str() == self.principal.1 && name.grant(&self.caller).is_some()
    }

    /// Takes the request's value out of one side of a printed statement; in words.
    fn leave_out(
        &self,
        piece: &mut Value,
        statement: &Statement,
        kind: PolicyKind,
        side: Side,
    ) -> Option<String> {
        let piece = piece.as_object_mut()?;
        match side {
            Side::Caller => self.leave_out_caller(piece, statement.principals.as_ref(), kind),
            Side::Action => {
                let Actions { negated, patterns } = &statement.actions;
                let is_everything = |source: &str| source == "*";
                let others: Vec<&str> = patterns
                    .iter()
                    .filter(|it| !self.is_action(it.source.as_str(), kind))
                    .map(|it| it.source.as_str())
                    .collect();
                let names = Names {
                    element: "Action",
                    value: &self.action,
                    negated: *negated,
                    everything: others.iter().all(|it| is_everything(it)) && !others.is_empty(),
                    others: &others,
                    covered: patterns.iter().any(|it| {
                        !self.is_action(&it.source, kind)
                            && it.pattern.matches(&self.action, &Context::new())
                    }),
                };
                names.leave_out(piece)
            }
            Side::Resource => {
                let target = Target::new(&self.target);
                let (negated, patterns) = match &statement.resources {
                    Some(resources) => (resources.negated, resources.patterns.as_slice()),
                    None => (false, [].as_slice()),
                };
                let others: Vec<&str> = patterns
                    .iter()
                    .map(|it| it.source())
                    .filter(|source| *source != self.resource)
                    .collect();
                let everything = statement.resources.is_none()
                    || patterns.iter().all(|it| matches!(it.shape(), Shape::Everything));
                let names = Names {
                    element: "Resource",
                    value: &self.resource,
                    negated,
                    everything,
                    others: &others,
                    covered: patterns.iter().any(|it| {
                        it.source() != self.resource && it.matches(&target, &self.context)
                    }),
                };
                names.leave_out(piece)
            }
        }
    }

    fn is_action(&self, source: &str, kind: PolicyKind) -> bool {
        let other = synonym(&self.action).filter(|_| kind.joins_renamed_actions());
        source.eq_ignore_ascii_case(&self.action)
            || other.is_some_and(|it| it.eq_ignore_ascii_case(source))
    }

    fn leave_out_caller(
        &self,
        piece: &mut Map<String, Value>,
        principals: Option<&Principals>,
        kind: PolicyKind,
    ) -> Option<String> {
        let (of, name) = &self.principal;
        if let Some(Principals { negated: false, names }) = principals
            && kind != Kind::ResourceControl
            && names.iter().all(|it| self.is_caller(it) || it.grant(&self.caller).is_none())
        {
            let list = piece.get_mut("Principal")?.as_object_mut()?;
            let kept: Vec<Value> =
                values(list.get(*of)?).into_iter().filter(|it| it.as_str() != Some(name)).collect();
            match kept.is_empty() {
                true => drop(list.shift_remove(*of)),
                false => drop(list.insert((*of).to_owned(), kept.into())),
            }
            return Some(format!("remove `{name}` from Principal of"));
        }
        let arn = self.caller_arn()?;
        let conditions = piece.entry("Condition").or_insert_with(|| json!({}));
        let operator =
            conditions.as_object_mut()?.entry("ArnNotEquals").or_insert_with(|| json!({}));
        let operator = operator.as_object_mut()?;
        let key = operator.keys().find(|key| key.eq_ignore_ascii_case(CALLER)).cloned();
        push(operator.entry(key.unwrap_or_else(|| CALLER.to_owned())).or_insert(json!([])), arn);
        Some(format!("add ArnNotEquals {CALLER} `{arn}` to Condition of"))
    }

    /// Whether an element `Principal` that names the caller, as policies name it, names nobody whom the statement did not: a
    /// session is named by its role, whose other sessions it may have left alone.
    fn is_named_as_widely(&self, principals: &Principals) -> bool {
        let whole = |name: &PrincipalName| {
            matches!(name, PrincipalName::Everyone | PrincipalName::Account(_))
                || name.as_str() == self.principal.1
        };
        match principals.negated {
            true => self.condition.is_none() && self.principal.1 == self.caller.arn(),
            false => {
                let mut naming =
                    principals.names.iter().filter(|name| name.grant(&self.caller).is_some());
                naming.any(whole)
            }
        }
    }

    /// Makes one side of a printed statement the request's alone; none where it would deny more than before.
    fn narrow_to(
        &self,
        rest: &mut Value,
        statement: &Statement,
        kind: PolicyKind,
        side: Side,
    ) -> Option<()> {
        let rest = rest.as_object_mut()?;
        match side {
            Side::Action => {
                rest.shift_remove("NotAction");
                rest.insert("Action".to_owned(), self.action.as_str().into());
            }
            Side::Resource => {
                rest.shift_remove("NotResource");
                rest.insert("Resource".to_owned(), self.resource.as_str().into());
            }
            Side::Caller if kind.has_principals() && kind != Kind::ResourceControl => {
                if !self.is_named_as_widely(statement.principals.as_ref()?) {
                    return None;
                }
                rest.shift_remove("NotPrincipal");
                let (of, name) = &self.principal;
                rest.insert("Principal".to_owned(), json!({*of: name}));
            }
            Side::Caller => {
                let arn = self.caller_arn()?.to_owned();
                let conditions = rest.entry("Condition").or_insert_with(|| json!({}));
                let operator = conditions.as_object_mut()?.entry("ArnEquals").or_insert(json!({}));
                let operator = operator.as_object_mut()?;
                operator.retain(|key, _| !key.eq_ignore_ascii_case(CALLER));
                operator.insert(CALLER.to_owned(), arn.into());
            }
        }
        Some(())
    }
}

/// Of whom a token speaks, where an identity provider vouches for a caller.
fn subject(context: &Context) -> Option<Value> {
    let of = |suffix: &str| context.iter().find(|(key, _)| key.ends_with(suffix));
    let (sub, who) = of(":sub")?;
    let mut equals = Map::new();
    equals.insert(sub.to_owned(), who.first()?.as_str().into());
    if let Some((key, audience)) = of(":aud") {
        equals.insert(key.to_owned(), audience.first()?.as_str().into());
    }
    Some(json!({"StringEquals": equals}))
}

/// The key that names a caller in policies without principals.
const CALLER: &str = "aws:PrincipalArn";

/// `Action` or `Resource` of a statement from which a value is taken.
struct Names<'a> {
    element: &'static str,
    value: &'a str,
    negated: bool,
    /// Whether there is nothing but `*`.
    everything: bool,
    others: &'a [&'a str],
    /// Whether one of the others covers the value.
    covered: bool,
}

impl Names<'_> {
    fn leave_out(&self, piece: &mut Map<String, Value>) -> Option<String> {
        let Names { element, value, .. } = self;
        let not = format!("Not{element}");
        if self.negated {
            push(piece.get_mut(&not)?, value);
            return Some(format!("add `{value}` to {not} of"));
        }
        if self.everything {
            piece.shift_remove(*element);
            piece.insert(not.clone(), (*value).into());
            return Some(format!("replace {element} by {not} `{value}` in"));
        }
        if self.covered || self.others.is_empty() {
            return None;
        }
        piece.insert((*element).to_owned(), self.others.to_vec().into());
        Some(format!("remove `{value}` from {element} of"))
    }
}

/// A printed statement as the request's caller sees it: without principals, as a policy of its own.
fn seen(statement: &Value, kind: PolicyKind, role: &str) -> Value {
    let mut seen = statement.clone();
    let Some(members) = seen.as_object_mut() else { return seen };
    for name in ["Sid", "Principal", "NotPrincipal"] {
        members.shift_remove(name);
    }
    if !members.contains_key("Resource") && !members.contains_key("NotResource") {
        // A trust policy is about its role.
        let resource = if kind == Kind::Trust { role } else { "*" };
        members.insert("Resource".to_owned(), resource.into());
    }
    if kind.is_domain() {
        for name in ["Action", "NotAction"] {
            if let Some(actions) = members.get_mut(name) {
                let read = |it: Value| match it.as_str() {
                    Some(all) if all == "*" || all.eq_ignore_ascii_case("es:*") => {
                        "es:ESHttp*".into()
                    }
                    _ => it,
                };
                *actions = values(actions).into_iter().map(read).collect();
            }
        }
    }
    seen
}

/// Leaves out the condition that names the caller.
fn unnamed(statement: &mut Value, caller: &Principal) {
    let Some(conditions) = statement.get_mut("Condition").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(operator) = conditions.get_mut("ArnEquals").and_then(Value::as_object_mut) {
        operator.retain(|key, value| {
            !(key.eq_ignore_ascii_case(CALLER) && value.as_str() == Some(caller.principal_arn()))
        });
    }
    conditions.retain(|_, keys| keys.as_object().is_none_or(|keys| !keys.is_empty()));
}

fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

/// Adds a value to one or several.
fn push(list: &mut Value, value: &str) {
    let mut all = values(list);
    all.push(value.into());
    *list = all.into();
}
