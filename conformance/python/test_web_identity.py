"""AssumeRoleWithWebIdentity against a real issuer: panva's oidc-provider, over HTTPS, under a private authority."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import ssl

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from npm import ROOT, installed
from service import STOP_SECONDS_MAX, Clock, Credentials, Service, binary, exported, nobodys, trust

SOURCES = ROOT / "conformance" / "issuer"
READY_SECONDS_MAX = 60


class Serving(Service):
    """`countersign serve` as an operator runs it, with a private authority for identity providers."""

    def start(self):
        settings = {
            "data": self.folder,
            "control.listen": "127.0.0.1:0",
            "admin.listen": "127.0.0.1:0",
            "domains.first_port": 0,
            **dict(self.options),
        }
        command = [binary(), "serve", "--json"]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=self.environment
            )
        self.ready = self._read_ready()
        self.control, self.account, self.region = (self.ready[name] for name in ("control", "account", "region"))
        self.variables = exported(self.folder / "root.env")
        self.ca_bundle = self.variables["AWS_CA_BUNDLE"]
        trust(self.ready["ca"])
        self.developer = Credentials(self.variables["AWS_ACCESS_KEY_ID"], self.variables["AWS_SECRET_ACCESS_KEY"], None)

    def make_domain(self, name, role):
        """A domain that one role may use; gives its URL."""
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": self.role_arn(role)}, "Action": "es:*",
                 "Resource": f"{self.domain_arn(name)}/*"}
            ],
        }
        client = self.client("opensearch")
        client.create_domain(DomainName=name, AccessPolicies=json.dumps(policy))
        for _ in range(300):
            status = client.describe_domain(DomainName=name)["DomainStatus"]
            if status.get("Endpoint") and not status["Processing"]:
                return f"https://{status['Endpoint']}"
            time.sleep(0.1)
        raise AssertionError("the domain got no endpoint")


class Issuer:
    """The issuer's process: fresh keys at each start, the same URL."""

    def __init__(self, modules, folder, environment=None):
        self.modules, self.folder, self.port = modules, folder, 0
        self.environment = {**os.environ, **(environment or {})}
        certificate(folder)
        self.start()

    def start(self):
        command = ["node", "issuer.mjs", str(self.port), str(self.folder / "leaf.pem"), str(self.folder / "leaf.key")]
        self.process = subprocess.Popen(
            command, cwd=self.modules, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=open(self.folder / "issuer.log", "ab"), text=True, env=self.environment,
        )
        watchdog = threading.Timer(READY_SECONDS_MAX, self.process.kill)
        watchdog.start()
        lines = (line for line in self.process.stdout if line.startswith("{"))
        ready = next(lines, None)
        watchdog.cancel()
        assert ready, f"no issuer within {READY_SECONDS_MAX} s: {(self.folder / 'issuer.log').read_text()}"
        self.url = json.loads(ready)["issuer"]
        self.port = urllib.parse.urlsplit(self.url).port

    def stop(self):
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()

    def rotate(self):
        """Other keys, under the same URL."""
        self.stop()
        self.start()

    def get(self, path, form=None):
        body = urllib.parse.urlencode(form).encode() if form else None
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        with urllib.request.urlopen(self.url + path, body, timeout=30, context=context) as answer:
            return json.loads(answer.read())

    def token(self, audience="urn:sts", client="build-7"):
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": "not much of a secret",
            "resource": audience,
            "scope": "api",
        }
        return self.get("/token", form)["access_token"]


def certificate(folder):
    """A private authority and a certificate of it for localhost."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=issuers of this test", "-days", "2")
    openssl("req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost")
    (folder / "extensions").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "leaf.pem", "-days", "2"]
    openssl("x509", "-req", "-in", "leaf.csr", *signed, "-extfile", "extensions")


@pytest.fixture(scope="module")
def modules():
    """The issuer, installed under `target/` as the lock file says."""
    return installed(SOURCES, "openssl")


@pytest.fixture(scope="module")
def issuer(modules, tmp_path_factory):
    running = Issuer(modules, tmp_path_factory.mktemp("issuer"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """The service's clock, where it can be moved."""
    return Clock(tmp_path_factory.mktemp("clock")) if Clock.library() else None


@pytest.fixture(scope="module")
def serving(issuer, clock, tmp_path_factory):
    """A service that knows the issuer, with a role for it and a domain for the role."""
    folder = tmp_path_factory.mktemp("serving") / "data"
    environment = clock.environment() if clock else None
    service = Serving(folder, environment, {"oidc.ca": issuer.folder / "ca.pem"}.items())
    iam, host = service.client("iam"), issuer.url.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=["urn:sts", "urn:sts-es256", "urn:sts-short"], ThumbprintList=["0" * 40]
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {
            "StringLike": {f"{host}:sub": "build-*"},
            "StringEquals": {f"{host}:aud": ["urn:sts", "urn:sts-es256", "urn:sts-short"]},
        },
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=document)
    service.url = service.make_domain("built", "ci")
    yield service
    service.stop()


