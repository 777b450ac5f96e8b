//! Groups and who is in them.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, World, allow, text};

/// `ann` in the group `staff`, which may list users.
fn world() -> (World, Key) {
    let world = World::new();
    let ann = world.user("ann", &[]);
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "staff"}));
    let document = allow("iam:ListUsers", "*").to_string();
    let policy = json!({"GroupName": "staff", "PolicyName": "p", "PolicyDocument": document});
    world.ok(&world.root(), "iam:PutGroupPolicy", policy);
    world.ok(&world.root(), "iam:AddUserToGroup", json!({"GroupName": "staff", "UserName": "ann"}));
    (world, ann)
}

fn names(listed: &Value, list: &str, member: &str) -> Vec<String> {
    let items = listed[list].as_array().unwrap();
    items.iter().map(|item| text(item, &format!("/{member}"))).collect()
}

#[test]
fn a_renamed_group_keeps_its_members_and_they_their_rights() {
    let (world, ann) = world();
    let input = json!({"GroupName": "staff", "NewGroupName": "Crew", "NewPath": "/x/"});
    world.ok(&world.root(), "iam:UpdateGroup", input);
    world.ok(&ann, "iam:ListUsers", json!({}));
    let group = world.ok(&world.root(), "iam:GetGroup", json!({"GroupName": "crew"}));
    assert_eq!(text(&group, "/Group/Arn"), format!("arn:aws:iam::{ACCOUNT}:group/x/Crew"));
    assert_eq!(names(&group, "Users", "UserName"), ["ann"]);
    assert!(
        world
            .refused(&world.root(), "iam:GetGroup", json!({"GroupName": "staff"}))
            .starts_with("NoSuchEntity")
    );
}

#[test]
fn a_group_takes_the_name_of_no_other_but_may_change_its_own_case() {
    let (world, _) = world();
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "crew"}));
    let rename = |name: &str| json!({"GroupName": "staff", "NewGroupName": name});
    expect!["EntityAlreadyExists: Group with name CREW already exists."].assert_eq(&world.refused(
        &world.root(),
        "iam:UpdateGroup",
        rename("CREW"),
    ));
    world.ok(&world.root(), "iam:UpdateGroup", rename("Staff"));
    let group = world.ok(&world.root(), "iam:GetGroup", json!({"GroupName": "staff"}));
    assert_eq!(text(&group, "/Group/GroupName"), "Staff");
    assert_eq!(names(&group, "Users", "UserName"), ["ann"]);
}

#[test]
fn a_group_with_anything_left_is_not_deleted() {
    let (world, _) = world();
    let delete = || world.call(&world.root(), "iam:DeleteGroup", json!({"GroupName": "staff"}));
    let told = |expected: &str| {
        let error = delete().unwrap_err().to_string();
        assert_eq!(error, format!("DeleteConflict: Cannot delete entity, must {expected} first."));
    };
    told("remove users from group");
    let member = json!({"GroupName": "staff", "UserName": "ann"});
    world.ok(&world.root(), "iam:RemoveUserFromGroup", member);
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let attached = json!({"GroupName": "staff", "PolicyArn": arn});
    world.ok(&world.root(), "iam:AttachGroupPolicy", attached.clone());
    told("detach all policies");
    world.ok(&world.root(), "iam:DetachGroupPolicy", attached);
    told("delete policies");
    let inline = json!({"GroupName": "staff", "PolicyName": "p"});
    world.ok(&world.root(), "iam:DeleteGroupPolicy", inline);
    delete().unwrap();
}

#[test]
fn who_leaves_a_group_loses_its_rights_at_once() {
    let (world, ann) = world();
    world.ok(&ann, "iam:ListUsers", json!({}));
    let member = json!({"GroupName": "staff", "UserName": "ann"});
    world.ok(&world.root(), "iam:RemoveUserFromGroup", member.clone());
    assert!(world.call(&ann, "iam:ListUsers", json!({})).is_err());
    expect!["NoSuchEntity: User ann not in group staff"].assert_eq(&world.refused(
        &world.root(),
        "iam:RemoveUserFromGroup",
        member,
    ));
}

#[test]
fn a_user_is_in_ten_groups_at_most() {
    let (world, _) = world();
    let join = |name: &str| {
        world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": name}));
        let member = json!({"GroupName": name, "UserName": "ann"});
        world.call(&world.root(), "iam:AddUserToGroup", member).map_err(|error| error.to_string())
    };
    for n in 1..10 {
        join(&format!("g{n}")).unwrap();
    }
    expect!["LimitExceeded: Cannot exceed quota for GroupsPerUser: 10"]
        .assert_eq(&join("g10").unwrap_err());
}

#[test]
fn joining_twice_is_joining_once() {
    let (world, _) = world();
    world.ok(&world.root(), "iam:AddUserToGroup", json!({"GroupName": "STAFF", "UserName": "Ann"}));
    let groups = world.ok(&world.root(), "iam:ListGroupsForUser", json!({"UserName": "ann"}));
    assert_eq!(names(&groups, "Groups", "GroupName"), ["staff"]);
}

#[test]
fn members_of_a_group_are_listed_by_pages() {
    let (world, _) = world();
    for name in ["cid", "bob"] {
        world.user(name, &[]);
        let member = json!({"GroupName": "staff", "UserName": name});
        world.ok(&world.root(), "iam:AddUserToGroup", member);
    }
    let page =
        world.ok(&world.root(), "iam:GetGroup", json!({"GroupName": "staff", "MaxItems": 2}));
    assert_eq!(names(&page, "Users", "UserName"), ["ann", "bob"]);
    let input = json!({"GroupName": "staff", "Marker": text(&page, "/Marker")});
    let last = world.ok(&world.root(), "iam:GetGroup", input);
    assert_eq!(names(&last, "Users", "UserName"), ["cid"]);
    assert_eq!(last["IsTruncated"], false);
}

#[test]
fn groups_are_listed_below_a_path() {
    let (world, _) = world();
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "deep", "Path": "/a/b/"}));
    let under = |path: &str| {
        let listed = world.ok(&world.root(), "iam:ListGroups", json!({"PathPrefix": path}));
        names(&listed, "Groups", "GroupName")
    };
    assert_eq!(under("/"), ["deep", "staff"]);
    assert_eq!(under("/a/"), ["deep"]);
    assert_eq!(under("/b/"), [""; 0]);
}

#[test]
fn a_group_is_no_principal() {
    let (world, _) = world();
    let trust =
        crate::support::trust(&json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:group/staff")}));
    let role = json!({"RoleName": "r", "AssumeRolePolicyDocument": trust.to_string()});
    let error = world.refused(&world.root(), "iam:CreateRole", role);
    assert!(error.starts_with("MalformedPolicyDocument: Invalid principal in policy"), "{error}");
}
