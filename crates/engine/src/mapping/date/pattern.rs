//! One date pattern: Elasticsearch's named formats, and the letters of Java's `DateTimeFormatter`.

use jiff::civil;
use jiff::tz::{Offset, TimeZone};

/// One alternative of a format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    EpochMillis,
    EpochSecond,
    Parts(Vec<Part>),
}

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Literal(String),
    /// A number read from `least` to `most` digits and printed with at least `shown`.
    Number {
        what: What,
        least: usize,
        most: usize,
        shown: usize,
    },
    /// `.` or `,` and up to nine digits; printed with three, or as many as there are.
    Fraction {
        least: usize,
        most: usize,
        nanos: bool,
    },
    /// The digits of `S` alone.
    FractionDigits(usize),
    /// `Z`, `+01`, `+01:00`, `+0100`; printed with a colon or without.
    Offset {
        colon: bool,
        zulu: bool,
    },
    /// A name such as `Europe/Paris`, or an offset.
    Zone,
    MonthName {
        long: bool,
    },
    DayName {
        long: bool,
    },
    AmPm,
    /// A year of two digits, 2000 to 2099.
    ShortYear,
    Optional(Vec<Part>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Year,
    Month,
    Day,
    DayOfYear,
    WeekYear,
    Week,
    WeekDay,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// Named formats as patterns. `?` after a letter run is not Java's: it says that one digit is enough.
const NAMED: &[(&str, &str)] = &[
    ("date_optional_time", "y?[-M?[-d?['T'[H?[:m?[:s?[F]]][X]]]]]"),
    ("date_optional_time_nanos", "y?[-M?[-d?['T'[H?[:m?[:s?[N]]][X]]]]]"),
    ("date_time", "y?-M?-d?'T'H?:m?:s?FX"),
    ("date_time_no_millis", "y?-M?-d?'T'H?:m?:s?X"),
    ("date", "y?-M?-d?"),
    ("date_hour", "y?-M?-d?'T'H?"),
    ("date_hour_minute", "y?-M?-d?'T'H?:m?"),
    ("date_hour_minute_second", "y?-M?-d?'T'H?:m?:s?"),
    ("date_hour_minute_second_fraction", "y?-M?-d?'T'H?:m?:s?F"),
    ("date_hour_minute_second_millis", "y?-M?-d?'T'H?:m?:s?F"),
    ("ordinal_date", "y?-D?"),
    ("ordinal_date_time", "y?-D?'T'H?:m?:s?FX"),
    ("ordinal_date_time_no_millis", "y?-D?'T'H?:m?:s?X"),
    ("year", "y?"),
    ("year_month", "y?-M?"),
    ("year_month_day", "y?-M?-d?"),
    ("hour", "H?"),
    ("hour_minute", "H?:m?"),
    ("hour_minute_second", "H?:m?:s?"),
    ("hour_minute_second_fraction", "H?:m?:s?F"),
    ("hour_minute_second_millis", "H?:m?:s?F"),
    ("time", "H?:m?:s?FX"),
    ("time_no_millis", "H?:m?:s?X"),
    ("t_time", "'T'H?:m?:s?FX"),
    ("t_time_no_millis", "'T'H?:m?:s?X"),
    ("basic_date", "yyyyMMdd"),
    ("basic_date_time", "yyyyMMdd'T'HHmmssFX"),
    ("basic_date_time_no_millis", "yyyyMMdd'T'HHmmssX"),
    ("basic_ordinal_date", "yyyyDDD"),
    ("basic_ordinal_date_time", "yyyyDDD'T'HHmmssFX"),
    ("basic_ordinal_date_time_no_millis", "yyyyDDD'T'HHmmssX"),
    ("basic_time", "HHmmssFX"),
    ("basic_time_no_millis", "HHmmssX"),
    ("basic_t_time", "'T'HHmmssFX"),
    ("basic_t_time_no_millis", "'T'HHmmssX"),
    ("week_date", "Y?-'W'w?-e"),
    ("week_date_time", "Y?-'W'w?-e'T'H?:m?:s?FX"),
    ("week_date_time_no_millis", "Y?-'W'w?-e'T'H?:m?:s?X"),
    ("weekyear", "Y?"),
    ("weekyear_week", "Y?-'W'w?"),
    ("weekyear_week_day", "Y?-'W'w?-e"),
    ("basic_week_date", "YYYY'W'wwe"),
    ("basic_week_date_time", "YYYY'W'wwe'T'HHmmssFX"),
    ("basic_week_date_time_no_millis", "YYYY'W'wwe'T'HHmmssX"),
    ("week_year", "Y?"),
    ("week_year_week", "Y?-'W'w?"),
    ("week_year_week_day", "Y?-'W'w?-e"),
    ("iso8601", "yyyy[-MM[-dd['T'[HH[:mm[:ss[F]]][X]]]]]"),
];

/// `dateOptionalTime` as it is called since Elasticsearch 7.
fn snake_case(text: &str) -> String {
    let mut snake = String::with_capacity(text.len() + 4);
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Pattern, String> {
        match text {
            "epoch_millis" => return Ok(Pattern::EpochMillis),
            "epoch_second" => return Ok(Pattern::EpochSecond),
            "" => return Err("No date pattern provided".to_owned()),
            _ => {}
        }
        let snake = snake_case(text);
        if let Some((_, pattern)) = NAMED.iter().find(|(name, _)| *name == snake) {
            return compile(pattern, true).map(Pattern::Parts);
        }
        let strict = snake.strip_prefix("strict_");
        if let Some((_, pattern)) = NAMED.iter().find(|(name, _)| Some(*name) == strict) {
            return compile(&strictly(pattern), true).map(Pattern::Parts);
        }
        compile(text, false).map(Pattern::Parts)
    }

    /// The first character of a text that a pattern may not have outside of quotes.
    pub(super) fn reserved(text: &str) -> Option<char> {
        let mut quoted = false;
        text.chars().find(|letter| {
            quoted ^= *letter == '\'';
            !quoted && "{}#".contains(*letter)
        })
    }

    /// The nanoseconds since 1970 of a text.
    pub(super) fn read(&self, text: &str, up: bool, zone: &TimeZone) -> Option<i128> {
        match self {
            Pattern::EpochMillis => in_zone(epoch(text, 6, up)?, zone),
            Pattern::EpochSecond => in_zone(epoch(text, 9, up)?, zone),
            Pattern::Parts(parts) => {
                let mut read = PartialDate::default();
                let rest = read_parts(parts, text, &mut read)?;
                if rest.is_empty() { read.nanoseconds(up, zone) } else { None }
            }
        }
    }

    /// Prints nanoseconds since 1970.
    pub(super) fn print(&self, nanoseconds: i128, zone: &TimeZone) -> Option<String> {
        let decimal = |unit: i128, digits: usize| match nanoseconds.rem_euclid(unit) {
            0 => nanoseconds.div_euclid(unit).to_string(),
            rest => format!("{}.{rest:0digits$}", nanoseconds.div_euclid(unit))
                .trim_end_matches('0')
                .to_owned(),
        };
        match self {
            Pattern::EpochMillis => Some(decimal(1_000_000, 6)),
            Pattern::EpochSecond => Some(decimal(1_000_000_000, 9)),
            Pattern::Parts(parts) => {
                let (instant, years) = within_calendar(nanoseconds)?;
                let at = instant.to_zoned_datetime(zone.clone());
                let mut out = String::new();
                print_parts(parts, &at, years, &mut out);
                Some(out)
            }
        }
    }
}

/// A moment whose time of day is that of `zone`: the real servers read numbers so, too. (`JavaDateMathParser`.)
fn in_zone(nanoseconds: i128, zone: &TimeZone) -> Option<i128> {
    if *zone == TimeZone::UTC {
        return Some(nanoseconds);
    }
    let moment = jiff::Timestamp::from_nanosecond(nanoseconds).ok()?;
    let local = Offset::UTC.to_datetime(moment);
    let moment = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(moment.as_nanosecond())
}

/// A named format with all its digits: four for a year, three for a day of the year, two for the rest.
fn strictly(pattern: &str) -> String {
    pattern
        .replace("y?", "yyyy")
        .replace("Y?", "YYYY")
        .replace("w?", "ww")
        .replace("D?", "DDD")
        .replace("M?", "MM")
        .replace("d?", "dd")
        .replace("H?", "HH")
        .replace("m?", "mm")
        .replace("s?", "ss")
}

/// Nanoseconds of a decimal number of units that are ten to the power of `shift` nanoseconds each.
fn epoch(text: &str, shift: usize, up: bool) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let unit = 10i128.pow(u32::try_from(shift).ok()?);
    let whole: i64 = whole.parse().ok()?;
    let padded: String = fraction.chars().chain("000000000".chars()).take(shift).collect();
    let missing = if up && fraction.is_empty() { unit - 1 } else { padded.parse().ok()? };
    let missing = if shift == 6 && fraction.is_empty() { 0 } else { missing };
    i128::from(whole).checked_mul(unit)?.checked_add(missing)?.checked_mul(sign)
}

