"""Two gateways over one PostgreSQL before three nodes (`cargo xtask judges --cluster`): scenarios through both gateways in turn, and what was
acknowledged while a gateway, a node and the database ended."""

import json
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager

import gateways
import pytest
import requests
import three_nodes
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys
from botocore.exceptions import BotoCoreError, ClientError
from test_scenarios import FOLDER, scenarios

pytestmark = pytest.mark.skipif(gateways.asked_for() is None, reason="needs two gateways and three nodes: cargo xtask judges --cluster")

WRITERS = 4
ITEMS_PER_BULK = 20
DOCUMENTS_PER_WRITER = 300
BETWEEN_WRITES = 0.02
SECONDS_OF_EACH_STAGE = 4
INDICES = ("written-one", "written-two")
# What a POST may be without changing anything.
READS = re.compile(r"/_(search|msearch|count|mget|validate|field_caps|explain|analyze|termvectors|mtermvectors)")


class Books:
    """Signed requests to domain `dev`, on a connection of its own."""

    def __init__(self, service):
        self.service, self.session = service, requests.Session()
        self.keys = Keys(*service.assume("search-app"))

    def ask(self, method, target, body="", kind="application/json"):
        request = AWSRequest(method, self.service.endpoint + target, data=body, headers={"Content-Type": kind} if body else {})
        SigV4Auth(self.keys, "es", self.service.region).add_auth(request)
        return self.session.request(
            method, self.service.endpoint + target, data=body, headers=dict(request.headers), verify=self.service.ca_bundle, timeout=60)

    def must(self, *asked, **how):
        answer = self.ask(*asked, **how)
        assert answer.ok, (asked, answer.status_code, answer.text)
        return answer.json()


class InTurn(scenarios.Gated):
    """Domain `dev`, by two connections in turn, which the balancer has given to one gateway each. Who is patient waits after a change for as long
    as what a gateway knows of the cluster's indices may be old (docs/operating/clusters.md)."""

    def __init__(self, service, patient):
        super().__init__(service)
        self.sessions, self.patient, self.changed = [requests.Session(), requests.Session()], patient, 0

    def ask(self, method, target, body):
        self.session = self.sessions[0]
        self.sessions.reverse()
        if self.patient:
            time.sleep(max(0.0, self.changed + gateways.BOUND_SECONDS + 0.2 - time.monotonic()))
        answer = super().ask(method, target, body)
        if method not in ("GET", "HEAD") and not READS.search(target):
            self.changed = time.monotonic()
        return answer


def test_what_passes_through_one_gateway_passes_through_two_in_turn(service):
    files = sorted(path for folder in ("both", "opensearch") for path in (FOLDER / folder).glob("*.yml"))
    before = answered(service)
    at_once = faults(scenarios.run(files, "opensearch", InTurn(service, False), scenarios.apis()))
    asked = [after - earlier for after, earlier in zip(answered(service), before)]
    known = [line.split("\t")[0] for line in (FOLDER / "upstream.tsv").read_text().splitlines() if line[:1] != "#"]
    late = [scenario for scenario, fault in at_once.items() if fault and scenario not in known]
    patiently = again(service, files, late)
    well = sum(not fault for fault in at_once.values())
    gateways.TOLD.append(f"{well} of {len(at_once)} scenarios pass at once; of {len(late)} others that one gateway passes {sum(not fault for fault in patiently.values())} "
                         f"after a second; the gateways answered {asked[0]} and {asked[1]} requests")
    assert {scenario: fault for scenario, fault in patiently.items() if fault} == {}
    assert min(asked) > 0.4 * sum(asked), asked


def faults(outcomes):
    return {f"{file}: {scenario}": fault for (file, scenario), fault in outcomes.items()}


def again(service, files, names):
    """Plays the scenarios of these names once more, patiently."""
    outcomes, target, table = {}, InTurn(service, True), scenarios.apis()
    for path in files:
        for name, steps in scenarios.read(path):
            if f"{path.stem}: {name}" in names:
                scenarios.wipe(target)
                try:
                    scenarios.Scenario(target, "opensearch", table).play(steps)
                    outcomes[f"{path.stem}: {name}"] = None
                except (scenarios.Failed, requests.RequestException) as fault:
                    outcomes[f"{path.stem}: {name}"] = str(fault)
    return outcomes


