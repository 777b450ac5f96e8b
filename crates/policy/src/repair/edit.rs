//! Edits of statements: the texts, and how large a change each is.

use serde_json::{Map, Value, json};

use crate::action::Actions;
use crate::document::Statement;
use crate::effect::Effect;
use crate::kind::PolicyKind;
use crate::principal::{CallerKind, Principal, PrincipalName, Principals};
use crate::print;
use crate::resource::Resources;
use crate::simulation::Simulation;
use crate::statement::Question;
use crate::{Context, PolicyKind as Kind};

use super::narrow::{self, ActionNames, Obstacle, Remaining};

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
    /// Every action that there is.
    known: Vec<String>,
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
    /// Whether it is exact among the actions that there are, and not among all names.
    pub(super) of_known: bool,
    /// The value in the way, if it is not exact.
    pub(super) obstacle: Option<Obstacle>,
}

/// One side of a printed statement without the request's value.
struct LeftOut {
    /// In words, with the statement's number to follow.
    words: String,
    size: usize,
    of_known: bool,
    obstacle: Option<Obstacle>,
}

impl LeftOut {
    fn new(words: String, size: usize) -> Self {
        Self { words, size, of_known: false, obstacle: None }
    }
}

/// Edits of one policy, one after the other.
#[derive(Default)]
pub(super) struct Narrowed {
    pub(super) edits: Vec<String>,
    pub(super) size: usize,
    pub(super) of_known: bool,
}