fn compile(pattern: &str, named: bool) -> Result<Vec<Part>, String> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    let parts = compile_until(&letters, &mut at, named, 0)?;
    if at < letters.len() {
        Err("Pattern ended with an unmatched ']'".to_owned())
    } else {
        Ok(parts)
    }
}

fn compile_until(
    letters: &[char],
    at: &mut usize,
    named: bool,
    depth: usize,
) -> Result<Vec<Part>, String> {
    if depth > 20 {
        return Err("too many optional sections".to_owned());
    }
    let mut parts = Vec::new();
    while let Some(&letter) = letters.get(*at) {
        match letter {
            '[' => {
                *at += 1;
                parts.push(Part::Optional(compile_until(letters, at, named, depth + 1)?));
                if letters.get(*at) != Some(&']') {
                    return Err("Pattern ended with an incomplete optional section".to_owned());
                }
                *at += 1;
            }
            ']' => return Ok(parts),
            '\'' => parts.push(Part::Literal(quoted(letters, at)?)),
            letter if letter.is_ascii_alphabetic() => {
                let start = *at;
                while letters.get(*at) == Some(&letter) {
                    *at += 1;
                }
                let count = *at - start;
                let loose = named && letters.get(*at) == Some(&'?');
                if loose {
                    *at += 1;
                }
                let read = part(letter, count, loose, named);
                parts.push(read.map_err(|own| first_unknown(letter, letters, *at).unwrap_or(own))?);
            }
            other => {
                *at += 1;
                parts.push(Part::Literal(other.to_string()));
            }
        }
    }
    Ok(parts)
}

