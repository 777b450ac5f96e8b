//! The search for one request: in all the wanted statements, in none of the refused ones.
//!
//! A statement is a product of dimensions: action, resource and one for each condition. A request
//! outside it is outside in at least one of them, so each refused statement splits the cell that
//! is left into one narrower cell per dimension. Cells that hold nothing are cut off at once.

use std::collections::BTreeMap;

use super::effort::{Effort, TOO_MANY_STEPS};
use super::{
    language::{Demand, Example, Language, example},
    value::{Constraint, SolvedKey, solve},
};
use crate::action::{Actions, RENAMED};
use crate::context::Context;
use crate::document::Statement;
use crate::kind::PolicyKind;
use crate::principal::Principal;

/// A statement and the kind of policy it stands in.
pub(super) type PlacedStatement<'p> = (&'p Statement, PolicyKind);

/// A request without its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) context: Context,
}

/// What is looked for, and who decides whether it was found.
pub(super) struct Search<'s> {
    /// The caller; its account and type are facts, its other keys are free.
    pub(super) principal: &'s Principal,
    /// It is this very caller, and stands for no other: its ARN and its name are facts, too.
    pub(super) is_itself: bool,
    /// The action, when it is given.
    pub(super) action: Option<&'s str>,
    /// The resource, when it is given.
    pub(super) resource: Option<&'s str>,
    /// The account of the resource, where only those of one are looked for.
    pub(super) account: Option<&'s str>,
    /// The evaluator's own verdict on a candidate. Only what it confirms is a witness.
    pub(super) confirm: &'s dyn Fn(&Found) -> bool,
    /// What all searches of a question may take together.
    pub(super) effort: &'s Effort,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SearchEnd {
    /// With a request that the evaluator confirmed.
    Found(Found),
    /// With the proof that there is none.
    Nothing,
    /// Without an answer, and why.
    Undecided(String),
}

impl Search<'_> {
    /// A request in every one of `wanted` and in none of `refused`.
    pub(super) fn run(
        &self,
        wanted: &[PlacedStatement<'_>],
        refused: &[PlacedStatement<'_>],
    ) -> SearchEnd {
        if self.effort.is_spent() {
            return SearchEnd::Undecided(TOO_MANY_STEPS.to_owned());
        }
        let mut cell = DemandProduct::default();
        cell.actions.extend(self.action.map(|it| Demand::want(vec![Language::literal(it)])));
        cell.resources.extend(self.resource.map(|it| Demand::want(vec![Language::literal(it)])));
        cell.resources.extend(self.account.map(|it| Demand::want(Language::of_account(it).into())));
        for placed in wanted {
            cell.narrow_to(*placed);
        }
        let mut progress = Progress { cells: 0, doubt: None };
        if self.holds_nothing(&cell, &mut progress) {
            return progress.nothing();
        }
        match self.split(cell, refused, &mut progress) {
            Some(found) => SearchEnd::Found(found),
            None => progress.nothing(),
        }
    }

    fn split<'p>(
        &self,
        cell: DemandProduct<'p>,
        refused: &[PlacedStatement<'p>],
        progress: &mut Progress,
    ) -> Option<Found> {
        progress.cells += 1;
        if progress.cells > CELLS_MAX || !self.effort.spend() {
            let most = CELLS_MAX.min(self.effort.cells_max);
            progress.doubt = Some(format!("more than {most} combinations of statements"));
            return None;
        }
        let Some((&first, rest)) = refused.split_first() else {
            return self.witness(&cell, progress);
        };
        if cell.is_apart_from(first, self.effort) {
            return self.split(cell, rest, progress);
        }
        for narrower in cell.outside(first) {
            if self.holds_nothing(&narrower, progress) {
                continue;
            }
            if let Some(found) = self.split(narrower, rest, progress) {
                return Some(found);
            }
        }
        None
    }

    fn holds_nothing(&self, cell: &DemandProduct<'_>, progress: &mut Progress) -> bool {
        let empty =
            |demands: &[Demand], progress: &mut Progress| match example(demands, self.effort) {
                Example::None => true,
                Example::Found(_) => false,
                Example::TooComplex => {
                    progress.doubt = Some("the patterns are too complex".to_owned());
                    true
                }
            };
        if empty(&cell.actions, progress) || empty(&cell.resources, progress) {
            return true;
        }
        cell.conditions.iter().any(|(key, constraints)| {
            match solve(key, constraints, self.fixed(key).as_deref(), self.effort) {
                SolvedKey::Values(_) => false,
                SolvedKey::Impossible => true,
                SolvedKey::Undecided(why) => {
                    progress.doubt = Some(why);
                    true
                }
            }
        })
    }

    /// A request out of a cell that holds some, if the evaluator confirms it.
    fn witness(&self, cell: &DemandProduct<'_>, progress: &mut Progress) -> Option<Found> {
        let found = self.request(cell);
        let why = match &found {
            Some(found) if (self.confirm)(found) => return Some(found.clone()),
            Some(_) => "a policy variable, or a rule between statements, decides it",
            None => "the patterns are too complex",
        };
        progress.doubt.get_or_insert_with(|| why.to_owned());
        None
    }

    fn request(&self, cell: &DemandProduct<'_>) -> Option<Found> {
        // The evaluator is asked, too.
        if !self.effort.step(WITNESS_STEPS) {
            return None;
        }
        let mut context = Context::new();
        context.describe(self.principal);
        for (key, constraints) in &cell.conditions {
            match solve(key, constraints, self.fixed(key).as_deref(), self.effort) {
                SolvedKey::Values(values) => context.set_all(key, values),
                SolvedKey::Impossible | SolvedKey::Undecided(_) => return None,
            };
        }
        let action = plainest(&cell.actions, PLAIN_ACTIONS, self.effort)?;
        let resource = plainest(&cell.resources, PLAIN_RESOURCES, self.effort)?;
        Some(Found { action, resource, context })
    }

    /// The values that follow from who the caller is; none of them is absence.
    fn fixed(&self, key: &str) -> Option<Vec<String>> {
        let mut facts = Context::new();
        facts.describe(self.principal);
        match key {
            "aws:principalaccount" | "aws:principaltype" => {
                Some(facts.get(key).unwrap_or_default().to_vec())
            }
            "aws:principalarn" | "aws:username" if facts.get("aws:principalarn").is_none() => {
                Some(Vec::new())
            }
            "aws:principalarn" | "aws:username" if self.is_itself => {
                Some(facts.get(key).unwrap_or_default().to_vec())
            }
            _ => None,
        }
    }
}

/// Steps for a request that is shown to the evaluator.
const WITNESS_STEPS: usize = 1_000;

/// Cells visited before a search gives up.
const CELLS_MAX: usize = 20_000;

/// Actions and resources to show rather than a shortest string, where they fit.
const PLAIN_ACTIONS: &[&str] = &[
    "es:ESHttpGet",
    "es:ESHttpPost",
    "es:ESHttpPut",
    "es:ESHttpDelete",
    "es:ESHttpHead",
    "es:ESHttpPatch",
    "es:DescribeDomain",
    "sts:AssumeRole",
];
const PLAIN_RESOURCES: &[&str] = &[
    "arn:aws:es:us-east-1:123456789012:domain/example/index/_search",
    "arn:aws:iam::123456789012:role/example",
];

struct Progress {
    cells: usize,
    doubt: Option<String>,
}

impl Progress {
    fn nothing(self) -> SearchEnd {
        self.doubt.map_or(SearchEnd::Nothing, SearchEnd::Undecided)
    }
}

/// A product of demands: the requests that meet them all.
#[derive(Clone, Default)]
struct DemandProduct<'p> {
    actions: Vec<Demand>,
    resources: Vec<Demand>,
    conditions: BTreeMap<String, Vec<Constraint<'p>>>,
}

