"""Access Analyzer's checks of policies: the AWS CLI, and cfn-policy-validator over a CloudFormation template; both unmodified."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from test_aws_cli import aws, succeeds

ALLOWS = {"Effect": "Allow", "Action": ["s3:GetObject", "iam:PutUserPolicy"], "Resource": "*"}
LESS = {**ALLOWS, "Action": "s3:GetObject"}
TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: "*"}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: ["es:ESHttpGet", "iam:PassRole"], Resource: "*"}]
"""


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def check(service, name, *words):
    return succeeds(service, "accessanalyzer", name, *words)


def test_the_cli_is_told_what_is_wrong_with_a_policy_and_where(service):
    document = policy({"Effect": "Allow", "Action": "es:ESHttpGett", "Resource": "*"})
    told = check(service, "validate-policy", "--policy-type", "IDENTITY_POLICY", "--policy-document", document)
    (finding,) = told["findings"]
    assert (finding["findingType"], finding["issueCode"]) == ("ERROR", "INVALID_ACTION")
    assert finding["locations"][0]["path"] == [{"value": "Statement"}, {"index": 0}, {"value": "Action"}]


def test_the_cli_is_told_of_new_access(service):
    words = ["--policy-type", "IDENTITY_POLICY", "--existing-policy-document", policy(LESS), "--new-policy-document"]
    told = check(service, "check-no-new-access", *words, policy(ALLOWS))
    assert told["result"] == "FAIL"
    assert told["reasons"] == [{"description": "New access in the statement with index: 0.", "statementIndex": 0}]
    assert check(service, "check-no-new-access", *words, policy(LESS))["result"] == "PASS"


@pytest.mark.parametrize(("document", "result"), [(ALLOWS, "FAIL"), (LESS, "PASS")])
def test_the_cli_is_told_of_access_that_is_granted(service, document, result):
    words = ["--policy-type", "IDENTITY_POLICY", "--access", "actions=iam:PutUserPolicy", "--policy-document"]
    assert check(service, "check-access-not-granted", *words, policy(document))["result"] == result


def test_the_cli_is_told_of_public_access(service):
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}
    office = {**everybody, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    words = ["--resource-type", "AWS::OpenSearchService::Domain", "--policy-document"]
    assert check(service, "check-no-public-access", *words, policy(everybody))["result"] == "FAIL"
    assert check(service, "check-no-public-access", *words, policy(office))["result"] == "PASS"


def test_an_operation_that_is_not_built_says_so_by_name(service):
    code, _, said = aws(service, "accessanalyzer", "list-analyzers")
    assert code != 0 and "ListAnalyzers of accessanalyzer is not built" in said


def test_a_user_without_the_permission_is_refused(service):
    service.make_role("no-analyst")
    words = ["--policy-type", "IDENTITY_POLICY", "--policy-document", policy(LESS)]
    code, _, said = aws(service, "accessanalyzer", "validate-policy", *words, credentials=service.assume("no-analyst"))
    assert code != 0 and "is not authorized to perform: access-analyzer:ValidatePolicy" in said, said


@pytest.mark.parametrize(
    ("words", "name", "codes"),
    [
        (["check-no-new-access", "--reference-policy-type", "identity", "--reference-policy"], "p", ["CheckNoNewAccess"]),
        (["check-access-not-granted", "--actions", "iam:PassRole"], "p", ["CheckAccessNotGranted"]),
        (["check-no-public-access"], "TrustPolicy", ["CheckNoPublicAccess"]),
    ],
)
def test_cfn_policy_validator_stops_a_template(service, tmp_path, words, name, codes):
    template, reference = tmp_path / "template.yaml", tmp_path / "reference.json"
    template.write_text(TEMPLATE)
    reference.write_text(policy({"Effect": "Allow", "Action": "es:*", "Resource": "*"}))
    words = [*words, str(reference)] if words[-1] == "--reference-policy" else words
    program = Path(sys.executable).with_name("cfn-policy-validator")
    command = [sys.executable, program, words[0], "--template-path", template, "--region", service.region, *words[1:]]
    environment = {**os.environ, **service.variables, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    found = json.loads(done.stdout)["BlockingFindings"]
    assert [(finding["policyName"], finding["code"]) for finding in found] == [(name, f"policy-analysis-{code}") for code in codes]
    assert done.returncode == 2, done.stderr