/// The letters of Java's `DateTimeFormatter`.
const JAVA_LETTERS: &str = "GuyDMLdQqYwWEecFaBhKkHmsSAnNVvzOXxZp";

/// Where Java knows `letter`, what it says of the first that it does not know behind it.
fn first_unknown(letter: char, letters: &[char], at: usize) -> Option<String> {
    let mut behind = letters.get(at..)?.iter();
    let unknown = |own: &&char| own.is_ascii_alphabetic() && !JAVA_LETTERS.contains(**own);
    let first = behind.find(unknown).filter(|_| JAVA_LETTERS.contains(letter))?;
    Some(format!("Unknown pattern letter: {first}"))
}

fn quoted(letters: &[char], at: &mut usize) -> Result<String, String> {
    *at += 1;
    let mut text = String::new();
    loop {
        match (letters.get(*at), letters.get(*at + 1)) {
            (Some('\''), Some('\'')) => {
                text.push('\'');
                *at += 2;
            }
            (Some('\''), _) => {
                *at += 1;
                return Ok(if text.is_empty() { "'".to_owned() } else { text });
            }
            (Some(&letter), _) => {
                text.push(letter);
                *at += 1;
            }
            (None, _) => {
                return Err("Pattern ends with an incomplete string literal".to_owned());
            }
        }
    }
}

