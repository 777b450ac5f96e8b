//! Properties over random requests. `SIGV4_PROPERTY_CASES` sets how many each test tries (256
//! unless it is set; a long run is `SIGV4_PROPERTY_CASES=1000000 cargo test -p sigv4 properties`).

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use sigv4::canonical::uri_encode;
use sigv4::{
    Body, Claim, Credentials, Form, KeyRefusal, Keys, PayloadHash, Placement, PresentedSignature,
    Request, SecretKey, Settings, SigningKey, SigningOptions,
};

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

proptest! {
    #![proptest_config(config())]

    /// The official signer and ours give the same signature, and ours verifies it, in both forms.
    #[test]
    fn the_official_signer_and_ours_agree(case in case()) {
        let official = case.signed_officially();
        let ours = case.signed();
        prop_assert_eq!(&official.signature, &ours.signature, "{}", ours.canonical_request);
        let form = official.wire.verify(&case).map_err(TestCaseError::fail)?;
        prop_assert_eq!(form, Form::Aws);
        let form = case.wire(&ours).verify(&case).map_err(TestCaseError::fail)?;
        prop_assert_eq!(form, Form::Aws);
    }

    /// Any single changed bit of what is signed makes the request somebody else's.
    #[test]
    fn a_single_changed_bit_is_refused(case in case(), place in any::<prop::sample::Index>()) {
        let genuine = case.wire(&case.signed());
        let changed = genuine.with_bit_changed(place.index(genuine.bits()));
        if changed.as_ref().is_some_and(|changed| !changed.means_the_same_as(&genuine)) {
            prop_assert!(changed.is_some_and(|changed| changed.verify(&case).is_err()));
        }
    }

    /// The same for one bit of every part: method, path, query, body, each header's name and value,
    /// credential, date, signed headers and signature.
    #[test]
    fn a_changed_bit_in_any_part_is_refused(
        case in case(),
        places in vec(any::<prop::sample::Index>(), 32),
    ) {
        let genuine = case.wire(&case.signed());
        for (part, place) in genuine.parts().into_iter().zip(places.iter().cycle()) {
            if part.is_empty() {
                continue;
            }
            let bit = part.start * 8 + place.index(part.len() * 8);
            let Some(changed) = genuine.with_bit_changed(bit) else { continue };
            let same = changed.means_the_same_as(&genuine);
            prop_assert!(same || changed.verify(&case).is_err(), "bit {} of {:?}", bit, genuine);
        }
    }

    /// Whatever the bytes, the answer is a verdict.
    #[test]
    fn no_bytes_make_the_verifier_panic(
        head in vec(("[ -~]{0,24}|host|authorization|x-amz-date", vec(any::<u8>(), 0..64)), 0..8),
        authorization in "(AWS4-HMAC-SHA256 )?([A-Za-z]{0,12}[=,; /]{0,2}){0,9}",
        query in "(&?(X-Amz-[A-Za-z]{0,9}|%[0-9a-fA-F]{0,2}|[ -~é]{0,4})=?[ -~]{0,6}){0,6}",
        path in "[ -~é]{0,20}",
    ) {
        let mut headers: Vec<(&str, &[u8])> =
            head.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        headers.push(("Authorization", authorization.as_bytes()));
        let request = Request { method: "GET", path: &path, query: &query, headers: &headers };
        let payload = PayloadHash::of(b"");
        let settings = Settings { diagnostics: true, ..Settings::domain("us-east-1") };
        let verdict = sigv4::verify(&request, &payload, &OneKey, Timestamp::UNIX_EPOCH, &settings);
        let verified = verdict.map_err(|refusal| refusal.es_message());
        prop_assert!(!matches!(verified, Ok(Some(_))), "{:?}", verified);
        let stripped = sigv4::presigned::strip(&query).into_owned();
        prop_assert_eq!(sigv4::presigned::strip(&stripped), stripped.as_str());
    }
}

