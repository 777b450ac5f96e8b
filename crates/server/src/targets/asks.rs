//! The questions of one request, and how their answers become its grants.

use engine::cluster::names;
use engine::exception::{Exception, ExceptionKind};
use engine::{CursorOwner, CursorQuestion, Grants, HeldMemory, Work};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use policy::Residual;

use super::views;

/// One question: may the caller do `action` on the domain's ARN followed by `path`?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// `es:ESHttpGet` and its like.
    pub action: &'static str,
    /// What follows `arn:aws:es:REGION:ACCOUNT:domain/NAME`: a decoded path, with its leading slash.
    pub path: String,
}

impl Ask {
    /// Whether it is about an index that holds a cluster's own users and roles. What a list, a pattern or a date comes to is
    /// asked about by its name.
    pub(crate) fn is_about_security(&self) -> bool {
        let name = self.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        !name.contains([',', '*']) && names::holds_security_configuration(name)
    }

    /// As a cursor keeps it, with the documents of which the answer was yes.
    fn question(&self, left: &Residual) -> CursorQuestion {
        let (action, path) = (self.action, self.path.clone());
        CursorQuestion { action, path, documents: kept_residual(left) }
    }

    /// As a cursor kept it.
    #[must_use]
    pub fn kept(question: &CursorQuestion) -> Ask {
        Ask { action: question.action, path: question.path.clone() }
    }
}

/// What a cursor keeps of the documents of which an answer was yes; `None`: of all.
pub(crate) fn kept_residual(left: &Residual) -> Option<Arc<str>> {
    (*left != Residual::Always).then(|| format!("{left:?}").into())
}

/// The questions of one request, each once, and what hangs on them.
#[derive(Debug)]
pub struct RequestQuestions {
    asks: Vec<Ask>,
    numbers: HashMap<Ask, usize>,
    touches: Vec<TouchedTarget>,
    /// Items that touch the same are one group, so that 200,000 items on one alias of 1,000 indices raise 1,000
    /// questions: the groups by what their items name, and the items of each.
    groups: HashMap<String, usize>,
    items: Vec<(usize, usize)>,
    /// The memory of all this, counted with the request's.
    held: HeldMemory,
    /// Why no more is gathered.
    full: Option<Exception>,
    /// Whether the request opens a cursor, which keeps what it was allowed by.
    pub(super) opens_cursor: bool,
}

/// One thing that is touched: all of its questions must be answered with yes.
#[derive(Debug)]
struct TouchedTarget {
    needs: Vec<usize>,
    grant: Grant,
    on_denial: OnDenial,
}

/// What a touch that is allowed adds to the grants.
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
    /// The items of this group ([`RequestQuestions::item`]) answer 403, the others run.
    Items(usize),
    /// The index is left out of the item at this position, as if it did not exist; others may touch it.
    LeaveOutOf(usize),
}

/// The refusal of a request that reaches for a cluster's own users and roles.
pub(crate) fn security_refusal() -> Exception {
    Exception::new(ExceptionKind::Security, names::SECURITY_TEXT)
}

/// A request that is refused: the question that was answered with no, and the answer's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The question.
    pub ask: Ask,
    /// Why not: the text for the caller.
    pub text: Arc<str>,
}

impl Denied {
    /// The refusal of what no policy decides: an index of a cluster's security configuration. `None`: a policy denied.
    pub(crate) fn of_security(&self) -> Option<Exception> {
        self.ask.is_about_security().then(security_refusal)
    }
}

impl RequestQuestions {
    /// The questions of a request that touches nothing but its URL.
    pub(super) fn of_url(ask: Ask, work: &Work) -> RequestQuestions {
        let mut asks = RequestQuestions {
            asks: Vec::new(),
            numbers: HashMap::new(),
            touches: Vec::new(),
            groups: HashMap::new(),
            items: Vec::new(),
            held: work.holds("<authorization>"),
            full: None,
            opens_cursor: false,
        };
        asks.touch([ask], Grant::Nothing, OnDenial::Refuse);
        asks
    }

