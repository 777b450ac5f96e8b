//! Data streams: made at the cluster by their templates, rolled over as often as they were here, and written to as the cluster
//! takes it: new documents through the stream, other ones in the place of those that are there.

use std::collections::HashMap;
use std::time::Duration;

use engine::OutgoingDocument;
use engine::cluster::Metadata;
use engine::cluster::metadata::DataStream;
use http::Method;
use serde_json::{Value, json};

use super::copy::Copy;
use super::fault::MoveFault;
use super::target::{Sent, asked_by_id, path_of};
use super::writes::{self, OutgoingWrite, WrittenAs};

/// The first pause before a cluster is asked again to roll a stream over; each is twice the one before.
const ROLLOVER_PAUSE: Duration = Duration::from_millis(200);

/// A data stream that is at the cluster.
#[derive(Default)]
pub(super) struct CopiedStream {
    /// How many indices it has had there.
    generation: u64,
}

impl Copy {
    /// Makes the data streams what they are here.
    pub(super) async fn data_streams(&mut self, metadata: &Metadata) -> Result<(), MoveFault> {
        let gone = self.streams.keys().filter(|name| metadata.data_stream(name).is_none());
        for name in gone.cloned().collect::<Vec<String>>() {
            self.target.remove(path_of("/_data_stream/", &name)).await?;
            self.streams.remove(&name);
            self.journal.change(|made| {
                let _ = made.data_streams.remove(&name);
            })?;
        }
        for stream in metadata.data_streams() {
            self.data_stream(metadata, stream).await?;
        }
        Ok(())
    }

    async fn data_stream(
        &mut self,
        metadata: &Metadata,
        stream: &DataStream,
    ) -> Result<(), MoveFault> {
        let name = &stream.name;
        if !self.streams.contains_key(name) {
            self.journal.change(|made| {
                let _ = made.data_streams.insert(name.clone());
            })?;
            let path = path_of("/_data_stream/", name);
            let answer = self.target.ask(Method::PUT, path, "", Sent::Nothing).await?;
            if !(answer.status == 400 && answer.reason().contains("already exists")) {
                answer.good(&format!("data stream [{name}]"))?;
            }
            self.streams.insert(name.clone(), CopiedStream { generation: 1 });
            let note =
                format!("data stream {name}: the versions of its documents begin at 1 there");
            self.progress.lock().note(note);
        }
        for generation in 1..=stream.generation {
            let backing = DataStream::backing(name, generation);
            self.roll_over(name, generation, &backing).await?;
            match metadata.index(&backing) {
                Some(index) => {
                    self.index(index, Some(name)).await?;
                    if generation < stream.generation {
                        // What is noted of it as new can be written until the next one is there.
                        self.changes(&index.uuid).await?;
                    }
                }
                None if generation < stream.generation => {}
                None => {
                    let why = format!("data stream [{name}] has no index [{backing}]");
                    return Err(MoveFault::Unfit(why));
                }
            }
        }
        // Only now: the one that is written to cannot be removed.
        for generation in 1..stream.generation {
            let backing = DataStream::backing(name, generation);
            if metadata.index(&backing).is_none() {
                self.target.remove(path_of("/", &backing)).await?;
            }
        }
        Ok(())
    }

    /// Lets the stream have had so many indices there.
    async fn roll_over(
        &mut self,
        name: &str,
        generation: u64,
        backing: &str,
    ) -> Result<(), MoveFault> {
        if self.streams.get(name).is_none_or(|copied| copied.generation >= generation) {
            return Ok(());
        }
        let made = self.rolled_over(name, backing).await?;
        if made != backing {
            let why = format!(
                "data stream [{name}]: the cluster's next index is [{made}], and here it is [{backing}]"
            );
            return Err(MoveFault::Unfit(why));
        }
        if let Some(copied) = self.streams.get_mut(name) {
            copied.generation = generation;
        }
        Ok(())
    }

