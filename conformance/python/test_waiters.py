"""How tools wait: botocore's waiters, and the loops of newer Terraform providers and of CloudFormation's handlers, call by call.

The providers of these versions are no Go modules that a proxy serves, so what they ask is asked here, in their order, with
their conditions (hashicorp/terraform-provider-aws, internal/service/opensearch: domain.go, wait.go, vpc_endpoint.go)."""

import json
import subprocess
import time

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from service import STOP_SECONDS_MAX, binary, exported, nobodys

SECONDS_MAX = 30
SUBNET, GROUP = "subnet-0000000000000000a", "sg-00000000000000001"


def until(condition, ask):
    """Asks again and again until the condition holds, and gives what was answered then."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        answer = ask()
        if condition(answer):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not in {SECONDS_MAX} s: {answer}")


def error(call, **arguments):
    """The code of a refusal, or None."""
    try:
        call(**arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return None


def test_every_waiter_that_botocore_has_for_these_services_is_one_of_these(service):
    assert {name: service.client(name).waiter_names for name in ("es", "opensearch", "sts")} == {"es": [], "opensearch": [], "sts": []}
    assert set(service.client("iam").waiter_names) == {"instance_profile_exists", "policy_exists", "role_exists", "user_exists"}


@pytest.mark.parametrize("kind", ["instance_profile", "policy", "role", "user"])
def test_a_waiter_of_iams_ends_when_the_thing_is_there_and_gives_up_when_it_is_not(service, kind):
    iam = service.client("iam")
    name = "waited"
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": service.account}, "Action": "sts:AssumeRole"}]}
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*", "Resource": "*"}]}
    named = {
        "instance_profile": {"InstanceProfileName": name}, "role": {"RoleName": name}, "user": {"UserName": name},
        "policy": {"PolicyArn": f"arn:aws:iam::{service.account}:policy/{name}"},
    }[kind]
    waiter = iam.get_waiter(f"{kind}_exists")
    with pytest.raises(WaiterError):
        waiter.wait(**named, WaiterConfig={"Delay": 0, "MaxAttempts": 2})
    {
        "instance_profile": lambda: iam.create_instance_profile(InstanceProfileName=name),
        "role": lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust)),
        "user": lambda: iam.create_user(UserName=name),
        "policy": lambda: iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(allow)),
    }[kind]()
    waiter.wait(**named, WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    getattr(iam, f"delete_{kind}")(**named)


def created(opensearch, name):
    """`waitForDomainCreation`: no longer processing, and an endpoint of either kind."""
    return until(
        lambda it: not it["Processing"] and (it.get("Endpoint") or it.get("Endpoints")),
        lambda: opensearch.describe_domain(DomainName=name)["DomainStatus"],
    )


def updated(opensearch, name):
    """`waitForDomainUpdate`, and then CloudFormation's: the last change is complete."""
    until(lambda it: not it["Processing"], lambda: opensearch.describe_domain(DomainName=name)["DomainStatus"])
    progress = until(
        lambda it: it["Status"] == "COMPLETED",
        lambda: opensearch.describe_domain_change_progress(DomainName=name)["ChangeProgressStatus"],
    )
    assert progress["ConfigChangeStatus"] == "Completed"


def deleted(opensearch, name):
    """`waitForDomainDelete`: three times in a row neither the domain nor its configuration is found."""
    until(
        lambda code: code == "ResourceNotFoundException",
        lambda: error(opensearch.describe_domain, DomainName=name),
    )
    for _ in range(3):
        assert error(opensearch.describe_domain_config, DomainName=name) == "ResourceNotFoundException"


def read(opensearch, name):
    """What a provider reads of a domain, and what it refuses to go on with."""
    status = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    if "VPCOptions" in status:
        assert "Endpoint" not in status, "domain in VPC expected to have null Endpoint value"
    else:
        assert "Endpoints" not in status, "domain not in VPC expected to have null Endpoints value"
    config = opensearch.describe_domain_config(DomainName=name)["DomainConfig"]
    assert set(config["AutoTuneOptions"]["Options"]) == {"DesiredState", "MaintenanceSchedules", "RollbackOnDisable", "UseOffPeakWindow"}
    assert opensearch.list_tags(ARN=status["ARN"])["TagList"] == []
    return status