    /// The item at `position` touches what the items that name `what` touch. `None`: that is gathered already; otherwise
    /// what becomes of them when it is denied.
    pub(super) fn item(&mut self, position: usize, what: &str) -> Option<OnDenial> {
        let known = self.groups.get(what).copied();
        let group = known.unwrap_or(self.groups.len());
        if known.is_none() {
            self.hold(what.len() + size_of::<(String, usize)>());
            self.groups.insert(what.to_owned(), group);
        }
        self.hold(size_of::<(usize, usize)>());
        self.items.push((position, group));
        known.is_none().then_some(OnDenial::Items(group))
    }

    /// The refusal, when gathering took more memory than the request may have.
    pub(super) fn fits(&self) -> Result<(), Exception> {
        self.full.clone().map_or(Ok(()), Err)
    }

    /// How many things are touched.
    #[cfg(test)]
    pub(super) fn touches(&self) -> usize {
        self.touches.len()
    }

    fn hold(&mut self, bytes: usize) {
        if self.full.is_none() {
            self.full = self.held.grow(bytes as u64).err();
        }
    }

    /// Adds a thing that is touched when every one of `needs` is allowed.
    pub(super) fn touch(
        &mut self,
        needs: impl IntoIterator<Item = Ask>,
        grant: Grant,
        on_denial: OnDenial,
    ) {
        if self.full.is_some() {
            return;
        }
        let needs: Vec<usize> = needs.into_iter().map(|ask| self.number(ask)).collect();
        self.hold(size_of::<TouchedTarget>() + needs.len() * size_of::<usize>());
        self.touches.push(TouchedTarget { needs, grant, on_denial });
    }

    /// The questions, each once, the URL's first.
    pub fn iter(&self) -> impl Iterator<Item = &Ask> {
        self.asks.iter()
    }

    /// Puts every question to `verdict` at most once and makes what `owner` is granted out of the answers.
    ///
    /// `verdict` answers `Err` with the text that the caller is shown. Errors: the first question whose denial refuses
    /// the whole request.
    pub fn settle(
        &self,
        owner: impl Into<CursorOwner>,
        mut verdict: impl FnMut(&Ask) -> Result<(), Arc<str>>,
    ) -> Result<Grants, Denied> {
        self.settle_in_part(owner, |ask| verdict(ask).map(|()| Residual::Always))
    }

    /// Mode `aws`: the URL was the only question. What holds a cluster's security configuration is reached in no mode, so where
    /// the request would touch it, `owner` gets the rest by name.
    ///
    /// # Errors
    /// It names such an index.
    pub fn by_url(&self, owner: &str) -> Result<Grants, Denied> {
        if !self.iter().any(Ask::is_about_security) {
            return Ok(Grants::everything(owner));
        }
        let grants = self.settle(owner, |_| Ok(()))?;
        // Its pages are the URL's question alone, too.
        Ok(Grants { opening: Arc::default(), ..grants })
    }

