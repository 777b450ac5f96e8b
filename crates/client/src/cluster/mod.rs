//! A cluster elsewhere: its nodes, the connections to them, and which of them is asked.
//!
//! A request goes to the node with the fewest on their way whose circuit is closed. It goes to another node where nothing of
//! it was sent, or where whoever sends it says that it may be done twice and no answer has begun; never otherwise.
//! Redirects are answers, there is no cookie jar, and of the headers only those go that the caller names.

mod breaker;
mod connections;
mod node;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use jiff::Timestamp;
use rustls::ClientConfig;

use crate::chain::causes;
use crate::credentials::CredentialCache;
use crate::endpoint::Endpoint;
use crate::https::{self, HttpFault};
use crate::outbound;
use crate::spool::{RequestBody, SpooledBody};

pub use breaker::CircuitState;
pub use node::{BusyNode, Node};

/// Nodes that one request is tried on.
const TRIES_MAX: usize = 3;

/// Nodes that discovery may find.
const NODES_MAX: usize = 256;

/// How a cluster is reached.
pub struct ClusterOptions {
    /// Where its nodes are; none where [`ClusterClient::serve_at`] tells it.
    pub urls: Vec<Endpoint>,
    /// Whom TLS trusts, and the certificate shown there.
    pub tls: ClientConfig,
    /// How requests say who sends them.
    pub login: ClusterLogin,
    /// What goes with every request that does not say otherwise.
    pub headers: HeaderMap,
    /// How long a connection may take.
    pub connect_time_max: Duration,
    /// How long the head of an answer may take, and each piece of a body in a file.
    pub answer_time_max: Duration,
}

/// How requests to a cluster say who sends them.
pub enum ClusterLogin {
    /// Not at all.
    Nobody,
    /// By an `Authorization`: Basic, or an API key.
    Header(HeaderValue),
    /// By a signature, for a domain of Amazon's.
    Signature {
        /// The region of the signature.
        region: String,
        /// `es` or `aoss`.
        service: String,
        /// Who signs.
        credentials: CredentialCache,
    },
}

/// A request to a cluster, whichever node it goes to.
#[derive(Clone, Debug)]
pub struct ClusterRequest {
    /// The method.
    pub method: Method,
    /// The raw path, as it goes over the wire.
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// All of the headers but `Host`, the length and the login.
    pub headers: HeaderMap,
    /// The body.
    pub body: RequestBody,
    /// Whether it may be done twice where once was asked for.
    pub repeatable: bool,
}

/// Why a cluster gave no answer. What was sent may have been done, but for [`ClusterFault::Unreachable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterFault {
    /// No node could be connected to; nothing was sent.
    Unreachable(String),
    /// A node did not answer in time.
    TimedOut(String),
    /// A node broke off before its answer began.
    BrokeOff(String),
    /// The request cannot be built or signed here.
    Unsendable(String),
}

impl std::fmt::Display for ClusterFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no node of the cluster can be reached: {why}"),
            Self::TimedOut(node) => write!(f, "node {node} of the cluster did not answer in time"),
            Self::BrokeOff(why) => write!(f, "the cluster broke off before it answered: {why}"),
            Self::Unsendable(why) => write!(f, "the request to the cluster cannot be made: {why}"),
        }
    }
}

impl std::error::Error for ClusterFault {}

/// The nodes of one cluster.
pub struct ClusterClient {
    connector: HttpsConnector<HttpConnector>,
    /// The nodes that are asked first: those that discovery found, or the seeds.
    nodes: RwLock<Vec<Arc<Node>>>,
    /// Those that it was made with.
    seeds: Vec<Arc<Node>>,
    login: ClusterLogin,
    headers: HeaderMap,
    answer_time_max: Duration,
}

/// An answer of a cluster. Its body streams; the node counts as busy until it is dropped.
pub struct ClusterResponse {
    /// Head and body.
    pub response: Response<Incoming>,
    /// Who answered.
    pub busy: BusyNode,
}