fn part(letter: char, count: usize, loose: bool, named: bool) -> Result<Part, String> {
    let number = |what, most: usize| {
        let shown = if loose { most } else { count };
        Part::Number { what, least: if loose { 1 } else { count }, most: most.max(count), shown }
    };
    Ok(match (letter, count) {
        ('y' | 'u', _) if loose => number(What::Year, 4),
        ('Y', _) => number(What::WeekYear, 4),
        ('w', 1 | 2) => number(What::Week, 2),
        ('e', 1) => number(What::WeekDay, 1),
        ('y' | 'u', 2) => Part::ShortYear,
        ('y' | 'u', _) => number(What::Year, if named { 4 } else { count.max(4) }),
        ('M' | 'L', 3) => Part::MonthName { long: false },
        ('M' | 'L', 4) => Part::MonthName { long: true },
        ('M' | 'L', 1 | 2) => number(What::Month, 2),
        ('d', 1 | 2) => number(What::Day, 2),
        ('D', 1..=3) => number(What::DayOfYear, 3),
        ('H', 1 | 2) => number(What::Hour, 2),
        ('h', 1 | 2) => number(What::Hour12, 2),
        ('m', 1 | 2) => number(What::Minute, 2),
        ('s', 1 | 2) => number(What::Second, 2),
        ('F', 1) if named => Part::Fraction { least: 1, most: 9, nanos: false },
        ('N', 1) if named => Part::Fraction { least: 1, most: 9, nanos: true },
        ('S', 1..=9) => Part::FractionDigits(count),
        ('a', 1) => Part::AmPm,
        ('E', 1..=3) => Part::DayName { long: false },
        ('E', 4) => Part::DayName { long: true },
        ('X', 1) if named => Part::Offset { colon: true, zulu: true },
        ('X', 3 | 5) => Part::Offset { colon: true, zulu: true },
        ('X', _) => Part::Offset { colon: false, zulu: true },
        ('x', 3 | 5) => Part::Offset { colon: true, zulu: false },
        ('x', _) => Part::Offset { colon: false, zulu: false },
        ('Z', 1..=3) => Part::Offset { colon: false, zulu: false },
        ('Z', 5) => Part::Offset { colon: true, zulu: true },
        ('V' | 'z' | 'v', _) => Part::Zone,
        _ if !"yuYMLdDweHhmsSaEXxZVzv".contains(letter) => {
            return Err(format!("Unknown pattern letter: {letter}"));
        }
        _ => return Err(format!("Too many pattern letters: {letter}")),
    })
}

/// What has been read so far.
#[derive(Clone, Default)]
struct PartialDate {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    week_year: Option<i64>,
    week: Option<i64>,
    week_day: Option<i64>,
    hour: Option<i64>,
    hour12: Option<i64>,
    afternoon: bool,
    minute: Option<i64>,
    second: Option<i64>,
    nanosecond: Option<i64>,
    zone: Option<TimeZone>,
}

impl PartialDate {
    fn set(&mut self, what: What, value: i64) {
        let place = match what {
            What::Year => &mut self.year,
            What::Month => &mut self.month,
            What::Day => &mut self.day,
            What::DayOfYear => &mut self.day_of_year,
            What::WeekYear => &mut self.week_year,
            What::Week => &mut self.week,
            What::WeekDay => &mut self.week_day,
            What::Hour => &mut self.hour,
            What::Hour12 => &mut self.hour12,
            What::Minute => &mut self.minute,
            What::Second => &mut self.second,
        };
        *place = Some(value);
    }

    /// The date of an ISO week; an absent week or day is the first.
    fn week_date(&self) -> Option<civil::Date> {
        let year = self.week_year?.try_into().ok()?;
        let week = self.week.unwrap_or(1).try_into().ok()?;
        let day = self.week_day.unwrap_or(1).try_into().ok()?;
        let day = jiff::civil::Weekday::from_monday_one_offset(day).ok()?;
        Some(civil::ISOWeekDate::new(year, week, day).ok()?.date())
    }

    fn nanoseconds(&self, up: bool, zone: &TimeZone) -> Option<i128> {
        let or = |value: Option<i64>, least: i64, most: i64| {
            value.unwrap_or(if up { most } else { least })
        };
        let year = i16::try_from(self.year.unwrap_or(1970)).ok()?;
        let date = match self.day_of_year {
            _ if self.week_year.is_some() => self.week_date()?,
            Some(day) => civil::Date::new(year, 1, 1)
                .ok()?
                .with()
                .day_of_year(day.try_into().ok()?)
                .build()
                .ok()?,
            None => {
                // An absent month or day is the first, also where absent hours are the last. (`ROUND_UP_BASE_FIELDS` of
                // Elasticsearch's `DateFormatters`.)
                let month = self.month.unwrap_or(1).try_into().ok()?;
                let day = self.day.unwrap_or(1).try_into().ok()?;
                civil::Date::new(year, month, day).ok()?
            }
        };
        let hour = match self.hour12 {
            Some(hour) => hour % 12 + if self.afternoon { 12 } else { 0 },
            None => or(self.hour, 0, 23),
        };
        let time = civil::Time::new(
            hour.try_into().ok()?,
            or(self.minute, 0, 59).try_into().ok()?,
            or(self.second, 0, 59).try_into().ok()?,
            or(self.nanosecond, 0, 999_999_999).try_into().ok()?,
        )
        .ok()?;
        let at = date.to_datetime(time);
        let zone = self.zone.as_ref().unwrap_or(zone);
        let instant = zone.to_ambiguous_zoned_datetime(at).compatible().ok()?.timestamp();
        Some(instant.as_nanosecond())
    }
}

