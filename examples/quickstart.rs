//! Puts a few books into an index and asks it questions: the Rust counterpart of what people run in Python against Amazon's service
//! (boto3 finds credentials, AWS4Auth signs, elasticsearch-py talks). Only the endpoint, the region and the authorities come from
//! the environment; `DIR/env` of `countersign dev --data DIR` exports them.
//!
//! ```text
//! eval "$(cat DIR/env)" && cargo run -p client --example quickstart
//! ```

use std::io::Write;

use client::signed::{Bulk, ClientFault, ClientOptions, SearchClient};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const INDEX: &str = "books";

#[derive(Debug, Deserialize, Serialize)]
struct Book {
    title: String,
    pages: u32,
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program has a clock of its own")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let endpoint = variable("COUNTERSIGN_ENDPOINT")?;
    let mut options = ClientOptions::new(&endpoint, jiff::Timestamp::now)?;
    options = options.region(&variable("AWS_REGION")?);
    if let Ok(bundle) = variable("AWS_CA_BUNDLE") {
        options = options.ca(bundle);
    }
    let client = SearchClient::open(options).await?;
    run(&client, &mut std::io::stdout()).await
}

/// Makes the index, fills it, asks it, and removes it.
pub(crate) async fn run(
    client: &SearchClient,
    out: &mut impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    client.delete_index(INDEX).await?;
    let title = json!({"type": "text", "analyzer": "english"});
    let mappings = json!({"properties": {"title": title, "pages": {"type": "integer"}}});
    client.create_index(INDEX, &json!({ "mappings": mappings })).await?;

    let mut bulk = Bulk::new();
    for (id, title, pages) in [
        ("1", "The Rust Programming Language", 560),
        ("2", "Programming Rust", 735),
        ("3", "A gardener's year", 160),
    ] {
        bulk.index(Some(id), &Book { title: title.to_owned(), pages })?;
    }
    let items = bulk.len();
    let outcome = client.bulk(INDEX, bulk).await?;
    for fault in outcome.faults() {
        writeln!(out, "item {} failed with {}: {}", fault.position, fault.status, fault.reason)?;
    }
    client.refresh(INDEX).await?;
    writeln!(out, "{items} books are in the index")?;

    let query = json!({"match": {"title": "programs"}});
    let pages = json!({"pages": {"sum": {"field": "pages"}}});
    let search = json!({"query": query, "aggs": pages, "sort": [{"pages": "desc"}]});
    let found = client.search::<Book>(INDEX, &search).await?;
    let pages = found.aggregations.pointer("/pages/value").unwrap_or(&Value::Null);
    writeln!(out, "{} are about programs, {pages} pages of them:", found.total)?;
    for hit in &found.hits {
        writeln!(out, "  {}: {}", hit.id, hit.source.title)?;
    }

    let missing = client.search::<Book>("no-such-index", &json!({})).await;
    if let Err(ClientFault::Refused { status, kind: Some(kind), .. }) = missing {
        writeln!(out, "an index that is not there: {status} {kind}")?;
    }
    client.delete_index(INDEX).await?;
    Ok(())
}
