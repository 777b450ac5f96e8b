"""OpenSearch Dashboards, Kibana and Grafana before a domain as `docs/operating/dashboards.md` puts them: what they ask, through the
signing proxy with the role of that page, and with a password. The programs themselves are in no registry that is used here."""

import json
import re

import pytest
import requests

from npm import ROOT
from service import Credentials
from test_proxy import proxy_to
from test_scenarios import FOLDER, scenarios

PAGE = ROOT / "docs" / "operating" / "dashboards.md"
USER, PASSWORD = "dashboards", "correct-Horse-1"

# What the role of the page is for: start-up and saved objects. The rest asks for indices of the scenarios' own names.
SAVED_OBJECTS = [
    "the nodes are asked for their versions",
    "the cluster's manager tells its id, for the optimized health check",
    "the saved objects' index is not there yet",
    "the index of saved objects is made, an alias leads to it",
    "old templates of the index are looked for",
    "documents that need a migration are counted",
    "objects of an old index are moved by a scroll",
    "the configuration is made, read, and changed",
    "saved objects are found by type and words",
    "the next index takes over the alias",
    "objects are changed in bulk",
    "an object is deleted once",
    "a counter is made and raised",
]


class WithPassword(scenarios.Server):
    """A domain, asked with a user's name and password."""

    def __init__(self, url, verify):
        super().__init__(url)
        self.session.auth, self.session.verify = (USER, PASSWORD), verify


@pytest.fixture(scope="module", params=scenarios.SERVICES)
def domain(request, service):
    """A domain of each engine, whose target removes what a scenario left."""
    target = scenarios.Domain(service, f"boards-{request.param}"[:20], scenarios.SERVICES[request.param])
    target.name, target.engine = f"boards-{request.param}"[:20], request.param
    return target


@pytest.fixture(scope="module")
def user(service):
    """A user without a policy: its keys."""
    iam = service.client("iam")
    iam.create_user(UserName=USER)
    iam.create_login_profile(UserName=USER, Password=PASSWORD)
    keys = iam.create_access_key(UserName=USER)["AccessKey"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], None)


def allow(service, domain, policy):
    policy = policy.replace("us-east-1:123456789012:domain/dev/", f"{service.region}:{service.account}:domain/{domain.name}/")
    service.client("iam").put_user_policy(UserName=USER, PolicyName="boards", PolicyDocument=policy)
    # The domain's own policy, which the scenarios' domain has, lets in everybody of the account.
    arn = f"arn:aws:es:{service.region}:{service.account}:domain/{domain.name}"
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{service.account}:root"}, "Action": "es:*", "Resource": f"{arn}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [root]})
    service.client("opensearch").update_domain_config(DomainName=domain.name, AccessPolicies=document)


def played(domain, target, file, names=None):
    """What went wrong in the scenarios of a file, by name."""
    wrong, count = {}, 0
    for name, steps in scenarios.read(FOLDER / "both" / f"{file}.yml"):
        if names and name not in names:
            continue
        scenarios.wipe(domain)
        count += 1
        try:
            scenarios.Scenario(target, domain.engine, scenarios.apis()).play(steps)
        except (scenarios.Failed, requests.RequestException) as fault:
            wrong[name] = str(fault)
    assert count == (len(names) if names else count) and count >= 10
    return wrong


def test_saved_objects_are_kept_through_the_proxy_with_the_pages_role(service, domain, user):
    policy = json.loads(re.search(r"```json\n(.*?)```", PAGE.read_text(), re.S).group(1))
    # The scenarios' own documents, which others would have written.
    logs = {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/logs-*"}
    policy["Statement"].append(logs)
    allow(service, domain, json.dumps(policy))
    with proxy_to(service, domain.url, credentials=user) as url:
        assert played(domain, scenarios.Server(url), "dashboards", SAVED_OBJECTS) == {}


@pytest.mark.parametrize("file", ["dashboards", "grafana"])
def test_what_they_ask_is_answered_through_the_proxy(service, domain, user, file):
    allow(service, domain, json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "es:*", "Resource": "*"}}))
    with proxy_to(service, domain.url, credentials=user) as url:
        assert played(domain, scenarios.Server(url), file) == {}


def test_what_they_ask_is_answered_with_a_password(service, domain, user):
    allow(service, domain, json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "es:*", "Resource": "*"}}))
    client = service.client("opensearch")
    options = client.describe_domain(DomainName=domain.name)["DomainStatus"].get("AdvancedOptions", {})
    client.update_domain_config(DomainName=domain.name, AdvancedOptions={**options, "countersign.basic_authentication": "true"})
    assert played(domain, WithPassword(domain.url, service.ca_bundle), "dashboards") == {}
