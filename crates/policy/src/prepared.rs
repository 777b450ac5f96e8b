//! What is left of each statement of a set once a request is known, made once for all requests: its conditions on document and field,
//! bound, named and put in order. Left out are statements with a variable there, which mean something else for each caller.
//! (docs/decisions/0202-what-is-left-of-statements-is-made-once.md)

use crate::condition::Condition;
use crate::context::Context;
use crate::document::Statement;
use crate::residual::{DocumentCondition, Residual};

/// By statement, what is left of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreparedResiduals {
    /// Each once, in order.
    ordered: Vec<Residual>,
    /// Which of them a statement's is; `None` where it depends on the request.
    places: Vec<Option<u32>>,
}

/// Which of the prepared were met, and what else was.
#[derive(Debug, Default)]
pub(crate) struct MetResiduals {
    /// A bit for each place.
    places: Vec<u64>,
    others: Vec<Residual>,
}

impl PreparedResiduals {
    /// Of no statement.
    pub(crate) const fn none() -> PreparedResiduals {
        PreparedResiduals { ordered: Vec::new(), places: Vec::new() }
    }

    /// Of these, in the order of their numbers.
    pub(crate) fn of<'s>(statements: impl Iterator<Item = &'s Statement>) -> PreparedResiduals {
        let left: Vec<Option<Residual>> = statements.map(prepared).collect();
        let mut ordered: Vec<Residual> = left.iter().flatten().cloned().collect();
        ordered.sort();
        ordered.dedup();
        let place = |left: &Residual| ordered.binary_search(left).ok()?.try_into().ok();
        let places = left.iter().map(|left| left.as_ref().and_then(place)).collect();
        PreparedResiduals { ordered, places }
    }
}

/// What is left of a statement, whoever asks.
fn prepared(statement: &Statement) -> Option<Residual> {
    let mut conditions = statement.document_conditions();
    let fixed = conditions.all(|condition| condition.variables().is_empty());
    fixed.then(|| left_of(statement, &Context::new()))
}

/// What is left of a statement for whoever asks in `context`.
fn left_of(statement: &Statement, context: &Context) -> Residual {
    let bind = |condition: &Condition| DocumentCondition::of(statement.effect, condition, context);
    Residual::all(statement.document_conditions().map(bind))
}

impl MetResiduals {
    /// The statement with this number was met.
    pub(crate) fn add(
        &mut self,
        prepared: &PreparedResiduals,
        number: u32,
        statement: &Statement,
        context: &Context,
    ) {
        let known = usize::try_from(number).ok().and_then(|at| prepared.places.get(at).copied());
        let Some(place) = known.flatten() else {
            return self.others.push(left_of(statement, context));
        };
        let (word, bit) = (place as usize / 64, place % 64);
        if self.places.is_empty() {
            self.places.resize(prepared.ordered.len().div_ceil(64), 0);
        }
        if let Some(word) = self.places.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Where one of them holds.
    pub(crate) fn any(self, prepared: &PreparedResiduals) -> Residual {
        let met: u32 = self.places.iter().map(|word| word.count_ones()).sum();
        let mut parts = Vec::with_capacity(met as usize + self.others.len());
        for (word, bits) in self.places.into_iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                parts.extend(
                    prepared.ordered.get(word * 64 + bits.trailing_zeros() as usize).cloned(),
                );
                bits &= bits - 1;
            }
        }
        if self.others.is_empty() {
            return Residual::any_in_order(parts);
        }
        parts.extend(self.others);
        Residual::any(parts)
    }
}
