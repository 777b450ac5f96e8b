//! Signatures of requests of our own, with every intermediate, as botocore made them: `own_vectors.json`, written by
//! `conformance/recorded/sign.py`. They stand in the tree, so that a plain clone checks the algorithm; AWS's own suite
//! is in `vectors.rs`.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use sigv4::{
    Claim, Credentials, KeyRefusal, Keys, PayloadHash, Placement, Request, SecretKey, ServiceRules,
    Settings, SigningKey, SigningOptions,
};

const FILE: &str = include_str!("own_vectors.json");

/// One test for each vector, and a check that none was forgotten.
macro_rules! vectors {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            Vector::named(stringify!($name)).is_signed_and_verified();
        })+

        #[test]
        fn every_vector_has_its_test() {
            let file: Value = serde_json::from_str(FILE).unwrap();
            let vectors = file["vectors"].as_array().unwrap().iter();
            let names: Vec<&str> = vectors.map(|vector| vector["name"].as_str().unwrap()).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
        }
    };
}

vectors! {
    a_bare_get,
    a_post_without_a_body,
    a_post_with_a_body,
    a_body_of_other_letters,
    a_delete,
    a_head,
    a_host_with_a_port,
    headers_in_any_order,
    header_names_in_capitals,
    a_header_value_with_blanks_around,
    a_header_value_with_blanks_inside,
    an_empty_header_value,
    a_header_with_commas,
    one_parameter,
    parameters_are_sorted_by_name,
    parameters_of_one_name_are_sorted_by_value,
    capitals_come_before_small_letters,
    a_parameter_without_a_value,
    an_encoded_parameter,
    a_parameter_of_other_letters,
    unreserved_letters,
    a_nested_path,
    a_path_that_ends_in_a_slash,
    an_encoded_path_is_encoded_once_more,
    a_path_of_other_letters,
    a_path_with_signs,
    a_path_with_a_star,
    dot_segments_are_resolved,
    double_slashes_are_one,
    a_session_token_is_signed,
    a_session_token_with_a_query_and_a_body,
    another_region,
    another_service,
    the_first_second_of_a_year,
}

struct Vector {
    vector: Value,
    key: String,
    secret: String,
}

impl Vector {
    fn named(name: &str) -> Vector {
        let file: Value = serde_json::from_str(FILE).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        let vector = vectors.iter().find(|vector| vector["name"] == name).unwrap().clone();
        let text = |name: &str| file[name].as_str().unwrap().to_owned();
        Vector { vector, key: text("key"), secret: text("secret") }
    }

    fn text(&self, name: &str) -> &str {
        self.vector[name].as_str().unwrap()
    }

    fn now(&self) -> Timestamp {
        let time = DateTime::strptime("%Y%m%dT%H%M%SZ", self.text("time")).unwrap();
        TimeZone::UTC.to_timestamp(time).unwrap()
    }

    fn headers(&self) -> Vec<(&str, &[u8])> {
        let headers = self.vector["headers"].as_array().unwrap().iter();
        headers
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap().as_bytes()))
            .collect()
    }

    fn request<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> Request<'a> {
        let (method, path) = (self.text("method"), self.text("path"));
        Request { method, path, query: self.text("query"), headers }
    }

    fn is_signed_and_verified(&self) {
        let signed = self.sign();
        assert_eq!(signed.canonical_request, self.text("canonical_request"));
        assert_eq!(signed.string_to_sign, self.text("string_to_sign"));
        assert_eq!(signed.signature, self.text("signature"));

        let headers = self.headers();
        let mut sent = headers.clone();
        sent.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        assert_eq!(self.verify(&sent, self.text("body")), Ok(()));
        assert_eq!(self.verify(&sent, "another body"), Err("signature_mismatch"));
    }

    fn sign(&self) -> sigv4::Signed {
        let secret = SecretKey::new(&self.secret);
        let session_token = self.vector["token"].as_str();
        let credentials = Credentials { access_key_id: &self.key, secret: &secret, session_token };
        let options = SigningOptions {
            placement: Placement::Header,
            normalize_path: self.vector["normalize"] == true,
            ..SigningOptions::default()
        };
        let (headers, payload) = (self.headers(), PayloadHash::of(self.text("body").as_bytes()));
        let (region, service) = (self.text("region"), self.text("service"));
        let request = self.request(&headers);
        sigv4::sign(&request, &credentials, region, service, self.now(), &payload, &options)
            .unwrap()
    }

    fn verify(&self, headers: &[(&str, &[u8])], body: &str) -> Result<(), &'static str> {
        let rules =
            ServiceRules { name: self.text("service").to_owned().into(), skew_seconds: 300 };
        let mut settings = Settings::new(vec![rules], Some(self.text("region").to_owned()));
        settings.normalize_path = self.vector["normalize"] == true;
        let payload = PayloadHash::of(body.as_bytes());
        let request = self.request(headers);
        let verdict = sigv4::verify(&request, &payload, self, self.now(), &settings);
        verdict.map(|verified| assert!(verified.is_some())).map_err(|refusal| refusal.kind())
    }
}

impl Keys for Vector {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        Ok(Arc::new(SecretKey::new(&self.secret).signing_key(claim.scope())))
    }
}
