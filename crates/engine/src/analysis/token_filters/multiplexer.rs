//! `multiplexer`: each token through several chains of filters, the results side by side.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{
    self, FallibleFilter, FilterPosition, ForSynonyms, TextEnd, TokenFilter,
};
use crate::exception::Exception;
use crate::work::Cancel;

/// The names of filters in each chain.
#[derive(Debug)]
struct MultiplexerNames {
    name: String,
    chains: Vec<Vec<String>>,
    preserve_original: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["filters", "preserve_original"])?;
    // In an array an item may name several filters with commas between them.
    let chains = settings.list("filters")?.unwrap_or_default();
    let chains = chains
        .iter()
        .map(|chain| chain.split(',').map(|name| name.trim().to_owned()).collect())
        .collect();
    let preserve_original = settings.flag("preserve_original", true)?;
    let name = settings.name().to_owned();
    Ok(Arc::new(MultiplexerNames { name, chains, preserve_original }))
}

impl TokenFilter for MultiplexerNames {
    /// Puts the filters that it names in its place.
    fn in_chain(
        &self,
        chain: &FilterPosition<'_>,
    ) -> Result<Option<Arc<dyn TokenFilter>>, Exception> {
        let mut chains = Vec::new();
        if self.preserve_original {
            chains.push(Vec::new());
        }
        for names in &self.chains {
            let mut analyzer = chain.analyzer.clone();
            let before = analyzer.filters.len();
            for wanted in names {
                let Ok(filter) = chain.parts.filter(wanted, &self.name) else {
                    return Err(Exception::illegal_argument(format!(
                        "Multiplexing filter [{}] refers to undefined tokenfilter [{wanted}]",
                        self.name
                    )));
                };
                if filter
                    .in_chain(chain)?
                    .is_some_and(|own| format!("{own:?}").starts_with("Multiplexer"))
                {
                    let reason = "multiplexer filters cannot be nested";
                    return Err(Exception::illegal_argument(reason));
                }
                chain.parts.push(&mut analyzer, filter)?;
            }
            chains.push(analyzer.filters.split_off(before));
        }
        Ok(Some(Arc::new(Multiplexer { chains })))
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }
}

#[derive(Debug)]
struct Multiplexer {
    chains: Vec<Vec<Arc<dyn TokenFilter>>>,
}

impl FallibleFilter for Multiplexer {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
        for token in tokens {
            cancel.check()?;
            let from = out.len();
            for chain in &self.chains {
                let mut made = vec![token.clone()];
                for filter in chain {
                    made = steps::apply_until(&**filter, made, &mut TextEnd::default(), cancel)?;
                }
                for one in made {
                    let seen = out.iter().skip(from);
                    let is_double = seen
                        .filter(|other| other.position == one.position)
                        .any(|other| other.text == one.text);
                    if !is_double {
                        out.push(one);
                    }
                }
            }
        }
        Ok(out)
    }
}

impl TokenFilter for Multiplexer {
    fn fallible(&self) -> Option<&dyn FallibleFilter> {
        Some(self)
    }

    fn gives_frequencies(&self) -> bool {
        self.chains.iter().flatten().any(|filter| filter.gives_frequencies())
    }

    fn shows_keyword(&self) -> bool {
        self.chains.iter().flatten().any(|filter| filter.shows_keyword())
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }
}
