//! `predicate_token_filter`: only the tokens of which a script says so. `condition`: other filters, for those tokens alone.
//!
//! Source: `PredicateTokenFilterScriptFactory` and `ScriptedConditionTokenFilterFactory` of Elasticsearch 7.10, and Lucene's
//! `ConditionalTokenFilter`.

use std::sync::Arc;

use jiff::Timestamp;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{
    self, FallibleFilter, FilterPosition, PieceFilter, TextEnd, TokenFilter,
};
use crate::exception::Exception;
use crate::script::painless::value::{ImmutableObject, Value};
use crate::script::{GivenVariable, Machine, Script, ScriptRequest, context};
use crate::work::{Budget, Cancel, Work};

/// What the scripts of one text may hold.
const SCRIPT_BYTES_MAX: u64 = 64 << 20;

pub(super) fn parse_predicate(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["script"])?;
    Ok(Arc::new(Predicate(script(settings)?)))
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["script", "filter"])?;
    let names = settings.list("filter")?.unwrap_or_default();
    if names.is_empty() {
        return Err(Exception::illegal_argument(format!(
            "Empty list of filters provided to tokenfilter [{}]",
            settings.name()
        )));
    }
    let name = settings.name().to_owned();
    Ok(Arc::new(ConditionNames { name, names, script: script(settings)? }))
}

fn script(settings: &PartSettings<'_>) -> Result<Script, Exception> {
    let empty = serde_json::Value::Object(serde_json::Map::new());
    let given = settings.get("script").filter(|given| given.is_object()).unwrap_or(&empty);
    let request = ScriptRequest::parse(given)?;
    if request.is_stored() {
        let name = settings.name();
        return Err(Exception::illegal_argument(format!(
            "Cannot use stored scripts in tokenfilter [{name}]"
        )));
    }
    request.compile(&context::ANALYSIS, &Work::unbounded())
}

/// Asks a script of one token after the other.
struct Asking<'a> {
    script: &'a Script,
    machine: Machine,
    /// The position of the token before.
    before: Option<u32>,
}

impl Asking<'_> {
    fn new<'a>(script: &'a Script, before: Option<u32>, cancel: &Cancel) -> Asking<'a> {
        let work = Work::new(cancel.clone(), Budget::new("script", SCRIPT_BYTES_MAX));
        // What a text is analyzed to does not depend on the time of day.
        let machine = Machine::new(&work, Timestamp::UNIX_EPOCH);
        Asking { script, machine, before }
    }

    /// Whether the script says yes.
    fn passes(&mut self, token: &Token) -> Result<bool, Exception> {
        let number = |count: u32| Value::Int(i32::try_from(count).unwrap_or(i32::MAX));
        let step = match self.before.replace(token.position) {
            Some(before) => token.position.saturating_sub(before),
            None => token.position.saturating_add(1),
        };
        let told = vec![
            ("getTerm", Value::text(&token.text)),
            ("getPosition", number(token.position)),
            ("getPositionIncrement", number(step)),
            ("getPositionLength", number(token.position_length)),
            ("getStartOffset", number(token.start_offset)),
            ("getEndOffset", number(token.end_offset)),
            ("getType", Value::text(token.kind)),
            ("isKeyword", Value::Bool(token.keyword)),
        ];
        let token = ImmutableObject::Told("AnalysisPredicateScript.Token", told);
        let given = [("token", GivenVariable::Value(Value::thing(token)))];
        Ok(self.script.run(&mut self.machine, &given, None)?.truth())
    }
}

/// A filter that asks a script, and what it remembers of a long text's pieces before.
#[derive(Debug)]
struct AskingPieces<F> {
    filter: F,
    /// The position of the last token before.
    before: Option<u32>,
}

/// What a script decides of tokens that follow one at the position `before`.
trait AsksScript: std::fmt::Debug + Send + Sync {
    fn apply_behind(
        &self,
        before: Option<u32>,
        tokens: Vec<Token>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception>;
}

impl<F: AsksScript> PieceFilter for AskingPieces<F> {
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        _: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let before = self.before;
        self.before = tokens.last().map(|token| token.position).or(before);
        self.filter.apply_behind(before, tokens, cancel)
    }
}

#[derive(Clone, Debug)]
struct Predicate(Script);

impl TokenFilter for Predicate {
    fn fallible(&self) -> Option<&dyn FallibleFilter> {
        Some(self)
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(AskingPieces { filter: self.clone(), before: None }))
    }
}

impl FallibleFilter for Predicate {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        self.apply_behind(None, tokens, cancel)
    }
}

impl AsksScript for Predicate {
    fn apply_behind(
        &self,
        before: Option<u32>,
        tokens: Vec<Token>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let mut asking = Asking::new(&self.0, before, cancel);
        let mut kept = Vec::with_capacity(tokens.len());
        for token in tokens {
            if asking.passes(&token)? {
                kept.push(token);
            }
        }
        Ok(kept)
    }
}

/// `condition` before it is put behind other steps.
#[derive(Debug)]
struct ConditionNames {
    name: String,
    names: Vec<String>,
    script: Script,
}

impl TokenFilter for ConditionNames {
    fn in_chain(
        &self,
        chain: &FilterPosition<'_>,
    ) -> Result<Option<Arc<dyn TokenFilter>>, Exception> {
        let mut analyzer = chain.analyzer.clone();
        let before = analyzer.filters.len();
        for wanted in &self.names {
            let Ok(filter) = chain.parts.filter(wanted, &self.name) else {
                return Err(Exception::illegal_argument(format!(
                    "ScriptedConditionTokenFilter [{}] refers to undefined token filter [{wanted}]",
                    self.name
                )));
            };
            if filter.is_condition() {
                let reason = "condition filters cannot be nested";
                return Err(Exception::illegal_argument(reason));
            }
            chain.parts.push(&mut analyzer, filter)?;
        }
        let filters = analyzer.filters.split_off(before);
        Ok(Some(Arc::new(Condition { script: self.script.clone(), filters })))
    }

    fn is_condition(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug)]
struct Condition {
    script: Script,
    filters: Vec<Arc<dyn TokenFilter>>,
}

impl Condition {
    /// What the filters make of tokens that stand together.
    fn changed(&self, run: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        let mut tokens = run;
        let mut end = TextEnd::default();
        for filter in &self.filters {
            tokens = steps::apply_until(&**filter, tokens, &mut end, cancel)?;
        }
        Ok(tokens)
    }
}

impl TokenFilter for Condition {
    fn fallible(&self) -> Option<&dyn FallibleFilter> {
        Some(self)
    }

    fn gives_frequencies(&self) -> bool {
        self.filters.iter().any(|filter| filter.gives_frequencies())
    }

    fn shows_keyword(&self) -> bool {
        self.filters.iter().any(|filter| filter.shows_keyword())
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(AskingPieces { filter: self.clone(), before: None }))
    }
}

impl FallibleFilter for Condition {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        self.apply_behind(None, tokens, cancel)
    }
}

impl AsksScript for Condition {
    fn apply_behind(
        &self,
        before: Option<u32>,
        tokens: Vec<Token>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let mut asking = Asking::new(&self.script, before, cancel);
        let (mut made, mut run) = (Vec::with_capacity(tokens.len()), Vec::new());
        for token in tokens {
            if asking.passes(&token)? {
                run.push(token);
                continue;
            }
            made.extend(self.changed(std::mem::take(&mut run), cancel)?);
            made.push(token);
        }
        made.extend(self.changed(run, cancel)?);
        Ok(made)
    }
}
