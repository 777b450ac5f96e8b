"""A denial by its authorization id: the AWS CLI and boto3 ask for it, unmodified, and the change that `explain` proposes is applied.

The AWS CLI on PyPI has models of its own, in which iam-toolbox is not yet: it is given botocore's, in the way that it documents.
"""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import boto3
import botocore
import pytest

from service import binary
from test_aws_cli import aws, succeeds

# Of several pages the CLI shows evaluations alone, as its model says.
DETAILS = ("iam-toolbox", "get-request-authorization-details", "--no-paginate", "--authorization-id")
DOCUMENT = {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}


@pytest.fixture(scope="module", autouse=True)
def toolbox(tmp_path_factory):
    """The model of iam-toolbox, where the AWS CLI looks for models."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(Path(botocore.__file__).parent / "data" / "iam-toolbox", folder / "iam-toolbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DATA_PATH", str(folder))
        yield


def denied(service, role):
    """Has a role of no permissions denied; gives the authorization id that the message names."""
    code, _, said = aws(service, "iam", "list-users", credentials=service.assume(role))
    assert code != 0 and "is not authorized to perform: iam:ListUsers" in said, said
    return said.rsplit("authorization id: ", 1)[1].split()[0]


@pytest.fixture(scope="module")
def role(service):
    service.make_role("denied-reader")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [DOCUMENT]})
    succeeds(
        service, "iam", "put-role-policy", "--role-name", "denied-reader", "--policy-name", "roles", "--policy-document", policy
    )
    return "denied-reader"


def test_the_cli_is_told_why_a_call_was_denied(service, role):
    told = succeeds(service, *DETAILS, denied(service, role))
    (evaluation,) = told["evaluations"]
    assert (evaluation["action"], evaluation["evaluatedEffect"]) == ("iam:ListUsers", "IMPLICIT_DENY")
    effects = {check["checkType"]: check["evaluatedEffect"] for check in evaluation["checks"]}
    assert effects == {"PRINCIPAL": "IMPLICIT_DENY"}
    assert told["requestContext"]["aws:PrincipalArn"] == service.role_arn(role)
    (policy,) = told["policies"]
    assert (policy["type"], policy["inline"]) == ("IDENTITY_BASED_POLICY", True)
    assert policy["attachedTo"] == [{"arn": service.role_arn(role)}]


def test_a_policy_is_shown_as_it_was(service, role):
    id = denied(service, role)
    changed = json.dumps({"Version": "2012-10-17", "Statement": [{**DOCUMENT, "Sid": "Changed"}]})
    put = ("iam", "put-role-policy", "--role-name", role, "--policy-name", "roles", "--policy-document", changed)
    succeeds(service, *put)
    told = succeeds(service, *DETAILS, id)
    words = ("--authorization-id", id, "--policy-uri", told["policies"][0]["uri"])
    document = succeeds(service, "iam-toolbox", "get-request-authorization-policy", *words)["policyDocument"]
    assert document["Statement"] == [DOCUMENT]


def test_boto3_pages_through_evaluations_and_raises_the_models_errors(service, role):
    session = boto3.Session(
        service.variables["AWS_ACCESS_KEY_ID"], service.variables["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    client = session.client(
        "iam-toolbox", endpoint_url=service.variables["AWS_ENDPOINT_URL"], verify=service.variables["AWS_CA_BUNDLE"]
    )
    pages = client.get_paginator("get_request_authorization_details").paginate(authorizationId=denied(service, role))
    assert [evaluation["action"] for page in pages for evaluation in page["evaluations"]] == ["iam:ListUsers"]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_request_authorization_details(authorizationId="0" * 32)
    with pytest.raises(client.exceptions.ValidationException):
        client.get_request_authorization_details(authorizationId="A")


def test_who_may_not_ask_is_denied_in_turn(service, role):
    id = denied(service, role)
    words = ("iam-toolbox", "get-request-authorization-details", "--authorization-id", id)
    code, _, said = aws(service, *words, credentials=service.assume(role))
    assert code != 0 and "iam:GetRequestAuthorizationDetails" in said, said


def test_the_proposed_command_allows_the_call_and_no_other(service, role):
    id = denied(service, role)
    environment = {**os.environ, **service.variables}
    done = subprocess.run([binary(), "explain", id, "--json"], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    (repair,) = json.loads(done.stdout)["repairs"]
    assert repair["outcome"] == "change", repair
    program, *words = shlex.split(repair["command"])
    assert program == "aws"
    succeeds(service, *words)
    credentials = service.assume(role)
    code, _, said = aws(service, "iam", "list-users", credentials=credentials)
    assert code == 0, said
    assert aws(service, "iam", "list-groups", credentials=credentials)[0] != 0
