//! The texts that the tokens of a text make when they are read one after the other: one, or where words stand beside each
//! other, one for each way through them. Source: Lucene's `TokenStreamToAutomaton` and `ConcatenateGraphFilter`.

use super::Token;
use super::analyzer::Analyzed;
use crate::exception::Exception;

/// Most ways through one text.
pub(crate) const WAYS_MAX: usize = 1000;

/// Most bytes of all ways through one text.
const WAYS_BYTES_MAX: usize = 1 << 20;

/// How tokens are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joining<'s> {
    /// What stands between two tokens.
    pub(crate) separator: &'s str,
    /// Whether a word that was removed is one without letters, and not nothing.
    pub(crate) keeps_gaps: bool,
}

/// The ways through a text, each once, in order.
///
/// # Errors
/// `illegal_argument_exception` for more than [`WAYS_MAX`], or longer ones than can be kept.
pub(crate) fn ways(analyzed: &Analyzed, joining: Joining<'_>) -> Result<Vec<String>, Exception> {
    match first_ways(&analyzed.tokens, analyzed.end, joining, WAYS_MAX) {
        (ways, true) => Ok(ways),
        (_, false) => Err(Exception::illegal_argument(format!(
            "a text can be analyzed in more than [{WAYS_MAX}] ways"
        ))),
    }
}

/// As [`ways`], through the tokens of a text that ends at position `end`, at most `most` of them; whether these are all.
pub(super) fn first_ways(
    tokens: &[Token],
    end: u32,
    joining: Joining<'_>,
    most: usize,
) -> (Vec<String>, bool) {
    let arcs = arcs(tokens, joining.keeps_gaps);
    let Some(last) = arcs.iter().map(|arc| arc.end).max() else { return (Vec::new(), true) };
    let behind = if joining.keeps_gaps { end.saturating_sub(last) } else { 0 };
    let tail = joining.separator.repeat((behind as usize).min(WAYS_MAX));
    let (mut ways, mut bytes, mut all) = (Vec::new(), 0, true);
    let mut open = vec![(0, String::new(), true)];
    while let Some((position, way, is_start)) = open.pop() {
        if ways.len() + open.len() > most || bytes > WAYS_BYTES_MAX {
            all = false;
            break;
        }
        let (position, mut way, is_start) =
            until_it_parts(&arcs, joining, last, (position, way, is_start));
        if position >= last {
            // A way that parts from no other is as long as its text, which is not counted.
            bytes += if open.is_empty() && ways.is_empty() { 0 } else { way.len() + 1 };
            way.push_str(&tail);
            ways.push(way);
            continue;
        }
        let leaving = leaving(&arcs, position);
        // Before they are made: a long way that parts is too much at once.
        bytes += (leaving.len() - 1) * (way.len() + 1);
        if bytes > WAYS_BYTES_MAX {
            all = false;
            break;
        }
        let separator = if is_start { "" } else { joining.separator };
        let joined = |arc: &Arc<'_>| (arc.end, [&way, separator, arc.text].concat(), false);
        open.extend(leaving.iter().map(joined));
    }
    ways.sort_unstable();
    ways.dedup();
    (ways, all)
}

/// Goes on from `position` as long as one token follows, or none: to the end, or where several leave.
fn until_it_parts(
    arcs: &[Arc<'_>],
    joining: Joining<'_>,
    last: u32,
    (mut position, mut way, mut is_start): (u32, String, bool),
) -> (u32, String, bool) {
    while position < last {
        let (end, text) = match leaving(arcs, position) {
            [] => (position + 1, ""),
            [arc] => (arc.end, arc.text),
            _ => break,
        };
        way.push_str(if is_start { "" } else { joining.separator });
        way.push_str(text);
        (position, is_start) = (end, false);
    }
    (position, way, is_start)
}

/// The tokens that begin at a place.
fn leaving<'a, 't>(arcs: &'a [Arc<'t>], position: u32) -> &'a [Arc<'t>] {
    let from = arcs.partition_point(|arc| arc.start < position);
    let to = arcs.partition_point(|arc| arc.start <= position);
    arcs.get(from..to).unwrap_or_default()
}

/// A token between two places of a text.
struct Arc<'t> {
    start: u32,
    end: u32,
    text: &'t str,
}

/// The tokens between their places, in order; without `keeps_gaps` each place is at most one behind the one before.
fn arcs(tokens: &[Token], keeps_gaps: bool) -> Vec<Arc<'_>> {
    let (mut place, mut position) = (0, None);
    tokens
        .iter()
        .map(|token| {
            let step = match position {
                None if keeps_gaps => token.position,
                None => 0,
                Some(before) => token.position.saturating_sub(before),
            };
            place += if keeps_gaps { step } else { step.min(1) };
            position = Some(token.position);
            let end = place.saturating_add(token.position_length.max(1));
            Arc { start: place, end, text: &token.text }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, position: u32, position_length: u32) -> Token {
        Token { position_length, ..Token::new(text, position, 0, 0, "word") }
    }

    fn of(tokens: Vec<Token>, end: u32, keeps_gaps: bool) -> Vec<String> {
        let analyzed = Analyzed { tokens, end, ..Analyzed::default() };
        ways(&analyzed, Joining { separator: "|", keeps_gaps }).unwrap()
    }

    #[test]
    fn words_beside_each_other_are_ways_of_their_own() {
        let tokens =
            vec![token("ny", 0, 2), token("new", 0, 1), token("york", 1, 1), token("city", 2, 1)];
        assert_eq!(of(tokens, 3, true), ["new|york|city", "ny|city"]);
    }

    #[test]
    fn removed_words_are_empty_ones_or_nothing() {
        let tokens = || vec![token("a", 1, 1), token("b", 3, 1)];
        assert_eq!(of(tokens(), 5, true), ["|a||b|"]);
        assert_eq!(of(tokens(), 5, false), ["a|b"]);
    }

    #[test]
    fn a_long_text_that_parts_nowhere_is_one_way_however_long() {
        let tokens = (0..400_000).map(|at| token("word", at, 1)).collect();
        assert_eq!(of(tokens, 400_000, true)[0].len(), 400_000 * 5 - 1);
    }

    #[test]
    fn a_long_way_that_parts_late_is_not_copied_for_each_of_its_ends() {
        let long = "x".repeat(2 << 20);
        let mut tokens = vec![token(&long, 0, 1)];
        tokens.extend((0..900).map(|at| token(&at.to_string(), 1, 1)));
        let joining = Joining { separator: " ", keeps_gaps: true };
        assert_eq!(first_ways(&tokens, 2, joining, WAYS_MAX), (Vec::new(), false));
    }

    #[test]
    fn ways_do_not_multiply_without_end() {
        let tokens = (0..20).flat_map(|at| [token("a", at, 1), token("b", at, 1)]).collect();
        let analyzed = Analyzed { tokens, end: 20, ..Analyzed::default() };
        let refusal = ways(&analyzed, Joining { separator: "", keeps_gaps: true }).unwrap_err();
        assert_eq!(refusal.reason(), "a text can be analyzed in more than [1000] ways");
    }
}