impl ClusterClient {
    /// A client of the cluster at `options.urls`. Nothing is connected yet.
    #[must_use]
    pub fn new(options: ClusterOptions) -> Self {
        let connector = https::tcp(options.connect_time_max);
        let tls = HttpsConnectorBuilder::new().with_tls_config(options.tls).https_or_http();
        let connector = tls.enable_all_versions().wrap_connector(connector);
        let made = options.urls.into_iter().map(|url| Arc::new(Node::new(url, &connector)));
        let seeds: Vec<_> = made.collect();
        Self {
            connector,
            nodes: RwLock::new(seeds.clone()),
            seeds,
            login: options.login,
            headers: options.headers,
            answer_time_max: options.answer_time_max,
        }
    }

    /// The nodes as they are known now, the seeds among them.
    #[must_use]
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        let mut nodes = self.asked_first();
        let others = self.seeds.iter().filter(|seed| !is_one_of(seed, &nodes));
        let others: Vec<Arc<Node>> = others.cloned().collect();
        nodes.extend(others);
        nodes
    }

    fn asked_first(&self) -> Vec<Arc<Node>> {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a request at `now` to a node that is well, and to another where that is safe. The answer's body streams.
    ///
    /// # Errors
    /// [`ClusterFault`].
    pub async fn send(
        &self,
        request: &ClusterRequest,
        now: Timestamp,
    ) -> Result<ClusterResponse, ClusterFault> {
        let mut tried: Vec<Arc<Node>> = Vec::new();
        let mut fault = ClusterFault::Unreachable("it has no nodes".to_owned());
        while tried.len() < TRIES_MAX {
            let Some(node) = self.choose(&tried) else { break };
            match self.ask(&node, request, now).await {
                Ok(response) => return Ok(response),
                Err((failed, nothing_sent)) => {
                    fault = failed;
                    if !(nothing_sent || request.repeatable) {
                        break;
                    }
                    // A node that is only slow makes others slow, too: once is enough.
                    if matches!(fault, ClusterFault::TimedOut(_) | ClusterFault::Unsendable(_)) {
                        break;
                    }
                }
            }
            tried.push(node);
        }
        Err(fault)
    }

    /// As [`ClusterClient::send`], and the whole body, of at most `bytes_max`.
    ///
    /// # Errors
    /// [`ClusterFault`]; a body that is longer, or breaks off.
    pub async fn fetch(
        &self,
        request: &ClusterRequest,
        now: Timestamp,
        bytes_max: usize,
    ) -> Result<(u16, Bytes), ClusterFault> {
        let ClusterResponse { response, busy } = self.send(request, now).await?;
        let status = response.status().as_u16();
        let reading = Limited::new(response.into_body(), bytes_max).collect();
        let read = tokio::time::timeout(self.answer_time_max, reading).await;
        let read = read.map_err(|_elapsed| ClusterFault::TimedOut(busy.node().name()))?;
        let whole = read.map_err(|error| ClusterFault::BrokeOff(causes(error.as_ref())))?;
        Ok((status, whole.to_bytes()))
    }

    /// Takes these nodes, and no others, in the place of those known before: whoever runs them knows where they are.
    pub fn serve_at(&self, urls: Vec<Endpoint>) {
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        let known = |url: &Endpoint| nodes.iter().find(|node| node.url() == url).cloned();
        let wanted = urls.into_iter();
        let wanted = wanted
            .map(|url| known(&url).unwrap_or_else(|| Arc::new(Node::new(url, &self.connector))));
        *nodes = wanted.collect();
    }

    /// Takes the nodes that the cluster published (`_nodes/http`) in the place of those known before; the first ones stay
    /// known, for the day when all others are gone.
    pub fn discovered(&self, addresses: &[String]) {
        let tls = self.seeds.first().is_none_or(|seed| seed.url().is_tls());
        let scheme = if tls { "https" } else { "http" };
        let urls = addresses.iter().filter_map(|address| {
            // `host/ip:port`, where a node publishes a name.
            let address = match address.split_once('/') {
                Some((host, rest)) => format!("{host}:{}", rest.rsplit_once(':')?.1),
                None => address.clone(),
            };
            Endpoint::parse(&format!("{scheme}://{address}")).ok()
        });
        let wanted: Vec<Endpoint> = urls.take(NODES_MAX).collect();
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        if wanted.is_empty() {
            nodes.clone_from(&self.seeds);
            return;
        }
        let known = |url: &Endpoint| {
            nodes.iter().chain(&self.seeds).find(|node| node.url() == url).cloned()
        };
        *nodes = wanted
            .into_iter()
            .map(|url| known(&url).unwrap_or_else(|| Arc::new(Node::new(url, &self.connector))))
            .collect();
    }

    /// The node with the fewest requests on their way among those that may be asked and were not `tried`. When no circuit
    /// is closed, one that has been open for its time is tried; a seed that discovery did not find, when nothing else is left.
    fn choose(&self, tried: &[Arc<Node>]) -> Option<Arc<Node>> {
        let least_busy = |nodes: &[Arc<Node>]| {
            let others = nodes.iter().filter(|node| !is_one_of(node, tried));
            others.filter(|node| node.may_be_asked()).min_by_key(|node| node.busy_with()).cloned()
        };
        least_busy(&self.asked_first()).or_else(|| least_busy(&self.seeds))
    }

    /// One try. Errors: the fault, and whether nothing of the request was sent.
    async fn ask(
        &self,
        node: &Arc<Node>,
        request: &ClusterRequest,
        now: Timestamp,
    ) -> Result<ClusterResponse, (ClusterFault, bool)> {
        let unsendable = |why: String| (ClusterFault::Unsendable(why), true);
        let sent = self.at(node.url(), request, now).await.map_err(unsendable)?;
        let busy = Node::begin(node);
        let sending = node.http().request(sent);
        match request.body.sent_within(self.answer_time_max, sending).await {
            Some(Ok(response)) => {
                busy.answered(response.status().as_u16());
                Ok(ClusterResponse { response, busy })
            }
            Some(Err(error)) => {
                busy.failed();
                let HttpFault { why, nothing_sent } = HttpFault::of(&error);
                let why = format!("{}: {why}", node.name());
                let fault = match nothing_sent {
                    true => ClusterFault::Unreachable(why),
                    false => ClusterFault::BrokeOff(why),
                };
                Err((fault, nothing_sent))
            }
            None => {
                busy.failed();
                Err((ClusterFault::TimedOut(node.name()), false))
            }
        }
    }

    /// The request as this node gets it.
    async fn at(
        &self,
        url: &Endpoint,
        request: &ClusterRequest,
        now: Timestamp,
    ) -> Result<Request<SpooledBody>, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let mut headers = request.headers.clone();
        for (name, value) in &self.headers {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        let host = HeaderValue::from_str(url.host_header()).map_err(|error| said(&error))?;
        headers.insert(HOST, host);
        match &self.login {
            ClusterLogin::Nobody => {}
            ClusterLogin::Header(value) => drop(headers.insert(AUTHORIZATION, value.clone())),
            ClusterLogin::Signature { region, service, credentials } => {
                let credentials = credentials.get(now).await.map_err(|error| said(&error))?;
                let view = outbound::SignedParts {
                    method: request.method.as_str(),
                    path: &request.path,
                    query: &request.query,
                    host: url.host_header(),
                    content_type: headers.get(http::header::CONTENT_TYPE).cloned(),
                    amazons: Vec::new(),
                    hash: &request.body.hash(),
                };
                let signed = outbound::signature(&view, &credentials, (region, service), now)?;
                headers.extend(signed);
            }
        }
        let mark = if request.query.is_empty() { "" } else { "?" };
        let target = format!("{}{mark}{}", request.path, request.query);
        let mut built = Request::new(request.body.to_body());
        *built.uri_mut() = url.url(&target).map_err(|error| said(&error))?;
        *built.method_mut() = request.method.clone();
        *built.headers_mut() = headers;
        Ok(built)
    }
}

