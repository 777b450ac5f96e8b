//! What gateways that share a state counted, by the minute: each tells its minutes to all of them over the store, and any of them tells the
//! sum (decision 0211). What nobody was told yet, the minute that is not over, is in no sum.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control::{CountedMinute, ToldMinute};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::guards::limits;
use crate::service::traffic::{Held, Minute, Traffic};

/// What one gateway counted in one minute, as the others read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GatewayMinute {
    /// When it began and ended, in milliseconds since 1970.
    from: i64,
    until: i64,
    /// Everything that it answered.
    service: Traffic,
    /// What it held at the end, and how much memory there may be.
    held: Held,
    memory_bytes_max: u64,
    /// What it answered of each domain that was not quiet, by the names that gateways agree on.
    domains: BTreeMap<String, Traffic>,
    /// How many of those are not in it.
    left_out: usize,
}

impl GatewayMinute {
    /// The minute of a gateway and of its domains: of more domains than there is room for, the busiest.
    pub(crate) fn of(
        minute: &Minute,
        memory_bytes_max: u64,
        domains: impl Iterator<Item = (String, Minute)>,
    ) -> Self {
        let busy = domains.filter_map(|(name, minute)| Some((name, *minute.traffic?)));
        let mut busy: Vec<(String, Traffic)> = busy.collect();
        busy.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.requests()));
        let left_out = busy.len().saturating_sub(limits::GATEWAY_MINUTE_DOMAINS_MAX);
        busy.truncate(limits::GATEWAY_MINUTE_DOMAINS_MAX);
        Self {
            from: minute.from.as_millisecond(),
            until: minute.until.as_millisecond(),
            service: minute.traffic.as_deref().cloned().unwrap_or_default(),
            held: minute.held.unwrap_or_default(),
            memory_bytes_max,
            domains: busy.into_iter().collect(),
            left_out,
        }
    }

    /// What it counted of a domain.
    pub(crate) fn domain(&self, name: &str) -> Option<&Traffic> {
        self.domains.get(name)
    }

    /// Everything that it counted.
    pub(crate) fn all(&self) -> &Traffic {
        &self.service
    }
}

/// The minutes of all gateways, its own included, as the store has them.
#[derive(Default)]
pub(crate) struct GatewayMinutes(Mutex<KeptMinutes>);

#[derive(Default)]
struct KeptMinutes {
    /// What this gateway has still to tell.
    untold: VecDeque<CountedMinute>,
    /// By its end and its gateway.
    heard: BTreeMap<(i64, String), Arc<GatewayMinute>>,
    /// Up to when it was heard, by the store's clock.
    since: f64,
    looked: Option<Instant>,
}

/// Who committed a minute before another one may be seen after it: so many seconds are read again.
const OVERLAP_SECONDS: f64 = 10.0;

impl GatewayMinutes {
    /// Has a minute of this gateway told with the next news.
    pub(crate) fn tell(&self, minute: &GatewayMinute) {
        let Ok(body) = serde_json::to_string(minute) else { return };
        let mut kept = self.kept();
        kept.untold.push_back(CountedMinute { until: minute.until, body });
        while kept.untold.len() > limits::METRICS_MINUTES_MAX {
            kept.untold.pop_front();
        }
    }

    /// What is to be told now, and since when to hear; nothing where it was heard a moment ago and nothing is to be told. While the store is
    /// gone the minutes wait.
    pub(super) fn to_tell(&self) -> Option<(Vec<CountedMinute>, f64)> {
        let mut kept = self.kept();
        let is_time =
            kept.looked.is_none_or(|at| at.elapsed() >= limits::GATEWAY_MINUTES_LOOK_TIME);
        if kept.untold.is_empty() && !is_time {
            return None;
        }
        kept.looked = Some(Instant::now());
        Some((kept.untold.clone().into(), (kept.since - OVERLAP_SECONDS).max(0.0)))
    }

