"""OpenSearch Dashboards, Kibana and Grafana before a domain as `docs/operating/dashboards.md` puts them: what they ask, through the
signing proxy with the role of that page, and with a password. The programs themselves are in no registry that is used here."""

import json
import re
from contextlib import suppress

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


# Of these, what writes an index whose name stands for an old one of saved objects.
WRITES_LOGS = ["objects of an old index are moved by a scroll"]

# What users of the page's role do with the indices that they may read.
READS = [
    "Discover shows documents, newest first, with a histogram",
    "Discover highlights what its query string finds",
    "Discover suggests values of a field",
    "the documents around one are looked for",
    "a bar chart: terms in a histogram, ordered by a metric",
    "a data table with metrics, percentiles, top hits",
    "a visual builder panel: series in a histogram with a missing bucket",
    "a map: centroids in cells",
]

# What they may not, though the program's dev tools send it.
REFUSED = [
    "POST /logs-1/_delete_by_query",
    "POST /logs-1/_update_by_query",
    "POST /logs-1/_doc",
    "POST /logs-1/_doc/_search",
    "POST /logs-1/_create/_count",
    "POST /logs-1/_update/_search",
    "PUT /logs-1/_doc/1",
    "DELETE /logs-1/_doc/1",
    "DELETE /logs-1",
    "POST /logs-1/_close",
    "POST /logs-1/_bulk",
    "POST /_cluster/reroute",
    "PUT /_cluster/settings",
    "DELETE /_template/logs",
    "POST /_tasks/x:1/_cancel",
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
    # As a managed policy: those of a user itself may have 2,048 characters.
    iam, managed = service.client("iam"), f"arn:aws:iam::{service.account}:policy/boards"
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.detach_user_policy(UserName=USER, PolicyArn=managed)
        iam.delete_policy(PolicyArn=managed)
    iam.create_policy(PolicyName="boards", PolicyDocument=policy)
    iam.attach_user_policy(UserName=USER, PolicyArn=managed)
    # The domain's own policy, which the scenarios' domain has, lets in everybody of the account.
    arn = f"arn:aws:es:{service.region}:{service.account}:domain/{domain.name}"
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{service.account}:root"}, "Action": "es:*", "Resource": f"{arn}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [root]})
    service.client("opensearch").update_domain_config(DomainName=domain.name, AccessPolicies=document)


def page_policy():
    return re.search(r"```json\n(.*?)```", PAGE.read_text(), re.S).group(1)


def played(domain, target, file, names=None, setting_up=None):
    """What went wrong in the scenarios of a file, by name. What a file says to do before each is done as `setting_up`, where that is given."""
    setup = scenarios.setup(FOLDER / "both" / f"{file}.yml") if setting_up else []
    wrong, count = {}, 0
    for name, steps in scenarios.read(FOLDER / "both" / f"{file}.yml"):
        if names and name not in names:
            continue
        scenarios.wipe(domain)
        count += 1
        try:
            scenarios.Scenario(setting_up, domain.engine, scenarios.apis()).play(setup)
            scenarios.Scenario(target, domain.engine, scenarios.apis()).play(steps[len(setup):])
        except (scenarios.Failed, requests.RequestException) as fault:
            wrong[name] = str(fault)
    assert count == (len(names) if names else count) and count >= 10
    return wrong


def test_saved_objects_are_kept_through_the_proxy_with_the_pages_role(service, domain, user):
    policy = json.loads(page_policy())
    # The scenarios' own documents, which others would have written.
    logs = {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/logs-*"}
    policy["Statement"].append(logs)
    allow(service, domain, json.dumps(policy))
    with proxy_to(service, domain.url, credentials=user) as url:
        assert played(domain, scenarios.Server(url), "dashboards", SAVED_OBJECTS) == {}


def test_the_pages_role_alone_keeps_saved_objects_and_reads(service, domain, user):
    allow(service, domain, page_policy())
    with proxy_to(service, domain.url, credentials=user) as url:
        names = [name for name in SAVED_OBJECTS if name not in WRITES_LOGS] + READS
        assert played(domain, scenarios.Server(url), "dashboards", names, setting_up=domain) == {}


def test_the_pages_role_writes_deletes_and_closes_nothing_that_its_users_read(service, domain, user):
    allow(service, domain, page_policy())
    scenarios.wipe(domain)
    for path, body in [("/logs-1/_doc/1?refresh=true", {"a": 1}), ("/_template/logs", {"index_patterns": ["logs*"]})]:
        assert domain.ask("PUT", path, json.dumps(body))[0] in (200, 201)
    with proxy_to(service, domain.url, credentials=user) as url:
        told = {line: requests.request(line.split()[0], url + line.split()[1], json={}).status_code for line in REFUSED}
        assert told == dict.fromkeys(REFUSED, 403)
        # Nothing that is asked in several is a way around: each item is asked about.
        for action in ({"index": {"_index": "logs-1"}}, {"delete": {"_index": "logs-1", "_id": "1"}}):
            lines = [action] if "delete" in action else [action, {"a": 2}]
            body = "".join(json.dumps(line) + "\n" for line in lines)
            answer = requests.post(f"{url}/_bulk", data=body, headers={"content-type": "application/x-ndjson"}).json()
            assert [list(item.values())[0]["status"] for item in answer["items"]] == [403], answer
        for path, body in [
            ("/_aliases", {"actions": [{"remove_index": {"index": "logs-1"}}]}),
            ("/_aliases", {"actions": [{"add": {"index": "logs-1", "alias": ".kibana_logs"}}]}),
            ("/_reindex", {"source": {"index": ".kibana*"}, "dest": {"index": "logs-1"}}),
        ]:
            assert requests.post(url + path, json=body).status_code == 403, (path, body)
        assert requests.post(f"{url}/logs-1/_count", json={}).json()["count"] == 1


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