    /// Rolls a data stream over, once: where the answer is lost, the stream tells whether it was done. Its newest index.
    async fn rolled_over(&self, name: &str, backing: &str) -> Result<String, MoveFault> {
        let what = format!("to roll data stream [{name}] over");
        let mut pause = ROLLOVER_PAUSE;
        loop {
            let path = format!("{}/_rollover", path_of("/", name));
            let lost = match self.target.ask_once(Method::POST, path).await {
                Ok(answer) if matches!(answer.status, 429 | 503) => answer.reason(),
                Ok(answer) => {
                    let told = answer.good(&what)?;
                    let made = told.get("new_index").and_then(Value::as_str);
                    return Ok(made.unwrap_or_default().to_owned());
                }
                Err(MoveFault::Lost(why)) => why,
                Err(fault) => return Err(fault),
            };
            let told = self.target.read(&path_of("/_data_stream/", name), "").await?;
            let indices = told.pointer("/data_streams/0/indices").and_then(Value::as_array);
            let newest = indices.and_then(|all| all.last()?.get("index_name")?.as_str());
            if newest == Some(backing) {
                return Ok(backing.to_owned());
            }
            if pause > ROLLOVER_PAUSE * 32 {
                return Err(MoveFault::Lost(format!("{what}: {lost}")));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Writes documents of an index behind a data stream.
    pub(super) async fn write_behind(
        &mut self,
        stream: &str,
        backing: &str,
        documents: &[OutgoingDocument],
    ) -> Result<(), MoveFault> {
        let there = self.places_there(backing, documents).await?;
        let generation = self.streams.get(stream).map_or(0, |copied| copied.generation);
        let is_written_to = DataStream::backing(stream, generation) == backing;
        let mut writes = Vec::new();
        for document in documents {
            let place = there.get(document.id.as_str());
            let (index, written_as) = match (&document.source, place) {
                (None, _) => (backing, WrittenAs::Unversioned),
                (Some(_), Some((seq_no, term))) => (backing, WrittenAs::InPlaceOf(*seq_no, *term)),
                (Some(_), None) if is_written_to => (stream, WrittenAs::Created),
                (Some(_), None) => {
                    let why = format!(
                        "document [{}] came to index [{backing}] of data stream [{stream}] when that was rolled over: the cluster \
                         takes new documents in the newest index only; move the domain again",
                        document.id
                    );
                    return Err(MoveFault::Unfit(why));
                }
            };
            writes.push(OutgoingWrite { index, document, written_as });
        }
        let conflicts = writes::send(&self.target, &writes).await?;
        match conflicts.first() {
            // The answer to the first try was lost: the place is another one now.
            Some(_) => Err(MoveFault::TooSlow(format!("index [{backing}] changes there"))),
            None => Ok(()),
        }
    }

    /// Sequence number and primary term of those of `documents` that are there.
    async fn places_there<'d>(
        &self,
        backing: &str,
        documents: &'d [OutgoingDocument],
    ) -> Result<HashMap<&'d str, (u64, u64)>, MoveFault> {
        let docs: Vec<Value> = documents.iter().map(asked_by_id).collect();
        let sent = Sent::Json(json!({ "docs": docs }));
        let path = format!("{}/_mget", path_of("/", backing));
        let query = "_source=false&filter_path=docs.found,docs._seq_no,docs._primary_term";
        let answer = self.target.ask(Method::POST, path, query, sent).await?;
        let told = answer.good(&format!("documents of index [{backing}]"))?;
        let docs = told.get("docs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let places = documents.iter().zip(docs).filter_map(|(document, told)| {
            let number = |key: &str| told.get(key).and_then(Value::as_u64);
            let found = told.get("found") == Some(&Value::Bool(true));
            let place = (number("_seq_no")?, number("_primary_term")?);
            found.then_some((document.id.as_str(), place))
        });
        Ok(places.collect())
    }
}