    /// Takes what was heard after `own` was told.
    pub(super) fn take(&self, own: &[CountedMinute], told: Vec<ToldMinute>, now: Timestamp) {
        let mut kept = self.kept();
        kept.untold.retain(|minute| !own.contains(minute));
        for ToldMinute { gateway, minute, told } in told {
            kept.since = kept.since.max(told);
            let key = (minute.until, gateway);
            if kept.heard.contains_key(&key) {
                continue;
            }
            // What a newer gateway writes otherwise is in no sum.
            if let Ok(read) = serde_json::from_str(&minute.body) {
                kept.heard.insert(key, Arc::new(read));
            }
        }
        kept.heard.retain(|(until, _), _| is_of_the_hour(*until, now));
        while kept.heard.len() > limits::GATEWAY_MINUTES_MAX {
            kept.heard.pop_first();
        }
    }

    /// The minutes of the last hour, of one gateway or of all, each with its gateway.
    pub(crate) fn hour(&self, of: Option<&str>, now: Timestamp) -> SharedHour {
        let kept = self.kept();
        let wanted = kept.heard.iter().filter(|((until, gateway), _)| {
            is_of_the_hour(*until, now) && of.is_none_or(|of| of == gateway)
        });
        let minutes = wanted.map(|((_, gateway), minute)| (gateway.clone(), Arc::clone(minute)));
        SharedHour { minutes: minutes.collect() }
    }

    fn kept(&self) -> MutexGuard<'_, KeptMinutes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a minute that ended then is told now, by gateways whose clocks are not quite the same.
fn is_of_the_hour(until: i64, now: Timestamp) -> bool {
    let minutes = i64::try_from(limits::METRICS_MINUTES_MAX).unwrap_or(i64::MAX);
    (now.as_millisecond() - until).abs() <= (minutes + 1) * 60_000
}

/// The last hour of several gateways: their minutes, in the order of their ends.
pub(crate) struct SharedHour {
    minutes: Vec<(String, Arc<GatewayMinute>)>,
}

impl SharedHour {
    /// Nobody told anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.minutes.is_empty()
    }

    /// Whether every domain that was not quiet is in it.
    pub(crate) fn is_complete(&self) -> bool {
        self.minutes.iter().all(|(_, minute)| minute.left_out == 0)
    }

    /// By the minute, what all gateways counted of something. They end their minutes together, by their clocks: what ends at nearly the
    /// same time is one minute.
    pub(crate) fn told<'m>(
        &'m self,
        length: std::time::Duration,
        of: impl Fn(&'m GatewayMinute) -> Option<&'m Traffic>,
    ) -> Vec<Value> {
        let minutes = self.by_minute(length);
        minutes.values().map(|those| told(those, &of).into()).collect()
    }

    /// The same of everything that they counted, with what they held.
    pub(crate) fn told_with_held(&self, length: std::time::Duration) -> Vec<Value> {
        let minutes = self.by_minute(length);
        let with_held = minutes.values().map(|those| {
            let mut told = told(those, &|minute| Some(minute.all()));
            let last_of_each: BTreeMap<&str, &Held> =
                those.iter().map(|(gateway, minute)| (gateway.as_str(), &minute.held)).collect();
            let memory = last_of_each.values().map(|held| held.engine_memory_bytes);
            let connections = last_of_each.values().map(|held| held.connections);
            let memory = memory.fold(0, u64::saturating_add);
            told.insert("engineMemoryBytes".to_owned(), memory.into());
            let connections = connections.fold(0, usize::saturating_add);
            told.insert("connections".to_owned(), connections.into());
            if let (1, Some(held)) = (last_of_each.len(), last_of_each.values().next()) {
                told.extend(held.told().map(|(name, value)| (name.to_owned(), value)));
            }
            told.into()
        });
        with_held.collect()
    }

    /// Memory that there may be at all gateways together.
    pub(crate) fn memory_bytes_max(&self) -> u64 {
        self.last_of_each().values().fold(0, |sum, it| sum.saturating_add(it.memory_bytes_max))
    }

