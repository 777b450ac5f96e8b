//! Sends requests with the clients of this folder: one request a line on standard input, one answer a line on standard
//! output; `../../python/driver.py` says what is in them.

use std::io::{BufRead, Write};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as Keys;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_types::region::Region;
use client::credentials::CredentialCache;
use client::signed::ClientOptions;
use opensearch::OpenSearch;
use opensearch::auth::Credentials;
use opensearch::cert::{Certificate, CertificateValidation};
use opensearch::http::headers::{HeaderMap, HeaderName, HeaderValue};
use opensearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use serde_json::{Value, json};
use url::Url;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in std::io::stdin().lock().lines() {
        let asked = Asked(serde_json::from_str(&line?)?);
        let answer = match runtime.block_on(answer(&asked)) {
            Ok(answer) => answer,
            Err(error) => json!({ "error": format!("{error:?}") }),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

async fn answer(asked: &Asked) -> Result<Value, Failure> {
    match asked.text("client") {
        "aws-sigv4" => by_aws_sigv4(asked, SignatureLocation::Headers).await,
        "aws-sigv4-presigned" => by_aws_sigv4(asked, SignatureLocation::QueryParams).await,
        "opensearch-rs" => by_opensearch(asked).await,
        "opensearch-rs-adapter" => by_adapter(asked).await,
        other => Err(format!("no client is called {other}").into()),
    }
}

/// reqwest, signed by the SDK's own signer: what a small Rust program does.
async fn by_aws_sigv4(asked: &Asked, location: SignatureLocation) -> Result<Value, Failure> {
    let mut settings = SigningSettings::default();
    if let SignatureLocation::QueryParams = location {
        settings.expires_in = Some(Duration::from_secs(300));
    }
    settings.signature_location = location;
    let identity = asked.keys().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(asked.text("region"))
        .name("es")
        .time(SystemTime::now())
        .settings(settings)
        .build()?
        .into();
    let body = asked.body()?;
    let headers = asked.headers();
    let mut request = http::Request::builder()
        .method(asked.text("method"))
        .uri(asked.text("endpoint").to_owned() + asked.text("path"));
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    let mut request = request.body(body.clone())?;
    let signable = SignableRequest::new(
        asked.text("method"),
        request.uri().to_string(),
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(&body),
    )?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    let response = asked.client()?.execute(request.try_into()?).await?;
    let status = response.status().as_u16();
    Ok(answered(status, &response.bytes().await?))
}

async fn by_opensearch(asked: &Asked) -> Result<Value, Failure> {
    let authorities = Certificate::from_pem(&std::fs::read(asked.text("ca"))?)?;
    let region = Region::new(asked.text("region").to_owned());
    let keys = SharedCredentialsProvider::new(asked.keys());
    let pool = SingleNodeConnectionPool::new(Url::parse(asked.text("endpoint"))?);
    let transport = TransportBuilder::new(pool)
        .auth(Credentials::AwsSigV4(keys, region))
        .cert_validation(CertificateValidation::Full(authorities))
        .service_name("es")
        .build()?;
    by_transport(transport, asked).await
}

/// The same crate over the transport that the product's client makes for it.
async fn by_adapter(asked: &Asked) -> Result<Value, Failure> {
    let keys = &asked.0["credentials"];
    let text = |name: &str| keys[name].as_str().unwrap_or_default();
    let token = keys["sessionToken"].as_str().map(sigv4::SessionToken::new);
    let key = client::credentials::Credentials::new(text("accessKeyId"), text("secretAccessKey"));
    let key = client::credentials::Credentials { session_token: token, ..key };
    let options = ClientOptions::new(asked.text("endpoint"), jiff::Timestamp::now)?
        .region(asked.text("region"))
        .ca(asked.text("ca"))
        .credentials(CredentialCache::fixed(key));
    by_transport(client_opensearch::transport(options).await?, asked).await
}

async fn by_transport(transport: Transport, asked: &Asked) -> Result<Value, Failure> {
    let (path, query) = asked.text("path").split_once('?').unwrap_or((asked.text("path"), ""));
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut headers = HeaderMap::new();
    for (name, value) in asked.headers() {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    let body = Some(asked.body()?).filter(|body| !body.is_empty());
    let method = match asked.text("method") {
        "PUT" => opensearch::http::Method::Put,
        "POST" => opensearch::http::Method::Post,
        _ => opensearch::http::Method::Get,
    };
    let query = Some(&query).filter(|query| !query.is_empty());
    let response =
        OpenSearch::new(transport).send(method, path, headers, query, body, None).await?;
    let status = response.status_code().as_u16();
    Ok(answered(status, response.text().await?.as_bytes()))
}

/// One request, as `driver.py` tells it.
struct Asked(Value);

impl Asked {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn keys(&self) -> Keys {
        let key = |name: &str| self.0["credentials"][name].as_str().map(str::to_owned);
        let text = |name| key(name).unwrap_or_default();
        Keys::new(text("accessKeyId"), text("secretAccessKey"), key("sessionToken"), None, "judge")
    }

    /// What is sent: neither client compresses of itself.
    fn body(&self) -> Result<Vec<u8>, Failure> {
        let plain = match self.0["bodyFile"].as_str() {
            Some(file) => std::fs::read(file)?,
            None => self.text("body").as_bytes().to_vec(),
        };
        if self.0["gzip"] != true {
            return Ok(plain);
        }
        let mut small = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        small.write_all(&plain)?;
        Ok(small.finish()?)
    }

    fn headers(&self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if self.0["body"].is_string() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        for (name, value) in self.0["headers"].as_object().into_iter().flatten() {
            headers.push((name.to_lowercase(), value.as_str().unwrap_or_default().to_owned()));
        }
        if self.0["gzip"] == true {
            headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        headers
    }

    fn client(&self) -> Result<reqwest::Client, Failure> {
        let bundle = std::fs::read(self.text("ca"))?;
        let authorities = reqwest::Certificate::from_pem_bundle(&bundle)?;
        Ok(reqwest::Client::builder().tls_certs_only(authorities).build()?)
    }
}

fn answered(status: u16, body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body).into_owned();
    json!({ "status": status, "body": serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}
