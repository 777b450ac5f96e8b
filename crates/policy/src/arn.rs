//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;

/// A parsed ARN: six segments, of which the last may hold further colons.
///
/// ```
/// let arn = policy::Arn::parse("arn:aws:es:us-east-1:123456789012:domain/logs/_search")?;
/// assert_eq!(arn.service(), "es");
/// assert_eq!(arn.account(), "123456789012");
/// assert_eq!(arn.resource(), "domain/logs/_search");
/// # Ok::<(), policy::ArnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    text: String,
    /// Byte offsets of the five colons.
    colons: [usize; 5],
}

/// The text is not an ARN: it has fewer than six segments, or does not begin with `arn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnError {
    /// What was seen.
    pub seen: String,
}

impl Arn {
    /// Parses an ARN. No segment is judged beyond being there: `arn:aws:s3:::bucket` has an
    /// empty region and account.
    ///
    /// # Errors
    /// The text that was seen, when it is not `arn:` and five more segments.
    pub fn parse(text: &str) -> Result<Arn, ArnError> {
        let refused = || ArnError { seen: text.to_owned() };
        let mut colons = [0; 5];
        let mut found = text.match_indices(':').map(|(offset, _)| offset);
        for colon in &mut colons {
            *colon = found.next().ok_or_else(refused)?;
        }
        if !text.starts_with("arn:") {
            return Err(refused());
        }
        Ok(Arn { text: text.to_owned(), colons })
    }

    fn between(&self, before: usize, after: usize) -> &str {
        let start = self.colons.get(before).map_or(0, |colon| colon + 1);
        let end = self.colons.get(after).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    /// The partition, `aws` for the commercial one.
    pub fn partition(&self) -> &str {
        self.between(0, 1)
    }

    /// The service, such as `es`, `iam` or `sts`.
    pub fn service(&self) -> &str {
        self.between(1, 2)
    }

    /// The region; empty for global services.
    pub fn region(&self) -> &str {
        self.between(2, 3)
    }

    /// The twelve-digit account; empty where the service leaves it out.
    pub fn account(&self) -> &str {
        self.between(3, 4)
    }

    /// Everything after the fifth colon, colons included.
    pub fn resource(&self) -> &str {
        self.between(4, 5)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Arn, ArnError> {
        Arn::parse(text)
    }
}

impl fmt::Display for ArnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an ARN: expected six segments that begin with `arn:`", self.seen)
    }
}

impl std::error::Error for ArnError {}

/// The account segment of an ARN text, `None` when it is empty or the text is no ARN.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    let [.., account, _] = six_segments(arn)?;
    (!account.is_empty()).then_some(account)
}

/// The six segments of an ARN; the last takes all further colons.
pub(crate) fn six_segments(text: &str) -> Option<[&str; 6]> {
    let mut segments = [""; 6];
    let (resource, others) = segments.split_last_mut()?;
    let mut rest = text;
    for segment in others {
        // Byte by byte: the segments are short, and every request's ARNs are cut.
        let colon = rest.bytes().position(|byte| byte == b':')?;
        (*segment, rest) = (rest.get(..colon)?, rest.get(colon + 1..)?);
    }
    *resource = rest;
    (segments.first() == Some(&"arn")).then_some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_colons_belong_to_the_resource() {
        let arn = Arn::parse("arn:aws:rds:us-east-1:1:db:a:b").unwrap();
        assert_eq!(
            (arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()),
            ("aws", "rds", "us-east-1", "1", "db:a:b")
        );
    }

    #[test]
    fn five_segments_are_no_arn() {
        let error = Arn::parse("arn:aws:es:us-east-1:1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`arn:aws:es:us-east-1:1` is not an ARN: expected six segments that begin with `arn:`"
        );
        assert!(Arn::parse("urn:aws:es:us-east-1:1:x").is_err());
    }

    #[test]
    fn an_empty_account_is_no_account() {
        assert_eq!(account_of("arn:aws:s3:::bucket"), None);
        assert_eq!(account_of("arn:aws:es:r:1:domain/d"), Some("1"));
        assert_eq!(account_of("*"), None);
    }
}
