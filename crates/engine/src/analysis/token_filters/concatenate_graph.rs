//! `concatenate_graph`: all tokens of a text as one, or one for each way through those that stand beside each other. Source:
//! OpenSearch 2.19, `ConcatenateGraphTokenFilterFactory`, and Lucene's `ConcatenateGraphFilter`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{GatheringFilter, PieceFilter, TextEnd, TokenFilter};
use crate::analysis::ways::{Joining, first_ways};
use crate::exception::Exception;
use crate::work::Cancel;

/// Most tokens that one text may become.
const EXPANSIONS_MAX: usize = 10_000;

/// One token for each way.
#[derive(Clone, Debug)]
struct ConcatenateGraph {
    separator: String,
    keeps_gaps: bool,
    expansions_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["token_separator", "preserve_position_increments", "max_graph_expansions"])?;
    let separator = settings.text("token_separator").unwrap_or(" ");
    if separator.chars().count() > 1 {
        let reason = "token_separator must be either empty or a single character";
        return Err(Exception::illegal_argument(reason));
    }
    if !separator.is_ascii() {
        // The real server writes it between the bytes of the tokens, half of it, and the token is no text any more.
        let reason = format!("token_separator must be an ASCII character, not [{separator}]");
        return Err(Exception::illegal_argument(reason));
    }
    let expansions_max = match settings.number("max_graph_expansions", 10_000)? {
        -1 => EXPANSIONS_MAX,
        limit => match usize::try_from(limit) {
            Ok(limit) if limit > 0 => limit.min(EXPANSIONS_MAX),
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "limit must be -1 (which means no limit), or > 0; got: {limit}"
                )));
            }
        },
    };
    Ok(Arc::new(ConcatenateGraph {
        separator: separator.to_owned(),
        keeps_gaps: settings.flag("preserve_position_increments", false)?,
        expansions_max,
    }))
}

impl ConcatenateGraph {
    fn made(&self, tokens: Vec<Token>, end: TextEnd) -> Vec<Token> {
        let mut tokens = tokens;
        if !self.separator.is_empty() {
            // Within a token it is there twice.
            let twice = self.separator.repeat(2);
            tokens.iter_mut().for_each(|token| {
                if token.text.contains(&self.separator) {
                    token.text = token.text.replace(&self.separator, &twice);
                }
            });
        }
        let joining = Joining { separator: &self.separator, keeps_gaps: self.keeps_gaps };
        let (mut ways, _) = first_ways(&tokens, end.position, joining, EXPANSIONS_MAX);
        ways.truncate(self.expansions_max);
        let ways = ways.iter().map(|way| Token::new(way, 0, 0, end.offset as usize, "word"));
        ways.collect()
    }
}

impl TokenFilter for ConcatenateGraph {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let (position, offset) =
            tokens.last().map_or((0, 0), |last| (last.position + 1, last.end_offset));
        self.made(tokens, TextEnd { position, offset })
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, _: &Cancel) -> Vec<Token> {
        let made = self.made(tokens, *end);
        end.position = u32::from(!made.is_empty());
        made
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
