"""Domains as CDK's constructs make them (aws-cdk-lib, `opensearchservice.Domain` and `elasticsearch.Domain`): CloudFormation's handler creates
one of the properties that `conformance/cdk/domains.json` has, and the construct's custom resource then makes its calls."""

import json
from pathlib import Path

import pytest

from test_waiters import clients, created, deleted, log_group, updated  # noqa: F401: `clients` is a fixture

RECORDED = json.loads((Path(__file__).parents[1] / "cdk" / "domains.json").read_text())
MASTER_PASSWORD = "Zx-9-quartz-lamp!"


def resolved(value, known):
    """A value of a template, with what its functions come to."""
    if isinstance(value, list):
        return [resolved(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return known[value["Ref"]]
    if set(value) == {"Fn::GetAtt"}:
        return known[".".join(value["Fn::GetAtt"])]
    if set(value) == {"Fn::Join"}:
        between, parts = value["Fn::Join"]
        return secret(between.join(resolved(part, known) for part in parts))
    return {name: resolved(one, known) for name, one in value.items()}


def secret(text):
    return MASTER_PASSWORD if text.startswith("{{resolve:secretsmanager:") else text


class Known(dict):
    """What the other resources of a stack are called."""

    def __missing__(self, name):
        return f"made-{name}"


def sent(recorded, known):
    """What CloudFormation's handler asks for: the properties, named as the API's members are."""
    properties = resolved(recorded["properties"], known)
    for kind, options in properties.get("LogPublishingOptions", {}).items():
        options["CloudWatchLogsLogGroupArn"] = log_group(kind)
    return properties


def called(clients, call, known):
    """A call of the construct's custom resource, as its function makes it with the SDK. Of the answer it keeps what begins with its
    `outputPaths`, where that is there: the path of the Elasticsearch construct is none of the API's."""
    asked = json.loads(resolved(call["create"], known))
    service = {"OpenSearch": "opensearch", "ES": "es"}[asked["service"].removeprefix("@aws-sdk/client-")]
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in asked["action"])
    answer = getattr(clients(service), name)(**asked["parameters"])
    assert json.loads(answer["DomainConfig"]["AccessPolicies"]["Options"]) == json.loads(asked["parameters"]["AccessPolicies"])


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_domain_of_cdks_constructs_is_created_changed_and_deleted(clients, name):  # noqa: F811
    recorded, opensearch = RECORDED[name], clients("opensearch")
    iam = clients("iam")
    if not any(user["UserName"] == "master" for user in iam.list_users()["Users"]):
        iam.create_user(UserName="master")
    domain = f"cdk-{name}"
    arn = f"arn:aws:es:us-east-1:123456789012:domain/{domain}"
    known = Known({
        "AWS::AccountId": "123456789012", "AWS::Region": "us-east-1", "AWS::Partition": "aws", recorded["id"]: domain,
        f"{recorded['id']}.Arn": arn,
    })
    properties = sent(recorded, known)
    if recorded["type"] == "AWS::Elasticsearch::Domain":
        clients("es").create_elasticsearch_domain(DomainName=domain, **properties)
    else:
        opensearch.create_domain(DomainName=domain, **properties)
    status = created(opensearch, domain)
    for call in recorded["calls"]:
        if call["type"] in ("Custom::OpenSearchAccessPolicy", "Custom::ElasticsearchAccessPolicy"):
            called(clients, call, known)
            updated(opensearch, domain)
    read = opensearch.describe_domain(DomainName=domain)["DomainStatus"]
    assert status["ARN"] == read["ARN"] == arn
    for member in ("EBSOptions", "EncryptionAtRestOptions", "NodeToNodeEncryptionOptions", "DomainEndpointOptions", "LogPublishingOptions"):
        assert properties.get(member, {}).items() <= read.get(member, {}).items(), member
    if "AdvancedSecurityOptions" in properties:
        asked, told = properties["AdvancedSecurityOptions"], read["AdvancedSecurityOptions"]
        assert told["Enabled"] is True
        assert told["InternalUserDatabaseEnabled"] is asked["InternalUserDatabaseEnabled"]
        assert "MasterUserOptions" not in told
        policy = json.loads(read["AccessPolicies"])
        assert policy["Statement"][0]["Effect"] == "Allow"
    opensearch.delete_domain(DomainName=domain)
    deleted(opensearch, domain)
