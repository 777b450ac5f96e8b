//! Phase 3, **authenticate**: does the signature come from the key that it names?
//!
//! In two steps, because a signature covers the body. [`claim`] judges the head alone: algorithm,
//! syntax, dates, scope. [`prove`] judges the signature itself once the body's hash is known; until then
//! nothing is executed. `Anonymous` exists only when no credential of any kind was presented: broken
//! credentials never turn into none.

use sigv4::{Claim, KeyRefusal, PayloadHash, Presented, Settings};

use crate::audit::Stage;
use crate::identify::{self, Alleged, Caller};
use crate::parse::{Body, Call};
use crate::porch::Behind;
use crate::refusal::Refusal;
use crate::walk::Step;

/// Whose signature the request says it carries.
pub struct Claimed {
    presented: Presented,
    settings: Settings,
}

impl Claimed {
    /// The claim of a signed request; `None` for one without any credential.
    #[must_use]
    pub fn claim(&self) -> Option<&Claim> {
        match &self.presented {
            Presented::Signed(claim) => Some(claim),
            Presented::Anonymous => None,
        }
    }
}

/// That a signature was checked and is right, or that there was none to check. Made here only.
pub struct Proof(());

/// Reads the credentials off the head. Everything that can be refused without the body is refused here,
/// in Amazon's order.
pub fn claim(step: &mut Step<'_>, call: &Call) -> Result<Claimed, Refusal> {
    step.entry.reached(Stage::Authenticate);
    let settings = settings(step);
    let headers = call.header_slices();
    let presented = sigv4::claim(&request(call, &headers), call.received, &settings)?;
    if let Presented::Signed(claim) = &presented {
        step.entry.principal.access_key_id = Some(claim.access_key_id().to_string());
        step.dialect = step.dialect.narrowed(claim.scope().service());
        step.region = Some(claim.scope().region().to_owned());
    }
    Ok(Claimed { presented, settings })
}

/// Checks the signature over head and body. Only this turns an alleged identity into a caller.
pub fn prove(
    step: &mut Step<'_>,
    call: &Call,
    claimed: Claimed,
    mut alleged: Alleged,
    body: &Body,
) -> Result<Caller, Refusal> {
    step.entry.reached(Stage::Authenticate);
    step.entry.bytes_in = body.length;
    let Presented::Signed(claim) = &claimed.presented else {
        return Ok(Caller::proven(alleged, &Proof(())));
    };
    let directory = step.porch.control.directory();
    // What was acknowledged while the body came in holds for this request already.
    if alleged.is_outdated(&directory) {
        alleged = identify::identify(step, call, &claimed)?;
        step.entry.reached(Stage::Authenticate);
    }
    let id = claim.access_key_id().as_str();
    // Gone between the head and the end of the body: as unknown as if it had never been.
    let Some(secret) = directory.signing_secret(id) else {
        return Err(unknown(call, claim, &claimed.settings));
    };
    let key = step.porch.keys.derive(id, secret, claim.scope());
    let headers = call.header_slices();
    let verified = claim.check(&request(call, &headers), &body.sha256, &key, &claimed.settings)?;
    let form = verified.form.as_str();
    step.porch.metrics.form(form);
    step.entry.signature_form = Some(form.to_owned());
    step.entry.principal.proven = true;
    Ok(Caller::proven(alleged, &Proof(())))
}

/// The refusal of a key that nobody has, after the work that a known key would have cost: who measures
/// the time does not learn which keys exist.
#[must_use]
pub fn unknown(call: &Call, claim: &Claim, settings: &Settings) -> Refusal {
    refused(call, claim, settings, KeyRefusal::Unknown)
}

/// The refusal of a key or a token.
#[must_use]
pub fn refused(call: &Call, claim: &Claim, settings: &Settings, why: KeyRefusal) -> Refusal {
    let headers = call.header_slices();
    let nothing = PayloadHash::of(b"");
    claim.refuse(&request(call, &headers), &nothing, settings, why).into()
}

impl Claimed {
    /// What was accepted when the claim was read.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// What the door accepts: the control plane every region and its three services, a domain its own
/// region and its own forms.
fn settings(step: &Step<'_>) -> Settings {
    let Behind::Domain { key, .. } = &step.line.door.behind else {
        return Settings { port: Some(step.line.door.port), ..Settings::control() };
    };
    let mut settings = Settings::domain(&key.region);
    settings.port = Some(step.line.door.port);
    let directory = step.porch.control.directory();
    if let Some(domain) = directory.domain(&key.account, &key.region, &key.name) {
        let named = domain.extras.signature_forms.iter().filter_map(|form| form.parse().ok());
        let forms: Vec<sigv4::Form> = named.collect();
        if !forms.is_empty() {
            settings.forms = sigv4::Forms::of(&forms);
        }
        settings.diagnostics = domain.extras.signature_diagnostics;
        settings.unsigned_payload = domain.extras.unsigned_payload;
    }
    settings
}

fn request<'a>(call: &'a Call, headers: &'a [(&'a str, &'a [u8])]) -> sigv4::Request<'a> {
    sigv4::Request { method: &call.method, path: &call.path, query: &call.query, headers }
}