def test_a_domain_is_made_tuned_changed_upgraded_and_deleted_as_a_provider_waits_for_it(service):
    opensearch = service.client("opensearch")
    assert error(opensearch.describe_domain, DomainName="looped") == "ResourceNotFoundException"
    opensearch.create_domain(
        DomainName="looped", EngineVersion="OpenSearch_2.11",
        ClusterConfig={"InstanceType": "r6g.large.search", "InstanceCount": 1},
        EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10},
        DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        EncryptionAtRestOptions={"Enabled": True}, NodeToNodeEncryptionOptions={"Enabled": True},
        OffPeakWindowOptions={"Enabled": True, "OffPeakWindow": {"WindowStartTime": {"Hours": 22, "Minutes": 30}}},
        SoftwareUpdateOptions={"AutoSoftwareUpdateEnabled": False},
    )
    created(opensearch, "looped")
    # Auto-Tune is set after a domain is made.
    tune = {"DesiredState": "DISABLED", "MaintenanceSchedules": [], "RollbackOnDisable": "NO_ROLLBACK", "UseOffPeakWindow": False}
    opensearch.update_domain_config(DomainName="looped", AutoTuneOptions=tune)
    updated(opensearch, "looped")
    first = read(opensearch, "looped")
    assert first["OffPeakWindowOptions"]["OffPeakWindow"]["WindowStartTime"] == {"Hours": 22, "Minutes": 30}

    # What a plan asks before it upgrades in place instead of making the domain anew.
    offered = opensearch.get_compatible_versions(DomainName="looped")["CompatibleVersions"][0]["TargetVersions"]
    assert "OpenSearch_2.19" in offered
    opensearch.update_domain_config(DomainName="looped", EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20})
    updated(opensearch, "looped")
    opensearch.upgrade_domain(DomainName="looped", TargetVersion="OpenSearch_2.19")
    until(lambda it: it["StepStatus"] == "SUCCEEDED", lambda: opensearch.get_upgrade_status(DomainName="looped"))
    updated(opensearch, "looped")
    assert read(opensearch, "looped")["EngineVersion"] == "OpenSearch_2.19"

    opensearch.delete_domain(DomainName="looped")
    deleted(opensearch, "looped")


ACCOUNT = "123456789012"
LOGS = ("INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS")


def log_group(kind):
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/opensearch/{kind.lower()}"