pub(crate) fn config() -> ProptestConfig {
    let cases = std::env::var("SIGV4_PROPERTY_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(256),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What is to be signed, and how.
#[derive(Clone, Debug)]
struct Case {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    token: Option<String>,
    content_sha256: bool,
    expires_seconds: Option<i64>,
    time_seconds: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let methods = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]);
    let text = "([ -~]|[a-z]|é|ü|日|🦀|/|%|\\+|&|=){0,8}";
    let segment = (text, any::<u8>()).prop_map(|(text, style)| escape(&text, style, "/?#"));
    let path = vec(segment, 1..4).prop_map(|segments| format!("/{}", segments.join("/")));
    let parameter = (text, prop::option::of(text), any::<u8>()).prop_map(|(name, value, style)| {
        let name = format!("p{}", escape(&name, style, "&=#+"));
        value.map_or(name.clone(), |value| format!("{name}={}", escape(&value, style, "&#+")))
    });
    let query = vec(parameter, 0..5).prop_map(|parameters| parameters.join("&"));
    let names = prop::sample::select(vec!["X-Amz-Meta", "accept", "X-Any", "content-length", "a"]);
    let headers = vec((names.prop_map(str::to_owned), "[!-~]{0,6}( {1,3}[!-~]{1,5}){0,3}"), 0..5);
    let token = prop::option::of("[A-Za-z0-9/+=]{1,40}");
    let expires = prop::option::weighted(0.4, 1_i64..=604_800);
    (
        methods,
        path,
        query,
        headers,
        vec(any::<u8>(), 0..40),
        token,
        any::<bool>(),
        expires,
        0_i64..4_102_444_800,
    )
        .prop_map(
            |(
                method,
                path,
                query,
                headers,
                body,
                token,
                content_sha256,
                expires_seconds,
                time_seconds,
            )| Case {
                method: method.to_owned(),
                path,
                query,
                headers,
                body,
                token,
                content_sha256,
                expires_seconds,
                time_seconds,
            },
        )
}

/// Writes `text` as a client might: escaped in upper or lower case, or raw where a URI allows it.
fn escape(text: &str, style: u8, reserved: &str) -> String {
    let mut out = String::new();
    for (place, byte) in text.bytes().enumerate() {
        let raw = style.rotate_left(u32::try_from(place % 8).unwrap_or(0)) & 1 == 0;
        let plain = byte.is_ascii_alphanumeric() || b"-._~*,:;@$'()!/?+=".contains(&byte);
        let free = plain && !reserved.as_bytes().contains(&byte);
        match byte {
            b' ' if raw && reserved.contains('&') => out.push('+'),
            byte if free && (raw || byte.is_ascii_alphanumeric()) => out.push(char::from(byte)),
            byte if style & 2 == 0 => out += &format!("%{byte:02x}"),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

impl Case {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.time_seconds).unwrap()
    }

    fn placement(&self) -> Placement {
        self.expires_seconds
            .map_or(Placement::Header, |expires_seconds| Placement::Query { expires_seconds })
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let host = ("host".to_owned(), "localhost:9200".to_owned());
        [host].into_iter().chain(self.headers.iter().cloned()).collect()
    }

    fn signed(&self) -> sigv4::Signed {
        let headers = self.all_headers();
        let headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
        };
        let secret = SecretKey::new(SECRET);
        let credentials = Credentials {
            access_key_id: KEY_ID,
            secret: &secret,
            session_token: self.token.as_deref(),
        };
        let options = SigningOptions {
            placement: self.placement(),
            content_sha256: self.content_sha256,
            ..SigningOptions::default()
        };
        let payload = PayloadHash::of(&self.body);
        sigv4::sign(&request, &credentials, "us-east-1", "es", self.now(), &payload, &options)
            .unwrap()
    }

    fn wire(&self, signed: &sigv4::Signed) -> Wire {
        let mut headers = self.all_headers();
        headers.extend(signed.headers.iter().cloned());
        let query = signed.query.clone().unwrap_or_else(|| self.query.clone());
        Wire::new(self, query, headers)
    }

    fn signed_officially(&self) -> Official {
        let identity = aws_credential_types::Credentials::new(
            KEY_ID,
            SECRET,
            self.token.clone(),
            None,
            "properties",
        )
        .into();
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Double;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.session_token_mode = SessionTokenMode::Include;
        if self.content_sha256 {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if let Some(seconds) = self.expires_seconds {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(u64::try_from(seconds).unwrap()));
        }
        let since = Duration::from_secs(u64::try_from(self.time_seconds).unwrap());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("es")
            .time(SystemTime::UNIX_EPOCH + since)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let mark = if self.query.is_empty() { "" } else { "?" };
        let uri = format!("https://localhost:9200{}{mark}{}", self.path, self.query);
        let headers = self.all_headers();
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(&self.body);
        let request = SignableRequest::new(&self.method, uri, pairs, body).unwrap();
        let output = aws_sigv4::http_request::sign(request, &params).unwrap();
        let (instructions, signature) = output.into_parts();
        let (added, parameters) = instructions.into_parts();
        let mut headers = headers.clone();
        headers.extend(
            added.iter().map(|header| (header.name().to_owned(), header.value().to_owned())),
        );
        let own = (!self.query.is_empty()).then(|| self.query.clone());
        let theirs = parameters.iter().map(|(name, value)| format!("{name}={}", uri_encode(value)));
        let query = own.into_iter().chain(theirs).collect::<Vec<_>>().join("&");
        Official { wire: Wire::new(self, query, headers), signature }
    }
}

struct Official {
    wire: Wire,
    signature: String,
}

/// A signed request as bytes, so that any bit of it can be changed.
#[derive(Clone, Debug)]
struct Wire {
    /// Method, path, query, body, then name and value of each header.
    fields: Vec<Vec<u8>>,
}

