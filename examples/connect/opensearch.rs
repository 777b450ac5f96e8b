// cargo add opensearch --features aws-auth; cargo add aws-credential-types --features hardcoded-credentials
// cargo add aws-types serde_json tokio url
use std::env::var;

use aws_credential_types::{Credentials as Keys, provider::SharedCredentialsProvider};
use aws_types::region::Region;
use opensearch::OpenSearch;
use opensearch::auth::Credentials;
use opensearch::cert::{Certificate, CertificateValidation};
use opensearch::http::transport::{SingleNodeConnectionPool, TransportBuilder};
use serde_json::Value;
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(connect())
}

async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    let token = var("AWS_SESSION_TOKEN").ok();
    let (id, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
    let keys = SharedCredentialsProvider::new(Keys::new(id, secret, token, None, "environment"));
    let endpoint = Url::parse(&var("COUNTERSIGN_ENDPOINT")?)?;
    let mut transport = TransportBuilder::new(SingleNodeConnectionPool::new(endpoint))
        .auth(Credentials::AwsSigV4(keys, Region::new(var("AWS_REGION")?)))
        .service_name("es");
    if let Ok(bundle) = var("AWS_CA_BUNDLE") {
        let authorities = Certificate::from_pem(&std::fs::read(bundle)?)?;
        transport = transport.cert_validation(CertificateValidation::Full(authorities));
    }
    let client = OpenSearch::new(transport.build()?);
    let response = client.info().send().await?.error_for_status_code()?;
    let info: Value = response.json().await?;
    println!("{}", info["version"]["number"]);
    Ok(())
}