    /// Each gateway: when it told last, what it counted in the hour, what it held at the end.
    pub(crate) fn gateways(&self) -> Vec<Value> {
        let mut requests: BTreeMap<&str, u64> = BTreeMap::new();
        for (gateway, minute) in &self.minutes {
            let sum = requests.entry(gateway).or_default();
            *sum = sum.saturating_add(minute.service.requests());
        }
        let each = self.last_of_each().into_iter().map(|(gateway, last)| {
            let mut told = json!({
                "name": gateway, "until": time(last.until), "requests": requests.get(gateway),
                "engineMemoryBytesMax": last.memory_bytes_max,
            });
            let members = told.as_object_mut();
            let held = last.held.told().map(|(name, value)| (name.to_owned(), value));
            members.into_iter().for_each(|members| members.extend(held.clone()));
            told
        });
        each.collect()
    }

    fn last_of_each(&self) -> BTreeMap<&str, &GatewayMinute> {
        self.minutes.iter().map(|(gateway, minute)| (gateway.as_str(), &**minute)).collect()
    }

    fn by_minute(&self, length: std::time::Duration) -> BTreeMap<i64, Vec<&TheirMinute>> {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
        let mut minutes: BTreeMap<i64, Vec<&TheirMinute>> = BTreeMap::new();
        for minute in &self.minutes {
            let number = minute.1.until.saturating_add(length / 2).div_euclid(length);
            minutes.entry(number).or_default().push(minute);
        }
        minutes
    }
}

type TheirMinute = (String, Arc<GatewayMinute>);