fn is_one_of(node: &Arc<Node>, nodes: &[Arc<Node>]) -> bool {
    nodes.iter().any(|one| Arc::ptr_eq(one, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(urls: &[&str]) -> ClusterClient {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.unwrap().with_root_certificates(rustls::RootCertStore::empty());
        ClusterClient::new(ClusterOptions {
            urls: urls.iter().map(|url| Endpoint::parse(url).unwrap()).collect(),
            tls: tls.with_no_client_auth(),
            login: ClusterLogin::Nobody,
            headers: HeaderMap::new(),
            connect_time_max: Duration::from_secs(1),
            answer_time_max: Duration::from_secs(1),
        })
    }

    fn names(nodes: &[Arc<Node>]) -> Vec<String> {
        nodes.iter().map(|node| node.name()).collect()
    }

    #[test]
    fn where_no_node_serves_nobody_is_asked() {
        let client = client(&[]);
        assert!(client.choose(&[]).is_none());
        client.serve_at(vec![Endpoint::parse("http://127.0.0.1:1").unwrap()]);
        let node = client.choose(&[]).unwrap();
        client.serve_at(
            ["1", "2"]
                .map(|port| Endpoint::parse(&format!("http://127.0.0.1:{port}")).unwrap())
                .into(),
        );
        assert!(Arc::ptr_eq(&client.nodes()[0], &node), "what is known of a node stays known");
        client.serve_at(Vec::new());
        assert!(client.choose(&[]).is_none());
    }

    #[tokio::test]
    async fn what_goes_with_every_request_takes_the_place_of_nothing_that_one_says() {
        let mut client = client(&["http://127.0.0.1:1"]);
        client.headers.insert("x-proxy-user", HeaderValue::from_static("countersign"));
        let request = |user: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            user.map(|user| headers.insert("x-proxy-user", HeaderValue::from_static(user)));
            ClusterRequest {
                method: Method::GET,
                path: "/".to_owned(),
                query: String::new(),
                headers,
                body: RequestBody::Memory(Bytes::new()),
                repeatable: true,
            }
        };
        for (said, sent) in [(None, "countersign"), (Some("ann"), "ann")] {
            let request = request(said);
            let url = client.seeds[0].url().clone();
            let built = client.at(&url, &request, Timestamp::UNIX_EPOCH).await.unwrap();
            let users: Vec<_> = built.headers().get_all("x-proxy-user").iter().collect();
            assert_eq!(users, [sent]);
        }
    }

    #[test]
    fn a_seed_that_discovery_did_not_find_is_asked_when_nothing_else_is_left() {
        let client = client(&["http://127.0.0.1:1", "http://127.0.0.1:2"]);
        let seed = client.seeds[1].clone();
        client.discovered(&["127.0.0.1:3".to_owned(), "host/127.0.0.1:9".to_owned()]);
        assert_eq!(
            names(&client.asked_first()),
            ["127.0.0.1:3"],
            "plain HTTP is for loopback alone"
        );
        client.discovered(&["127.0.0.1:3".to_owned(), "127.0.0.1:2".to_owned()]);
        assert_eq!(names(&client.nodes()), ["127.0.0.1:3", "127.0.0.1:2", "127.0.0.1:1"]);
        let found = client.asked_first();
        assert!(Arc::ptr_eq(&found[1], &seed), "what is known of a node stays known");
        let mut tried = vec![client.choose(&[]).unwrap()];
        tried.push(client.choose(&tried).unwrap());
        assert!(tried.iter().all(|node| is_one_of(node, &found)));
        assert_eq!(client.choose(&tried).unwrap().name(), "127.0.0.1:1");
        client.discovered(&[]);
        assert_eq!(names(&client.asked_first()), ["127.0.0.1:1", "127.0.0.1:2"]);
    }
}
