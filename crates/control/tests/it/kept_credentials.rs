//! What is kept for other services: server and signing certificates, SSH keys, credentials of one service, SAML providers.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{World, allow, text};

pub(crate) const CERTIFICATE: &str = include_str!("../data/certificates/rsa.crt");
pub(crate) const PRIVATE_KEY: &str = include_str!("../data/certificates/rsa.key");
const PRIVATE_KEY_PKCS1: &str = include_str!("../data/certificates/rsa1.key");
pub(crate) const OTHER_CERTIFICATE: &str = include_str!("../data/certificates/ec.crt");
pub(crate) const OTHER_PRIVATE_KEY: &str = include_str!("../data/certificates/ec.key");
const OTHER_PRIVATE_KEY_SEC1: &str = include_str!("../data/certificates/ec1.key");
pub(crate) const SSH_KEY: &str = include_str!("../data/certificates/ssh_rsa.pub");
const SSH_KEY_PEM: &str = include_str!("../data/certificates/ssh_rsa.pem");

/// Metadata of an identity provider, as long as the model wants it.
pub(crate) fn metadata(more: &str) -> String {
    let namespace = "urn:oasis:names:tc:SAML:2.0:metadata";
    let filler = " ".repeat(1_000);
    format!(
        "<md:EntityDescriptor xmlns:md=\"{namespace}\" entityID=\"idp\" {more}>{filler}</md:EntityDescriptor>"
    )
}

