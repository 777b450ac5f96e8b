//! The query string, decoded once.

use super::path::decode;
use crate::exception::Exception;
use crate::limits::{QUERY_BYTES_MAX, QUERY_PARAMETERS_MAX};
use crate::value::scalar;

/// Most characters of a value that a refusal repeats.
const SHOWN_MAX: usize = 100;

/// The parameters of a query string, each name once. Parameters stand between `&` or `;`, as in Elasticsearch
/// (`RestUtils.decodeQueryString`); a semicolon that belongs to a value is written `%3B`.
#[derive(Clone, Debug, Default)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// Reads `raw` (without the question mark).
    ///
    /// A signature does not say in which order parameters of one name were meant (its canonical form sorts them), and
    /// Elasticsearch would take the last: two values for one name are refused, the same value twice is one.
    ///
    /// # Errors
    /// What was seen, as a sentence for the caller.
    pub fn read(raw: &str) -> Result<QueryParameters, String> {
        if raw.len() > QUERY_BYTES_MAX {
            return Err(format!("the query string is longer than {QUERY_BYTES_MAX} bytes"));
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in raw.split(['&', ';']).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name, true)?, decode(value, true)?);
            match parameters.iter().find(|(known, _)| *known == name) {
                Some((_, first)) if *first == value => continue,
                Some((_, first)) => return Err(two_values(&name, first, &value)),
                None => {}
            }
            if parameters.len() == QUERY_PARAMETERS_MAX {
                return Err(format!("more than {QUERY_PARAMETERS_MAX} query parameters"));
            }
            parameters.push((name, value));
        }
        Ok(QueryParameters(parameters))
    }

    /// The value of `name`; a parameter without `=` is the empty string.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `name` as a switch: absent is `default`, without a value is `true`.
    /// Errors: `illegal_argument_exception` in Elasticsearch's words.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, Exception> {
        match self.get(name) {
            None => Ok(default),
            Some("" | "true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(Exception::illegal_argument(format!(
                "Failed to parse value [{other}] as only [true] or [false] are allowed."
            ))),
        }
    }

    /// `name` as a whole number. Errors: `illegal_argument_exception` in Elasticsearch's words.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Exception> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Exception::illegal_argument(format!(
                "Failed to parse int parameter [{name}] with value [{text}]"
            ))
        })
    }

    /// `name` as a fraction; `None` when absent.
    ///
    /// # Errors
    /// `illegal_argument_exception` for what is none.
    pub fn float(&self, name: &str) -> Result<Option<f32>, Exception> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| {
            let reason = format!("Failed to parse float parameter [{name}] with value [{text}]");
            Exception::illegal_argument(reason).caused_by(scalar::no_double(text))
        })
    }

    /// `name` as a comma-separated list without its empty members; `None` when absent.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let text = self.get(name)?;
        Some(text.split(',').map(str::trim).filter(|member| !member.is_empty()).collect())
    }

    /// Forgets every parameter but these.
    pub(crate) fn keep(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| names.contains(&name.as_str()));
    }

    /// Forgets these.
    pub(crate) fn leave_out(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// The names of all parameters, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

fn two_values(name: &str, first: &str, second: &str) -> String {
    let shown = |text: &str| -> String {
        let begins: String = text.chars().take(SHOWN_MAX).collect();
        if begins.len() < text.len() { begins + "…" } else { begins }
    };
    format!(
        "the query parameter [{}] is given with two values, [{}] and [{}]: leave one of them out",
        shown(name),
        shown(first),
        shown(second)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_once() {
        let query = QueryParameters::read("q=a+b%2Bc&v&x%20y=1=2").unwrap();
        assert_eq!(query.get("q"), Some("a b+c"));
        assert_eq!(query.get("v"), Some(""));
        assert_eq!(query.get("x y"), Some("1=2"));
    }

    #[test]
    fn two_values_of_one_parameter_are_refused_in_either_order_with_both_named() {
        let refused = |raw: &str| QueryParameters::read(raw).unwrap_err();
        let sentence = "the query parameter [size] is given with two values, [0] and [5]: leave one of them out";
        assert_eq!(refused("size=0&size=5"), sentence);
        assert!(refused("size=5&size=0").contains("[5] and [0]"));
        assert!(refused("size=0&x=1;%73ize=5").contains("[size]"));
        assert!(refused("v&v=true").contains("[] and [true]"));
        let long = format!("source={}&source=b", "a".repeat(10_000));
        assert!(refused(&long).len() < 300);
    }

    #[test]
    fn the_same_value_twice_is_one() {
        let query = QueryParameters::read("a=1&b=2&a=1&v&v").unwrap();
        assert_eq!(query.get("a"), Some("1"));
        assert_eq!(query.names().collect::<Vec<_>>(), ["a", "b", "v"]);
    }

    #[test]
    fn a_semicolon_separates_and_an_encoded_one_does_not() {
        let query = QueryParameters::read("size=1;from=0&q=a%3Bb;;v").unwrap();
        assert_eq!(query.get("size"), Some("1"));
        assert_eq!(query.get("from"), Some("0"));
        assert_eq!(query.get("q"), Some("a;b"));
        assert_eq!(query.get("v"), Some(""));
    }

    #[test]
    fn a_switch_without_value_is_on() {
        let query = QueryParameters::read("v&h=false&x=maybe").unwrap();
        assert!(query.flag("v", false).unwrap());
        assert!(!query.flag("h", true).unwrap());
        assert!(query.flag("x", true).is_err());
    }

    #[test]
    fn too_many_parameters_are_refused() {
        let raw: Vec<String> = (0..=QUERY_PARAMETERS_MAX).map(|n| format!("p{n}")).collect();
        assert!(QueryParameters::read(&raw.join("&")).is_err());
    }
}
