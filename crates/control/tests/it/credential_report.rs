//! The credential report: a row for root and each user.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use serde_json::json;

use crate::support::{World, text};

#[test]
fn a_report_has_to_be_generated_first_and_is_made_anew_after_four_hours() {
    let mut world = World::new();
    expect!["ReportNotPresent: No report exists. You must first call GenerateCredentialReport"]
        .assert_eq(&world.refused(&world.root(), "iam:GetCredentialReport", json!({})));
    let generate = |world: &World| {
        text(&world.ok(&world.root(), "iam:GenerateCredentialReport", json!({})), "/State")
    };
    assert_eq!(generate(&world), "STARTED");
    assert_eq!(generate(&world), "COMPLETE");
    world.later(4 * 3_600);
    assert_eq!(generate(&world), "STARTED");
}

#[test]
fn it_tells_who_has_which_credentials_and_no_secret() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    world.ok(&world.root(), "iam:CreateUser", json!({"UserName": "b,c", "Path": "/x/"}));
    let input = json!({"UserName": "ann", "AccessKeyId": ann.id, "Status": "Inactive"});
    world.ok(&world.root(), "iam:UpdateAccessKey", input);
    world.ok(&world.root(), "iam:GenerateCredentialReport", json!({}));
    let report = world.ok(&world.root(), "iam:GetCredentialReport", json!({}));
    assert_eq!(text(&report, "/ReportFormat"), "text/csv");
    let csv = String::from_utf8(STANDARD.decode(text(&report, "/Content")).unwrap()).unwrap();
    assert!(!csv.contains(&ann.secret));
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|line| line.matches(',').count() + 1 >= columns), "{csv}");
    expect![[r#"
        user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
        <root_account>,arn:aws:iam::123456789012:root,2026-01-02T03:04:05+00:00,not_supported,no_information,not_supported,not_supported,false,true,2026-01-02T03:04:05+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
        ann,arn:aws:iam::123456789012:user/ann,2026-01-02T03:04:05+00:00,false,N/A,N/A,N/A,false,false,2026-01-02T03:04:05+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
        "b,c","arn:aws:iam::123456789012:user/x/b,c",2026-01-02T03:04:05+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
    "#]].assert_eq(&csv);
}
