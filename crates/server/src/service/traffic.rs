//! What was answered, by the minute, for the last hour: counters as they stand are taken once a minute, and a minute is what came
//! between two takings. Who answers requests waits for nobody here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::audit::Layer;
use crate::guards::limits;

/// Upper bounds of the duration histogram, in seconds.
pub(crate) const BOUNDS_SECONDS: [f64; 10] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Counters of answers.
#[derive(Debug, Default)]
pub(crate) struct TrafficCounters {
    /// By class of status: 1xx … 5xx.
    answers: [AtomicU64; 5],
    /// By the layer that refused.
    refused: [AtomicU64; Layer::ALL.len()],
    /// By duration.
    buckets: [AtomicU64; 11],
    micros: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// An answer, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedAnswer {
    /// The status.
    pub(crate) status: u16,
    /// Which layer refused it.
    pub(crate) refused_by: Option<Layer>,
    /// From the head to the answer.
    pub(crate) took: Duration,
    /// Bytes of the body received.
    pub(crate) bytes_in: u64,
    /// Bytes of the answer's body.
    pub(crate) bytes_out: u64,
}

impl TrafficCounters {
    pub(crate) fn count(&self, answer: &CountedAnswer) {
        let class = usize::from(answer.status / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.fetch_add(1, Relaxed);
        }
        if let Some(layer) = answer.refused_by {
            let counters = Layer::ALL.iter().zip(&self.refused);
            counters.filter(|(known, _)| **known == layer).for_each(|(_, counter)| {
                counter.fetch_add(1, Relaxed);
            });
        }
        let seconds = answer.took.as_secs_f64();
        let bucket = BOUNDS_SECONDS.iter().take_while(|bound| seconds > **bound).count();
        if let Some(counter) = self.buckets.get(bucket) {
            counter.fetch_add(1, Relaxed);
        }
        self.micros.fetch_add(u64::try_from(answer.took.as_micros()).unwrap_or(0), Relaxed);
        self.bytes_in.fetch_add(answer.bytes_in, Relaxed);
        self.bytes_out.fetch_add(answer.bytes_out, Relaxed);
    }

