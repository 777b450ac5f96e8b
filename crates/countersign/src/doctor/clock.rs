//! This machine's clock against the endpoint's.

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;

/// More is worth a warning.
const SKEW_SECONDS_FINE: i64 = 60;
/// More and Amazon's es endpoints refuse: `… - 5 min.` (botocore#2465).
const SKEW_SECONDS_MAX: i64 = 5 * 60;

/// How far this machine is ahead of the endpoint, in seconds: against the middle between asking and
/// answer. `Date` has whole seconds, so the middle of that second is taken for it.
pub(crate) fn ahead_seconds(date: &str, asked: Timestamp, answered: Timestamp) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let theirs = theirs + SignedDuration::from_millis(500);
    let middle = asked + asked.duration_until(answered) / 2;
    Some(theirs.duration_until(middle).as_secs())
}

/// What the difference means.
pub(crate) fn judge(ahead_seconds: Option<i64>) -> Finding {
    let Some(ahead) = ahead_seconds else {
        return Finding::skip("clock", "the response has no Date header to compare with");
    };
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let seen = format!("this machine is {} {direction} the endpoint", spoken(ahead.abs()));
    let expected = "at most 60 seconds; beyond 5 minutes every signature is refused";
    let advice = "set this machine's clock: timedatectl set-ntp true (a container has its host's)";
    match ahead.abs() {
        0..=1 => Finding::ok("clock", "this machine and the endpoint agree"),
        seconds if seconds <= SKEW_SECONDS_FINE => Finding::ok("clock", seen),
        seconds if seconds <= SKEW_SECONDS_MAX => {
            Finding::warn("clock", seen).expected(expected).advice(advice)
        }
        _ => Finding::fail("clock", seen).expected(expected).advice(advice),
    }
}

/// Seconds as a person says them.
pub(crate) fn spoken(seconds: i64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min {} s", seconds / 60, seconds % 60),
        7200..=172_799 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(local: [&str; 2], expected: Expect) {
        let [asked, answered] = local.map(|time| time.parse().unwrap());
        let ahead = ahead_seconds("Mon, 23 Nov 2026 12:00:00 GMT", asked, answered);
        let finding = judge(ahead);
        expected.assert_eq(&format!("{:?} {}", finding.state, finding.seen));
    }

    #[test]
    fn a_slow_answer_is_no_skew() {
        check(
            ["2026-11-23T11:59:40Z", "2026-11-23T12:00:20Z"],
            expect!["Ok this machine and the endpoint agree"],
        );
    }

    #[test]
    fn a_minute_is_a_warning_and_five_are_fatal() {
        check(
            ["2026-11-23T12:00:59Z", "2026-11-23T12:00:59Z"],
            expect!["Ok this machine is 58 s ahead of the endpoint"],
        );
        check(
            ["2026-11-23T12:02:30Z", "2026-11-23T12:02:30Z"],
            expect!["Warn this machine is 2 min 29 s ahead of the endpoint"],
        );
        check(
            ["2026-11-23T11:50:00Z", "2026-11-23T11:50:00Z"],
            expect!["Fail this machine is 10 min 0 s behind the endpoint"],
        );
        check(
            ["2024-11-23T11:50:00Z", "2024-11-23T11:50:00Z"],
            expect!["Fail this machine is 730 days behind the endpoint"],
        );
    }

    #[test]
    fn without_a_date_nothing_is_said() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(ahead_seconds("yesterday", now, now), None);
        expect!["the response has no Date header to compare with"].assert_eq(&judge(None).seen);
    }
}