fn read_parts<'t>(parts: &[Part], text: &'t str, read: &mut PartialDate) -> Option<&'t str> {
    let mut rest = text;
    for (index, part) in parts.iter().enumerate() {
        rest = match part {
            Part::Optional(inner) => {
                let mut tried = read.clone();
                match read_parts(inner, rest, &mut tried) {
                    Some(after) => {
                        *read = tried;
                        after
                    }
                    None => rest,
                }
            }
            Part::Number { what, least, most, .. } => {
                // Adjacent numbers (yyyyMMdd) each take exactly their own digits.
                let adjacent = matches!(
                    parts.get(index + 1),
                    Some(Part::Number { .. } | Part::FractionDigits(_) | Part::ShortYear)
                );
                let (value, after) = digits(rest, *least, if adjacent { *least } else { *most })?;
                read.set(*what, value);
                after
            }
            part => read_part(part, rest, read)?,
        };
    }
    Some(rest)
}

fn read_part<'t>(part: &Part, rest: &'t str, read: &mut PartialDate) -> Option<&'t str> {
    match part {
        Part::Literal(literal) => rest.strip_prefix(literal.as_str()),
        Part::Fraction { least, most, .. } => {
            let rest = rest.strip_prefix(['.', ','])?;
            fraction(rest, *least, *most, read)
        }
        Part::FractionDigits(count) => fraction(rest, *count, *count, read),
        Part::ShortYear => {
            let (value, after) = digits(rest, 2, 2)?;
            read.year = Some(2000 + value);
            Some(after)
        }
        Part::Offset { .. } => {
            let (offset, after) = offset(rest)?;
            read.zone = Some(TimeZone::fixed(offset));
            Some(after)
        }
        Part::Zone => {
            let end = rest.find([' ', ']']).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end)?;
            read.zone = Some(match offset(name) {
                Some((offset, "")) => TimeZone::fixed(offset),
                _ => TimeZone::get(name).ok()?,
            });
            Some(after)
        }
        Part::MonthName { long } => {
            let (index, after) = name(&MONTHS, *long, rest)?;
            read.month = Some(index + 1);
            Some(after)
        }
        Part::DayName { long } => name(&DAYS, *long, rest).map(|(_, after)| after),
        Part::AmPm => {
            let (half, after) = rest.split_at_checked(2)?;
            read.afternoon = half.eq_ignore_ascii_case("pm");
            (read.afternoon || half.eq_ignore_ascii_case("am")).then_some(after)
        }
        Part::Number { .. } | Part::Optional(_) => None,
    }
}

fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (digits, rest) = text.split_at_checked(count)?;
    Some((digits.parse().ok()?, rest))
}

fn fraction<'t>(
    text: &'t str,
    least: usize,
    most: usize,
    read: &mut PartialDate,
) -> Option<&'t str> {
    let (value, rest) = digits(text, least, most)?;
    let count = u32::try_from(text.len() - rest.len()).ok()?;
    read.nanosecond = Some(value.checked_mul(10i64.checked_pow(9u32.checked_sub(count)?)?)?);
    Some(rest)
}

/// `Z`, `+01`, `+0100`, `+01:00`, `+01:00:00`.
fn offset(text: &str) -> Option<(Offset, &str)> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some((Offset::UTC, rest));
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, rest) = digits(rest, 2, 2)?;
    let after_colon = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = digits(after_colon, 2, 2).unwrap_or((0, rest));
    if hours > 18 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some((Offset::from_seconds(seconds).ok()?, rest))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

