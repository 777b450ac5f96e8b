//! The rules of the synonym filters: how they are written, and a tree of words to find them by.

use std::collections::HashMap;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{FilterPosition, ForSynonyms};
use crate::exception::{Exception, ExceptionKind};

/// Rules as they were given.
#[derive(Clone, Debug)]
pub(super) struct SynonymRules {
    rules: Vec<String>,
    wordnet: bool,
    expand: bool,
    lenient: bool,
}

impl SynonymRules {
    /// Reads the settings of a synonym filter of type `type_name`.
    pub(super) fn read(
        settings: &PartSettings<'_>,
        type_name: &str,
    ) -> Result<SynonymRules, Exception> {
        settings.only(&[
            "synonyms",
            "synonyms_path",
            "expand",
            "lenient",
            "format",
            "tokenizer",
            "ignore_case",
            "updateable",
        ])?;
        if settings.get("synonyms_path").is_some() {
            return Err(Exception::not_implemented("synonyms_path, a file of synonyms"));
        }
        // Unlike other lists, this one has commas in its items.
        let listed = settings.get("synonyms").and_then(serde_json::Value::as_array);
        let rules: Vec<String> = match (listed, settings.text("synonyms")) {
            (Some(rules), _) => rules.iter().map(crate::value::scalar::plain).collect(),
            (None, Some(rule)) => vec![rule.to_owned()],
            (None, None) => {
                let reason = format!(
                    "{type_name} requires either `synonyms` or `synonyms_path` to be configured"
                );
                return Err(Exception::illegal_argument(
                    reason.replace("synonym_graph", "synonym"),
                ));
            }
        };
        let wordnet = settings.text("format") == Some("wordnet");
        let expand = settings.flag("expand", true)?;
        let lenient = settings.flag("lenient", false)?;
        settings.flag("updateable", false)?;
        Ok(SynonymRules { rules, wordnet, expand, lenient })
    }

    /// The rules, their words as the steps of `chain` leave them.
    ///
    /// # Errors
    /// A step that may not stand before synonyms; a rule that cannot be used.
    pub(super) fn tree(&self, chain: &FilterPosition<'_>) -> Result<SynonymTree, Exception> {
        let analyzer = for_words(chain.analyzer)?;
        let mut tree = SynonymTree { nodes: vec![Node::default()], words: 0 };
        let mut synsets: Vec<(&str, Vec<Vec<String>>)> = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            let rule = rule.trim();
            if rule.is_empty() || rule.starts_with('#') && !self.wordnet {
                continue;
            }
            let added = if self.wordnet {
                self.wordnet_rule(rule, &analyzer, &mut synsets)
            } else {
                self.solr_rule(rule, &analyzer, &mut tree)
            };
            if let Err(cause) = added {
                if self.lenient {
                    continue;
                }
                let at = format!("Invalid synonym rule at line {}", number + 1);
                let parse = Exception::new(ExceptionKind::ElasticsearchParse, at)
                    .caused_by(Exception::illegal_argument(cause));
                return Err(
                    Exception::illegal_argument("failed to build synonyms").caused_by(parse)
                );
            }
        }
        for (_, synset) in synsets.iter().filter(|(_, synset)| synset.len() > 1) {
            self.equal(synset, &mut tree).map_err(Exception::illegal_argument)?;
        }
        Ok(tree)
    }

    fn solr_rule(
        &self,
        rule: &str,
        analyzer: &Analyzer,
        tree: &mut SynonymTree,
    ) -> Result<(), String> {
        let sides: Vec<String> = split(rule, "=>");
        if sides.len() > 2 {
            return Err("more than one explicit mapping specified on the same line".to_owned());
        }
        let words = |side: &str| -> Result<Vec<Vec<String>>, String> {
            split(side, ",").iter().map(|term| self.words(term, analyzer)).collect()
        };
        match sides.as_slice() {
            [from, to] => {
                let (from, to) = (words(from)?, words(to)?);
                for input in &from {
                    for output in &to {
                        tree.add(input, output, false)?;
                    }
                }
            }
            _ => self.equal(&words(rule)?, tree)?,
        }
        Ok(())
    }

    /// Words of one meaning.
    fn equal(&self, words: &[Vec<String>], tree: &mut SynonymTree) -> Result<(), String> {
        for (at, input) in words.iter().enumerate() {
            if !self.expand {
                words.first().map_or(Ok(()), |first| tree.add(input, first, false))?;
                continue;
            }
            for (other, output) in words.iter().enumerate() {
                if at != other {
                    tree.add(input, output, true)?;
                }
            }
        }
        Ok(())
    }

    /// `s(100000001,1,'abstain',v,1,0).`
    fn wordnet_rule<'r>(
        &self,
        rule: &'r str,
        analyzer: &Analyzer,
        synsets: &mut Vec<(&'r str, Vec<Vec<String>>)>,
    ) -> Result<(), String> {
        let (id, term) = rule
            .strip_prefix("s(")
            .and_then(|rest| Some((rest.split(',').next()?, rest.split_once('\'')?.1)))
            .and_then(|(id, rest)| Some((id, rest.rsplit_once('\'')?.0)))
            .ok_or_else(|| format!("term: {rule} was completely eliminated by analyzer"))?;
        let words = self.words(&term.replace("''", "'"), analyzer)?;
        match synsets.last_mut().filter(|(last, _)| *last == id) {
            Some((_, synset)) => synset.push(words),
            None => synsets.push((id, vec![words])),
        }
        Ok(())
    }

    fn words(&self, term: &str, analyzer: &Analyzer) -> Result<Vec<String>, String> {
        let term = unescape(term.trim());
        let tokens = analyzer.tokens(&term);
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            let step = match before {
                Some(before) => token.position - before.position,
                None => token.position + 1,
            };
            if step != 1 {
                return Err(format!(
                    "term: {term} analyzed to a token ({}) with position increment != 1 (got: {step})",
                    token.text
                ));
            }
        }
        if tokens.is_empty() {
            return Err(format!("term: {term} was completely eliminated by analyzer"));
        }
        Ok(tokens.into_iter().map(|token| token.text).collect())
    }
}

