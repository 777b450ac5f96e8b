//! Key ids, secrets and signing keys: shapes and derivation.

use sigv4::{AccessKeyId, KeyKind, Scope, SecretKey, is_aws_region};

#[test]
fn generated_key_ids_have_awss_shape() {
    for (kind, prefix) in [(KeyKind::LongTerm, "AKIA"), (KeyKind::Temporary, "ASIA")] {
        let id = AccessKeyId::generate(kind, &[0xC3, 1, 2, 3, 4, 5, 6, 7, 8, 0xFF]);
        assert_eq!(id.as_str().len(), 20);
        assert!(id.as_str().starts_with(prefix));
        let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        assert!(id.as_str().bytes().all(base32), "{id}");
        assert_eq!(id.kind(), kind);
        assert_eq!(AccessKeyId::parse(id.as_str()), Some(id));
    }
}

#[test]
fn generated_key_ids_use_every_random_bit() {
    let one = |random: &[u8; 10]| AccessKeyId::generate(KeyKind::LongTerm, random);
    let zero = one(&[0; 10]);
    for bit in 0..80 {
        let mut random = [0; 10];
        random[bit / 8] = 1 << (bit % 8);
        assert_ne!(one(&random), zero, "bit {bit}");
    }
}

#[test]
fn generated_secrets_have_awss_shape_and_use_every_random_bit() {
    let zero = SecretKey::generate(&[0; 30]);
    assert_eq!(zero.expose(), "A".repeat(40));
    for bit in 0..240 {
        let mut random = [0; 30];
        random[bit / 8] = 1 << (bit % 8);
        let secret = SecretKey::generate(&random);
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        assert!(secret.expose().len() == 40 && secret.expose().bytes().all(base64));
        assert_ne!(secret.expose(), zero.expose(), "bit {bit}");
    }
}

#[test]
fn a_key_id_is_one_to_128_word_characters() {
    for bad in ["", "AKIA/1", "AKIA 1", "AKÍA", "A-1", &"A".repeat(129)] {
        assert!(AccessKeyId::parse(bad).is_none(), "{bad}");
    }
    assert!(AccessKeyId::parse(&"A".repeat(128)).is_some());
}

/// The derived key of AWS's documentation signs the string to sign of its IAM example
/// ([derivation example](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-examples.html)).
#[test]
fn the_signing_key_gives_the_documented_signature() {
    let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let key = secret.signing_key(Scope { day: "20150830", region: "us-east-1", service: "iam" });
    let to_sign = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
        f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
    let expected = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    assert_eq!(key.sign(to_sign.as_bytes()).to_hex(), expected);
}

#[test]
fn regions_of_the_aws_partition_are_told_from_others() {
    for good in ["us-east-1", "eu-central-2", "ap-southeast-5", "mx-central-1", "il-central-1"] {
        assert!(is_aws_region(good), "{good}");
    }
    for bad in
        ["custom", "us-gov-west-1", "cn-north-1", "us-east-", "us--1", "US-EAST-1", "us-east-1-2"]
    {
        assert!(!is_aws_region(bad), "{bad}");
    }
}