def answered(service):
    """How many requests each gateway has answered."""
    pages = [requests.get(f"{admin}/metrics", timeout=60).text for admin in service.admin_urls]
    return [sum(map(int, re.findall(r"^countersign_answers_total.* (\d+)$", page, re.M))) for page in pages]


class Written:
    """What one writer knows: of each document the values that it may have, and what went wrong, with the stage in which that was told."""

    def __init__(self):
        self.values, self.acknowledged, self.errors = {}, 0, []

    def took(self, document, value):
        self.values[document] = {value}
        self.acknowledged += 1

    def may_have(self, document, value):
        """Nobody said whether it was written."""
        self.values.setdefault(document, {None}).add(value)


class Load:
    """Writers of documents and bulks, and one of users, until it ends; `stage` is what happens meanwhile."""

    def __init__(self, service):
        self.service, self.ends, self.stage = service, threading.Event(), "all is well"
        self.stages, self.users = [self.stage], Written()
        self.written = [Written() for _ in range(WRITERS)]
        kinds = [self.write_documents if place % 2 else self.write_bulks for place in range(WRITERS)]
        self.threads = [
            threading.Thread(target=kind, args=(place, Books(service), written))
            for place, (kind, written) in enumerate(zip(kinds, self.written))
        ] + [threading.Thread(target=self.write_users)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join()

    @contextmanager
    def while_(self, stage):
        """What happens in this block, and for some seconds after it."""
        self.stage = stage
        self.stages.append(stage)
        yield
        time.sleep(SECONDS_OF_EACH_STAGE)

    def until_a_user_is_made(self):
        before, deadline = self.users.acknowledged, time.monotonic() + 60
        while self.users.acknowledged == before:
            assert time.monotonic() < deadline, self.users.errors[-3:]
            time.sleep(0.05)

    def write_documents(self, place, books, written):
        number = 0
        while not self.ends.wait(BETWEEN_WRITES):
            number += 1
            document = (INDICES[number % 2], f"{place}-{number % DOCUMENTS_PER_WRITER}")
            deleted = number % 11 == 0
            path = f"/{document[0]}/_doc/{document[1]}"
            value = None if deleted else number
            try:
                answer = books.ask("DELETE", path) if deleted else books.ask("PUT", path, json.dumps({"n": number}))
                why = None if answer.ok or (deleted and answer.status_code == 404) else f"{answer.status_code}: {answer.text[:200]}"
            except requests.RequestException as error:
                why = broken(error)
            self.note(written, {document: value}, {document} if why is None else set(), why)

    def write_bulks(self, place, books, written):
        number = 0
        while not self.ends.wait(BETWEEN_WRITES):
            number += 1
            first = number * ITEMS_PER_BULK
            wanted = {
                (INDICES[item % 2], f"{place}-{item % DOCUMENTS_PER_WRITER}"): number for item in range(first, first + ITEMS_PER_BULK)}
            lines = "".join(
                f'{{"index":{{"_index":"{index}","_id":"{name}"}}}}\n{{"n":{value}}}\n' for (index, name), value in wanted.items())
            taken, why = set(), None
            try:
                answer = books.ask("POST", "/_bulk", lines, "application/x-ndjson")
                if answer.ok:
                    items = [item["index"] for item in answer.json()["items"]]
                    taken = {(item["_index"], item["_id"]) for item in items if item["status"] < 300}
                    refused = [item for item in items if item["status"] >= 300]
                    why = f"{len(refused)} items, {refused[0]['status']}: {refused[0].get('error')}"[:200] if refused else None
                else:
                    why = f"{answer.status_code}: {answer.text[:200]}"
            except requests.RequestException as error:
                why = broken(error)
            self.note(written, wanted, taken, why)

    def note(self, written, wanted, taken, why):
        for document, value in wanted.items():
            (written.took if document in taken else written.may_have)(document, value)
        if why:
            written.errors.append((self.stage, why))

    def write_users(self):
        """Users are made one by one: the same for what the control plane acknowledges."""
        number = 0
        while not self.ends.wait(BETWEEN_WRITES):
            number += 1
            name = f"written-{number}"
            try:
                self.service.client("iam").create_user(UserName=name)
                self.users.took(name, name)
            except (ClientError, BotoCoreError) as error:
                self.users.may_have(name, name)
                code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
                self.users.errors.append((self.stage, code))


def broken(error):
    return f"broken: {type(error).__name__}"


def lost(service, load):
    """Documents with another value than one that they may have, read through the gateways; users that are not there."""
    books = Books(service)
    books.must("POST", "/" + ",".join(INDICES) + "/_refresh")
    wrong = []
    for written in load.written:
        documents = sorted(written.values)
        for first in range(0, len(documents), 200):
            part = documents[first : first + 200]
            docs = [{"_index": index, "_id": name} for index, name in part]
            found = books.must("POST", "/_mget", json.dumps({"docs": docs}))["docs"]
            values = [doc["_source"]["n"] if doc.get("found") else None for doc in found]
            wrong += [(one, value, written.values[one]) for one, value in zip(part, values) if value not in written.values[one]]
    for _ in gateways.ADDRESSES:
        # A connection of its own each time: the next one is the other gateway's.
        pages = service.client("iam").get_paginator("list_users").paginate()
        users = {user["UserName"] for page in pages for user in page["Users"]}
        wrong += [(name, "no such user") for name, values in load.users.values.items() if None not in values and name not in users]
    return wrong


def test_no_acknowledged_write_is_lost_while_a_gateway_a_node_and_the_database_end(service):
    there = service.there
    everything = lambda: three_nodes.wait_for_nodes(there, 3, 180, "green")
    everything()
    settings = json.dumps({"settings": {"number_of_shards": 3, "number_of_replicas": 1}})
    books = Books(service)
    for index in INDICES:
        books.must("PUT", f"/{index}", settings)
    with Load(service) as load:
        time.sleep(SECONDS_OF_EACH_STAGE)
        with load.while_("a gateway is killed"):
            service.kill_gateway(1)
        with load.while_("it is started again"):
            service.start_gateway(1)
        leader = int(requests.get(f"{three_nodes.url(there, 1)}/_cat/cluster_manager?h=node", timeout=30).text.strip()[-1])
        other = 2 if leader == 1 else 1
        with load.while_("the leading node is killed"):
            three_nodes.kill_node(there, leader)
            three_nodes.wait_for_nodes(there, 2, 180, place=other)
        with load.while_("the node is started again"):
            three_nodes.start_node(there, leader)
            three_nodes.wait_for_nodes(there, 3, 180, "green", place=other)
        # What was committed last may be unknown at the other gateway until the database is there again.
        service.balancer.disturbed = True
        with load.while_("PostgreSQL is stopped as by a power failure"):
            three_nodes.pg_ctl(there, "-m", "immediate", "stop")
        with load.while_("PostgreSQL is started again"):
            three_nodes.start_postgres(there)
            load.until_a_user_is_made()
        service.balancer.disturbed = False
    missing = lost(service, load)
    told = report(load, missing)
    gateways.TOLD.append(json.dumps(told))
    assert missing == []
    assert told["documents"]["acknowledged"] > 1000 and told["users"]["acknowledged"] > 50, told
    judge_errors(load, told)


def report(load, missing):
    """What was written, and what went wrong when: by stage, and by what a client saw."""
    errors = lambda many: {
        stage: dict(Counter(why[:60] for one, why in many if one == stage)) for stage in load.stages if any(one == stage for one, _ in many)}
    documents = [error for written in load.written for error in written.errors]
    return {
        "documents": {"acknowledged": sum(written.acknowledged for written in load.written), "errors": errors(documents)},
        "users": {"acknowledged": load.users.acknowledged, "errors": errors(load.users.errors)},
        "lost": len(missing),
    }


def judge_errors(load, told):
    """Only what cannot be avoided: what was on its way through what ended."""
    documents, users = told["documents"]["errors"], told["users"]["errors"]
    # Each client's one request through the gateway that was killed.
    killed = documents.get("a gateway is killed", {})
    assert sum(killed.values()) <= WRITERS and all(why.startswith("broken") for why in killed), killed
    # The answer of each to what was on its way to the node, told by the gateway.
    node = documents.get("the leading node is killed", {})
    assert sum(node.values()) <= 2 * WRITERS and not any(why.startswith("broken") for why in node), node
    for stage in load.stages:
        if stage not in ("a gateway is killed", "the leading node is killed"):
            assert documents.get(stage, {}) == {}, (stage, documents)
        if "PostgreSQL" not in stage and stage != "a gateway is killed":
            assert users.get(stage, {}) == {}, (stage, users)
    assert set(users.get("PostgreSQL is stopped as by a power failure", {})) <= {"ServiceUnavailable"}, users
