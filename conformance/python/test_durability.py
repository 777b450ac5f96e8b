"""What was acknowledged survives: the process is killed without warning, and started again."""

import json
import threading

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from service import Service

ITEMS_PER_BULK = 50
BULKS_BEFORE_THE_KILL = 10


def call(service, session, method, path, body=None):
    headers = {"Content-Type": "application/x-ndjson" if path == "/_bulk" else "application/json"} if body else {}
    request = AWSRequest(method, service.endpoint + path, data=body, headers=headers)
    SigV4Auth(BotocoreCredentials(*session), "es", service.region).add_auth(request)
    prepared = request.prepare()
    return requests.request(
        method, prepared.url, headers=dict(prepared.headers), data=prepared.body, verify=service.ca_bundle, timeout=60
    )


def load(service, session, acknowledged, enough):
    """Sends bulks until the service is gone; keeps the ids of every acknowledged item."""
    number = 0
    while True:
        ids = [f"{number}-{n}" for n in range(ITEMS_PER_BULK)]
        lines = [line for i in ids for line in ({"index": {"_index": "kept", "_id": i}}, {"id": i, "text": "x" * 200})]
        try:
            reply = call(service, session, "POST", "/_bulk", "".join(json.dumps(line) + "\n" for line in lines))
        except requests.RequestException:
            return
        answer = reply.json()
        acknowledged.extend(item["index"]["_id"] for item in answer["items"] if item["index"]["status"] in (200, 201))
        number += 1
        if number == BULKS_BEFORE_THE_KILL:
            enough.set()


def test_every_acknowledged_item_survives_a_kill_during_a_bulk_load(tmp_path):
    with Service(tmp_path / "data") as service:
        session = service.assume("search-app")
        acknowledged, enough = [], threading.Event()
        loader = threading.Thread(target=load, args=(service, session, acknowledged, enough))
        loader.start()
        assert enough.wait(60)
        service.kill()
        loader.join(60)
        endpoint = service.endpoint

        service.start()
        assert service.endpoint == endpoint, "a domain keeps its port over restarts"
        call(service, session, "POST", "/kept/_refresh")
        body = json.dumps({"ids": acknowledged})
        found = call(service, session, "POST", "/kept/_mget?_source=false", body).json()["docs"]
        missing = [doc["_id"] for doc in found if not doc.get("found")]
        assert len(acknowledged) >= ITEMS_PER_BULK * BULKS_BEFORE_THE_KILL
        assert len(found) == len(acknowledged) and missing == []
        assert call(service, session, "GET", "/kept/_count").json()["count"] >= len(acknowledged)
        assert service.stop() == 0


def test_a_restart_keeps_identities_domains_and_policies(tmp_path):
    with Service(tmp_path / "data") as service:
        stranger = service.make_role("kept-stranger")
        service.client("opensearch").create_domain(DomainName="kept-domain")
        assert service.stop() == 0

        service.start()
        assert call(service, service.assume("search-app"), "GET", "/").status_code == 200
        assert call(service, stranger, "GET", "/").status_code == 403
        names = [domain["DomainName"] for domain in service.client("opensearch").list_domain_names()["DomainNames"]]
        assert sorted(names) == ["dev", "kept-domain"]
        assert set(service.ready["domains"]) == {"dev", "kept-domain"}
        assert service.stop() == 0