impl Narrowed {
    pub(super) fn add(&mut self, edited: Edited) {
        self.edits.push(edited.edit);
        self.size += edited.size;
        self.of_known |= edited.of_known;
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
    pub(super) fn of(question: &Simulation, actions: &[String]) -> Option<Asked> {
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
            known: actions.to_vec(),
        })
    }

    /// The actions of its service that there are, and a pattern for all of them.
    pub(super) fn known_of_the_service(&self) -> (Vec<&str>, String) {
        let service = self.action.split(':').next().unwrap_or_default();
        let is_its = |name: &&str| {
            name.split(':').next().is_some_and(|own| own.eq_ignore_ascii_case(service))
        };
        let known = self.known.iter().map(String::as_str).filter(is_its).collect();
        (known, format!("{service}:*"))
    }

    /// The domain that it is about, and what is below it: all that the domain's own policy is asked about.
    pub(super) fn domain(&self) -> Option<String> {
        let name = self.target.find(":domain/")? + ":domain/".len();
        let end = self.target.get(name..)?.find('/').map_or(self.target.len(), |at| name + at);
        let domain = self.target.get(..end)?;
        (!domain.contains(['*', '?', '$'])).then(|| domain.to_owned())
    }

    fn names(&self, kind: PolicyKind) -> ActionNames<'_> {
        ActionNames {
            asked: &self.action,
            other: narrow::other_name(&self.action, kind.joins_renamed_actions()),
            known: &self.known,
        }
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
        let written = vec![written];
        Some(Edited { written, seen_before, seen, edit, size: 1, of_known: false, obstacle: None })
    }

    /// A Deny statement without the request, and nothing else.
    ///
    /// # Errors
    /// By which of its values it denies more than the request, where that value cannot leave the request out.
    pub(super) fn without(
        &self,
        statement: &Statement,
        kind: PolicyKind,
        own: bool,
        at: usize,
    ) -> Result<Edited, Obstacle> {
        let whole = print::statement(statement);
        let (seen_before, mut of_known) = (vec![seen(&whole, kind, &self.resource)], false);
        let mut wide: Vec<Side> = [Side::Caller, Side::Action, Side::Resource]
            .into_iter()
            .filter(|side| !self.is_alone(statement, kind, own, *side))
            .collect();
        let Actions { negated, patterns } = &statement.actions;
        if wide.contains(&Side::Action) && !negated && self.names(kind).are_all(patterns) {
            wide.retain(|side| *side != Side::Action);
            of_known = true;
        }
        let (written, edit) = (Vec::new(), String::new());
        let size = wide.len().saturating_sub(1) * STATEMENT + 1;
        let (seen_after, obstacle) = (Vec::new(), None);
        let mut edited =
            Edited { written, seen_before, seen: seen_after, edit, size, of_known, obstacle };
        // The statement without the first side; of that side's own value without the second; and so on.
        let mut rest = whole;
        let mut words = Vec::new();
        for (number, side) in wide.iter().enumerate() {
            let mut piece = rest.clone();
            let left_out = self.leave_out(&mut piece, statement, kind, *side)?;
            words.push(left_out.words);
            edited.size += left_out.size - 1;
            edited.of_known |= left_out.of_known;
            edited.obstacle = left_out.obstacle.or(edited.obstacle);
            if number > 0
                && let Some(piece) = piece.as_object_mut()
            {
                piece.shift_remove("Sid");
            }
            if *side != Side::Caller {
                edited.seen.push(seen(&piece, kind, &self.resource));
            }
            edited.written.push(piece);
            if number + 1 < wide.len() {
                self.narrow_to(&mut rest, statement, kind, *side)
                    .ok_or_else(|| names_of(statement.principals.as_ref()))?;
            }
        }
        edited.edit = match words.as_slice() {
            [] => format!("remove statement {at}"),
            [only] => format!("{only} statement {at}"),
            _ => format!("split statement {at}: {} one part each", words.join(" one, ")),
        };
        // Each part has the conditions of the whole: without them it is shown that nothing but the request is left out, under any.
        for seen in edited.seen_before.iter_mut().chain(&mut edited.seen) {
            if let Some(members) = seen.as_object_mut() {
                members.shift_remove("Condition");
            }
        }
        Ok(edited)
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
                let names = self.names(kind);
                !negated && !patterns.is_empty() && patterns.iter().all(|it| names.is(&it.source))
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

    /// Takes the request's value out of one side of a printed statement.
    fn leave_out(
        &self,
        piece: &mut Value,
        statement: &Statement,
        kind: PolicyKind,
        side: Side,
    ) -> Result<LeftOut, Obstacle> {
        let principals = statement.principals.as_ref();
        let nameless = || names_of(principals);
        let piece = piece.as_object_mut().ok_or_else(nameless)?;
        match side {
            Side::Caller => {
                let words = self.leave_out_caller(piece, principals, kind).ok_or_else(nameless)?;
                Ok(LeftOut::new(words, 1))
            }
            Side::Action => {
                let Actions { negated, patterns } = &statement.actions;
                let element = Element { name: "Action", value: &self.action };
                if *negated {
                    return Ok(element.with_one_more(piece));
                }
                let (remaining, of_known) = self.names(kind).left_out_of(patterns)?;
                let sources: Vec<&str> = patterns.iter().map(|it| it.source.as_str()).collect();
                Ok(LeftOut { of_known, ..element.left_out(piece, &sources, remaining) })
            }
            Side::Resource => {
                let element = Element { name: "Resource", value: &self.resource };
                let resources = statement.resources.as_ref();
                if resources.is_some_and(|it| it.negated) {
                    return Ok(element.with_one_more(piece));
                }
                let domain = self.domain().filter(|_| kind.is_domain());
                let asked = (self.target.as_str(), self.resource.as_str());
                let (remaining, obstacle) = narrow::resource_left_out_of(
                    resources,
                    asked,
                    domain.as_deref(),
                    &self.context,
                )?;
                let patterns = resources.iter().flat_map(|it| &it.patterns);
                let sources: Vec<&str> = patterns.map(|it| it.source()).collect();
                Ok(LeftOut { obstacle, ..element.left_out(piece, &sources, remaining) })
            }
        }
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

/// The principals of a statement, which cannot leave one caller out.
fn names_of(principals: Option<&Principals>) -> Obstacle {
    let names = principals.into_iter().flat_map(|it| &it.names);
    let value = names.map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    Obstacle { element: "Principal", value }
}

/// `Action` or `Resource` of a statement from which a value is taken.
struct Element<'a> {
    name: &'static str,
    value: &'a str,
}

impl Element<'_> {
    /// `NotAction` or `NotResource` with the value, too.
    fn with_one_more(&self, piece: &mut Map<String, Value>) -> LeftOut {
        let not = format!("Not{}", self.name);
        push(piece.entry(not.clone()).or_insert(json!([])), self.value);
        let words = format!("add `{}` to {not} of", self.value);
        LeftOut::new(words, 1)
    }

    /// Puts what remains in the place of the values that there are.
    fn left_out(
        &self,
        piece: &mut Map<String, Value>,
        before: &[&str],
        remaining: Remaining,
    ) -> LeftOut {
        let Element { name, value } = self;
        match remaining {
            Remaining::AllBut(values) => {
                let not = format!("Not{name}");
                piece.shift_remove(*name);
                let told: Vec<String> = values.iter().map(|it| format!("`{it}`")).collect();
                let words = format!("replace {name} by {not} {} in", told.join(", "));
                let size = values.len();
                piece.insert(not, one_or_many(values));
                LeftOut::new(words, size)
            }
            Remaining::Listed(values) => {
                let gone = before.iter().filter(|it| !values.iter().any(|kept| kept == *it));
                let gone: Vec<String> =
                    gone.filter(|it| *it != value).map(|it| format!("`{it}`")).collect();
                let new = values.iter().filter(|it| !before.contains(&it.as_str())).count();
                let words = match gone.is_empty() {
                    true => format!("remove `{value}` from {name} of"),
                    false => format!("leave `{value}` out of {} in {name} of", gone.join(", ")),
                };
                piece.insert((*name).to_owned(), values.into());
                LeftOut::new(words, new.max(1))
            }
        }
    }
}

fn one_or_many(values: Vec<String>) -> Value {
    match <[String; 1]>::try_from(values) {
        Ok([only]) => only.into(),
        Err(values) => values.into(),
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
