"""The es, opensearch, iam and sts APIs as boto3 speaks them."""

import json
import time
from pathlib import Path

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import ClientError

from service import DOMAIN_SECONDS_MAX, Credentials, wait_for_domain

CERTIFICATES = Path(__file__).parents[2] / "crates/control/tests/data/certificates"


def get(service, credentials, url):
    request = AWSRequest("GET", url)
    SigV4Auth(BotocoreCredentials(*credentials), "es", service.region).add_auth(request)
    return requests.get(url, headers=dict(request.prepare().headers), verify=service.ca_bundle, timeout=60)


def put(service, credentials, url):
    request = AWSRequest("PUT", url)
    SigV4Auth(BotocoreCredentials(*credentials), "es", service.region).add_auth(request)
    return requests.put(url, headers=dict(request.prepare().headers), verify=service.ca_bundle, timeout=60)


def policy_for(service, domain, principal, effect="Allow", actions="es:*"):
    statement = {
        "Effect": effect,
        "Principal": {"AWS": principal},
        "Action": actions,
        "Resource": f"{service.domain_arn(domain)}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_a_domain_in_a_vpc_answers_whoever_the_network_lets_in(service):
    opensearch = service.client("opensearch")
    options = {"SubnetIds": ["subnet-0000000000000000a"], "SecurityGroupIds": ["sg-00000000000000001"]}
    policy = policy_for(service, "inside", "*")
    opensearch.create_domain(DomainName="inside", VPCOptions=options, AccessPolicies=policy)
    status = wait_for_domain(opensearch, "inside")
    assert "Endpoint" not in status
    assert status["VPCOptions"]["AvailabilityZones"] == [f"{service.region}a"]
    assert requests.get(f"https://{status['Endpoints']['vpc']}/", verify=service.ca_bundle, timeout=60).status_code == 200
    address = json.loads(policy)
    address["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    change = {"DomainName": "inside", "AccessPolicies": json.dumps(address)}
    assert code(opensearch.update_domain_config, **change) == "InvalidTypeException"
    opensearch.delete_domain(DomainName="inside")


def test_the_caller_learns_who_it_is(service, search_app):
    developer = service.client("sts").get_caller_identity()
    assert developer["Arn"] == f"arn:aws:iam::{service.account}:user/developer"
    session = service.client("sts", search_app).get_caller_identity()
    assert session["Arn"] == f"arn:aws:sts::{service.account}:assumed-role/search-app/judge"
    assert session["Account"] == service.account


def test_a_domain_lives_from_create_to_delete_and_its_policy_is_enforced_all_along(service):
    opensearch = service.client("opensearch")
    reader = service.make_role("reader")
    created = opensearch.create_domain(
        DomainName="story", AccessPolicies=policy_for(service, "story", service.role_arn("reader"))
    )["DomainStatus"]
    assert created["ARN"] == service.domain_arn("story") and created["Created"]

    status = wait_for_domain(opensearch, "story")
    assert status["EngineVersion"].startswith("OpenSearch_2")
    url = f"https://{status['Endpoint']}/"
    assert get(service, reader, url).status_code == 200
    assert "story" in [domain["DomainName"] for domain in opensearch.list_domain_names()["DomainNames"]]

    # A change is enforced when the reply has been read: no waiting here.
    opensearch.update_domain_config(
        DomainName="story", AccessPolicies=policy_for(service, "story", service.role_arn("reader"), "Deny")
    )
    denied = get(service, reader, url)
    assert denied.status_code == 403
    assert denied.json()["Message"].endswith("with an explicit deny in a resource-based policy"), denied.text
    opensearch.update_domain_config(
        DomainName="story", AccessPolicies=policy_for(service, "story", service.role_arn("reader"))
    )
    assert get(service, reader, url).status_code == 200

    # How it is, the engine says: a copy that one node cannot hold makes it yellow.
    health = opensearch.describe_domain_health(DomainName="story")
    assert (health["DomainState"], health["ClusterHealth"], health["TotalShards"]) == ("Active", "Green", "0")
    opensearch.update_domain_config(DomainName="story", AccessPolicies=policy_for(service, "story", service.account))
    assert put(service, service.developer, f"{url}books").status_code == 200
    health = opensearch.describe_domain_health(DomainName="story")
    assert (health["ClusterHealth"], health["TotalUnAssignedShards"]) == ("Yellow", "1")

    assert opensearch.delete_domain(DomainName="story")["DomainStatus"]["Deleted"]
    deadline = time.monotonic() + DOMAIN_SECONDS_MAX
    while "story" in [domain["DomainName"] for domain in opensearch.list_domain_names()["DomainNames"]]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert code(opensearch.describe_domain, DomainName="story") == "ResourceNotFoundException"


def test_the_older_api_sees_the_same_domains(service):
    es = service.client("es")
    status = es.describe_elasticsearch_domain(DomainName="dev")["DomainStatus"]
    assert status["ElasticsearchVersion"] == "7.10"
    assert service.endpoint.endswith(status["Endpoint"])
    assert service.client("opensearch").describe_domain(DomainName="dev")["DomainStatus"]["ARN"] == status["ARN"]


def test_a_policy_naming_nobody_is_refused(service):
    es = service.client("es")
    nobody = policy_for(service, "dev", service.role_arn("never-made"))
    with pytest.raises(ClientError) as refused:
        es.update_elasticsearch_domain_config(DomainName="dev", AccessPolicies=nobody)
    assert refused.value.response["Error"]["Message"].startswith("Error setting policy: [")


def test_a_foreign_account_that_a_domains_policy_names_gets_nothing_and_nobody_else_does(service, search_app):
    """`dev` takes accounts that are not here (decision 0141); nobody can be them."""
    opensearch = service.client("opensearch")
    opensearch.create_domain(DomainName="vendor", AccessPolicies=policy_for(service, "vendor", "444455556666"))
    url = f"https://{wait_for_domain(opensearch, 'vendor')['Endpoint']}/"
    for caller in (search_app, service.make_role("reader-of-vendor")):
        assert get(service, caller, url).status_code == 403
    assert requests.get(url, verify=service.ca_bundle, timeout=60).status_code == 403
    opensearch.delete_domain(DomainName="vendor")


def test_a_role_made_again_under_its_old_name_is_another_role(service):
    """A policy is pinned to the role it named, not to whoever gets that name later."""
    iam, opensearch = service.client("iam"), service.client("opensearch")
    service.make_role("reborn")
    opensearch.create_domain(DomainName="pinned", AccessPolicies=policy_for(service, "pinned", service.role_arn("reborn")))
    url = f"https://{wait_for_domain(opensearch, 'pinned')['Endpoint']}/"
    assert get(service, service.assume("reborn"), url).status_code == 200
    iam.delete_role(RoleName="reborn")
    assert get(service, service.make_role("reborn"), url).status_code == 403
    opensearch.delete_domain(DomainName="pinned")


def test_a_user_lives_with_its_key_and_policy(service):
    iam = service.client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = Credentials(key["AccessKeyId"], key["SecretAccessKey"], None)
    assert service.client("sts", alice).get_caller_identity()["Arn"].endswith(":user/alice")
    assert code(service.client("iam", alice).list_users) == "AccessDenied"

    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}
    arn = iam.create_policy(PolicyName="list-users", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert "alice" in [user["UserName"] for user in service.client("iam", alice).list_users()["Users"]]

    iam.detach_user_policy(UserName="alice", PolicyArn=arn)
    assert code(service.client("iam", alice).list_users) == "AccessDenied"
    iam.delete_access_key(UserName="alice", AccessKeyId=alice.access_key)
    assert code(service.client("sts", alice).get_caller_identity) == "InvalidClientTokenId"
    iam.delete_user(UserName="alice")
    iam.delete_policy(PolicyArn=arn)
    assert code(iam.get_user, UserName="alice") == "NoSuchEntity"


def test_what_a_user_holds_for_other_services_is_kept_and_goes_with_it(service):
    iam, name = service.client("iam"), {"UserName": "holder"}
    iam.create_user(**name)
    key = iam.upload_ssh_public_key(**name, SSHPublicKeyBody=(CERTIFICATES / "ssh_rsa.pub").read_text())["SSHPublicKey"]
    assert key["Fingerprint"] == (CERTIFICATES / "ssh_rsa.md5").read_text().strip()
    pem = iam.get_ssh_public_key(**name, SSHPublicKeyId=key["SSHPublicKeyId"], Encoding="PEM")["SSHPublicKey"]
    assert pem["SSHPublicKeyBody"] == (CERTIFICATES / "ssh_rsa.pem").read_text()
    certificate = iam.upload_signing_certificate(**name, CertificateBody=(CERTIFICATES / "rsa.crt").read_text())["Certificate"]
    made = iam.create_service_specific_credential(**name, ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
    assert made["ServiceUserName"] == f"holder-at-{service.account}" and made["ServicePassword"]
    assert code(iam.delete_user, **name) == "DeleteConflict"
    iam.delete_ssh_public_key(**name, SSHPublicKeyId=key["SSHPublicKeyId"])
    iam.delete_signing_certificate(**name, CertificateId=certificate["CertificateId"])
    iam.delete_service_specific_credential(**name, ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])
    iam.delete_user(**name)


def test_a_session_policy_only_narrows(service):
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    narrowed = service.assume("search-app", session="narrowed", Policy=json.dumps(nothing))
    reply = get(service, narrowed, service.endpoint)
    assert reply.status_code == 403 and "with an explicit deny in a sessions policy" in reply.json()["Message"]


def test_a_role_that_does_not_trust_the_caller_cannot_be_assumed(service):
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    service.client("iam").create_role(RoleName="machines-only", AssumeRolePolicyDocument=json.dumps(trust))
    sts = service.client("sts")
    arn = service.role_arn("machines-only")
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="judge") == "AccessDenied"


def test_a_denied_control_call_names_the_action_and_the_resource(service, search_app):
    with pytest.raises(ClientError) as refused:
        service.client("opensearch", search_app).describe_domain(DomainName="dev")
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"] == (
        f"User: arn:aws:sts::{service.account}:assumed-role/search-app/judge is not authorized to perform: "
        f"es:DescribeDomain on resource: {service.domain_arn()} because no identity-based policy allows the "
        "es:DescribeDomain action"
    )


