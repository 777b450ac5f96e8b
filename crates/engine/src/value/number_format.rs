//! Java's `DecimalFormat`, by which Elasticsearch prints numbers where an aggregation or a field has a `format`.
//!
//! Source: the documentation of `java.text.DecimalFormat`; the symbols are those of the root locale, halves go to the
//! even neighbour.

use crate::exception::Exception;

/// A pattern that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NumberFormat {
    positive: (String, String),
    negative: (String, String),
    whole_min: usize,
    /// How many digits are before the point at most; of exponents alone.
    whole_max: usize,
    fraction_min: usize,
    fraction_max: usize,
    /// How many digits are between two commas.
    grouping: usize,
    /// How many digits an exponent has at least.
    exponent: Option<usize>,
    /// 1, 100 or 1000.
    factor: f64,
    point_always: bool,
}

/// Longest pattern that is read, and most digits that it may ask for.
const PATTERN_MAX: usize = 400;

/// Which part of a pattern is being read.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Prefix,
    Number,
    Suffix,
}

impl NumberFormat {
    /// Reads a pattern such as `#,##0.00`.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Java's words.
    pub(crate) fn parse(pattern: &str) -> Result<NumberFormat, Exception> {
        let bad =
            |what: &str| Exception::illegal_argument(format!("{what} in pattern \"{pattern}\""));
        if pattern.len() > PATTERN_MAX {
            return Err(bad("Too many characters"));
        }
        if !pattern.matches('\'').count().is_multiple_of(2) {
            let reason = format!("Malformed pattern \"{pattern}\"");
            return Err(Exception::illegal_argument(reason));
        }
        let (first, second) = halves(pattern);
        let (mut format, affixes) = one(&first).map_err(|what| bad(&what))?;
        format.positive = affixes.clone();
        format.negative = match second.filter(|second| !second.is_empty()) {
            Some(second) => one(&second).map_err(|what| bad(&what))?.1,
            None => (format!("-{}", affixes.0), affixes.1),
        };
        Ok(format)
    }

    /// Prints a number.
    pub(crate) fn print(&self, value: f64) -> String {
        if value.is_nan() {
            return "NaN".to_owned();
        }
        let negative = value.is_sign_negative();
        let magnitude = value.abs() * self.factor;
        let digits = if magnitude.is_infinite() {
            "∞".to_owned()
        } else {
            match self.exponent {
                Some(digits) => self.scientific(magnitude, digits),
                None => self.plain(magnitude),
            }
        };
        let (prefix, suffix) = if negative { &self.negative } else { &self.positive };
        format!("{prefix}{digits}{suffix}")
    }

    fn plain(&self, magnitude: f64) -> String {
        // Java prints the digits that tell a number apart, and rounds where the pattern shows fewer.
        let mut text = magnitude.to_string();
        if text.split_once('.').is_some_and(|(_, fraction)| fraction.len() > self.fraction_max) {
            text = format!("{magnitude:.*}", self.fraction_max);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole = whole.trim_start_matches('0');
        let whole = format!("{whole:0>least$}", least = self.whole_min);
        let fraction = fraction.trim_end_matches('0');
        let fraction = format!("{fraction:0<least$}", least = self.fraction_min);
        let mut out = self.grouped(&whole);
        if out.is_empty() && fraction.is_empty() {
            out.push('0');
        }
        if !fraction.is_empty() || self.point_always {
            out.push('.');
            out.push_str(&fraction);
        }
        out
    }

    fn grouped(&self, whole: &str) -> String {
        if self.grouping == 0 {
            return whole.to_owned();
        }
        let mut out = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(self.grouping) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }

    fn scientific(&self, magnitude: f64, exponent_min: usize) -> String {
        let own = if magnitude == 0.0 { 0 } else { magnitude.log10().floor() as i32 };
        let most = i32::try_from(self.whole_max).unwrap_or(1).max(1);
        let least = i32::try_from(self.whole_min).unwrap_or(1);
        let exponent = if most > 1 && most > least {
            own.div_euclid(most) * most
        } else {
            own - least.max(1) + 1
        };
        let mantissa = magnitude / 10f64.powi(exponent);
        let sign = if exponent < 0 { "-" } else { "" };
        let digits = exponent.unsigned_abs().to_string();
        format!("{}E{sign}{digits:0>exponent_min$}", self.plain(mantissa))
    }
}

/// A pattern's part for positive numbers, and the one for negative numbers behind `;`.
fn halves(pattern: &str) -> (String, Option<String>) {
    let mut quoted = false;
    for (place, char) in pattern.char_indices() {
        match char {
            '\'' => quoted = !quoted,
            ';' if !quoted => {
                let first = pattern.get(..place).unwrap_or_default();
                let second = pattern.get(place + 1..).unwrap_or_default();
                return (first.to_owned(), Some(second.to_owned()));
            }
            _ => {}
        }
    }
    (pattern.to_owned(), None)
}

type Affixes = (String, String);

/// Reads one half.
fn one(pattern: &str) -> Result<(NumberFormat, Affixes), String> {
    let (mut prefix, mut suffix, mut number) = (String::new(), String::new(), String::new());
    let (mut part, mut quoted, mut factor) = (Part::Prefix, false, 1.0);
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        let is_number = !quoted && matches!(char, '#' | '0' | ',' | '.');
        let is_exponent = !quoted && part == Part::Number && char == 'E';
        if is_number || is_exponent {
            if part == Part::Suffix {
                return Err(format!("Unquoted special character '{char}'"));
            }
            part = Part::Number;
            number.push(char);
            continue;
        }
        if part == Part::Number {
            part = Part::Suffix;
        }
        let affix = if part == Part::Prefix { &mut prefix } else { &mut suffix };
        match char {
            '\'' if chars.peek() == Some(&'\'') => {
                chars.next();
                affix.push('\'');
            }
            '\'' => quoted = !quoted,
            '%' | '‰' if !quoted => {
                if factor != 1.0 {
                    return Err("Too many percent/per mille characters".to_owned());
                }
                factor = if char == '%' { 100.0 } else { 1000.0 };
                affix.push(char);
            }
            '¤' if !quoted => affix.push('¤'),
            char => affix.push(char),
        }
    }
    Ok((digits(&number, factor)?, (prefix, suffix)))
}

