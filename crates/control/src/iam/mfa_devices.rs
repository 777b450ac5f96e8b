//! Virtual MFA devices: `CreateVirtualMFADevice`, `DeleteVirtualMFADevice`, `EnableMFADevice`, `ResyncMFADevice`,
//! `DeactivateMFADevice`, `GetMFADevice`, `ListMFADevices`, `ListVirtualMFADevices`.
//!
//! The seed is told once, in the reply that makes the device, as text and as a picture, and kept sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::page::page;
use super::tags::Tagged;
use super::users::{find as find_user, user_value};
use super::{limit_exceeded, nothing, path_or_root, tags_value};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{MFA_DEVICES_MAX, MFA_DEVICES_PER_USER_MAX};
use crate::proof::{guesses, totp};
use crate::qr;
use crate::request::OperationRequest;
use crate::store::record::{MfaDevice, Record, RecordKind, Tags, User, WrongGuesses};
use crate::tags::{TagInput, read_tags};

/// Bytes of a seed: the length of SHA-1's output (RFC 4226 §4, R6).
const SEED_BYTES: usize = 20;
/// Steps that a device may be off when it is enabled or resynchronised.
const PAIR_WINDOW_STEPS: i64 = 20;

#[derive(Deserialize)]
struct DeviceInput {
    #[serde(rename = "VirtualMFADeviceName")]
    name: Option<String>,
    #[serde(rename = "Path")]
    path: Option<String>,
    #[serde(rename = "Tags", default)]
    tags: Vec<TagInput>,
    #[serde(rename = "UserName")]
    user_name: Option<String>,
    #[serde(rename = "SerialNumber", default)]
    serial: String,
    #[serde(rename = "AuthenticationCode1", default)]
    first: String,
    #[serde(rename = "AuthenticationCode2", default)]
    second: String,
    #[serde(rename = "AssignmentStatus")]
    assignment: Option<String>,
}

pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let internal = |why: String| ApiError::new(ErrorCode::Internal, why);
    let account = request.account();
    let path = path_or_root(input.path);
    if path.contains("//") {
        // Source: moto 5.2.5, `test_create_virtual_mfa_device_errors`.
        let text = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.";
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    let serial = format!("arn:aws:iam::{account}:mfa{path}{}", input.name.unwrap_or_default());
    if request.directory.mfa_device(&serial).is_some() {
        let text = "MFADevice entity at the same path and name already exists.";
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.mfa_devices().filter(|device| device.account == account).count()
        >= MFA_DEVICES_MAX
    {
        return Err(limit_exceeded("VirtualMFADevicesPerAccount", MFA_DEVICES_MAX));
    }
    let mut seed = Zeroizing::new([0u8; SEED_BYTES]);
    request.mint.fill(seed.as_mut_slice()).map_err(|e| internal(e.to_string()))?;
    let sealed = request.directory.sealing_key().seal(&serial, seed.as_slice());
    let device = MfaDevice {
        account: account.to_owned(),
        serial: serial.clone(),
        created: request.now_seconds(),
        sealed_seed: sealed.map_err(|e| internal(e.to_string()))?,
        user: None,
        enabled: None,
        last_step: 0,
        guesses: WrongGuesses::default(),
        tags: read_tags(input.tags)?,
    };
    let shown = Zeroizing::new(totp::base32(seed.as_slice()));
    let tags = tags_value(&device.tags);
    change.put(Record::MfaDevice(device));
    let picture = picture(request, &serial, &shown);
    let seed = STANDARD.encode(shown.as_bytes());
    Ok(json!({"VirtualMFADevice": {
        "SerialNumber": serial, "Base32StringSeed": seed, "QRCodePNG": picture, "Tags": tags,
    }}))
}

/// What an authenticator photographs. Source: IAM API reference, `VirtualMFADevice.QRCodePNG`.
fn picture(request: &OperationRequest<'_>, serial: &str, seed: &str) -> Option<String> {
    let name = serial.rsplit('/').next().unwrap_or_default();
    let known = request.directory.account(request.account());
    let account = known.and_then(|known| known.alias.as_deref()).unwrap_or(request.account());
    let text = Zeroizing::new(format!("otpauth://totp/{name}@{account}?secret={seed}"));
    qr::picture(&text).map(|picture| STANDARD.encode(picture.as_slice()))
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let device = find(request.directory, request.account(), &input.serial)?;
    if device.user.is_some() {
        let text = "MFA VirtualDevice in use. Must deactivate first.";
        return Err(ApiError::new(ErrorCode::DeleteConflict, text));
    }
    change.delete(RecordKind::MfaDevice, device.serial.clone());
    Ok(nothing())
}

pub(crate) fn enable(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let name = input.user_name.as_deref().unwrap_or_default();
    let user = find_user(request.directory, request.account(), name)?;
    let mut device = find(request.directory, request.account(), &input.serial)?.record.clone();
    if device.user.is_some() {
        let text = "MFA Device is already in use";
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.mfa_devices_of(user).count() >= MFA_DEVICES_PER_USER_MAX {
        return Err(limit_exceeded("MFADevicesPerUser", MFA_DEVICES_PER_USER_MAX));
    }
    pair(request, &mut device, &input, change)?;
    device.user = Some((user.name.to_lowercase(), user.id.clone()));
    device.enabled = Some(request.now_seconds());
    change.put(Record::MfaDevice(device));
    Ok(nothing())
}

pub(crate) fn resync(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let mut device = assigned(request, &input)?.record.clone();
    pair(request, &mut device, &input, change)?;
    change.put(Record::MfaDevice(device));
    Ok(nothing())
}

pub(crate) fn deactivate(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let device = assigned(request, &input)?.record.clone();
    change.put(Record::MfaDevice(MfaDevice { user: None, enabled: None, ..device }));
    Ok(nothing())
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let device = find(request.directory, request.account(), &input.serial)?;
    let user = owner(request.directory, device).map(|user| user.name.clone());
    if let Some(asked) = &input.user_name {
        let asked = &find_user(request.directory, request.account(), asked)?.name;
        if user.as_ref() != Some(asked) {
            let text = format!("MFA device {} of user {asked} was not found.", device.serial);
            return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
        }
    }
    Ok(json!({"UserName": user, "SerialNumber": device.serial, "EnableDate": device.enabled}))
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let name = request.user_name(input.user_name)?;
    let user = find_user(request.directory, request.account(), &name)?;
    let devices = request.directory.mfa_devices_of(user).map(|device| {
        let value = json!({"UserName": user.name, "SerialNumber": device.serial, "EnableDate": device.enabled});
        (device.serial.clone(), value)
    });
    page(request, "MFADevices", devices)
}

pub(crate) fn list_virtual(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DeviceInput = request.input()?;
    let wanted = |device: &&CompiledRecord<MfaDevice>| match input.assignment.as_deref() {
        Some("Assigned") => device.user.is_some(),
        Some("Unassigned") => device.user.is_none(),
        _ => true,
    };
    let own = request.directory.mfa_devices().filter(|device| device.account == request.account());
    let devices = own.filter(wanted).map(|device| {
        let user = owner(request.directory, device).map(|user| user_value(user));
        let value =
            json!({"SerialNumber": device.serial, "User": user, "EnableDate": device.enabled});
        (device.serial.clone(), value)
    });
    page(request, "VirtualMFADevices", devices)
}

impl Tagged for MfaDevice {
    fn meant_by(request: &OperationRequest<'_>) -> Result<MfaDevice, ApiError> {
        let named = request.text("SerialNumber").unwrap_or_default();
        find(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The device of this serial number, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    serial: &str,
) -> Result<&'d CompiledRecord<MfaDevice>, ApiError> {
    let device = directory.mfa_device(serial).filter(|device| device.account == account);
    let missing = || {
        ApiError::new(
            ErrorCode::NoSuchEntity,
            format!("VirtualMFADevice with serial number {serial} doesn't exist."),
        )
    };
    device.ok_or_else(missing)
}

fn owner<'d>(directory: &'d Directory, device: &MfaDevice) -> Option<&'d CompiledRecord<User>> {
    let (name, id) = device.user.as_ref()?;
    directory.user(&device.account, name).map(AsRef::as_ref).filter(|user| user.id == *id)
}

fn assigned<'d>(
    request: &OperationRequest<'d>,
    input: &DeviceInput,
) -> Result<&'d CompiledRecord<MfaDevice>, ApiError> {
    let device = find(request.directory, &request.caller.account, &input.serial)?;
    let named = input.user_name.as_deref().unwrap_or_default();
    if owner(request.directory, device).is_some_and(|user| user.name.eq_ignore_ascii_case(named)) {
        return Ok(device);
    }
    let text = format!("Device {} is not assigned to the user {named}.", input.serial);
    Err(ApiError::new(ErrorCode::NoSuchEntity, text))
}

/// Looks at the two codes of `input` for `device`, as `proof::mfa::try_code` does at one.
fn pair(
    request: &OperationRequest<'_>,
    device: &mut MfaDevice,
    input: &DeviceInput,
    change: &mut Change,
) -> Result<(), ApiError> {
    let now = request.now_seconds();
    let wrong = |more: &str| {
        let text = format!("Authentication code for device is not valid.{more}");
        ApiError::new(ErrorCode::InvalidAuthenticationCode, text)
    };
    if let Some(until) = device.guesses.locked(now) {
        return Err(wrong(&format!(" {}", guesses::locked_text("codes", until))));
    }
    let seed = request.directory.sealing_key().open(&device.serial, &device.sealed_seed);
    let seed = seed.map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?;
    let (first, second) = (&input.first, &input.second);
    match totp::find_pair(&seed, first, second, now, PAIR_WINDOW_STEPS, device.last_step) {
        Some(step) => {
            (device.last_step, device.guesses) = (step, WrongGuesses::default());
            Ok(())
        }
        None => {
            let guesses = device.guesses.after_wrong(now);
            let counted = MfaDevice { guesses, ..device.clone() };
            change.put_despite_refusal(Record::MfaDevice(counted));
            Err(wrong(""))
        }
    }
}