def test_the_control_plane_refuses_forged_and_unsigned_calls_with_its_own_codes(service, wrong_secret):
    forged = service.developer._replace(secret_key="x" * 40)
    assert code(service.client("sts", forged).get_caller_identity) == "SignatureDoesNotMatch"
    assert code(service.client("iam", forged).list_users) == "SignatureDoesNotMatch"
    unknown = Credentials("AKIAIOSFODNN7UNKNOWN", "x" * 40, None)
    assert code(service.client("sts", unknown).get_caller_identity) == "InvalidClientTokenId"
    unsigned = requests.post(
        service.control, data="Action=GetCallerIdentity&Version=2011-06-15", verify=service.ca_bundle, timeout=60,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert unsigned.status_code == 403 and "MissingAuthenticationToken" in unsigned.text


def test_what_was_used_last_is_told(service):
    iam = service.client("iam")
    iam.create_user(UserName="used")
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["es:*", "sts:*"], "Resource": "*"}]}
    )
    iam.put_user_policy(UserName="used", PolicyName="search", PolicyDocument=document)
    key = iam.create_access_key(UserName="used")["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert unused == {"ServiceName": "N/A", "Region": "N/A"}
    arn = iam.get_user(UserName="used")["User"]["Arn"]
    get(service, (key["AccessKeyId"], key["SecretAccessKey"]), f"{service.endpoint}/_cat/indices")
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("es", service.region)
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")["JobId"]
    told = iam.get_service_last_accessed_details(JobId=job)
    services = {it["ServiceNamespace"]: it for it in told["ServicesLastAccessed"]}
    assert (told["JobStatus"], sorted(services)) == ("COMPLETED", ["es", "sts"])
    assert services["es"]["LastAuthenticatedEntity"] == arn and "LastAuthenticated" not in services["sts"]
    assert [it["ActionName"] for it in services["es"]["TrackedActionsLastAccessed"]] == ["ESHttpGet"]
    entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="es")
    assert [it["EntityInfo"]["Arn"] for it in entities["EntityDetailsList"]] == [arn]
    session = service.make_role("used-role")
    assert iam.get_role(RoleName="used-role")["Role"]["RoleLastUsed"] == {}
    get(service, session, f"{service.endpoint}/_cat/indices")
    assert iam.get_role(RoleName="used-role")["Role"]["RoleLastUsed"]["Region"] == service.region
    iam.delete_access_key(UserName="used", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="used", PolicyName="search")
    iam.delete_user(UserName="used")