impl Wire {
    fn new(case: &Case, query: String, headers: Vec<(String, String)>) -> Self {
        let head = [case.method.as_bytes(), case.path.as_bytes(), query.as_bytes(), &case.body];
        let mut fields: Vec<Vec<u8>> = head.map(<[u8]>::to_vec).into();
        for (name, value) in headers {
            fields.push(name.into_bytes());
            fields.push(value.into_bytes());
        }
        Self { fields }
    }

    fn bits(&self) -> usize {
        self.fields.iter().map(|field| field.len() * 8).sum()
    }

    /// The bytes of each field, and of each part of the signature's own statement.
    fn parts(&self) -> Vec<Range<usize>> {
        const STATED: [&str; 7] = [
            "Credential=",
            "SignedHeaders=",
            "Signature=",
            "X-Amz-Date=",
            "X-Amz-Expires=",
            "X-Amz-Algorithm=",
            "X-Amz-Security-Token=",
        ];
        let mut parts = Vec::new();
        let mut start = 0;
        for field in &self.fields {
            parts.push(start..start + field.len());
            let text = String::from_utf8_lossy(field);
            for name in STATED {
                let value = text.find(name).map(|place| place + name.len());
                let Some(value) = value.filter(|_| text.len() == field.len()) else { continue };
                let rest = text.get(value..).unwrap_or_default();
                let length = rest.find([',', '&']).unwrap_or(rest.len());
                parts.push(start + value..start + value + length);
            }
            start += field.len();
        }
        parts
    }

    /// `None` when the change is one that no transport would deliver as text.
    fn with_bit_changed(&self, bit: usize) -> Option<Self> {
        let mut changed = self.clone();
        let mut byte = bit / 8;
        for (place, field) in changed.fields.iter_mut().enumerate() {
            if let Some(byte) = field.get_mut(byte) {
                *byte ^= 1 << (bit % 8);
                let is_text = place == 3 || place % 2 == 1 || std::str::from_utf8(field).is_ok();
                return is_text.then_some(changed);
            }
            byte -= field.len();
        }
        None
    }

    /// Two spellings of one request: the case of a header's name and of an escape's digits in the
    /// query.
    fn means_the_same_as(&self, other: &Self) -> bool {
        let spelling = |place: usize, field: &[u8]| match place {
            2 => escapes_in_upper_case(field),
            place if place > 3 && place % 2 == 0 => field.to_ascii_lowercase(),
            _ => field.to_vec(),
        };
        let each = |wire: &Self| -> Vec<Vec<u8>> {
            wire.fields.iter().enumerate().map(|(place, field)| spelling(place, field)).collect()
        };
        each(self) == each(other)
    }

    fn verify(&self, case: &Case) -> Result<Form, &'static str> {
        let [method, path, query, body, headers @ ..] = self.fields.as_slice() else {
            return Err("no request");
        };
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or("?");
        let headers: Vec<(&str, &[u8])> =
            headers.chunks(2).map(|pair| (text(&pair[0]), pair[1].as_slice())).collect();
        let (method, path, query) = (text(method), text(path), text(query));
        let request = Request { method, path, query, headers: &headers };
        let settings = Settings::domain("us-east-1");
        let judged =
            |body: Body<'_>| match sigv4::verify(&request, body, &OneKey, case.now(), &settings) {
                Ok(Some((_, verified))) => Ok(verified.form),
                Ok(None) => Err("anonymous"),
                Err(refusal) => Err(refusal.kind()),
            };
        let verdict = judged(Body::Whole(body));
        let hashed = judged(Body::Hashed(PayloadHash::of(body)));
        if hashed == verdict { verdict } else { Err("one body, two verdicts") }
    }
}

fn escapes_in_upper_case(query: &[u8]) -> Vec<u8> {
    let mut out = query.to_vec();
    for (place, _) in query.iter().enumerate().filter(|(_, byte)| **byte == b'%') {
        out.iter_mut().skip(place + 1).take(2).for_each(|byte| byte.make_ascii_uppercase());
    }
    out
}

struct OneKey;

impl Keys for OneKey {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        match claim.access_key_id() {
            KEY_ID => Ok(Arc::new(SecretKey::new(SECRET).signing_key(claim.scope()))),
            _ => Err(KeyRefusal::Unknown),
        }
    }
}

/// The anonymous caller is only who presents nothing.
#[test]
fn a_request_without_credentials_is_anonymous() {
    let headers: [(&str, &[u8]); 2] = [("host", b"localhost"), ("x-amz-date", b"20260101T000000Z")];
    let request = Request { method: "GET", path: "/", query: "a=1", headers: &headers };
    let settings = Settings::domain("us-east-1");
    let presented = sigv4::claim(&request, Timestamp::UNIX_EPOCH, &settings).unwrap();
    assert!(matches!(presented, PresentedSignature::Anonymous));
}