fn name<'t>(names: &[&str], long: bool, text: &'t str) -> Option<(i64, &'t str)> {
    names.iter().zip(0i64..).find_map(|(name, index)| {
        let name = if long { name } else { short(name) };
        let (head, rest) = text.split_at_checked(name.len())?;
        (head == name).then_some((index, rest))
    })
}

/// A moment, and how many years were taken from it: of one beyond the calendar that jiff has, the same time of an equal year.
/// After 400 years all days are those of the same week days.
fn within_calendar(nanoseconds: i128) -> Option<(jiff::Timestamp, i64)> {
    const YEARS_400: i128 = 146_097 * 86_400 * 1_000_000_000;
    if let Ok(instant) = jiff::Timestamp::from_nanosecond(nanoseconds) {
        return Some((instant, 0));
    }
    let years = i64::try_from(nanoseconds.div_euclid(YEARS_400) * 400).ok()?;
    let instant = jiff::Timestamp::from_nanosecond(nanoseconds.rem_euclid(YEARS_400)).ok()?;
    Some((instant, years))
}

fn print_parts(parts: &[Part], at: &jiff::ZonedDateTime, years: i64, out: &mut String) {
    for part in parts {
        match part {
            Part::Optional(inner) => print_parts(inner, at, years, out),
            part => out.push_str(&print_part(part, at, years)),
        }
    }
}

fn print_part(part: &Part, at: &jiff::ZonedDateTime, years: i64) -> String {
    let named = |names: &[&'static str], index: i8, long: bool| {
        let name = usize::try_from(index - 1).ok().and_then(|index| names.get(index).copied());
        let name = name.unwrap_or_default();
        if long { name.to_owned() } else { short(name).to_owned() }
    };
    match part {
        Part::Literal(literal) => literal.clone(),
        Part::Number { what, shown, .. } => {
            let beyond = if matches!(what, What::Year | What::WeekYear) { years } else { 0 };
            let number = number(*what, at) + beyond;
            // Java's `SignStyle.EXCEEDS_PAD`: a year that is longer than its width has a sign.
            let is_long = beyond > 0 && *shown >= 4 && number.to_string().len() > *shown;
            let sign = if is_long { "+" } else { "" };
            format!("{sign}{number:0shown$}")
        }
        Part::Fraction { nanos: false, .. } => format!(".{:03}", at.millisecond()),
        Part::Fraction { nanos: true, .. } => {
            // As many digits as there are, and at least three.
            let digits = format!("{:09}", at.subsec_nanosecond());
            let (first, rest) = digits.split_at_checked(3).unwrap_or((&digits, ""));
            format!(".{first}{}", rest.trim_end_matches('0'))
        }
        Part::FractionDigits(count) => {
            format!("{:09}", at.subsec_nanosecond()).chars().take(*count).collect()
        }
        Part::Offset { colon, zulu } => print_offset(at.offset(), *colon, *zulu),
        Part::Zone => at
            .time_zone()
            .iana_name()
            .map_or_else(|| print_offset(at.offset(), true, true), str::to_owned),
        Part::MonthName { long } => named(&MONTHS, at.month(), *long),
        Part::DayName { long } => named(&DAYS, at.weekday().to_monday_one_offset(), *long),
        Part::AmPm => {
            if at.hour() < 12 {
                "AM".into()
            } else {
                "PM".into()
            }
        }
        Part::ShortYear => format!("{:02}", at.year().rem_euclid(100)),
        Part::Optional(_) => String::new(),
    }
}

fn number(what: What, at: &jiff::ZonedDateTime) -> i64 {
    match what {
        What::Year => at.year().into(),
        What::Month => at.month().into(),
        What::Day => at.day().into(),
        What::DayOfYear => at.day_of_year().into(),
        What::WeekYear => at.date().iso_week_date().year().into(),
        What::Week => at.date().iso_week_date().week().into(),
        What::WeekDay => at.weekday().to_monday_one_offset().into(),
        What::Hour => at.hour().into(),
        What::Hour12 => i64::from((at.hour() + 11) % 12) + 1,
        What::Minute => at.minute().into(),
        What::Second => at.second().into(),
    }
}

fn print_offset(offset: Offset, colon: bool, zulu: bool) -> String {
    let seconds = offset.seconds();
    if seconds == 0 && zulu {
        return "Z".into();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    format!("{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}