fn server(name: &str) -> Value {
    json!({"ServerCertificateName": name, "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY})
}

#[test]
fn a_server_certificate_is_shown_with_its_end_and_never_with_its_key() {
    let world = World::new();
    let root = world.root();
    let mut input = server("books");
    input["Path"] = json!("/web/");
    input["CertificateChain"] = json!(format!("{OTHER_CERTIFICATE}\n{CERTIFICATE}"));
    input["Tags"] = json!([{"Key": "team", "Value": "blue"}]);
    let made = world.ok(&root, "iam:UploadServerCertificate", input);
    assert_eq!(
        text(&made, "/ServerCertificateMetadata/Arn"),
        "arn:aws:iam::123456789012:server-certificate/web/books"
    );
    let got =
        world.ok(&root, "iam:GetServerCertificate", json!({"ServerCertificateName": "books"}));
    assert_eq!(text(&got, "/ServerCertificate/CertificateBody"), CERTIFICATE);
    let ends = &got["ServerCertificate"]["ServerCertificateMetadata"]["Expiration"];
    assert!(ends.as_i64().unwrap() > 2_000_000_000, "{ends}");
    let listed = world.ok(&root, "iam:ListServerCertificates", json!({"PathPrefix": "/web/"}));
    assert_eq!(listed["ServerCertificateMetadataList"].as_array().unwrap().len(), 1);
    for shown in [made, got, listed] {
        assert!(!shown.to_string().contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn every_spelling_of_a_private_key_is_held_against_its_certificate() {
    let world = World::new();
    let root = world.root();
    let upload = |name: &str, body: &str, key: &str| {
        let mut input = server(name);
        input["CertificateBody"] = json!(body);
        input["PrivateKey"] = json!(key);
        world.call(&root, "iam:UploadServerCertificate", input).map_err(|error| error.to_string())
    };
    for (name, body, key) in [
        ("a", CERTIFICATE, PRIVATE_KEY),
        ("b", CERTIFICATE, PRIVATE_KEY_PKCS1),
        ("c", OTHER_CERTIFICATE, OTHER_PRIVATE_KEY),
        ("d", OTHER_CERTIFICATE, OTHER_PRIVATE_KEY_SEC1),
    ] {
        upload(name, body, key).unwrap();
    }
    let mut told = String::new();
    for (body, key) in [
        (CERTIFICATE, OTHER_PRIVATE_KEY),
        (OTHER_CERTIFICATE, PRIVATE_KEY),
        ("certbody", PRIVATE_KEY),
        (CERTIFICATE, "privatekey"),
        (CERTIFICATE, CERTIFICATE),
        (PRIVATE_KEY, PRIVATE_KEY),
    ] {
        told += &format!("{}\n", upload("e", body, key).unwrap_err());
    }
    expect![[r#"
        KeyPairMismatch: The private key does not match the public key certificate.
        KeyPairMismatch: The private key does not match the public key certificate.
        MalformedCertificate: Unable to parse certificate. It must be one PEM certificate.
        MalformedCertificate: Unable to parse private key. It must be an unencrypted PEM private key.
        MalformedCertificate: Unable to parse private key. It must be an unencrypted PEM private key.
        MalformedCertificate: Unable to parse certificate. It must be one PEM certificate.
    "#]].assert_eq(&told);
    let mut input = server("e");
    input["CertificateChain"] = json!(format!("{CERTIFICATE}certchain"));
    expect!["MalformedCertificate: Unable to parse certificate chain. It must be a list of PEM certificates."]
        .assert_eq(&world.refused(&root, "iam:UploadServerCertificate", input));
}

#[test]
fn a_renamed_certificate_is_found_under_its_new_name_only_and_both_names_are_asked_for() {
    let world = World::new();
    let root = world.root();
    world.ok(&root, "iam:UploadServerCertificate", server("old"));
    let may = allow("iam:*", "arn:aws:iam::123456789012:server-certificate/old");
    let ann = world.user("ann", &[may]);
    let rename = json!({"ServerCertificateName": "old", "NewServerCertificateName": "new"});
    let refused = world.refused(&ann, "iam:UpdateServerCertificate", rename.clone());
    assert!(refused.contains("server-certificate/new"), "{refused}");
    world.ok(&root, "iam:UpdateServerCertificate", rename.clone());
    expect!["NoSuchEntity: The Server Certificate with name old cannot be found."]
        .assert_eq(&world.refused(&root, "iam:UpdateServerCertificate", rename));
    world.ok(&root, "iam:DeleteServerCertificate", json!({"ServerCertificateName": "new"}));
    let listed = world.ok(&root, "iam:ListServerCertificates", json!({}));
    assert_eq!(listed["ServerCertificateMetadataList"], json!([]));
}

#[test]
fn a_user_has_at_most_two_signing_certificates_and_none_twice() {
    let world = World::new();
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    let upload = |body: &str| {
        let input = json!({"UserName": "ann", "CertificateBody": body});
        world.call(&root, "iam:UploadSigningCertificate", input).map_err(|error| error.to_string())
    };
    let first = text(&upload(CERTIFICATE).unwrap(), "/Certificate/CertificateId");
    let mut told = format!("{}\n", upload(&format!("\n{CERTIFICATE}")).unwrap_err());
    told += &format!("{}\n", upload("notacert").unwrap_err());
    upload(OTHER_CERTIFICATE).unwrap();
    told += &format!("{}\n", upload(OTHER_CERTIFICATE).unwrap_err());
    let gone = json!({"UserName": "ann", "CertificateId": "x".repeat(32), "Status": "Inactive"});
    told += &format!("{}\n", world.refused(&root, "iam:UpdateSigningCertificate", gone));
    told += &format!("{}\n", world.refused(&root, "iam:DeleteUser", json!({"UserName": "ann"})));
    expect![[r#"
        DuplicateCertificate: The certificate is already associated with the user.
        MalformedCertificate: Certificate is malformed: it must be one PEM certificate.
        LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2
        NoSuchEntity: The Certificate with id xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx cannot be found.
        DeleteConflict: Cannot delete entity, must delete signing certificates first.
    "#]]
    .assert_eq(&told);
    let off = json!({"UserName": "ann", "CertificateId": first, "Status": "Inactive"});
    world.ok(&root, "iam:UpdateSigningCertificate", off);
    let listed = world.ok(&root, "iam:ListSigningCertificates", json!({"UserName": "ann"}));
    let mut states: Vec<String> =
        (0..2).map(|n| text(&listed, &format!("/Certificates/{n}/Status"))).collect();
    states.sort();
    assert_eq!(states, ["Active", "Inactive"]);
}

#[test]
fn an_ssh_key_is_given_in_the_spelling_that_is_asked_for() {
    let world = World::new();
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    let upload = |body: &str| {
        let input = json!({"UserName": "ann", "SSHPublicKeyBody": body});
        world.call(&root, "iam:UploadSSHPublicKey", input).map_err(|error| error.to_string())
    };
    let made = upload(SSH_KEY).unwrap();
    let id = text(&made, "/SSHPublicKey/SSHPublicKeyId");
    let get = |encoding: &str| {
        let input = json!({"UserName": "ann", "SSHPublicKeyId": id, "Encoding": encoding});
        text(&world.ok(&root, "iam:GetSSHPublicKey", input), "/SSHPublicKey/SSHPublicKeyBody")
    };
    assert_eq!((get("SSH").as_str(), get("PEM").as_str()), (SSH_KEY, SSH_KEY_PEM));
    let told = [upload(SSH_KEY_PEM).unwrap_err(), upload(CERTIFICATE).unwrap_err()].join("\n");
    expect![[r#"
        DuplicateSSHPublicKey: The SSH public key is already associated with the user.
        InvalidPublicKey: Public key is invalid: it must be a key of RSA with at least 2048 bits, as ssh-rsa or PEM."#]].assert_eq(&told);
    let key = json!({"UserName": "ann", "SSHPublicKeyId": id});
    world.ok(&root, "iam:DeleteSSHPublicKey", key.clone());
    let told = world.refused(&root, "iam:DeleteSSHPublicKey", key);
    assert_eq!(told, format!("NoSuchEntity: The Public Key with id {id} cannot be found."));
}

#[test]
fn the_password_of_a_service_credential_is_told_once_and_a_reset_one_is_another() {
    let world = World::new();
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    let input = json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"});
    let create = || world.ok(&root, "iam:CreateServiceSpecificCredential", input.clone());
    let (one, other) = (create(), create());
    let name = |made: &Value| text(made, "/ServiceSpecificCredential/ServiceUserName");
    assert_eq!(name(&one), "ann-at-123456789012");
    assert_ne!(name(&one), name(&other));
    let mut told = world.refused(&root, "iam:CreateServiceSpecificCredential", input.clone());
    let logs = json!({"UserName": "ann", "ServiceName": "logs.amazonaws.com"});
    told += "\n";
    told += &world.refused(&root, "iam:CreateServiceSpecificCredential", logs);
    expect![[r#"
        LimitExceeded: Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2
        NotSupportedService: No such service logs.amazonaws.com is supported for Service Specific Credentials: there are cassandra.amazonaws.com, codecommit.amazonaws.com"#]].assert_eq(&told);
    let password = text(&one, "/ServiceSpecificCredential/ServicePassword");
    let id = text(&one, "/ServiceSpecificCredential/ServiceSpecificCredentialId");
    let listed = world.ok(&root, "iam:ListServiceSpecificCredentials", json!({"AllUsers": true}));
    assert!(listed.to_string().contains(&id) && !listed.to_string().contains(&password));
    let which = json!({"UserName": "ann", "ServiceSpecificCredentialId": id});
    let reset = world.ok(&root, "iam:ResetServiceSpecificCredential", which.clone());
    assert_ne!(text(&reset, "/ServiceSpecificCredential/ServicePassword"), password);
    world.ok(&root, "iam:DeleteServiceSpecificCredential", which.clone());
    world.refused(&root, "iam:ResetServiceSpecificCredential", which);
}

#[test]
fn the_metadata_of_a_saml_provider_must_be_that_of_one_entity() {
    let world = World::new();
    let root = world.root();
    let create = |name: &str, metadata: &str| {
        let input = json!({"Name": name, "SAMLMetadataDocument": metadata});
        world.call(&root, "iam:CreateSAMLProvider", input).map_err(|error| error.to_string())
    };
    let made = create("idp", &metadata("validUntil=\"2030-01-02T03:04:05Z\"")).unwrap();
    let arn = text(&made, "/SAMLProviderArn");
    assert_eq!(arn, "arn:aws:iam::123456789012:saml-provider/idp");
    let got = world.ok(&root, "iam:GetSAMLProvider", json!({"SAMLProviderArn": arn}));
    assert_eq!(got["ValidUntil"], json!(1_893_553_445));
    let mut told = String::new();
    for metadata in [
        "a".repeat(1_024),
        metadata("validUntil=\"tomorrow\""),
        metadata("").replace("EntityDescriptor", "Other"),
        format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", metadata("")),
        metadata("").replace("</md:EntityDescriptor>", "</other>"),
    ] {
        told += &format!("{}\n", create("other", &metadata).unwrap_err());
    }
    told += &format!("{}\n", create("idp", &metadata("")).unwrap_err());
    expect![[r#"
        InvalidInput: Could not parse metadata
        InvalidInput: Could not parse metadata
        InvalidInput: Could not parse metadata
        InvalidInput: Could not parse metadata
        InvalidInput: Could not parse metadata
        EntityAlreadyExists: SAMLProvider with name idp already exists.
    "#]]
    .assert_eq(&told);
    let update = json!({"SAMLProviderArn": arn, "SAMLMetadataDocument": metadata("")});
    world.ok(&root, "iam:UpdateSAMLProvider", update);
    let got = world.ok(&root, "iam:GetSAMLProvider", json!({"SAMLProviderArn": arn}));
    assert!(got["ValidUntil"].as_i64().unwrap() > 1_893_553_445);
    world.ok(&root, "iam:DeleteSAMLProvider", json!({"SAMLProviderArn": arn}));
    let told = world.refused(&root, "iam:GetSAMLProvider", json!({"SAMLProviderArn": arn}));
    assert_eq!(told, format!("NoSuchEntity: Manifest not found for arn {arn}"));
}

#[test]
fn what_is_kept_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("kept-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("state.db");
    let world = World::at(&path);
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    world.ok(&root, "iam:UploadServerCertificate", server("books"));
    let provider = json!({"Name": "idp", "SAMLMetadataDocument": metadata("")});
    world.ok(&root, "iam:CreateSAMLProvider", provider);
    let key = json!({"UserName": "ann", "SSHPublicKeyBody": SSH_KEY});
    world.ok(&root, "iam:UploadSSHPublicKey", key);
    drop(world);
    let world = World::at(&path);
    world.ok(&root, "iam:GetServerCertificate", json!({"ServerCertificateName": "books"}));
    let listed = world.ok(&root, "iam:ListSSHPublicKeys", json!({"UserName": "ann"}));
    assert_eq!(listed["SSHPublicKeys"].as_array().unwrap().len(), 1);
    let listed = world.ok(&root, "iam:ListSAMLProviders", json!({}));
    assert_eq!(listed["SAMLProviderList"].as_array().unwrap().len(), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}