/// Reads `#,##0.00#E00`.
fn digits(number: &str, factor: f64) -> Result<NumberFormat, String> {
    let (number, exponent) = match number.split_once('E') {
        None => (number, None),
        Some((number, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            (number, Some(zeros.len()))
        }
        Some(_) => return Err("Malformed exponential pattern".to_owned()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') {
        return Err("Multiple decimal separators".to_owned());
    }
    let zeros = |text: &str| text.chars().filter(|char| *char == '0').count();
    let hashes = |text: &str| text.chars().filter(|char| *char == '#').count();
    let (bare, fraction_digits) = (whole.replace(',', ""), zeros(fraction) + hashes(fraction));
    if bare.trim_start_matches('#').contains('#') {
        return Err("Unexpected '0'".to_owned());
    }
    if fraction.trim_start_matches('0').contains('0') {
        return Err("Unexpected '0'".to_owned());
    }
    let grouping = whole.rsplit_once(',').map_or(0, |(_, last)| last.len());
    // A pattern with a point and no `0` shows a digit before it, or behind it where it has none before. (Java's
    // `DecimalFormat.applyPattern`, "Handle ###.### and ###. and .###".)
    let (whole_min, fraction_min) = match (zeros(&bare), zeros(fraction)) {
        (0, 0) if number.contains('.') && !bare.is_empty() => (1, 0),
        (0, 0) if number.contains('.') && fraction_digits > 0 => (0, 1),
        found => found,
    };
    Ok(NumberFormat {
        positive: Affixes::default(),
        negative: Affixes::default(),
        whole_min,
        whole_max: bare.len(),
        fraction_min,
        fraction_max: if number.is_empty() { 3 } else { fraction_digits },
        grouping,
        exponent,
        factor,
        point_always: number.ends_with('.'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_java_prints_them() {
        for (pattern, value, printed) in [
            ("0.0", 7.25, "7.2"),
            ("0.0", 36.25, "36.2"),
            ("0.00", 5.5, "5.50"),
            ("#,##0.00", 1_234_567.891, "1,234,567.89"),
            ("0000.0", 12.0, "0012.0"),
            ("#.##", 0.5, "0.5"),
            ("#,###.#", 0.25, "0.2"),
            (".##", 0.25, ".25"),
            (".##", 1.0, "1.0"),
            ("#.0", 0.25, ".2"),
            ("#.#", -9_223_372_036_854_775_808.0, "-9223372036854776000"),
            ("#", 0.2, "0"),
            ("#.#", 12.0, "12"),
            ("$0.00", -3.0, "-$3.00"),
            ("0.0%", 0.256, "25.6%"),
            ("0;(0)", -4.0, "(4)"),
            ("0.###E0", 12345.0, "1.234E4"),
            ("00.###E0", 0.00123, "12.3E-4"),
            ("'#'0", 5.0, "#5"),
            ("0.0", f64::NAN, "NaN"),
            ("0", f64::INFINITY, "∞"),
            ("0.0 euro", 2.0, "2.0 euro"),
        ] {
            let format = NumberFormat::parse(pattern).unwrap();
            assert_eq!(format.print(value), printed, "{pattern} {value}");
        }
    }

    #[test]
    fn a_broken_pattern_is_refused_in_javas_words() {
        let refusal = NumberFormat::parse("0.0.0").unwrap_err();
        assert_eq!(refusal.reason(), "Multiple decimal separators in pattern \"0.0.0\"");
        assert!(NumberFormat::parse("0#").is_err());
        assert!(NumberFormat::parse("%0%").is_err());
    }
}