    /// As they stand.
    pub(crate) fn read(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        Traffic {
            answers: self.answers.each_ref().map(read),
            refused: self.refused.each_ref().map(read),
            buckets: self.buckets.each_ref().map(read),
            micros: read(&self.micros),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
        }
    }
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TrafficText", into = "TrafficText")]
pub(crate) struct Traffic {
    pub(crate) answers: [u64; 5],
    refused: [u64; Layer::ALL.len()],
    pub(crate) buckets: [u64; 11],
    pub(crate) micros: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl Traffic {
    fn since(&self, earlier: &Self) -> Self {
        fn less<const N: usize>(now: &[u64; N], then: &[u64; N]) -> [u64; N] {
            let mut less = *now;
            less.iter_mut().zip(then).for_each(|(now, then)| *now = now.saturating_sub(*then));
            less
        }
        Self {
            answers: less(&self.answers, &earlier.answers),
            refused: less(&self.refused, &earlier.refused),
            buckets: less(&self.buckets, &earlier.buckets),
            micros: self.micros.saturating_sub(earlier.micros),
            bytes_in: self.bytes_in.saturating_sub(earlier.bytes_in),
            bytes_out: self.bytes_out.saturating_sub(earlier.bytes_out),
        }
    }

    /// Adds what another counted.
    pub(crate) fn add(&mut self, other: &Self) {
        fn more<const N: usize>(sum: &mut [u64; N], other: &[u64; N]) {
            sum.iter_mut().zip(other).for_each(|(sum, other)| *sum = sum.saturating_add(*other));
        }
        more(&mut self.answers, &other.answers);
        more(&mut self.refused, &other.refused);
        more(&mut self.buckets, &other.buckets);
        for (sum, other) in [
            (&mut self.micros, other.micros),
            (&mut self.bytes_in, other.bytes_in),
            (&mut self.bytes_out, other.bytes_out),
        ] {
            *sum = sum.saturating_add(other);
        }
    }

    /// How often each layer refused, by its name in records.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = (String, u64)> {
        Layer::ALL.into_iter().map(layer_name).zip(self.refused)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.answers.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// At most so many seconds took this part of the answers; `None` where it is more than the last bound, or there were none.
    fn at_most(&self, part: f64) -> Option<f64> {
        let all = self.buckets.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
        let wanted = (all as f64 * part).ceil().max(1.0) as u64;
        let mut counted = 0;
        let within = BOUNDS_SECONDS.iter().zip(&self.buckets).find(|(_, count)| {
            counted = count.saturating_add(counted);
            counted >= wanted
        });
        within.map(|(bound, _)| *bound).filter(|_| all > 0)
    }

    /// As `GET /_countersign/metrics/history` tells it.
    pub(crate) fn told(&self) -> Map<String, Value> {
        let counts = |names: &mut dyn Iterator<Item = (String, u64)>| -> Map<String, Value> {
            names
                .filter(|(_, count)| *count > 0)
                .map(|(name, count)| (name, count.into()))
                .collect()
        };
        let answers = (1..).zip(self.answers).map(|(class, count)| (format!("{class}xx"), count));
        let requests = self.requests();
        let mean = (requests > 0).then(|| self.micros as f64 / 1e6 / requests as f64);
        let mut told = Map::new();
        told.insert("requests".to_owned(), requests.into());
        told.insert("answers".to_owned(), counts(&mut answers.into_iter()).into());
        told.insert("refused".to_owned(), counts(&mut self.refusals()).into());
        told.insert(
            "seconds".to_owned(),
            json!({"mean": mean, "p50": self.at_most(0.5), "p95": self.at_most(0.95), "p99": self.at_most(0.99)}),
        );
        told.insert("bytesIn".to_owned(), self.bytes_in.into());
        told.insert("bytesOut".to_owned(), self.bytes_out.into());
        told
    }
}

/// The same, as gateways write it for each other: a layer by its name, for a newer gateway may know others.
#[derive(Serialize, Deserialize)]
struct TrafficText {
    answers: [u64; 5],
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refused: BTreeMap<String, u64>,
    buckets: [u64; 11],
    micros: u64,
    bytes_in: u64,
    bytes_out: u64,
}

impl From<Traffic> for TrafficText {
    fn from(traffic: Traffic) -> Self {
        let refused = traffic.refusals().filter(|(_, count)| *count > 0).collect();
        let Traffic { answers, buckets, micros, bytes_in, bytes_out, .. } = traffic;
        Self { answers, refused, buckets, micros, bytes_in, bytes_out }
    }
}

impl From<TrafficText> for Traffic {
    fn from(text: TrafficText) -> Self {
        let count = |layer| text.refused.get(&layer_name(layer)).copied().unwrap_or(0);
        let refused = Layer::ALL.map(count);
        let TrafficText { answers, buckets, micros, bytes_in, bytes_out, .. } = text;
        Self { answers, refused, buckets, micros, bytes_in, bytes_out }
    }
}

/// A layer as records call it.
fn layer_name(layer: Layer) -> String {
    let name = serde_json::to_value(layer).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// What a service holds at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// Memory of requests in the engine.
    pub(crate) engine_memory_bytes: u64,
    /// Open connections.
    pub(crate) connections: usize,
    /// All of the disk of the data.
    pub(crate) disk_bytes: u64,
    /// What is available of it.
    pub(crate) disk_bytes_available: u64,
}

impl Held {
    /// As `GET /_countersign/metrics/history` tells it.
    pub(crate) fn told(&self) -> [(&'static str, Value); 4] {
        [
            ("engineMemoryBytes", self.engine_memory_bytes.into()),
            ("connections", self.connections.into()),
            ("diskBytes", self.disk_bytes.into()),
            ("diskBytesAvailable", self.disk_bytes_available.into()),
        ]
    }
}

/// The last minutes of counters.
#[derive(Debug, Default)]
pub(crate) struct TrafficHistory(Mutex<KeptMinutes>);

#[derive(Debug, Default)]
struct KeptMinutes {
    /// The counters when they were taken last, and when that was.
    taken: Traffic,
    since: Option<Timestamp>,
    minutes: VecDeque<Minute>,
}

/// What was counted and held in a minute.
#[derive(Clone, Debug)]
pub(crate) struct Minute {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Nothing where nothing happened: most domains are quiet most of the time.
    pub(crate) traffic: Option<Box<Traffic>>,
    pub(crate) held: Option<Held>,
}

impl TrafficHistory {
    /// A minute is over: it.
    pub(crate) fn take(
        &self,
        now: Timestamp,
        counters: &TrafficCounters,
        held: Option<Held>,
    ) -> Minute {
        let (read, mut kept) = (counters.read(), self.kept());
        let minute = kept.minute(now, &read, held);
        kept.minutes.push_back(minute.clone());
        if kept.minutes.len() > limits::METRICS_MINUTES_MAX {
            kept.minutes.pop_front();
        }
        (kept.taken, kept.since) = (read, Some(now));
        minute
    }

    /// The minutes that are kept, the oldest first, and the one that is not over.
    pub(crate) fn told(
        &self,
        now: Timestamp,
        counters: &TrafficCounters,
        held: Option<Held>,
    ) -> Vec<Value> {
        let (read, kept) = (counters.read(), self.kept());
        let last = kept.minute(now, &read, held);
        kept.minutes.iter().chain([&last]).map(Minute::told).collect()
    }