impl<'p> DemandProduct<'p> {
    fn narrow_to(&mut self, (statement, kind): PlacedStatement<'p>) {
        self.actions.push(actions(&statement.actions, kind, true));
        self.resources.extend(resources(statement, true));
        for condition in &statement.conditions {
            self.constrain((condition, true));
        }
    }

    fn constrain(&mut self, constraint: Constraint<'p>) {
        self.conditions.entry(constraint.0.key.folded().to_owned()).or_default().push(constraint);
    }

    /// No request of the cell has an action and a resource of the statement: nothing to split.
    fn is_apart_from(&self, (statement, kind): PlacedStatement<'p>, effort: &Effort) -> bool {
        let apart = |demands: &[Demand], more: Demand| {
            example(&[demands, &[more]].concat(), effort) == Example::None
        };
        apart(&self.actions, actions(&statement.actions, kind, true))
            || resources(statement, true).is_some_and(|more| apart(&self.resources, more))
    }

    /// The parts of the cell outside the statement, one per dimension.
    fn outside(&self, (statement, kind): PlacedStatement<'p>) -> Vec<DemandProduct<'p>> {
        let mut parts = Vec::with_capacity(statement.conditions.len() + 2);
        let mut part = self.clone();
        part.actions.push(actions(&statement.actions, kind, false));
        parts.push(part);
        if let Some(demand) = resources(statement, false) {
            let mut part = self.clone();
            part.resources.push(demand);
            parts.push(part);
        }
        parts.extend(statement.conditions.iter().map(|condition| {
            let mut part = self.clone();
            part.constrain((condition, false));
            part
        }));
        parts
    }
}

/// What being in a statement's `Action` or `NotAction` demands, or being outside.
fn actions(element: &Actions, kind: PolicyKind, inside: bool) -> Demand {
    let mut languages: Vec<Language> =
        element.patterns.iter().map(|entry| Language::of(&entry.pattern)).collect();
    if kind.joins_renamed_actions() {
        // An action is covered when its other name is; what the patterns cover anyway adds nothing.
        let covers = |action: &str| {
            element.patterns.iter().any(|entry| entry.pattern.matches(action, &Context::new()))
        };
        let names = RENAMED.iter().flat_map(|(old, new)| [(*old, *new), (*new, *old)]);
        languages.extend(
            names
                .filter(|(one, other)| covers(one) && !covers(other))
                .map(|(_, other)| Language::literal_in_any_case(other)),
        );
    }
    demand(languages, inside != element.negated)
}

/// The same of `Resource` or `NotResource`; none where the statement does not say.
fn resources(statement: &Statement, inside: bool) -> Option<Demand> {
    let element = statement.resources.as_ref()?;
    let languages = element.patterns.iter().map(Language::of_resource).collect();
    Some(demand(languages, inside != element.negated))
}

fn demand(languages: Vec<Language>, wanted: bool) -> Demand {
    if wanted { Demand::want(languages) } else { Demand::avoid(languages) }
}

/// A well-known text that meets the demands, else the shortest ARN, else the shortest text.
fn plainest(demands: &[Demand], known: &[&str], effort: &Effort) -> Option<String> {
    if let Some(text) = known.iter().find(|text| demands.iter().all(|it| it.admits(text))) {
        return Some((*text).to_owned());
    }
    let arn = Demand::want(vec![Language::any_arn()]);
    [[demands, &[arn]].concat(), demands.to_vec()].iter().find_map(|demands| {
        match example(demands, effort) {
            Example::Found(text) => Some(text),
            Example::None | Example::TooComplex => None,
        }
    })
}
