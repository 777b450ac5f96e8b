//! The questions of one request, and how their answers become a view.

use engine::View;
use std::collections::HashMap;
use std::sync::Arc;

/// One question: may the caller do `action` on the domain's ARN followed by `path`?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// `es:ESHttpGet` and its like.
    pub action: &'static str,
    /// What follows `arn:aws:es:REGION:ACCOUNT:domain/NAME`: a decoded path, with its leading slash.
    pub path: String,
}

/// The questions of one request, each once, and what hangs on them.
#[derive(Debug)]
pub struct Asks {
    asks: Vec<Ask>,
    numbers: HashMap<Ask, usize>,
    touches: Vec<Touch>,
}

/// One thing that is touched: all of its questions must be answered with yes.
#[derive(Debug)]
struct Touch {
    needs: Vec<usize>,
    grant: Grant,
    on_denial: OnDenial,
}

/// What a touch that is allowed adds to the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// Nothing: the question is all there is to it.
    Nothing,
    /// The index with this uuid.
    Index(Arc<str>),
    /// Documents of the index with this uuid may be looked up by a query.
    Lookup(Arc<str>),
    /// A name without an index may be created and written.
    Name(String),
}

/// What becomes of the request when a touch is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDenial {
    /// It is refused.
    Refuse,
    /// The thing is left out, as if it did not exist.
    LeaveOut,
    /// The item at this position answers 403, the others run.
    Item(usize),
}

/// A request that is refused: the question that was answered with no, and the answer's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The question.
    pub ask: Ask,
    /// Why not: the text for the caller.
    pub text: String,
}

impl Asks {
    /// The questions of a request that touches nothing but its URL.
    pub(super) fn of_url(ask: Ask) -> Asks {
        let mut asks = Asks { asks: Vec::new(), numbers: HashMap::new(), touches: Vec::new() };
        asks.touch([ask], Grant::Nothing, OnDenial::Refuse);
        asks
    }

    /// Adds a thing that is touched when every one of `needs` is allowed.
    pub(super) fn touch(
        &mut self,
        needs: impl IntoIterator<Item = Ask>,
        grant: Grant,
        on_denial: OnDenial,
    ) {
        let needs = needs.into_iter().map(|ask| self.number(ask)).collect();
        self.touches.push(Touch { needs, grant, on_denial });
    }

    /// The questions, each once, the URL's first.
    pub fn iter(&self) -> impl Iterator<Item = &Ask> {
        self.asks.iter()
    }

    /// Puts every question to `verdict` at most once and makes the view of `principal` out of the answers.
    ///
    /// `verdict` answers `Err` with the text that the caller is shown. Errors: the first question whose denial refuses
    /// the whole request.
    pub fn settle(
        &self,
        principal: impl Into<Arc<str>>,
        mut verdict: impl FnMut(&Ask) -> Result<(), String>,
    ) -> Result<View, Denied> {
        let mut view = View { principal: principal.into(), ..View::default() };
        let mut answers: Vec<Option<Result<(), String>>> = vec![None; self.asks.len()];
        for touch in &self.touches {
            let denied = touch.needs.iter().find_map(|number| {
                let (ask, answer) = (self.asks.get(*number)?, answers.get_mut(*number)?);
                let answer = answer.get_or_insert_with(|| verdict(ask));
                answer.as_ref().err().map(|text| Denied { ask: ask.clone(), text: text.clone() })
            });
            match (denied, touch.on_denial) {
                (None, _) => grant(&mut view, &touch.grant),
                (Some(denied), OnDenial::Refuse) => return Err(denied),
                (Some(_), OnDenial::LeaveOut) => {}
                (Some(denied), OnDenial::Item(position)) => {
                    view.denied_items.entry(position).or_insert(denied.text);
                }
            }
        }
        Ok(view)
    }

    fn number(&mut self, ask: Ask) -> usize {
        let next = self.asks.len();
        let number = *self.numbers.entry(ask.clone()).or_insert(next);
        if number == next {
            self.asks.push(ask);
        }
        number
    }
}

fn grant(view: &mut View, grant: &Grant) {
    match grant {
        Grant::Nothing => {}
        Grant::Index(uuid) => {
            view.indices.insert(Arc::clone(uuid));
        }
        Grant::Lookup(uuid) => {
            view.lookups.insert(Arc::clone(uuid));
        }
        Grant::Name(name) => {
            view.names.insert(name.clone());
        }
    }
}