    fn kept(&self) -> MutexGuard<'_, KeptMinutes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptMinutes {
    /// What came since the counters were taken.
    fn minute(&self, now: Timestamp, read: &Traffic, held: Option<Held>) -> Minute {
        let traffic = read.since(&self.taken);
        let a_minute_ago = now.checked_sub(SignedDuration::from_mins(1)).unwrap_or(now);
        let from = self.since.unwrap_or(a_minute_ago).min(now);
        let traffic = (traffic != Traffic::default()).then(|| Box::new(traffic));
        Minute { from, until: now, traffic, held }
    }
}

impl Minute {
    fn told(&self) -> Value {
        let nothing = Traffic::default();
        let mut told = self.traffic.as_deref().unwrap_or(&nothing).told();
        told.insert("from".to_owned(), self.from.to_string().into());
        told.insert("until".to_owned(), self.until.to_string().into());
        let held = self.held.iter().flat_map(Held::told);
        told.extend(held.map(|(name, value)| (name.to_owned(), value)));
        told.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn answer(status: u16, millis: u64) -> CountedAnswer {
        CountedAnswer {
            status,
            refused_by: (status == 403).then_some(Layer::Policies),
            took: Duration::from_millis(millis),
            bytes_in: 1,
            bytes_out: 2,
        }
    }

    #[test]
    fn a_minute_is_what_came_between_two_takings() {
        let (counters, history) = (TrafficCounters::default(), TrafficHistory::default());
        counters.count(&answer(200, 2));
        history.take(at(60), &counters, None);
        counters.count(&answer(403, 2));
        counters.count(&answer(200, 200));
        history.take(at(120), &counters, Some(Held { connections: 3, ..Held::default() }));
        let told = history.told(at(130), &counters, None);
        let of = |minute: usize, member: &str| told[minute].pointer(member).cloned().unwrap();
        assert_eq!(told.len(), 3);
        assert_eq!(
            (of(0, "/requests"), of(1, "/requests"), of(2, "/requests")),
            (1.into(), 2.into(), 0.into())
        );
        assert_eq!(of(1, "/refused"), json!({"policies": 1}));
        assert_eq!(of(1, "/answers"), json!({"2xx": 1, "4xx": 1}));
        assert_eq!((of(1, "/seconds/p50"), of(1, "/seconds/p99")), (json!(0.0025), json!(0.25)));
        assert_eq!((of(1, "/connections"), of(1, "/bytesOut")), (3.into(), 4.into()));
        assert_eq!(of(2, "/from"), "1970-01-01T00:02:00Z");
        assert_eq!(of(2, "/seconds"), json!({"mean": null, "p50": null, "p95": null, "p99": null}));
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let (counters, history) = (TrafficCounters::default(), TrafficHistory::default());
        for minute in 0..200 {
            history.take(at(60 * minute), &counters, None);
        }
        let told = history.told(at(60 * 200), &counters, None);
        assert_eq!(told.len(), limits::METRICS_MINUTES_MAX + 1);
        assert_eq!(told[0]["from"], at(60 * (199 - 60)).to_string());
    }

    #[test]
    fn what_takes_longer_than_the_last_bound_has_none() {
        let counters = TrafficCounters::default();
        counters.count(&answer(200, 31_000));
        assert_eq!(counters.read().at_most(0.5), None);
    }

    #[test]
    fn what_gateways_tell_each_other_of_their_counts_reads_back_and_adds_up() {
        let counters = TrafficCounters::default();
        counters.count(&answer(403, 2));
        counters.count(&answer(200, 200));
        let counted = counters.read();
        let text = serde_json::to_string(&counted).unwrap();
        let mut sum: Traffic = serde_json::from_str(&text).unwrap();
        assert_eq!(sum, counted);
        // A layer that a newer gateway knows is not known here.
        let newer = text.replace(r#"{"policies":1}"#, r#"{"newer":5,"policies":1}"#);
        assert_ne!(newer, text);
        sum.add(&serde_json::from_str(&newer).unwrap());
        let told = sum.told();
        assert_eq!((&told["requests"], &told["refused"]), (&4.into(), &json!({"policies": 2})));
        assert_eq!((&told["bytesIn"], &told["seconds"]["mean"]), (&4.into(), &json!(0.101)));
        sum.add(&Traffic { answers: [u64::MAX; 5], ..Traffic::default() });
        assert_eq!(sum.requests(), u64::MAX, "what another gateway says makes nothing overflow");
    }
}