/// The sum of what gateways counted in the same minute.
fn told<'m>(
    those: &[&'m TheirMinute],
    of: &impl Fn(&'m GatewayMinute) -> Option<&'m Traffic>,
) -> serde_json::Map<String, Value> {
    let mut sum = Traffic::default();
    those.iter().filter_map(|(_, minute)| of(minute)).for_each(|counted| sum.add(counted));
    let mut told = sum.told();
    let from = those.iter().map(|(_, minute)| minute.from).min().unwrap_or_default();
    let until = those.iter().map(|(_, minute)| minute.until).max().unwrap_or_default();
    let gateways: std::collections::BTreeSet<&str> =
        those.iter().map(|(gateway, _)| gateway.as_str()).collect();
    told.insert("from".to_owned(), time(from).into());
    told.insert("until".to_owned(), time(until).into());
    told.insert("gateways".to_owned(), gateways.len().into());
    told
}

fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::service::traffic::{CountedAnswer, TrafficCounters, TrafficHistory};

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn minute(until: i64, answers: u64) -> Minute {
        let (counters, history) = (TrafficCounters::default(), TrafficHistory::default());
        history.take(at(until - 60), &counters, None);
        let took = Duration::from_millis(2);
        let answer =
            CountedAnswer { status: 200, refused_by: None, took, bytes_in: 1, bytes_out: 1 };
        (0..answers).for_each(|_| counters.count(&answer));
        let held =
            Held { engine_memory_bytes: 5, connections: 2, disk_bytes: 9, ..Held::default() };
        history.take(at(until), &counters, Some(held))
    }

    fn counted(until: i64, answers: u64) -> GatewayMinute {
        let domains =
            [("books".to_owned(), minute(until, answers)), ("quiet".to_owned(), minute(until, 0))];
        GatewayMinute::of(&minute(until, answers + 1), 100, domains.into_iter())
    }

    fn told(gateway: &str, minute: &GatewayMinute) -> ToldMinute {
        let body = serde_json::to_string(minute).unwrap();
        let minute = CountedMinute { until: minute.until, body };
        ToldMinute { gateway: gateway.to_owned(), minute, told: 1.0 }
    }

    fn of(minute: &Value, member: &str) -> Value {
        minute[member].clone()
    }

    #[test]
    fn what_gateways_counted_in_the_same_minute_is_one_sum() {
        let minutes = GatewayMinutes::default();
        // Their clocks differ a little, and one of them was started later.
        let rows = vec![
            told("gw-1", &counted(60, 1)),
            told("gw-1", &counted(120, 2)),
            told("gw-2", &counted(121, 3)),
        ];
        minutes.take(&[], rows.clone(), at(130));
        minutes.take(&[], rows, at(130));
        let hour = minutes.hour(None, at(130));
        let books = hour.told(MINUTE, |minute| minute.domain("books"));
        let requests: Vec<Value> = books.iter().map(|minute| of(minute, "requests")).collect();
        assert_eq!(requests, [1, 5], "{books:#?}");
        assert_eq!((of(&books[0], "gateways"), of(&books[1], "gateways")), (1.into(), 2.into()));
        assert_eq!(of(&books[1], "from"), "1970-01-01T00:01:00Z");
        let quiet = hour.told(MINUTE, |minute| minute.domain("quiet"));
        assert_eq!(of(&quiet[1], "requests"), 0);
        let all = hour.told_with_held(MINUTE);
        assert_eq!(
            (of(&all[1], "requests"), of(&all[1], "engineMemoryBytes")),
            (7.into(), 10.into())
        );
        assert_eq!(
            (of(&all[1], "connections"), of(&all[1], "diskBytes")),
            (4.into(), Value::Null),
            "disks may be the same one"
        );
        assert_eq!(hour.memory_bytes_max(), 200);
        assert!(hour.is_complete());
    }

    #[test]
    fn one_gateway_is_told_alone_with_its_disk() {
        let minutes = GatewayMinutes::default();
        minutes.take(
            &[],
            vec![told("gw-1", &counted(60, 1)), told("gw-2", &counted(60, 2))],
            at(70),
        );
        let hour = minutes.hour(Some("gw-2"), at(70));
        let all = hour.told_with_held(MINUTE);
        assert_eq!(
            (all.len(), of(&all[0], "requests"), of(&all[0], "diskBytes")),
            (1, 3.into(), 9.into())
        );
        assert!(minutes.hour(Some("gw-3"), at(70)).is_empty());
        let gateways = minutes.hour(None, at(70)).gateways();
        assert_eq!(
            (of(&gateways[0], "name"), of(&gateways[1], "requests")),
            ("gw-1".into(), 3.into())
        );
        assert_eq!(of(&gateways[1], "until"), "1970-01-01T00:01:00Z");
    }

    #[test]
    fn an_hour_is_kept_and_what_cannot_be_read_is_in_no_sum() {
        let minutes = GatewayMinutes::default();
        let rows = (1..=100).map(|number| told("gw-1", &counted(number * 60, 1)));
        let newer = ToldMinute { gateway: "gw-2".to_owned(), ..told("gw-1", &counted(6_000, 1)) };
        let body = r#"{"later": true}"#.to_owned();
        let newer = ToldMinute { minute: CountedMinute { body, ..newer.minute }, ..newer };
        minutes.take(&[], rows.chain([newer]).collect(), at(6_000));
        let told = minutes.hour(None, at(6_000)).told(MINUTE, |minute| Some(minute.all()));
        assert_eq!(told.len(), limits::METRICS_MINUTES_MAX + 2);
        assert!(minutes.hour(None, at(20_000)).is_empty());
    }

    #[test]
    fn of_too_many_domains_the_busiest_are_told_and_the_sum_says_so() {
        let many = limits::GATEWAY_MINUTE_DOMAINS_MAX as u64 + 1;
        let domains = (1..=many).map(|number| (format!("d{number}"), minute(60, number)));
        let counted = GatewayMinute::of(&minute(60, 1), 1, domains);
        assert!(counted.domain("d1").is_none() && counted.domain("d2").is_some());
        let minutes = GatewayMinutes::default();
        minutes.take(&[], vec![told("gw-1", &counted)], at(60));
        assert!(!minutes.hour(None, at(60)).is_complete());
    }

    #[test]
    fn a_minute_waits_until_it_was_told() {
        let minutes = GatewayMinutes::default();
        (1..=100).for_each(|number| minutes.tell(&counted(number * 60, 1)));
        let untold: Vec<CountedMinute> = minutes.kept().untold.clone().into();
        assert_eq!(untold.len(), limits::METRICS_MINUTES_MAX);
        assert_eq!(untold[0].until, 41 * 60_000);
        minutes.tell(&counted(6_060, 1));
        minutes.take(&untold, Vec::new(), at(6_060));
        assert_eq!(minutes.kept().untold.len(), 1, "what came meanwhile is told next");
    }
}