    /// As [`RequestQuestions::settle`], with answers that may hold for some documents and fields alone: an index shows what every
    /// answer that leads to it does, the URL's first. Of an index that is not there yet nobody knows what its fields will be: a
    /// name is given only for all documents. What holds a cluster's security configuration is denied whatever `verdict` says.
    pub(crate) fn settle_in_part(
        &self,
        owner: impl Into<CursorOwner>,
        mut verdict: impl FnMut(&Ask) -> Result<Residual, Arc<str>>,
    ) -> Result<Grants, Denied> {
        let mut shown = BTreeMap::new();
        let mut grants = Grants { owner: owner.into(), ..Grants::default() };
        let mut answers: Vec<Option<Result<Residual, Arc<str>>>> = vec![None; self.asks.len()];
        let mut groups: BTreeMap<usize, Arc<str>> = BTreeMap::new();
        let mut granted: BTreeSet<usize> = BTreeSet::new();
        for touch in &self.touches {
            let denied = touch.needs.iter().find_map(|number| {
                let (ask, answer) = (self.asks.get(*number)?, answers.get_mut(*number)?);
                let answer = answer.get_or_insert_with(|| match ask.is_about_security() {
                    true => Err(names::SECURITY_TEXT.into()),
                    false => verdict(ask),
                });
                answer.as_ref().err().map(|text| (ask, Arc::clone(text)))
            });
            let denied = denied.or_else(|| {
                let left = touch.needs.iter().chain([&0]).filter_map(|number| answers.get(*number));
                let left = left.filter_map(|answer| answer.as_ref()?.as_ref().ok());
                let left = left.filter(|left| **left != Residual::Always);
                note_shown(&mut shown, touch, left, self.asks.first()?)
            });
            match (denied, touch.on_denial) {
                (None, _) => {
                    grant(&mut grants, &touch.grant);
                    if self.opens_cursor {
                        granted.extend(&touch.needs);
                    }
                }
                (Some((ask, text)), OnDenial::Refuse) => {
                    return Err(Denied { ask: ask.clone(), text });
                }
                (Some(_), OnDenial::LeaveOutOf(position)) => {
                    if let Grant::Index(uuid) = &touch.grant {
                        grants.left_out.entry(position).or_default().insert(Arc::clone(uuid));
                    }
                }
                (Some(_), OnDenial::LeaveOut) => {}
                (Some((_, text)), OnDenial::Items(group)) => {
                    groups.entry(group).or_insert(text);
                }
            }
        }
        for (position, group) in &self.items {
            if let Some(text) = groups.get(group) {
                grants.denied_items.entry(*position).or_insert_with(|| Arc::clone(text));
            }
        }
        if self.opens_cursor {
            let question = |number: usize| {
                let left = answers.get(number)?.as_ref()?.as_ref().ok()?;
                Some(self.asks.get(number)?.question(left))
            };
            grants.opening = granted.into_iter().filter_map(question).collect();
        }
        for (uuid, left) in &shown {
            grants.restrictions.restrict(uuid, views::rules(left));
        }
        Ok(grants)
    }

    fn number(&mut self, ask: Ask) -> usize {
        let next = self.asks.len();
        let number = *self.numbers.entry(ask.clone()).or_insert(next);
        if number == next {
            self.hold(2 * (ask.path.len() + size_of::<Ask>()));
            self.asks.push(ask);
        }
        number
    }
}

/// Adds what is `left` of the answers that lead to the index of a touch to what is shown of it. An index that would have to be
/// made first is denied.
fn note_shown<'a, 'l>(
    shown: &mut BTreeMap<Arc<str>, Residual>,
    touch: &TouchedTarget,
    left: impl Iterator<Item = &'l Residual>,
    ask: &'a Ask,
) -> Option<(&'a Ask, Arc<str>)> {
    let mut left = left.peekable();
    left.peek()?;
    match &touch.grant {
        Grant::Nothing => None,
        Grant::Index(uuid) | Grant::Lookup(uuid) => {
            let before = shown.remove(uuid);
            let all = Residual::all(before.into_iter().chain(left.cloned()));
            shown.insert(Arc::clone(uuid), all);
            None
        }
        Grant::Name(name) => {
            let text = format!(
                "the index [{name}] is not there, and the policies ask for fields of its documents: whoever may do so without conditions makes it first"
            );
            Some((ask, text.into()))
        }
    }
}

fn grant(grants: &mut Grants, grant: &Grant) {
    match grant {
        Grant::Nothing => {}
        Grant::Index(uuid) => {
            grants.indices.insert(Arc::clone(uuid));
        }
        Grant::Lookup(uuid) => {
            grants.lookups.insert(Arc::clone(uuid));
        }
        Grant::Name(name) => {
            grants.names.insert(name.clone());
        }
    }
}
