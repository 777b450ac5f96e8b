//! The time of a signature: ISO 8601 basic format, to the second, always UTC.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// When a request was signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignatureDate {
    seconds: i64,
    text: [u8; 16],
}

impl SignatureDate {
    /// The second that `time` falls in. Times outside the years 0 to 9999 give `None`.
    #[must_use]
    pub fn from_timestamp(time: Timestamp) -> Option<Self> {
        let civil = TimeZone::UTC.to_datetime(time);
        let text = civil.strftime("%Y%m%dT%H%M%SZ").to_string();
        Self::parse_basic(text.as_bytes())
    }

    /// Reads `YYYYMMDDTHHMMSSZ`, the only form of `X-Amz-Date`. A leap second, a missing `Z`, a
    /// 13th month give `None`.
    ///
    /// ```
    /// use sigv4::SignatureDate;
    ///
    /// assert_eq!(SignatureDate::parse_basic(b"19700102T000000Z").map(|date| date.as_second()), Some(86_400));
    /// assert!(SignatureDate::parse_basic(b"19700101T000000").is_none());
    /// ```
    #[must_use]
    pub fn parse_basic(text: &[u8]) -> Option<Self> {
        let text: [u8; 16] = text.try_into().ok()?;
        let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = text else {
            return None;
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, small(&[m1, m2])?, small(&[d1, d2])?);
        let (hour, minute, second) = (small(&[h1, h2])?, small(&[n1, n2])?, small(&[s1, s2])?);
        let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Self { seconds: days_since_1970(civil.date()) * 86_400 + of_day, text })
    }

    /// Reads a `Date` header: the basic format, or HTTP's `Sun, 06 Nov 1994 08:49:37 GMT`
    /// (RFC 9110, 5.6.7).
    pub(crate) fn parse_http(text: &[u8]) -> Option<Self> {
        if let Some(date) = Self::parse_basic(text) {
            return Some(date);
        }
        let text = std::str::from_utf8(text).ok().filter(|text| text.ends_with(" GMT"))?;
        Self::from_timestamp(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
    }

    /// `YYYYMMDDTHHMMSSZ`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// `YYYYMMDD`: the day that the credential scope must name.
    #[must_use]
    pub fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn as_second(&self) -> i64 {
        self.seconds
    }
}

impl fmt::Display for SignatureDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SignatureDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A time in seconds as AWS prints it in its refusals.
pub(crate) fn basic_format(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).ok().and_then(SignatureDate::from_timestamp);
    time.map_or_else(String::new, |date| date.as_str().to_owned())
}

/// Days from 1970-01-01, in whole eras of 400 years from March (the last day of a leap year is then
/// the last of all). By hand, because the last day of 9999 is beyond `Timestamp`.
fn days_since_1970(date: Date) -> i64 {
    let month = i64::from(date.month());
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn number(digits: &[u8]) -> Option<i16> {
    let step =
        |sum: i16, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0'));
    digits.iter().try_fold(0, step)
}

fn small(digits: &[u8; 2]) -> Option<i8> {
    number(digits).and_then(|number| i8::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_those_of_the_calendar() {
        let mut day = jiff::civil::date(1, 1, 1);
        while day < jiff::civil::date(9999, 12, 1) {
            let text = format!("{}T235958Z", day.strftime("%Y%m%d"));
            let ours = SignatureDate::parse_basic(text.as_bytes()).unwrap().as_second();
            let theirs = TimeZone::UTC.to_timestamp(day.at(23, 59, 58, 0)).unwrap().as_second();
            assert_eq!(ours, theirs, "{text}");
            day = day.saturating_add(jiff::Span::new().days(37));
        }
    }
}
