//! AWS's signing vectors, header form: canonical request, string to sign, signature, and the signed
//! request verified again.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use sigv4::{
    Claim, Credentials, KeyRefusal, Keys, PayloadHash, Placement, Request, SecretKey, ServiceRules,
    Settings, SigningKey, SigningOptions,
};

/// How many vectors the suite has: a silently shrunken suite must not pass.
const VECTORS: usize = 38;

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_vector_is_signed_with_its_intermediates() {
    each_vector(|vector| {
        let signed = vector.sign(Placement::Header);
        let name = &vector.name;
        assert_eq!(signed.canonical_request, vector.read("header-canonical-request.txt"), "{name}");
        assert_eq!(signed.string_to_sign, vector.read("header-string-to-sign.txt"), "{name}");
        assert_eq!(signed.signature, vector.read("header-signature.txt"), "{name}");
    });
}

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_signed_vector_is_verified() {
    each_vector(|vector| {
        let signed = Wire::parse(&vector.read("header-signed-request.txt"));
        let verdict = vector.verify(&signed);
        if vector.name == "get-header-value-multiline" {
            assert_eq!(verdict.unwrap_err(), "malformed_header"); // a folded line is 400
        } else {
            assert_eq!(verdict, Ok(()), "{}", vector.name);
        }
    });
}

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_vector_is_signed_and_verified_in_the_query_too() {
    each_vector(|vector| {
        let signed = vector.sign(Placement::Query { expires_seconds: 3600 });
        let mut wire = Wire::parse(&vector.read("request.txt"));
        wire.query = signed.query.unwrap();
        if vector.name != "get-header-value-multiline" {
            assert_eq!(vector.verify(&wire), Ok(()), "{}", vector.name);
        }
    });
}

fn each_vector(check: impl Fn(&Vector)) {
    let entries =
        fs::read_dir(crate::conformance("sigv4")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    assert_eq!(folders.len(), VECTORS);
    folders.iter().for_each(|folder| check(&Vector::open(folder)));
}

struct Vector {
    name: String,
    folder: std::path::PathBuf,
    context: Value,
}

impl Vector {
    fn open(folder: &Path) -> Self {
        let context = fs::read_to_string(folder.join("context.json")).unwrap();
        Self {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            folder: folder.to_owned(),
            context: serde_json::from_str(&context).unwrap(),
        }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    fn flag(&self, name: &str) -> bool {
        self.context[name].as_bool().unwrap_or(false)
    }

    fn text(&self, name: &str) -> &str {
        self.context[name].as_str().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.text("timestamp").parse().unwrap()
    }

    fn secret(&self) -> SecretKey {
        SecretKey::new(self.context["credentials"]["secret_access_key"].as_str().unwrap())
    }

    fn sign(&self, placement: Placement) -> sigv4::Signed {
        let wire = Wire::parse(&self.read("request.txt"));
        let secret = self.secret();
        let credentials = Credentials {
            access_key_id: self.context["credentials"]["access_key_id"].as_str().unwrap(),
            secret: &secret,
            session_token: self.context["credentials"]["token"].as_str(),
        };
        let options = SigningOptions {
            placement,
            content_sha256: self.flag("sign_body"),
            omit_session_token: self.flag("omit_session_token"),
            normalize_path: self.flag("normalize"),
            ..SigningOptions::default()
        };
        let headers = wire.headers();
        let (region, service) = (self.text("region"), self.text("service"));
        let payload = PayloadHash::of(wire.body.as_bytes());
        let request = wire.request(&headers);
        sigv4::sign(&request, &credentials, region, service, self.now(), &payload, &options)
            .unwrap()
    }

    fn verify(&self, wire: &Wire) -> Result<(), &'static str> {
        let rules =
            ServiceRules { name: self.text("service").to_owned().into(), skew_seconds: 300 };
        let mut settings = Settings::new(vec![rules], Some(self.text("region").to_owned()));
        settings.normalize_path = self.flag("normalize");
        let headers = wire.headers();
        let payload = PayloadHash::of(wire.body.as_bytes());
        let verdict = sigv4::verify(&wire.request(&headers), &payload, self, self.now(), &settings);
        verdict.map(|verified| assert!(verified.is_some())).map_err(|refusal| refusal.kind())
    }
}

impl Keys for Vector {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        Ok(Arc::new(self.secret().signing_key(claim.scope())))
    }
}

/// A request as the vectors' files write it.
struct Wire {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Wire {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let (line, rest) = head.split_once('\n').unwrap();
        let (method, rest_of_line) = line.split_once(' ').unwrap();
        let (target, _version) = rest_of_line.rsplit_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in rest.lines() {
            if let (true, Some((_, value))) = (line.starts_with(' '), headers.last_mut()) {
                *value += "\n";
                *value += line;
            } else {
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.trim_end_matches('\n').to_owned(),
        }
    }

    fn headers(&self) -> Vec<(&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    fn request<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> Request<'a> {
        Request { method: &self.method, path: &self.path, query: &self.query, headers }
    }
}
