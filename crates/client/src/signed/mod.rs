//! A client of one search endpoint: signed requests, tried again where that is safe, with answers that stream.
//!
//! [`SearchClient::request`] sends anything; [`SearchClient::search`], [`SearchClient::bulk`] and their neighbours send what most programs
//! do, with types. Credentials come from where every AWS SDK finds them, and are renewed. A body of any length costs a few pieces of it in
//! memory: a signature covers the body's hash, so a long one waits in a temporary file until it is whole.
//!
//! ```
//! use client::signed::{Bulk, ClientOptions, SearchClient};
//! use serde_json::{Value, json};
//! # use client::credentials::{CredentialCache, Credentials};
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/doc_endpoint.rs"));
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let url = doc_endpoint();
//! # let key = CredentialCache::fixed(Credentials::new("AKIDEXAMPLE", "secret"));
//! # let options = ClientOptions::new(&url, jiff::Timestamp::now)?.credentials(key);
//! # stringify! {
//! let options = ClientOptions::new("https://search-x.eu-central-1.es.amazonaws.com", jiff::Timestamp::now)?;
//! # };
//! let client = SearchClient::open(options.region("eu-central-1")).await?;
//!
//! let mut bulk = Bulk::new();
//! bulk.index(Some("1"), &json!({"title": "The Rust book"}))?;
//! bulk.index(Some("2"), &json!({"title": "Programming Rust"}))?;
//! let outcome = client.bulk("books", bulk).await?;
//! assert!(outcome.faults().next().is_none());
//!
//! let query = json!({"query": {"match": {"title": "rust"}}});
//! let found = client.search::<Value>("books", &query).await?;
//! for hit in &found.hits {
//!     println!("{} {}", hit.id, hit.source["title"]);
//! }
//! # assert_eq!(found.hits.len(), 2);
//! # Ok(())
//! # })
//! # }
//! ```

mod answer;
mod api;
mod fault;
mod options;
mod request;

pub use answer::Answer;
pub use api::{Bulk, BulkFault, BulkOutcome, Found, Hit, Written};
pub use fault::ClientFault;
pub use options::{ClientOptions, ClientSetting};
pub use request::RequestBuilder;

use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;

use crate::endpoint::Endpoint;
use crate::https::{self, HttpsClient};
use crate::outbound::{EndpointResponse, Outbound, SendError, UnsignedRequest};

/// The pause before the second try; before each one after it twice as long.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// A client of one endpoint. It keeps its connections; share one by reference.
pub struct SearchClient {
    outbound: Outbound,
    answer_time_max: Duration,
    tries_max: u32,
    clock: fn() -> Timestamp,
}

impl SearchClient {
    /// A client as the options say. Nothing is connected yet; credentials are looked for when the first request is signed.
    ///
    /// # Errors
    /// [`ClientFault::Options`]: no region is known, or the authorities cannot be read.
    pub async fn open(options: ClientOptions) -> Result<Self, ClientFault> {
        let (answer_time_max, tries_max, clock) =
            (options.answer_time_max, options.tries_max, options.clock);
        let connect_time_max = options.connect_time_max;
        let ClientSetting { endpoint, region, service, credentials, ca, .. } =
            options.settled().await?;
        let trust = match endpoint.is_tls() {
            true => https::trust(ca.as_deref()),
            false => https::trusting_nobody(),
        };
        let http = HttpsClient::within(trust.map_err(ClientFault::Options)?, connect_time_max);
        let outbound =
            Outbound::by(endpoint, (&region, &service), std::sync::Arc::new(credentials), http);
        Ok(Self { outbound, answer_time_max, tries_max, clock })
    }

    /// Where it sends requests.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.outbound.endpoint()
    }

    /// A request of this method for a raw path, with a query behind `?` if it has one: what a URL holds is percent-encoded already.
    #[must_use]
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder<'_> {
        RequestBuilder::new(self, method, target)
    }

    /// Sends, and sends again where that is safe: nothing was sent, or it may be done twice and the endpoint broke off or is busy.
    async fn send(
        &self,
        request: UnsignedRequest,
        repeatable: bool,
    ) -> Result<EndpointResponse, ClientFault> {
        let mut pause = PAUSE_MIN;
        for attempt in 1.. {
            let now = (self.clock)();
            let sending = self.outbound.send(request.clone(), now);
            let answered = request.body.body().sent_within(self.answer_time_max, sending).await;
            let again = match &answered {
                Some(Ok(response)) => repeatable && is_busy(response.status()),
                Some(Err(SendError::Unreachable(_))) => true,
                Some(Err(SendError::Endpoint(_))) => repeatable,
                Some(Err(SendError::Credentials(_) | SendError::Request(_))) => false,
                // An endpoint that is only slow becomes slower by more requests.
                None => false,
            };
            if !again || attempt >= self.tries_max {
                let answered = answered.ok_or(ClientFault::TimedOut)?;
                return answered.map_err(ClientFault::from);
            }
            // Not all at the same moment: between half of the pause and all of it.
            let part = now.subsec_nanosecond().unsigned_abs() % 1_000;
            tokio::time::sleep(pause / 2 + pause / 2_000 * part).await;
            pause *= 2;
        }
        Err(ClientFault::TimedOut)
    }
}

/// Whether an answer says that the same request may be taken later.
fn is_busy(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502..=504)
}
