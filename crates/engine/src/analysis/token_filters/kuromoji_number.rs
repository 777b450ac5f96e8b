//! `kuromoji_number` of the plugin `analysis-kuromoji`: numbers in kanji and full-width digits as Arabic ones (`三千2百万` as
//! `32000000`). Source: Lucene's `JapaneseNumberFilter`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{GatheringFilter, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

/// Characters of a number that is read; a longer one stays as it is.
const NUMBER_MAX: usize = 1000;

/// Numbers as Arabic ones.
#[derive(Clone, Debug)]
struct KuromojiNumber;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(KuromojiNumber))
}

impl TokenFilter for KuromojiNumber {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let steps = steps(&tokens);
        let mut made = JoinedNumbers { out: Vec::with_capacity(tokens.len()), position: None };
        // Tokens beside a word that reaches over others are left alone, as many as it reaches over.
        let (mut at, mut left_alone) = (0, 0);
        while let Some(token) = tokens.get(at) {
            if cancel.is_cancelled() {
                break;
            }
            let step = steps.get(at).copied().unwrap_or(1);
            let is_number = token.text.chars().all(is_numeral);
            if token.keyword || left_alone > 0 || step == 0 || !is_number {
                if !token.keyword && left_alone > 0 {
                    left_alone -= 1;
                } else if !token.keyword && step == 0 {
                    left_alone = token.position_length.saturating_sub(1);
                }
                made.push(token.clone(), step);
                at += 1;
                continue;
            }
            let rest = tokens.get(at + 1..).unwrap_or_default();
            let goes_on = |token: &&Token| {
                token.text.chars().all(is_numeral) || token.text.chars().all(is_punctuation)
            };
            let beside = |place: usize| steps.get(at + 1 + place) == Some(&0);
            let more = rest
                .iter()
                .enumerate()
                .take_while(|(place, token)| goes_on(token) && !beside(*place));
            let last = at + more.count();
            let next = tokens.get(last + 1);
            if next.is_some() && steps.get(last + 1) == Some(&0) {
                // A word over several tokens begins within: Lucene leaves the first, and goes on behind the word.
                made.push(token.clone(), step);
                at = last + 1;
                if let Some(next) = next {
                    left_alone = next.position_length.saturating_sub(1);
                    made.push(next.clone(), 0);
                    at += 1;
                }
                continue;
            }
            let parts = tokens.get(at..=last).unwrap_or_default();
            let number: String = parts.iter().map(|part| part.text.as_str()).collect();
            // In Lucene it is the next token that becomes the number, and comes again behind it.
            let like = next.unwrap_or(token);
            let step = steps.get(last + usize::from(next.is_some())).copied().unwrap_or(1);
            made.push(
                Token {
                    text: normalized(&number),
                    start_offset: token.start_offset,
                    end_offset: parts.last().unwrap_or(token).end_offset,
                    ..like.clone()
                },
                step,
            );
            at = last + 1;
            if let Some(next) = next {
                made.push(next.clone(), steps.get(at).copied().unwrap_or(1));
                at += 1;
            }
        }
        made.out
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        let behind = tokens.last().map_or(0, |last| last.position.saturating_add(1));
        let gap = end.position.saturating_sub(behind);
        let made = self.apply(tokens, cancel);
        end.position = made.last().map_or(0, |last| last.position.saturating_add(1)) + gap;
        made
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}

/// Tokens in the making, each some positions behind the one before.
struct JoinedNumbers {
    out: Vec<Token>,
    position: Option<u32>,
}

impl JoinedNumbers {
    fn push(&mut self, token: Token, step: u32) {
        let position =
            self.position.map_or(step.saturating_sub(1), |before| before.saturating_add(step));
        self.position = Some(position);
        self.out.push(Token { position, ..token });
    }
}

/// How many positions each token is behind the one before.
fn steps(tokens: &[Token]) -> Vec<u32> {
    let mut before = None;
    let step = |token: &Token| {
        let step = match before {
            None => token.position.saturating_add(1),
            Some(before) => token.position.saturating_sub(before),
        };
        before = Some(token.position);
        step
    };
    tokens.iter().map(step).collect()
}

fn is_numeral(letter: char) -> bool {
    digit(letter).is_some() || power(letter).is_some()
}

fn is_punctuation(letter: char) -> bool {
    is_point(letter) || is_separator(letter)
}

fn is_point(letter: char) -> bool {
    matches!(letter, '.' | '．')
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ',' | '，')
}

fn digit(letter: char) -> Option<u8> {
    const KANJI: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let value = match letter {
        '0'..='9' => u32::from(letter) - u32::from('0'),
        '０'..='９' => u32::from(letter) - u32::from('０'),
        _ => {
            return KANJI
                .iter()
                .position(|kanji| *kanji == letter)
                .and_then(|at| u8::try_from(at).ok());
        }
    };
    u8::try_from(value).ok()
}

/// The power of ten that a kanji stands for.
fn power(letter: char) -> Option<u32> {
    Some(match letter {
        '十' => 1,
        '百' => 2,
        '千' => 3,
        '万' => 4,
        '億' => 8,
        '兆' => 12,
        '京' => 16,
        '垓' => 20,
        _ => return None,
    })
}

