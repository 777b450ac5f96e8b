//! Key ids, secrets and signing keys: shapes and derivation.

use sigv4::{AccessKeyId, KeyKind, Scope, SecretKey, is_aws_region};

#[test]
fn a_key_ids_first_four_letters_tell_its_kind() {
    for (text, kind) in [
        ("AKIAIOSFODNN7EXAMPLE", KeyKind::LongTerm),
        ("ASIAIOSFODNN7EXAMPLE", KeyKind::Temporary),
        ("AIDAIOSFODNN7EXAMPLE", KeyKind::Other),
        ("AKI", KeyKind::Other),
    ] {
        assert_eq!(AccessKeyId::parse(text).unwrap().kind(), kind, "{text}");
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