def logs(*kinds):
    return {kind: {"CloudWatchLogsLogGroupArn": log_group(kind), "Enabled": True} for kind in kinds}


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """botocore's clients of a `countersign serve` that encrypts and has log groups, as an account has that a module is applied in."""
    folder = tmp_path_factory.mktemp("modules")
    data, config = folder / "data", folder / "countersign.toml"
    groups = "\n".join(f'"{log_group(kind)}" = "{kind.lower()}.log"' for kind in LOGS)
    config.write_text(f'data = "{data}"\nstorage_encrypted = true\n[logs]\nfolder = "{folder}"\n[logs.groups]\n{groups}\n')
    listen = {"control.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", "domains.first_port": 0}
    command = [binary(), "serve", "--json", "--config", config] + [word for name, value in listen.items() for word in ("--set", f"{name}={value}")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=nobodys({}))
    try:
        ready = json.loads(process.stdout.readline())
        keys = exported(data / "root.env")
        yield lambda name: boto3.client(
            name, endpoint_url=ready["control"], region_name="us-east-1", verify=ready["ca"],
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"], aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
    finally:
        process.terminate()
        assert process.wait(STOP_SECONDS_MAX) == 0
        process.stdout.close()


def test_a_domain_is_made_as_the_opensearch_module_of_terraform_aws_modules_makes_it(clients):
    """The defaults of its variables (terraform-aws-modules/terraform-aws-opensearch, main.tf and variables.tf); beside them three zones, a
    master user by its ARN, and the audit logs, which need fine-grained access control."""
    opensearch, iam = clients("opensearch"), clients("iam")
    caller = iam.create_user(UserName="terraform")["User"]["Arn"]
    sent = {
        "AdvancedSecurityOptions": {
            "Enabled": True, "InternalUserDatabaseEnabled": False, "AnonymousAuthEnabled": False,
            "MasterUserOptions": {"MasterUserARN": caller},
        },
        "ClusterConfig": {
            "DedicatedMasterEnabled": True, "DedicatedMasterCount": 3, "DedicatedMasterType": "c6g.large.search",
            "InstanceCount": 3, "InstanceType": "r6g.large.search", "ZoneAwarenessEnabled": True,
            "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
        },
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        "EBSOptions": {"EBSEnabled": True, "VolumeSize": 64, "VolumeType": "gp3"},
        "EncryptionAtRestOptions": {"Enabled": True},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
        "LogPublishingOptions": logs("INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "AUDIT_LOGS"),
        "OffPeakWindowOptions": {"Enabled": True, "OffPeakWindow": {"WindowStartTime": {"Hours": 7, "Minutes": 0}}},
        "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": True},
    }
    opensearch.create_domain(DomainName="tf-module", **sent)
    status = created(opensearch, "tf-module")
    tune = {"DesiredState": "ENABLED", "MaintenanceSchedules": [], "RollbackOnDisable": "NO_ROLLBACK", "UseOffPeakWindow": False}
    opensearch.update_domain_config(DomainName="tf-module", AutoTuneOptions=tune)
    updated(opensearch, "tf-module")
    allow = {"Effect": "Allow", "Principal": {"AWS": caller}, "Action": "es:*", "Resource": f"{status['ARN']}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    opensearch.update_domain_config(DomainName="tf-module", AccessPolicies=policy)
    updated(opensearch, "tf-module")
    status = read(opensearch, "tf-module")
    # What a second plan compares: nothing differs.
    for name in ("DomainEndpointOptions", "EBSOptions", "EncryptionAtRestOptions", "LogPublishingOptions", "ClusterConfig"):
        assert sent[name].items() <= status[name].items(), name
    told = status["AdvancedSecurityOptions"]
    assert (told["Enabled"], told["InternalUserDatabaseEnabled"], told["AnonymousAuthEnabled"]) == (True, False, False)
    assert json.loads(status["AccessPolicies"])["Statement"][0]["Action"] == "es:*"
    opensearch.delete_domain(DomainName="tf-module")
    deleted(opensearch, "tf-module")


def test_a_domain_is_made_as_the_elasticsearch_module_of_cloudposse_makes_it(clients):
    """With its internal user database (cloudposse/terraform-aws-elasticsearch, main.tf), through the API of before the service was renamed."""
    es = clients("es")
    es.create_elasticsearch_domain(
        DomainName="tf-cloudposse", ElasticsearchVersion="7.10",
        AdvancedSecurityOptions={
            "Enabled": True, "InternalUserDatabaseEnabled": True,
            "MasterUserOptions": {"MasterUserName": "admin", "MasterUserPassword": "Zx-9-quartz-lamp!"},
        },
        ElasticsearchClusterConfig={"InstanceType": "m5.large.elasticsearch", "InstanceCount": 2, "DedicatedMasterEnabled": False},
        EBSOptions={"EBSEnabled": True, "VolumeType": "gp2", "VolumeSize": 10},
        SnapshotOptions={"AutomatedSnapshotStartHour": 0},
        DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"},
        EncryptionAtRestOptions={"Enabled": True}, NodeToNodeEncryptionOptions={"Enabled": True},
        LogPublishingOptions=logs("INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS"),
    )
    until(lambda it: not it["Processing"], lambda: es.describe_elasticsearch_domain(DomainName="tf-cloudposse")["DomainStatus"])
    status = es.describe_elasticsearch_domain(DomainName="tf-cloudposse")["DomainStatus"]
    assert status["AdvancedSecurityOptions"]["InternalUserDatabaseEnabled"] is True
    assert "MasterUserOptions" not in status["AdvancedSecurityOptions"]
    assert set(status["LogPublishingOptions"]) == {"INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS"}
    es.delete_elasticsearch_domain(DomainName="tf-cloudposse")
    deleted(clients("opensearch"), "tf-cloudposse")


def test_what_a_module_reads_it_can_write_back(service):
    """Ansible's module sends the configuration that it read, with what it wants changed."""
    opensearch = service.client("opensearch")
    opensearch.create_domain(DomainName="written-back")
    created(opensearch, "written-back")
    config = opensearch.describe_domain_config(DomainName="written-back")["DomainConfig"]
    taken = opensearch.meta.service_model.operation_model("UpdateDomainConfig").input_shape.members
    unset = {"VPCOptions", "LogPublishingOptions"}
    options = {name: it["Options"] for name, it in config.items() if name in taken and name not in unset and it.get("Options")}
    opensearch.update_domain_config(DomainName="written-back", **options)
    again = opensearch.describe_domain_config(DomainName="written-back")["DomainConfig"]
    assert {name: again[name]["Options"] for name in options} == options
    opensearch.delete_domain(DomainName="written-back")
    deleted(opensearch, "written-back")


def test_a_vpc_endpoint_is_made_changed_and_deleted_as_a_provider_waits_for_it(service):
    opensearch = service.client("opensearch")
    opensearch.create_domain(DomainName="endpointed", VPCOptions={"SubnetIds": [SUBNET], "SecurityGroupIds": [GROUP]})
    domain = created(opensearch, "endpointed")
    read(opensearch, "endpointed")

    def found(endpoint):
        answer = opensearch.describe_vpc_endpoints(VpcEndpointIds=[endpoint])
        if answer["VpcEndpointErrors"]:
            assert answer["VpcEndpointErrors"][0]["ErrorCode"] == "ENDPOINT_NOT_FOUND"
            return None
        return answer["VpcEndpoints"][0]

    opensearch.authorize_vpc_endpoint_access(DomainName="endpointed", Account=service.account)
    access = opensearch.list_vpc_endpoint_access(DomainName="endpointed")
    assert [it["Principal"] for it in access["AuthorizedPrincipalList"]] == [service.account] and not access["NextToken"]
    made = opensearch.create_vpc_endpoint(DomainArn=domain["ARN"], VpcOptions={"SubnetIds": [SUBNET]})["VpcEndpoint"]
    active = until(lambda it: it["Status"] == "ACTIVE", lambda: found(made["VpcEndpointId"]))
    assert active["Endpoint"] == domain["Endpoints"]["vpc"]
    opensearch.update_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], VpcOptions={"SubnetIds": [SUBNET], "SecurityGroupIds": [GROUP]})
    active = until(lambda it: it["Status"] == "ACTIVE", lambda: found(made["VpcEndpointId"]))
    assert active["VpcOptions"]["SecurityGroupIds"] == [GROUP]
    opensearch.delete_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"])
    until(lambda it: it is None, lambda: found(made["VpcEndpointId"]))
    opensearch.revoke_vpc_endpoint_access(DomainName="endpointed", Account=service.account)
    opensearch.delete_domain(DomainName="endpointed")
    deleted(opensearch, "endpointed")