/// The number that `text` is, in digits; `text` where it is none.
fn normalized(text: &str) -> String {
    if text.chars().count() > NUMBER_MAX {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut rest = letters.as_slice();
    let mut sum: Option<Decimal> = None;
    loop {
        let Ok(part) = large_pair(&mut rest) else { return text.to_owned() };
        let Some(part) = part else { break };
        sum = Some(sum.map_or(part.clone(), |sum| sum.plus(&part)));
    }
    sum.map_or_else(|| text.to_owned(), |sum| sum.shown())
}

/// What is no number: two points in it, or no digit.
struct NoNumber;

/// A number below ten thousand with the power behind it: `三千二百万`.
fn large_pair(rest: &mut &[char]) -> Result<Option<Decimal>, NoNumber> {
    let mut first: Option<Decimal> = None;
    while let Some(part) = medium_pair(rest)? {
        first = Some(first.map_or(part.clone(), |first| first.plus(&part)));
    }
    Ok(with_power(first, taken(rest, 4..=20)))
}

/// Digits with the power behind them: `二百`.
fn medium_pair(rest: &mut &[char]) -> Result<Option<Decimal>, NoNumber> {
    let length =
        rest.iter().take_while(|letter| digit(**letter).is_some() || is_punctuation(**letter));
    let (digits, behind) = rest.split_at_checked(length.count()).unwrap_or_default();
    *rest = behind;
    let first = match digits.iter().all(|letter| is_separator(*letter)) {
        true => None,
        false => Some(Decimal::read(digits).ok_or(NoNumber)?),
    };
    Ok(with_power(first, taken(rest, 1..=3)))
}

fn with_power(first: Option<Decimal>, power: Option<u32>) -> Option<Decimal> {
    match (first, power) {
        (first, None) => first,
        (None, Some(power)) => Some(Decimal { digits: vec![1], places: 0 }.times_ten_to(power)),
        (Some(first), Some(power)) => Some(first.times_ten_to(power)),
    }
}

/// Takes a kanji of one of `powers` off.
fn taken(rest: &mut &[char], powers: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let (first, behind) = rest.split_first()?;
    let power = power(*first).filter(|power| powers.contains(power))?;
    *rest = behind;
    Some(power)
}

/// A decimal number: its digits, the last first, and how many of them stand behind the point.
#[derive(Clone)]
struct Decimal {
    digits: Vec<u8>,
    places: usize,
}

impl Decimal {
    /// The number that `letters` are; `None`: two points, or no digit.
    fn read(letters: &[char]) -> Option<Decimal> {
        let mut number = Decimal { digits: Vec::new(), places: 0 };
        let mut points = 0;
        for letter in letters {
            if is_point(*letter) {
                points += 1;
            } else if let Some(digit) = digit(*letter) {
                number.digits.push(digit);
                number.places += points;
            }
        }
        number.digits.reverse();
        (points <= 1 && !number.digits.is_empty()).then_some(number)
    }

    fn times_ten_to(mut self, power: u32) -> Decimal {
        for _ in 0..power {
            match self.places.checked_sub(1) {
                Some(places) => self.places = places,
                None => self.digits.insert(0, 0),
            }
        }
        self
    }

    fn plus(&self, other: &Decimal) -> Decimal {
        let places = self.places.max(other.places);
        let digit = |number: &Decimal, at: usize| {
            let shift = places - number.places;
            at.checked_sub(shift).and_then(|at| number.digits.get(at)).copied().unwrap_or_default()
        };
        let length = |number: &Decimal| number.digits.len() + places - number.places;
        let (mut digits, mut carry) = (Vec::new(), 0);
        for at in 0..length(self).max(length(other)) {
            let sum = digit(self, at) + digit(other, at) + carry;
            digits.push(sum % 10);
            carry = sum / 10;
        }
        if carry > 0 {
            digits.push(carry);
        }
        Decimal { digits, places }
    }

    /// It in digits, without zeros that say nothing.
    fn shown(&self) -> String {
        let digit = |digit: &u8| char::from(b'0' + digit);
        let (behind, before) =
            self.digits.split_at_checked(self.places).unwrap_or((&self.digits, &[]));
        let whole: String =
            before.iter().rev().skip_while(|digit| **digit == 0).map(digit).collect();
        let zeros = behind.iter().take_while(|digit| **digit == 0).count();
        let part: String = behind.iter().skip(zeros).rev().map(digit).collect();
        let missing = self.places.saturating_sub(self.digits.len());
        let whole = if whole.is_empty() { "0" } else { &whole };
        match part.is_empty() {
            true => whole.to_owned(),
            false => format!("{whole}.{}{part}", "0".repeat(missing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_lucene() {
        // What Lucene 9.12.1's `JapaneseNumberFilter` makes of each.
        for line in include_str!("../kuromoji/numbers.txt").lines() {
            let (text, theirs) = line.split_once('\t').unwrap();
            assert_eq!(normalized(text), theirs, "{text}");
        }
    }

    #[test]
    fn a_number_of_too_many_letters_stays() {
        let long = "9".repeat(NUMBER_MAX + 1);
        assert_eq!(normalized(&long), long);
        let digits = "９".repeat(NUMBER_MAX);
        assert_eq!(normalized(&digits), "9".repeat(NUMBER_MAX));
    }
}
