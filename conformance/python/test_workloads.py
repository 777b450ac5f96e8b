"""Container credentials: unmodified clients that know nothing but where to ask and the file of their token."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from service import Clock, Service, binary, exported, nobodys

# What people write: credentials of the default chain, refreshed by botocore, signed by requests-aws4auth.
PROGRAM = """
import boto3, json, os, requests
from requests_aws4auth import AWS4Auth
session = boto3.Session()
credentials = session.get_credentials()
auth = AWS4Auth(region=session.region_name, service="es", refreshable_credentials=credentials)
answer = requests.get(os.environ["COUNTERSIGN_ENDPOINT"], auth=auth)
print(json.dumps({
    "method": credentials.method,
    "who": session.client("sts").get_caller_identity()["Arn"],
    "status": answer.status_code,
    "key": credentials.get_frozen_credentials().access_key,
}))
"""


def environment(service, **changes):
    """The variables of a workload and no credential."""
    variables = exported(service.folder / "workload.env")
    assert "AWS_ACCESS_KEY_ID" not in variables
    return nobodys(variables, **changes)


def run(command, environment):
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )


def fetch(service, token=None):
    """The endpoint itself, as SDKs ask it."""
    variables = exported(service.folder / "workload.env")
    token = token or Path(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
    request = urllib.request.Request(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers={"Authorization": token})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_boto3_and_requests_aws4auth_reach_the_domain_as_the_role(service):
    done = run([sys.executable, "-c", PROGRAM], environment(service))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["method"] == "container-role"
    assert said["who"] == f"arn:aws:sts::{service.account}:assumed-role/search-app/app"
    assert said["status"] == 200
    assert said["key"] == fetch(service)["AccessKeyId"], "the same until half of its life is over"


def test_the_aws_cli_is_the_role(service):
    done = run([str(Path(sys.executable).parent / "aws"), "sts", "get-caller-identity"], environment(service))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"].endswith(":assumed-role/search-app/app")


def test_the_rust_sdks_credential_chain_reaches_the_domain(service):
    done = run([binary(), "request", service.endpoint], environment(service))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tagline"]


def test_a_changed_token_file_is_refused_and_the_client_says_so(service, tmp_path):
    changed = tmp_path / "token"
    changed.write_text("0" * 64)
    done = run([sys.executable, "-c", PROGRAM], environment(service, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(changed)))
    assert done.returncode != 0 and "401" in done.stderr, done.stderr
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(service, "0" * 64)
    assert refused.value.code == 401
    assert json.loads(refused.value.read()) == {
        "code": "InvalidAuthorization",
        "message": "unknown workload token",
    }


def test_the_files_are_their_owners_only(service):
    variables = exported(service.folder / "workload.env")
    for file in [service.folder / "workload.env", Path(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])]:
        assert file.stat().st_mode & 0o777 == 0o600


def test_credentials_rotate_while_a_client_runs(tmp_path):
    clock = Clock(tmp_path)
    with Service(tmp_path / "data", clock.environment()) as service:
        first = fetch(service)
        assert fetch(service)["AccessKeyId"] == first["AccessKeyId"]
        clock.move(31)
        second = fetch(service)
        assert second["AccessKeyId"] != first["AccessKeyId"]
        assert second["Expiration"] > first["Expiration"]
        service.stop()
