"""Every operation of the first tier (domains, identities, sessions: what people do every day), each by a command of the AWS
CLI, in the order of somebody who makes things, looks at them, changes them and takes them away."""

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from service import wait_for_domain

OPERATIONS = Path(__file__).parents[2] / "docs/reference/operations.md"

# What of the built operations is not of the first tier, by words of their names.
LATER = re.compile(
    "LoginProfile|ChangePassword|PasswordPolicy|MFA|SAML|ServiceLinked|SSH|ServerCertificate|SigningCertificate|ServiceSpecific|"
    "Organizations|Granting|CredentialReport|LastAccessed|AccountProperties|TokenServicePreferences|AssumeRoot|"
    # of the search APIs
    "Package|Vpc|Upgrade|ServiceSoftware|AutoTune|Connection|Reserved|Health|Nodes|Replication|DryRun|Maintenance|Application|"
    "DataSource|Scheduled|CancelDomainConfigChange|ElasticsearchServiceRole"
)

GRANT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}]})
OTHER = GRANT.replace("Get", "Head")
ISSUER = "https://issuer.walk.example"


def trust(service):
    principal = {"AWS": f"arn:aws:iam::{service.account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def cli(service, monkeypatch):
    """The AWS CLI in this process, where a hundred commands take seconds; what `DIR/env` says is all it is told."""
    from awscli.clidriver import create_clidriver

    for name, value in {**service.variables, "AWS_PAGER": "", "HOME": str(service.folder), "AWS_DEFAULT_OUTPUT": "json"}.items():
        monkeypatch.setenv(name, value)

    def run(words, refused=None):
        out, said = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(said):
            code = create_clidriver().main(words)
        if refused:
            assert code != 0 and refused in said.getvalue(), (words, said.getvalue())
            return None
        assert code == 0, (words, said.getvalue())
        return json.loads(out.getvalue() or "null")

    return run


def name_of(command):
    """`get-context-keys-for-custom-policy` is GetContextKeysForCustomPolicy."""
    return "".join(word.capitalize() for word in command.split("-"))


class Walk:
    """The commands of one service, and the operations that they were."""

    def __init__(self, cli, service):
        self.cli, self.service, self.walked = cli, service, set()

    def __call__(self, line, *values, refused=None):
        command, *words = line.split()
        self.walked.add(name_of(command))
        return self.cli([self.service, command, *words, *values], refused)

    def is_whole(self):
        section = OPERATIONS.read_text().split(f"\n## {self.service}\n")[1]
        built = re.search(r"Built: (.*)\.\n", section).group(1).split(", ")
        first_tier = {name for name in built if not LATER.search(name)}
        fold = {name.lower() for name in self.walked}
        assert {name for name in first_tier if name.lower() not in fold} == set()


def test_every_operation_on_identities(service, cli):
    iam = Walk(cli, "iam")
    account = f"arn:aws:iam::{service.account}"
    iam("create-user --user-name w-ann --tags Key=team,Value=blue")
    assert iam("get-user --user-name w-ann")["User"]["Arn"] == f"{account}:user/w-ann"
    assert "w-ann" in [user["UserName"] for user in iam("list-users")["Users"]]
    iam("tag-user --user-name w-ann --tags Key=floor,Value=2")
    assert len(iam("list-user-tags --user-name w-ann")["Tags"]) == 2
    iam("untag-user --user-name w-ann --tag-keys floor")
    iam("update-user --user-name w-ann --new-path /staff/")
    key = iam("create-access-key --user-name w-ann")["AccessKey"]["AccessKeyId"]
    assert iam("list-access-keys --user-name w-ann")["AccessKeyMetadata"][0]["AccessKeyId"] == key
    iam(f"update-access-key --user-name w-ann --status Inactive --access-key-id {key}")
    assert iam(f"get-access-key-last-used --access-key-id {key}")["UserName"] == "w-ann"
    iam(f"delete-access-key --user-name w-ann --access-key-id {key}")

    iam("create-group --group-name w-readers")
    iam("add-user-to-group --group-name w-readers --user-name w-ann")
    assert iam("get-group --group-name w-readers")["Users"][0]["UserName"] == "w-ann"
    assert iam("list-groups-for-user --user-name w-ann")["Groups"][0]["GroupName"] == "w-readers"
    iam("update-group --group-name w-readers --new-path /books/")
    assert iam("list-groups --path-prefix /books/")["Groups"]

    iam("create-role --role-name w-app --assume-role-policy-document", trust(service))
    assert iam("get-role --role-name w-app")["Role"]["MaxSessionDuration"] == 3600
    iam("list-roles")
    iam("update-role --role-name w-app --max-session-duration 7200")
    iam("update-role-description --role-name w-app --description searches")
    iam("update-assume-role-policy --role-name w-app --policy-document", trust(service))
    iam("tag-role --role-name w-app --tags Key=team,Value=blue")
    assert iam("list-role-tags --role-name w-app")["Tags"]
    iam("untag-role --role-name w-app --tag-keys team")

    arn = iam("create-policy --policy-name w-read --policy-document", GRANT)["Policy"]["Arn"]
    assert iam(f"get-policy --policy-arn {arn}")["Policy"]["DefaultVersionId"] == "v1"
    assert iam("list-policies --scope Local")["Policies"]
    iam(f"create-policy-version --policy-arn {arn} --policy-document", OTHER)
    assert len(iam(f"list-policy-versions --policy-arn {arn}")["Versions"]) == 2
    assert iam(f"get-policy-version --policy-arn {arn} --version-id v2")["PolicyVersion"]["Document"] == json.loads(OTHER)
    iam(f"set-default-policy-version --policy-arn {arn} --version-id v2")
    iam(f"delete-policy-version --policy-arn {arn} --version-id v1")
    iam(f"tag-policy --policy-arn {arn} --tags Key=team,Value=blue")
    assert iam(f"list-policy-tags --policy-arn {arn}")["Tags"]
    iam(f"untag-policy --policy-arn {arn} --tag-keys team")
    for kind, name in [("user", "w-ann"), ("group", "w-readers"), ("role", "w-app")]:
        holder = f"--{kind}-name {name}"
        iam(f"attach-{kind}-policy {holder} --policy-arn {arn}")
        assert iam(f"list-attached-{kind}-policies {holder}")["AttachedPolicies"][0]["PolicyArn"] == arn
        iam(f"put-{kind}-policy {holder} --policy-name own --policy-document", GRANT)
        assert iam(f"list-{kind}-policies {holder}")["PolicyNames"] == ["own"]
        assert iam(f"get-{kind}-policy {holder} --policy-name own")["PolicyDocument"] == json.loads(GRANT)
        if kind != "group":
            iam(f"put-{kind}-permissions-boundary {holder} --permissions-boundary {arn}")
            iam(f"delete-{kind}-permissions-boundary {holder}")
    assert iam(f"list-entities-for-policy --policy-arn {arn}")["PolicyRoles"][0]["RoleName"] == "w-app"

    iam("create-instance-profile --instance-profile-name w-host")
    iam("add-role-to-instance-profile --instance-profile-name w-host --role-name w-app")
    assert iam("get-instance-profile --instance-profile-name w-host")["InstanceProfile"]["Roles"]
    iam("list-instance-profiles")
    assert iam("list-instance-profiles-for-role --role-name w-app")["InstanceProfiles"]
    iam("tag-instance-profile --instance-profile-name w-host --tags Key=a,Value=b")
    assert iam("list-instance-profile-tags --instance-profile-name w-host")["Tags"]
    iam("untag-instance-profile --instance-profile-name w-host --tag-keys a")
    iam("remove-role-from-instance-profile --instance-profile-name w-host --role-name w-app")
    iam("delete-instance-profile --instance-profile-name w-host")

    made = iam(f"create-open-id-connect-provider --url {ISSUER} --client-id-list app --thumbprint-list {'a' * 40}")
    provider = f"--open-id-connect-provider-arn {made['OpenIDConnectProviderArn']}"
    assert iam("list-open-id-connect-providers")["OpenIDConnectProviderList"]
    iam(f"add-client-id-to-open-id-connect-provider {provider} --client-id other")
    assert iam(f"get-open-id-connect-provider {provider}")["ClientIDList"] == ["app", "other"]
    iam(f"remove-client-id-from-open-id-connect-provider {provider} --client-id other")
    iam(f"update-open-id-connect-provider-thumbprint {provider} --thumbprint-list {'b' * 40}")
    iam(f"tag-open-id-connect-provider {provider} --tags Key=a,Value=b")
    assert iam(f"list-open-id-connect-provider-tags {provider}")["Tags"]
    iam(f"untag-open-id-connect-provider {provider} --tag-keys a")
    iam(f"delete-open-id-connect-provider {provider}")

    iam("create-account-alias --account-alias walkers")
    assert iam("list-account-aliases")["AccountAliases"] == ["walkers"]
    iam("delete-account-alias --account-alias walkers")
    assert iam("get-account-summary")["SummaryMap"]["Users"] >= 1
    assert iam("get-account-authorization-details --filter User")["UserDetailList"]

    user = f"--policy-source-arn {account}:user/staff/w-ann"
    asked = iam(f"simulate-principal-policy {user} --action-names es:ESHttpHead")["EvaluationResults"][0]
    assert asked["EvalDecision"] == "allowed"
    asked = iam("simulate-custom-policy --action-names es:ESHttpPut --policy-input-list", GRANT)["EvaluationResults"][0]
    assert asked["EvalDecision"] == "implicitDeny"
    iam("get-context-keys-for-custom-policy --policy-input-list", GRANT)
    iam(f"get-context-keys-for-principal-policy {user}")

    iam("remove-user-from-group --group-name w-readers --user-name w-ann")
    for kind, name in [("user", "w-ann"), ("group", "w-readers"), ("role", "w-app")]:
        holder = f"--{kind}-name {name}"
        iam(f"delete-{kind}-policy {holder} --policy-name own")
        iam(f"detach-{kind}-policy {holder} --policy-arn {arn}")
        iam(f"delete-{kind} {holder}")
    iam(f"delete-policy --policy-arn {arn}")
    # UpdateOpenIDConnectProvider is newer than this CLI.
    iam.walked.add("UpdateOpenIDConnectProvider")
    iam.is_whole()


def test_every_operation_on_sessions(service, cli):
    sts = Walk(cli, "sts")
    service.make_role("w-session")
    assert sts("get-caller-identity")["Account"] == service.account
    role = f"--role-arn {service.role_arn('w-session')} --role-session-name walk"
    assert sts(f"assume-role {role}")["Credentials"]["SessionToken"]
    sts(f"assume-role-with-web-identity {role} --web-identity-token no.token.here", refused="InvalidIdentityToken")
    assert sts("get-session-token")["Credentials"]["SessionToken"]
    assert sts("get-federation-token --name walk")["FederatedUser"]["Arn"].endswith(":federated-user/walk")
    key = service.developer.access_key
    assert sts(f"get-access-key-info --access-key-id {key}")["Account"] == service.account
    sts("decode-authorization-message --encoded-message none", refused="InvalidAuthorizationMessage")
    sts.is_whole()


@pytest.mark.parametrize("api", ["es", "opensearch"])
def test_every_operation_on_domains(service, cli, api):
    domains = Walk(cli, api)
    # The two APIs have other names for the same.
    old = api == "es"
    of, domain = ("elasticsearch-domain", "w-old") if old else ("domain", "w-new")
    kinds, versions = ("elasticsearch-instance-type", "elasticsearch-versions") if old else ("instance-type", "versions")
    named = f"--domain-name {domain}"
    made = domains(f"create-{of} {named}")["DomainStatus"]
    assert made["ARN"] == service.domain_arn(domain)
    wait_for_domain(service.client("opensearch"), domain)
    assert domains(f"describe-{of} {named}")["DomainStatus"]["Endpoint"]
    assert domains(f"describe-{of}s --domain-names {domain}")["DomainStatusList"][0]["DomainName"] == domain
    assert domains(f"describe-{of}-config {named}")["DomainConfig"]["SnapshotOptions"]
    domains(f"update-{of}-config {named} --snapshot-options AutomatedSnapshotStartHour=4")
    assert domains(f"describe-domain-change-progress {named}")["ChangeProgressStatus"]["Status"] == "COMPLETED"
    assert domain in [one["DomainName"] for one in domains("list-domain-names")["DomainNames"]]
    arn = f"--arn {made['ARN']}"
    domains(f"add-tags {arn} --tag-list Key=team,Value=blue")
    assert domains(f"list-tags {arn}")["TagList"] == [{"Key": "team", "Value": "blue"}]
    domains(f"remove-tags {arn} --tag-keys team")
    assert domains(f"list-{versions}")
    assert domains(f"get-compatible-{versions} {named}") is not None
    version = made["ElasticsearchVersion" if old else "EngineVersion"]
    option = "--elasticsearch-version" if old else "--engine-version"
    listed = f"list-{kinds}s" if old else f"list-{kinds}-details"
    assert domains(f"{listed} {option} {version}")
    kind = "m5.large.elasticsearch" if old else "m5.large.search"
    domains(f"describe-{kinds}-limits --instance-type {kind} {option} {version}")
    domains(f"delete-{of} {named}")
    domains.is_whole()
