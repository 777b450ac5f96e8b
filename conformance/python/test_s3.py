"""Snapshots in buckets: moto's S3 keeps them and checks every signature; opensearch-py and elasticsearch-py ask, boto3 looks.

Amazon's way: a role that trusts es.amazonaws.com, passed by whoever registers the repository. The network's way: the operator's
settings name the endpoint, the buckets, the domains and the key; nothing in a request leads anywhere else.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import boto3
import elasticsearch
import opensearchpy
import pytest
import requests
from requests_aws4auth import AWS4Auth

from test_web_identity import Serving

REGION = "us-east-1"
# Calls that moto does not ask a signature of: what makes its user.
MAKING = 3
ROLE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::books"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::books/*"},
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
LIBRARIES = {"elasticsearch-py": (elasticsearch, "Elasticsearch_7.10"), "opensearch-py": (opensearchpy, "OpenSearch_2.19")}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Moto:
    """A server of moto's that lets in only what is signed by the key of its one user."""

    def __init__(self):
        self.url = f"http://127.0.0.1:{free_port()}"
        port = self.url.rsplit(":", 1)[1]
        environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(MAKING)}
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                requests.get(f"{self.url}/moto-api/data.json", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        iam = boto3.client("iam", endpoint_url=self.url, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        iam.create_user(UserName="operator")
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="operator", PolicyName="s3", PolicyDocument=json.dumps(everything))
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        self.access_key, self.secret_key = key["AccessKeyId"], key["SecretAccessKey"]
        self.s3 = boto3.client(
            "s3", endpoint_url=self.url, region_name=REGION, aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key
        )
        self.s3.create_bucket(Bucket="books")
        self.s3.create_bucket(Bucket="others")

    def objects(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="books", Prefix=prefix)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}


@pytest.fixture(scope="module")
def moto():
    server = Moto()
    yield server
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(20)


