//! `flatten_graph`: a graph of words as a line of positions, so that it can be indexed (Lucene's `FlattenGraphFilter`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{GatheringFilter, PieceFilter, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Clone, Debug)]
struct FlattenGraph;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(FlattenGraph))
}

impl TokenFilter for FlattenGraph {
    fn apply(&self, mut tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        // Where each place of the graph comes to lie: behind the longest way to it.
        let mut places: BTreeMap<u32, u32> = BTreeMap::new();
        let mut before: Option<(u32, u32)> = None;
        for token in &tokens {
            if cancel.is_cancelled() {
                return tokens;
            }
            let from = *places.entry(token.position).or_insert_with(|| match before {
                // Words were removed before it: the gap stays.
                Some((position, place)) => place + token.position.saturating_sub(position),
                None => token.position,
            });
            before = Some((token.position, from));
            let to = places.entry(token.position + token.position_length).or_insert(from + 1);
            *to = (*to).max(from + 1);
        }
        let place = |position: u32| places.get(&position).copied().unwrap_or(position);
        // Words at one place share the offsets of the text there.
        let mut starts: BTreeMap<u32, u32> = BTreeMap::new();
        let mut ends: BTreeMap<u32, u32> = BTreeMap::new();
        for token in &mut tokens {
            let (from, to) = (place(token.position), place(token.position + token.position_length));
            (token.position, token.position_length) = (from, to.saturating_sub(from).max(1));
            let start = starts.entry(from).or_insert(token.start_offset);
            *start = (*start).max(token.start_offset);
            let end = ends.entry(to).or_insert(token.end_offset);
            *end = (*end).min(token.end_offset);
        }
        let mut furthest = 0;
        for start in starts.values_mut() {
            furthest = furthest.max(*start);
            *start = furthest;
        }
        for token in &mut tokens {
            let start = starts.get(&token.position).copied().unwrap_or(token.start_offset);
            let end = ends.get(&(token.position + token.position_length)).copied();
            token.start_offset = start;
            token.end_offset = end.unwrap_or(token.end_offset).max(start);
        }
        tokens.sort_by_key(|token| token.position);
        tokens
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
