//! Whether one statement bears on a request.

use crate::action::synonym;
use crate::condition::Condition;
use crate::context::Context;
use crate::document::Statement;
use crate::effect::Effect;
use crate::kind::PolicyKind;
use crate::principal::{Grant, Principal};
use crate::request::AccessRequest;
use crate::resource::Target;
use crate::variables::Variable;

/// Where a statement stands: which policy of the set, which statement of the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatementRow {
    pub(crate) member: u32,
    pub(crate) statement: u32,
}

/// A request, prepared once for all statements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) action: &'a str,
    /// The action's other name, where old and new names are one.
    pub(crate) synonym: Option<&'static str>,
    pub(crate) target: Target<'a>,
    pub(crate) context: &'a Context,
}

impl<'a> Question<'a> {
    pub(crate) fn new(request: &AccessRequest<'a>) -> Question<'a> {
        Question {
            principal: request.principal,
            action: request.action,
            synonym: synonym(request.action),
            target: Target::new(request.resource),
            context: request.context,
        }
    }
}

impl Statement {
    /// Whether every element covers the request, and how the caller is named. Policies without
    /// principals name whom they are attached to.
    pub(crate) fn matches(&self, kind: PolicyKind, question: &Question<'_>) -> Option<Grant> {
        if !self.covers_action(kind, question) || !self.covers_resource(question) {
            return None;
        }
        let grant = self.names_principal(question)?;
        let is_met = |condition: &Condition| condition.is_met(self.effect, question.context);
        self.conditions.iter().all(is_met).then_some(grant)
    }

    /// As [`Statement::matches`] as far as the request is concerned: [`Statement::document_conditions`] are left.
    pub(crate) fn matches_but_for_documents(
        &self,
        kind: PolicyKind,
        question: &Question<'_>,
    ) -> Option<Grant> {
        if !self.covers_action(kind, question) || !self.covers_resource(question) {
            return None;
        }
        let grant = self.names_principal(question)?;
        let holds = |condition: &Condition| condition.holds(question.context);
        self.request_conditions().all(holds).then_some(grant)
    }

    /// Its conditions on the request alone.
    pub(crate) fn request_conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| !condition.is_residual())
    }

    /// Its conditions on a document or a field.
    pub(crate) fn document_conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.is_residual())
    }

    /// Whether it has a condition on a document or a field.
    pub(crate) fn asks_for_documents(&self) -> bool {
        self.conditions.iter().any(Condition::is_residual)
    }

    pub(crate) fn covers_action(&self, kind: PolicyKind, question: &Question<'_>) -> bool {
        let synonym = if kind.joins_renamed_actions() { question.synonym } else { None };
        self.actions.matches(question.action, synonym)
    }

    pub(crate) fn covers_resource(&self, question: &Question<'_>) -> bool {
        match &self.resources {
            None => true,
            Some(resources) => resources.matches(&question.target, question.context),
        }
    }

    /// The variables of the resources, of which a missing key makes a resource that covers nothing.
    pub(crate) fn resource_variables(&self) -> impl Iterator<Item = &Variable> {
        let patterns = self.resources.iter().flat_map(|resources| &resources.patterns);
        patterns.filter_map(|pattern| pattern.tail()).flat_map(|tail| tail.variables())
    }

    /// Whether anything of the context can decide whether it matches.
    pub(crate) fn asks_for_keys(&self) -> bool {
        !self.conditions.is_empty() || self.resource_variables().next().is_some()
    }

    pub(crate) fn names_principal(&self, question: &Question<'_>) -> Option<Grant> {
        match &self.principals {
            None => Some(Grant::Direct),
            Some(names) => names.grant(question.principal, self.effect == Effect::Deny),
        }
    }
}