@pytest.fixture(scope="module")
def service(moto, tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    secret = folder / "secret"
    secret.write_text(moto.secret_key)
    common = {
        "domains": "arn:aws:es:us-east-1:123456789012:domain/*",
        "buckets": "books",
        "region": REGION,
        "endpoint": moto.url,
        "access_key": moto.access_key,
        "secret_key_file": str(secret),
    }
    clients = {"default": common, "plain": {**common, "require_role": "false", "buckets": "books/plain"}}
    pairs = [f"{name}.{key}={value}" for name, client in clients.items() for key, value in client.items()]
    with Serving(folder / "data", options=[("s3_clients", ",".join(pairs))]) as running:
        iam = running.client("iam")
        iam.create_role(RoleName="snapshots", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(RoleName="snapshots", PolicyName="s3", PolicyDocument=json.dumps(ROLE_POLICY))
        for library, (_, version) in LIBRARIES.items():
            make_domain(running, library, version)
        yield running


def make_domain(service, library, version):
    name, client = library.lower().replace("-py", ""), service.client("opensearch")
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{service.account}:root"}, "Action": "es:*"}
    allow["Resource"] = f"{service.domain_arn(name)}/*"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    client.create_domain(DomainName=name, EngineVersion=version, AccessPolicies=policy)


def endpoint(service, library):
    client = service.client("opensearch")
    for _ in range(300):
        status = client.describe_domain(DomainName=library.replace("-py", ""))["DomainStatus"]
        if status.get("Endpoint"):
            return status["Endpoint"].rsplit(":", 1)
        time.sleep(0.1)
    raise AssertionError("the domain got no endpoint")


def connect(service, library, credentials=None):
    """The library's client, unmodified, of its domain."""
    host, port = endpoint(service, library)
    keys = credentials or service.developer
    auth = AWS4Auth(keys.access_key, keys.secret_key, REGION, "es", session_token=keys.token)
    module, _ = LIBRARIES[library]
    kind = module.Elasticsearch if library == "elasticsearch-py" else module.OpenSearch
    return kind(
        hosts=[{"host": host, "port": int(port)}],
        http_auth=auth,
        use_ssl=True,
        verify_certs=True,
        ca_certs=service.ca_bundle,
        connection_class=module.RequestsHttpConnection,
        timeout=60,
        max_retries=0,
    )


@pytest.fixture(params=LIBRARIES)
def library(request):
    return request.param


def repository(service, path, **settings):
    own = {"bucket": "books", "base_path": path, "role_arn": service.role_arn("snapshots"), **settings}
    return {"type": "s3", "settings": {key: value for key, value in own.items() if value is not None}}


def refusal(library, call, *arguments, **named):
    """Status and text of what is refused."""
    with pytest.raises(LIBRARIES[library][0].TransportError) as refused:
        call(*arguments, **named)
    return refused.value.status_code, json.dumps(refused.value.info)


def fill(client, index, count=50):
    lines = [line for n in range(count) for line in ({"index": {"_index": index, "_id": n}}, {"n": n, "text": f"book {n}"})]
    assert not client.bulk(body=lines, refresh=True)["errors"]


def test_an_index_goes_to_the_bucket_and_comes_back(service, moto, library):
    client = connect(service, library)
    fill(client, "books")
    assert client.snapshot.create_repository(repository="r", body=repository(service, f"{library}/a", compress=True))["acknowledged"]
    assert client.snapshot.verify_repository(repository="r")["nodes"]
    created = client.snapshot.create(repository="r", snapshot="s1", body={"indices": "books"}, wait_for_completion=True)["snapshot"]
    assert (created["state"], created["indices"]) == ("SUCCESS", ["books"])
    objects = moto.objects(f"{library}/a/")
    assert f"{library}/a/repository.json" in objects and any(key.endswith(".segment") for key in objects)
    assert not [key for key in objects if "tests-" in key], "the probe is gone"

    client.delete(index="books", id=7, refresh=True)
    client.snapshot.create(repository="r", snapshot="s2", body={"indices": "books"}, wait_for_completion=True)
    status = client.snapshot.status(repository="r", snapshot="s2")["snapshots"][0]
    assert status["stats"]["incremental"]["file_count"] < status["stats"]["total"]["file_count"]
    assert client.snapshot.create(repository="r", snapshot="s0", body={"indices": "books"})["accepted"]
    while client.snapshot.get(repository="r", snapshot="s0")["snapshots"][0]["state"] == "IN_PROGRESS":
        pass
    client.snapshot.delete(repository="r", snapshot="s0")
    client.snapshot.clone(repository="r", snapshot="s2", target_snapshot="s3", body={"indices": "books"})
    client.snapshot.delete(repository="r", snapshot="s2")

    client.indices.delete(index="books")
    client.snapshot.restore(repository="r", snapshot="s1", body={"indices": "books"}, wait_for_completion=True)
    renamed = {"indices": "books", "rename_pattern": "(.+)", "rename_replacement": "later-$1"}
    client.snapshot.restore(repository="r", snapshot="s3", body=renamed, wait_for_completion=True)
    assert client.count(index="books")["count"] == 50
    assert client.count(index="later-books")["count"] == 49
    assert client.search(index="later-books", body={"query": {"match": {"text": "book"}}})["hits"]["total"]["value"] == 49

    client.snapshot.delete(repository="r", snapshot="s1")
    client.snapshot.delete(repository="r", snapshot="s3")
    assert client.snapshot.cleanup_repository(repository="r")["results"]["deleted_blobs"] == 0
    assert list(moto.objects(f"{library}/a/")) == [f"{library}/a/repository.json"]
    assert client.snapshot.delete_repository(repository="r")["acknowledged"]


def test_what_is_said_of_objects_is_said_to_s3(service, moto, library):
    client = connect(service, library)
    fill(client, "said", 5)
    body = repository(service, f"{library}/said", server_side_encryption=True, storage_class="standard_ia")
    client.snapshot.create_repository(repository="said", body=body)
    client.snapshot.create(repository="said", snapshot="s", body={"indices": "said"}, wait_for_completion=True)
    for key in moto.objects(f"{library}/said/"):
        head = moto.s3.head_object(Bucket="books", Key=key)
        assert (head["ServerSideEncryption"], head["StorageClass"]) == ("AES256", "STANDARD_IA")


def test_a_repository_that_only_reads_has_what_another_domain_wrote(service, moto):
    writer, reader = connect(service, "opensearch-py"), connect(service, "elasticsearch-py")
    fill(writer, "moved", 10)
    writer.snapshot.create_repository(repository="shared", body=repository(service, "shared"))
    writer.snapshot.create(repository="shared", snapshot="s", body={"indices": "moved"}, wait_for_completion=True)
    before = moto.objects("shared/")
    reader.snapshot.create_repository(repository="shared", body=repository(service, "shared", readonly=True))
    status, told = refusal("elasticsearch-py", reader.snapshot.create, repository="shared", snapshot="t", body={})
    assert status == 500 and "cannot create snapshot in a readonly repository" in told
    reader.snapshot.restore(repository="shared", snapshot="s", body={"indices": "moved"}, wait_for_completion=True)
    assert reader.count(index="moved")["count"] == 10
    assert moto.objects("shared/") == before


def test_a_role_is_needed_passed_trusted_and_obeyed(service, library):
    client, iam = connect(service, library), service.client("iam")
    put = client.snapshot.create_repository
    status, told = refusal(library, put, repository="x", body=repository(service, f"{library}/x", role_arn=None))
    assert status == 500 and "settings.role_arn is needed for snapshot registration." in told
    status, told = refusal(library, put, repository="x", body=repository(service, f"{library}/x", role_arn=service.role_arn("nobody")))
    assert status == 500 and "User: es.amazonaws.com is not authorized to perform: sts:AssumeRole" in told

    # A user that may do everything on the domain, and may not pass the role.
    name = f"ann-{library}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*", "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="es", PolicyDocument=json.dumps(allow))
    ann = connect(service, library, type(service.developer)(key["AccessKeyId"], key["SecretAccessKey"], None))
    status, told = refusal(library, ann.snapshot.create_repository, repository="x", body=repository(service, f"{library}/x"))
    assert status == 403 and "iam:PassRole on resource" in told
    allow["Statement"].append(
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": service.role_arn("snapshots"),
            "Condition": {"StringEquals": {"iam:PassedToService": "es.amazonaws.com"}},
        }
    )
    iam.put_user_policy(UserName=name, PolicyName="es", PolicyDocument=json.dumps(allow))
    assert ann.snapshot.create_repository(repository="x", body=repository(service, f"{library}/x"))["acknowledged"]

    # What the role may not do any more is not done any more.
    fill(client, "obeyed", 5)
    iam.put_role_policy(RoleName="snapshots", PolicyName="s3", PolicyDocument=json.dumps({**ROLE_POLICY, "Statement": ROLE_POLICY["Statement"][:1]}))
    status, told = refusal(library, client.snapshot.create, repository="x", snapshot="s", body={"indices": "obeyed"}, wait_for_completion=True)
    assert status == 500 and "is not authorized to perform: s3:GetObject on resource" in told
    iam.put_role_policy(RoleName="snapshots", PolicyName="s3", PolicyDocument=json.dumps(ROLE_POLICY))
    assert client.snapshot.create(repository="x", snapshot="s", body={"indices": "obeyed"}, wait_for_completion=True)["snapshot"]["state"] == "SUCCESS"


def test_no_request_leads_anywhere_but_where_the_operator_lets_it(service, moto, library):
    client = connect(service, library)
    put = client.snapshot.create_repository
    for settings, told in [
        ({"bucket": "others"}, "bucket [others] with base_path [x] is not among those that the operator lets this domain use"),
        ({"endpoint": "169.254.169.254"}, "endpoint is [169.254.169.254], expected that of the s3 client [default]"),
        ({"region": "eu-west-1"}, "region is [eu-west-1], expected that of the s3 client [default]"),
        ({"protocol": "https"}, "protocol is [https], expected that of the s3 client [default]"),
        ({"client": "mine"}, "Unknown s3 client name [mine]. Existing client configs: default,plain"),
        ({"access_key": "AKIA", "secret_key": "x"}, "setting [access_key] is not supported"),
        ({"base_path": "../others"}, "[base_path] is [../others]"),
        ({"client": "plain", "base_path": "plainer"}, "is not among those that the operator lets this domain use"),
    ]:
        body = repository(service, settings.pop("base_path", "x"), **settings)
        status, seen = refusal(library, put, repository="x", body=body)
        assert status == 500 and told in seen, seen
    # Without a role, where the operator asks for none.
    assert put(repository="p", body=repository(service, "plain/p", client="plain", role_arn=None, endpoint=moto.url))["acknowledged"]


def test_snapshots_are_there_after_a_start_as_soon_as_s3_answers(service, moto, library):
    client = connect(service, library)
    fill(client, "kept", 5)
    client.snapshot.create_repository(repository="kept", body=repository(service, f"{library}/kept"))
    client.snapshot.create(repository="kept", snapshot="s", body={"indices": "kept"}, wait_for_completion=True)
    service.kill()
    service.start()
    client = connect(service, library)
    for _ in range(200):
        try:
            told = client.snapshot.get(repository="kept", snapshot="s")
            break
        except LIBRARIES[library][0].TransportError as early:
            assert "was not read yet since the start" in json.dumps(early.info)
            time.sleep(0.05)
    assert told["snapshots"][0]["state"] == "SUCCESS"
    renamed = {"indices": "kept", "rename_pattern": "kept", "rename_replacement": "again"}
    client.snapshot.restore(repository="kept", snapshot="s", body=renamed, wait_for_completion=True)
    assert client.count(index="again")["count"] == 5
