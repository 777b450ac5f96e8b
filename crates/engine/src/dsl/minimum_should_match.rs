//! `minimum_should_match`: `2`, `-1`, `75%`, `-25%`, `2<75%`, `2<-25% 9<-3`. Source: Elasticsearch 7.10,
//! "minimum_should_match parameter", and `Queries.calculateMinShouldMatch`.

use crate::exception::{Exception, ExceptionKind};

/// How many of `clauses` optional clauses must match by `specification`.
pub(crate) fn calculate(specification: &str, clauses: usize) -> Result<usize, Exception> {
    let mut result = specification.trim().to_owned();
    if result.contains('<') {
        // The conditions are in rising order; the last one that the number of clauses exceeds counts.
        let mut chosen = None;
        let condensed = result.replace(" <", "<").replace("< ", "<");
        for condition in condensed.split_whitespace() {
            let (bound, rule) = condition.split_once('<').ok_or_else(|| malformed(condition))?;
            if clauses <= number(bound)?.unsigned_abs() as usize {
                break;
            }
            chosen = Some(rule.to_owned());
        }
        match chosen {
            Some(rule) => result = rule,
            None => return Ok(clauses),
        }
    }
    let total = i64::try_from(clauses).unwrap_or(i64::MAX);
    let wanted = match result.strip_suffix('%') {
        Some(percent) => {
            let percent = number(percent)?;
            // Java's cast of a float to int: towards zero. What may miss may so be nothing: -30 % of three clauses.
            let share = total as f32 * percent as f32 * 0.01;
            if share < 0.0 { total + share as i64 } else { share as i64 }
        }
        None => {
            let count = number(&result)?;
            if count < 0 { total + count } else { count }
        }
    };
    Ok(usize::try_from(wanted.max(0)).unwrap_or(usize::MAX))
}

fn number(text: &str) -> Result<i64, Exception> {
    text.trim().parse::<i64>().map_err(|_| malformed(text))
}

fn malformed(text: &str) -> Exception {
    Exception::new(ExceptionKind::NumberFormat, format!("For input string: \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::calculate;

    #[test]
    fn counts_percentages_and_conditions_are_those_of_the_reference() {
        for (specification, clauses, wanted) in [
            ("2", 5, 2),
            ("-1", 5, 4),
            ("75%", 4, 3),
            ("75%", 5, 3),
            ("-25%", 4, 3),
            ("-25%", 5, 4),
            ("2<75%", 2, 2),
            ("2<75%", 4, 3),
            ("2<-25% 9<-3", 1, 1),
            ("2<-25% 9<-3", 8, 6),
            ("2<-25% 9<-3", 12, 9),
            ("7", 3, 7),
            ("-9", 3, 0),
        ] {
            assert_eq!(
                calculate(specification, clauses).unwrap(),
                wanted,
                "{specification} {clauses}"
            );
        }
        assert!(calculate("most", 3).is_err());
    }
}
