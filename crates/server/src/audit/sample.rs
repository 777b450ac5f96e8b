//! Records of callers who proved nothing and were refused: of one address so many are written in a minute, the rest are
//! counted, and the count is written as one record when the minute is over.
//!
//! Without it whoever can reach a listener could fill the files with records of itself.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::record::AuditRecord;
use crate::guards::limits;
use crate::guards::throttle::SourceAddress;

/// What is known of the addresses that were refused lately.
#[derive(Default)]
pub(crate) struct Sampler {
    windows: HashMap<SampledCaller, Window>,
    swept: Option<Timestamp>,
}

/// Whom requests are counted for: an address, or all those for which there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum SampledCaller {
    SourceAddress(SourceAddress),
    Others,
}

struct Window {
    began: Timestamp,
    written: usize,
    left_out: usize,
    /// As the last record of it had them.
    client_address: String,
    listener: String,
}

impl Sampler {
    /// Whether a record is to be written; otherwise it is counted.
    pub(crate) fn take(&mut self, record: &AuditRecord) -> bool {
        let now = record.time.unwrap_or_default();
        let address: Option<IpAddr> = record.client_address.parse().ok();
        let mut whom = address.map_or(SampledCaller::Others, |address| {
            SampledCaller::SourceAddress(SourceAddress::at(address))
        });
        if self.windows.len() >= limits::AUDIT_UNPROVEN_ADDRESSES_MAX
            && !self.windows.contains_key(&whom)
        {
            whom = SampledCaller::Others;
        }
        let window = self.windows.entry(whom).or_insert_with(|| Window {
            began: now,
            written: 0,
            left_out: 0,
            client_address: String::new(),
            listener: String::new(),
        });
        if window.written < limits::AUDIT_UNPROVEN_RECORDS_MAX {
            window.written += 1;
            return true;
        }
        window.left_out += 1;
        window.client_address = match whom {
            SampledCaller::SourceAddress(_) => record.client_address.clone(),
            SampledCaller::Others => "(several)".to_owned(),
        };
        window.listener.clone_from(&record.listener);
        false
    }

    /// The counts of the minutes that are over at `now`, as records; all that there are without it. At most one look a
    /// second.
    pub(crate) fn over(&mut self, now: Option<Timestamp>) -> Vec<AuditRecord> {
        if let Some(now) = now {
            let recent = |swept: Timestamp| now.duration_since(swept).as_secs().abs() < 1;
            if self.swept.is_some_and(recent) {
                return Vec::new();
            }
            self.swept = Some(now);
        }
        let length = SignedDuration::try_from(limits::AUDIT_UNPROVEN_TIME).unwrap_or_default();
        let ended = |window: &Window| {
            // A clock that was set back ends a window, too.
            now.is_none_or(|now| {
                let passed = now.duration_since(window.began);
                passed >= length || passed.is_negative()
            })
        };
        let mut counts = Vec::new();
        self.windows.retain(|_, window| {
            let is_over = ended(window);
            if is_over && window.left_out > 0 {
                counts.push(summary(window, now));
            }
            !is_over
        });
        counts
    }
}

/// One record that stands for many.
fn summary(window: &Window, now: Option<Timestamp>) -> AuditRecord {
    let (count, from, address) = (window.left_out, window.began, &window.client_address);
    AuditRecord {
        time: Some(now.unwrap_or(window.began)),
        request_id: super::request_id::request_id(),
        listener: window.listener.clone(),
        client_address: address.clone(),
        requests_left_out: count,
        refusal: Some(format!(
            "{count} more refused requests from {address} since {from:.0} are counted here and not written"
        )),
        refusal_kind: Some("left_out".to_owned()),
        status: 403,
        ..AuditRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, address: &str) -> AuditRecord {
        AuditRecord {
            time: Some(Timestamp::from_second(second).unwrap()),
            client_address: address.to_owned(),
            listener: "domain/dev".to_owned(),
            ..AuditRecord::default()
        }
    }

    #[test]
    fn s11_of_many_refused_requests_some_are_written_and_the_rest_is_one_count() {
        let mut sampler = Sampler::default();
        let written = (0..72_000).filter(|_| sampler.take(&at(0, "192.0.2.1"))).count();
        assert_eq!(written, limits::AUDIT_UNPROVEN_RECORDS_MAX);
        // Somebody else is not counted with them.
        assert!(sampler.take(&at(1, "192.0.2.2")));
        assert!(sampler.over(Timestamp::from_second(59).ok()).is_empty());
        let counts = sampler.over(Timestamp::from_second(60).ok());
        let [count] = counts.as_slice() else { panic!("{}", counts.len()) };
        assert_eq!(count.requests_left_out, 72_000 - written);
        assert_eq!(count.client_address, "192.0.2.1");
        // The next minute begins anew.
        assert!(sampler.take(&at(61, "192.0.2.1")));
    }

    #[test]
    fn the_addresses_are_bounded_and_nobody_is_lost() {
        let mut sampler = Sampler::default();
        let addresses = limits::AUDIT_UNPROVEN_ADDRESSES_MAX + 1_000;
        let mut written = 0;
        for number in 0..addresses {
            let address = std::net::Ipv4Addr::from(u32::try_from(number).unwrap());
            written += usize::from(sampler.take(&at(0, &address.to_string())));
        }
        assert!(sampler.windows.len() <= limits::AUDIT_UNPROVEN_ADDRESSES_MAX + 1);
        let counted: usize = sampler.over(None).iter().map(|count| count.requests_left_out).sum();
        assert_eq!(written + counted, addresses);
    }

    #[test]
    fn one_subscriber_of_ipv6_is_one_address() {
        let mut sampler = Sampler::default();
        let taken =
            (0..1_000).filter(|n| sampler.take(&at(0, &format!("2001:db8::{n:x}")))).count();
        assert_eq!(taken, limits::AUDIT_UNPROVEN_RECORDS_MAX);
    }
}
