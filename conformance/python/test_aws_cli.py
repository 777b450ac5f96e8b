"""The AWS CLI, configured by nothing but the variables of `DIR/env`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clients import package
from matrix import CHANGED_BODY, CONTROL_SHAPES, EXPECTATIONS, WRONG_SECRET, Audit, compare_page, note
from relay import changed, relay
from service import wait_for_domain
from test_control_plane import get, policy_for


def aws(service, *words, credentials=None, endpoint=None):
    """Runs one command; gives its exit code, its parsed output and what it said on standard error."""
    environment = {**os.environ, **service.variables, "AWS_PAGER": "", "HOME": str(service.folder)}
    if endpoint:
        named = [name for name in environment if name.startswith("AWS_ENDPOINT_URL")]
        environment.update(dict.fromkeys(named, endpoint))
    if credentials:
        environment["AWS_ACCESS_KEY_ID"] = credentials.access_key
        environment["AWS_SECRET_ACCESS_KEY"] = credentials.secret_key
        environment["AWS_SESSION_TOKEN"] = credentials.token or ""
    command = [sys.executable, Path(sys.executable).with_name("aws"), *words, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def succeeds(service, *words):
    code, output, said = aws(service, *words)
    assert code == 0, said
    return output


def test_the_environment_file_is_all_it_needs(service):
    assert succeeds(service, "sts", "get-caller-identity")["Arn"].endswith(":user/developer")


def test_a_domain_is_made_waited_for_changed_and_deleted(service):
    service.make_role("cli-reader")
    policy = policy_for(service, "by-cli", service.role_arn("cli-reader"))
    made = succeeds(
        service, "es", "create-elasticsearch-domain", "--domain-name", "by-cli",
        "--elasticsearch-version", "7.10", "--access-policies", policy,
    )
    assert made["DomainStatus"]["ARN"] == service.domain_arn("by-cli")
    wait_for_domain(service.client("opensearch"), "by-cli")
    status = succeeds(service, "es", "describe-elasticsearch-domain", "--domain-name", "by-cli")["DomainStatus"]
    url = f"https://{status['Endpoint']}/"
    assert get(service, service.assume("cli-reader"), url).json()["version"]["number"].startswith("7.10")

    nobody_else = policy_for(service, "by-cli", service.role_arn("search-app"))
    succeeds(service, "es", "update-elasticsearch-domain-config", "--domain-name", "by-cli", "--access-policies", nobody_else)
    assert get(service, service.assume("cli-reader"), url).status_code == 403
    succeeds(service, "es", "delete-elasticsearch-domain", "--domain-name", "by-cli")


def test_a_wrong_secret_is_refused_in_words_a_person_understands(service):
    code, _, said = aws(service, "sts", "get-caller-identity", credentials=service.developer._replace(secret_key="x" * 40))
    assert code != 0 and "SignatureDoesNotMatch" in said
    note("aws-cli", WRONG_SECRET, "refused")


FORM = ["iam", "list-roles", "--path-prefix", "/signed+with,(*)/"]


@pytest.mark.parametrize("shape", CONTROL_SHAPES)
def test_a_command_of_this_shape_matches_the_form_that_is_expected(service, shape):
    words = {
        "control-form": FORM,
        "control-json": ["es", "add-tags", "--arn", service.domain_arn(), "--tag-list", "Key=ü,Value=a+b"],
        "control-query": ["es", "list-tags", "--arn", service.domain_arn()],
        "control-path": ["es", "describe-elasticsearch-domain", "--domain-name", "dev"],
    }[shape]
    audit = Audit(service)
    succeeds(service, *words)
    seen = [record.get("signatureForm") for record in audit.new() if record["listener"] == "control"]
    assert seen == [EXPECTATIONS.of("aws-cli", shape)[0]]
    note("aws-cli", shape, seen[0])


def test_a_form_that_was_changed_after_signing_is_refused(service):
    with relay(service, service.control, lambda body: body) as honest, relay(service, service.control, changed) as forging:
        assert aws(service, *FORM, endpoint=honest)[0] == 0
        code, _, said = aws(service, *FORM, endpoint=forging)
    assert code != 0 and "SignatureDoesNotMatch" in said
    note("aws-cli", CHANGED_BODY, "refused")


def test_the_reference_page_says_what_was_seen():
    compare_page("aws-cli", package("awscli"))


def test_a_role_without_permission_is_refused(service, stranger):
    code, _, said = aws(service, "es", "list-domain-names", credentials=stranger)
    assert code != 0
    assert "is not authorized to perform: es:ListDomainNames" in said


def test_an_expired_session_is_refused(aged):
    old, session = aged
    code, _, said = aws(old, "sts", "get-caller-identity", credentials=session)
    assert code != 0 and "ExpiredToken" in said


@pytest.mark.parametrize("service_name, operation", [("iam", "list-roles"), ("opensearch", "list-versions")])
def test_other_listings_answer(service, service_name, operation):
    assert succeeds(service, service_name, operation)
