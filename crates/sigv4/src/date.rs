//! The time of a signature: ISO 8601 basic format, to the second, always UTC.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// When a request was signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignatureDate {
    seconds: i64,
    text: [u8; 16],
}

impl SignatureDate {
    /// The second that `time` falls in. Times outside the years 0 to 9999 give `None`.
    pub fn from_timestamp(time: Timestamp) -> Option<Self> {
        let civil = TimeZone::UTC.to_datetime(time);
        let text = civil.strftime("%Y%m%dT%H%M%SZ").to_string();
        Self::parse_basic(text.as_bytes())
    }

    /// Reads `YYYYMMDDTHHMMSSZ`, the only form of `X-Amz-Date`. A leap second, a missing `Z`, a
    /// 13th month give `None`.
    pub fn parse_basic(text: &[u8]) -> Option<Self> {
        let text: [u8; 16] = text.try_into().ok()?;
        let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = text else {
            return None;
        };
        let civil = DateTime::new(
            number(&[y1, y2, y3, y4])?,
            small(&[m1, m2])?,
            small(&[d1, d2])?,
            small(&[h1, h2])?,
            small(&[n1, n2])?,
            small(&[s1, s2])?,
            0,
        );
        let time = TimeZone::UTC.to_timestamp(civil.ok()?).ok()?;
        Some(Self { seconds: time.as_second(), text })
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
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// `YYYYMMDD`: the day that the credential scope must name.
    pub fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// Seconds since 1970.
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

fn number(digits: &[u8]) -> Option<i16> {
    let step =
        |sum: i16, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0'));
    digits.iter().try_fold(0, step)
}

fn small(digits: &[u8; 2]) -> Option<i8> {
    number(digits).and_then(|number| i8::try_from(number).ok())
}