def exchange(service, token, role="ci"):
    """The unsigned call, as boto3 makes it."""
    client = boto3.client(
        "sts", endpoint_url=service.control, region_name=service.region, verify=service.ca_bundle,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    return client.assume_role_with_web_identity(
        RoleArn=service.role_arn(role), RoleSessionName="job", WebIdentityToken=token
    )


def refused(service, token, **options):
    with pytest.raises(ClientError) as error:
        exchange(service, token, **options)
    return error.value.response["Error"]["Code"]


def parts(token):
    decode = lambda part: json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))  # noqa: E731
    head, body, signature = token.split(".")
    return decode(head), decode(body), signature


def encode(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("audience, alg", [("urn:sts", "RS256"), ("urn:sts-es256", "ES256")])
def test_a_real_token_becomes_a_session_that_reaches_the_domain(issuer, serving, audience, alg):
    import requests
    from requests_aws4auth import AWS4Auth

    token = issuer.token(audience)
    assert parts(token)[0]["alg"] == alg
    reply = exchange(serving, token)
    assert (reply["SubjectFromWebIdentityToken"], reply["Audience"]) == ("build-7", audience)
    assert reply["SourceIdentity"] == "ci-build-7"
    keys = reply["Credentials"]
    auth = AWS4Auth(keys["AccessKeyId"], keys["SecretAccessKey"], serving.region, "es", session_token=keys["SessionToken"])
    assert requests.get(serving.url, auth=auth).status_code == 200


def test_boto3s_own_chain_takes_the_token_from_its_file(issuer, serving, tmp_path):
    file = tmp_path / "token"
    file.write_text(issuer.token())
    places = {name: value for name, value in serving.variables.items() if "KEY" not in name}
    environment = nobodys(
        places, AWS_WEB_IDENTITY_TOKEN_FILE=str(file), AWS_ROLE_ARN=serving.role_arn("ci"), AWS_ROLE_SESSION_NAME="chain"
    )
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == f"arn:aws:sts::{serving.account}:assumed-role/ci/chain", done.stderr
    done = subprocess.run([binary(), "request", serving.url], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "tagline" in done.stdout, done.stderr


def test_conditions_on_the_subject_count(issuer, serving):
    assert refused(serving, issuer.token(client="deploy-1")) == "AccessDenied"


def test_another_audience_is_refused(issuer, serving):
    assert refused(serving, issuer.token("urn:stranger")) == "InvalidIdentityToken"


def test_an_issuer_that_nobody_registered_is_refused(modules, serving, tmp_path):
    stranger = Issuer(modules, tmp_path)
    try:
        assert refused(serving, stranger.token()) == "InvalidIdentityToken"
    finally:
        stranger.stop()


def test_an_expired_token_is_refused(issuer, serving):
    token = issuer.token("urn:sts-short")
    deadline = time.monotonic() + 10
    while time.time() <= parts(token)[1]["exp"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert refused(serving, token) == "ExpiredTokenException"


def test_unsigned_tokens_and_public_keys_as_secrets_are_refused(issuer, serving):
    head, body, _ = parts(issuer.token())
    for name in ("none", "None", "NONE"):
        assert refused(serving, f"{encode({**head, 'alg': name})}.{encode(body)}.") == "InvalidIdentityToken"
    public = next(key for key in issuer.get("/jwks")["keys"] if key["kty"] == "RSA")
    signed = f"{encode({**head, 'alg': 'HS256'})}.{encode(body)}"
    for secret in (public["n"].encode(), json.dumps(public).encode()):
        mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
        assert refused(serving, f"{signed}.{mac}") == "InvalidIdentityToken"


def test_a_changed_claim_is_refused(issuer, serving):
    token = issuer.token(client="deploy-1")
    _, body, signature = parts(token)
    forged = f"{token.split('.')[0]}.{encode({**body, 'sub': 'build-7'})}.{signature}"
    assert refused(serving, forged) == "InvalidIdentityToken"


def test_rotated_keys_are_fetched_and_the_old_ones_end(issuer, serving, clock):
    """Last: afterwards the issuer has other keys and the service another time."""
    Clock.require()
    old = issuer.token()
    exchange(serving, old)
    issuer.rotate()
    clock.move(2)  # A provider is asked again for the sake of a doubtful token once a minute.
    exchange(serving, issuer.token())
    assert refused(serving, old) == "InvalidIdentityToken"
