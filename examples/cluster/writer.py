"""Writes documents one by one, as role search-app, until its standard input ends; then counts what was acknowledged and is not there.

What it prints is its result: `written`, `errors` (kinds and numbers) and `lost`. It ends with 1 if an acknowledged document is lost.
"""

import collections
import json
import os
import sys
import threading
from urllib.parse import urlsplit

import boto3
from elasticsearch import ConnectionError, Elasticsearch, NotFoundError, RequestsHttpConnection, TransportError, helpers
from requests_aws4auth import AWS4Auth

INDEX = "written-under-load"


def client():
    sts = boto3.client("sts")
    role = f"arn:aws:iam::{sts.get_caller_identity()['Account']}:role/search-app"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="writer")["Credentials"]
    auth = AWS4Auth(keys["AccessKeyId"], keys["SecretAccessKey"], os.environ["AWS_REGION"], "es",
                    session_token=keys["SessionToken"])
    endpoint = urlsplit(os.environ["COUNTERSIGN_ENDPOINT"])
    return Elasticsearch(hosts=[{"host": endpoint.hostname, "port": endpoint.port}], http_auth=auth, use_ssl=True,
                         ca_certs=os.environ["REQUESTS_CA_BUNDLE"], connection_class=RequestsHttpConnection,
                         timeout=20, max_retries=0)


def main():
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    search, acknowledged, errors = client(), [], collections.Counter()
    search.indices.delete(INDEX, ignore=404)
    search.indices.create(INDEX, {"settings": {"number_of_shards": 3, "number_of_replicas": 1}})
    print("writing", flush=True)
    number = 0
    while not ended.is_set():
        number += 1
        try:
            search.index(INDEX, {"number": number}, id=str(number))
            acknowledged.append(str(number))
        except (TransportError, ConnectionError) as error:
            errors[str(error.status_code)] += 1
            ended.wait(0.05)
    search = client()
    search.indices.refresh(INDEX)
    there = {hit["_id"] for hit in helpers.scan(search, index=INDEX, size=1000, _source=False)}
    lost = [name for name in acknowledged if name not in there]
    print(json.dumps({"written": len(acknowledged), "errors": dict(errors), "lost": len(lost)}))
    return 1 if lost or not acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