/// The steps that make words of synonyms.
fn for_words(analyzer: &Analyzer) -> Result<Analyzer, Exception> {
    let mut own = analyzer.clone();
    own.filters.clear();
    for (at, filter) in analyzer.filters.iter().enumerate() {
        match filter.for_synonyms() {
            ForSynonyms::Same => own.filters.push(std::sync::Arc::clone(filter)),
            ForSynonyms::Skipped => {}
            ForSynonyms::Refused => {
                let name = analyzer.names.as_ref().and_then(|names| names.filters.get(at));
                let name = name.map(String::as_str).unwrap_or_default();
                return Err(Exception::illegal_argument(format!(
                    "Token filter [{name}] cannot be used to parse synonyms"
                )));
            }
        }
    }
    Ok(own)
}

/// The pieces between `separator`s that no backslash stands before; empty ones are left out.
fn split(text: &str, separator: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(separator) {
            if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            rest = after;
            continue;
        }
        piece.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\\'
            && let Some(next) = rest.chars().next()
        {
            piece.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn unescape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        made.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    made
}

/// What words are replaced by.
#[derive(Clone, Debug, Default)]
pub(super) struct Synonyms {
    /// Whether the words themselves stay.
    pub(super) keep: bool,
    /// Each a list of words.
    pub(super) outputs: Vec<Vec<String>>,
}

#[derive(Debug, Default)]
struct Node {
    next: HashMap<String, usize>,
    synonyms: Option<Synonyms>,
}

/// Rules by their words.
#[derive(Debug)]
pub(super) struct SynonymTree {
    nodes: Vec<Node>,
    /// Words that were added, on both sides.
    words: usize,
}

/// Most words of all rules of a filter: equal words make a rule for each two of them.
const WORDS_MAX: usize = 1_000_000;

/// Most synonyms of one word.
const SYNONYMS_MAX: usize = 1_000;

impl SynonymTree {
    fn add(&mut self, input: &[String], output: &[String], keep: bool) -> Result<(), String> {
        self.words += input.len() + output.len();
        if self.words > WORDS_MAX {
            return Err(format!("the synonyms of a filter are more than [{WORDS_MAX}] words"));
        }
        let mut at = 0;
        for word in input {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return Ok(()) };
            at = *node.next.entry(word.clone()).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        let Some(node) = self.nodes.get_mut(at) else { return Ok(()) };
        let synonyms = node.synonyms.get_or_insert_default();
        synonyms.keep |= keep;
        if !synonyms.outputs.iter().any(|known| known == output) {
            if synonyms.outputs.len() == SYNONYMS_MAX {
                return Err(format!("a word has more than [{SYNONYMS_MAX}] synonyms"));
            }
            synonyms.outputs.push(output.to_vec());
        }
        Ok(())
    }

    /// The longest rule whose words `words` begin with, and how many they are.
    pub(super) fn longest<'w>(
        &self,
        words: impl Iterator<Item = &'w str>,
    ) -> Option<(usize, &Synonyms)> {
        let mut node = self.nodes.first()?;
        let mut longest = None;
        for (at, word) in words.enumerate() {
            let Some(next) = node.next.get(word).and_then(|next| self.nodes.get(*next)) else {
                break;
            };
            node = next;
            if let Some(synonyms) = &node.synonyms {
                longest = Some((at + 1, synonyms));
            }
        }
        longest
    }
}
