"""Starts and stops the service under judgement, as a script would: `countersign dev --json`."""

import glob
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

# What a client signs with; `token` is None for a long-term key.
Credentials = namedtuple("Credentials", "access_key secret_key token")

# The service must say that it is ready within this many seconds, on the slowest machine of CI.
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20
DOMAIN_SECONDS_MAX = 30


def binary():
    """The service's binary, built by `cargo xtask judges`."""
    path = os.environ.get("COUNTERSIGN_BINARY")
    if not path:
        raise RuntimeError("COUNTERSIGN_BINARY names no binary: run `cargo xtask judges`")
    return path


TRUSTED = Path(tempfile.mkdtemp(prefix="countersign-judges-")) / "ca-bundle.pem"


def trust(ca):
    """Lets requests-based clients of this process trust one more CA, as `eval "$(cat DIR/env)"` does in a shell."""
    with open(TRUSTED, "ab") as bundle:
        bundle.write(Path(ca).read_bytes())
    os.environ["REQUESTS_CA_BUNDLE"] = str(TRUSTED)


class Service:
    """One running `countersign dev` and what its start-up contract says about it."""

    def __init__(self, folder, environment=None, options=()):
        self.folder = Path(folder)
        self.options = list(options)
        self.log = self.folder.parent / f"{self.folder.name}.log"
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.start()

    def start(self):
        command = [binary(), "dev", "--data", str(self.folder), "--control", "127.0.0.1:0"]
        command += ["--admin", "127.0.0.1:0", "--port", "0", "--json", *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=self.environment
            )
        self.ready = self._read_ready()
        self.control = self.ready["control"]
        self.endpoint = self.ready["domains"].get("dev")
        self.account = self.ready["account"]
        self.region = self.ready["region"]
        self.variables = exported(self.folder / "env")
        self.ca_bundle = self.variables["AWS_CA_BUNDLE"]
        trust(self.ready["ca"])
        self.developer = Credentials(
            self.variables["AWS_ACCESS_KEY_ID"], self.variables["AWS_SECRET_ACCESS_KEY"], None
        )

    def _read_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        for line in self.process.stdout:
            if line.startswith(b"{"):
                return json.loads(line)
            if time.monotonic() > deadline:
                break
        raise RuntimeError(f"the service did not get ready; its log:\n{self.log.read_text(errors='replace')}")

    @property
    def folders(self):
        """The data folders: one for each process that serves."""
        return [self.folder]

    @property
    def admin_urls(self):
        """Where each of them tells of itself."""
        return [self.ready["admin"]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """A test that failed half-way leaves no service behind."""
        if self.process.poll() is None:
            self.kill()

    def stop(self):
        """Ends it as an operator would and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        return code

    def kill(self):
        """Ends it as a power failure would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()

    def client(self, name, credentials=None, **options):
        """A boto3 client of the control plane, as user `developer` unless told otherwise."""
        credentials = credentials or self.developer
        return boto3.client(
            name,
            endpoint_url=self.control,
            region_name=self.region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            verify=self.ca_bundle,
            config=Config(retries={"total_max_attempts": 1}),
            **options,
        )

    def role_arn(self, role):
        return f"arn:aws:iam::{self.account}:role/{role}"

    def assume(self, role, session="judge", **options):
        """Credentials of a session of `role`, assumed by `developer`."""
        reply = self.client("sts").assume_role(RoleArn=self.role_arn(role), RoleSessionName=session, **options)
        keys = reply["Credentials"]
        return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def make_role(self, role, policy=None):
        """A role that the account may assume, with an inline policy or with nothing granted."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        iam = self.client("iam")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        if policy:
            iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=json.dumps(policy))
        return self.assume(role)

    def environment_of(self, keys, **changes):
        """What `eval "$(cat DIR/env)"` gives, with these keys and nobody's files; a change of None removes a variable."""
        own = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key, "AWS_SESSION_TOKEN": keys.token}
        return nobodys({**self.variables, **own}, **changes)

    def make_domain(self, name, version="Elasticsearch_7.10", **options):
        """The endpoint of another domain, with the policy of `dev`."""
        client = self.client("opensearch")
        policy = client.describe_domain_config(DomainName="dev")["DomainConfig"]["AccessPolicies"]["Options"]
        policy = policy.replace("domain/dev", f"domain/{name}")
        client.create_domain(DomainName=name, EngineVersion=version, AccessPolicies=policy, **options)
        return "https://" + wait_for_domain(client, name)["Endpoint"]

    def domain_arn(self, domain="dev"):
        return f"arn:aws:es:{self.region}:{self.account}:domain/{domain}"


def wait_for_domain(client, name):
    """As Terraform waits: no longer processing, and an endpoint is there."""
    deadline = time.monotonic() + DOMAIN_SECONDS_MAX
    while time.monotonic() < deadline:
        status = client.describe_domain(DomainName=name)["DomainStatus"]
        if not status["Processing"] and (status.get("Endpoint") or status.get("Endpoints")):
            return status
        time.sleep(0.05)
    raise AssertionError(f"domain {name} was not ready in {DOMAIN_SECONDS_MAX} s")


def nobodys(variables, **changes):
    """An environment without anybody's credentials, files or metadata service, and with these variables; None is none."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}
    return {name: value for name, value in {**clean, **variables, **nowhere, **changes}.items() if value is not None}


def exported(path):
    """The variables of a file of shell `export` lines."""
    variables = {}
    for line in Path(path).read_text().splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            variables.update(word.split("=", 1) for word in words[1:])
    return variables


class Clock:
    """The service's own clock, moved by libfaketime; the clients' clocks stay right."""

    def __init__(self, folder):
        self.require()
        self.file = Path(folder) / "clock"
        self.move(0)

    def move(self, minutes):
        self.file.write_text(f"{minutes:+d}m\n")

    def environment(self):
        return {
            "LD_PRELOAD": self.library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            # Timers go by the monotonic clock, which no test moves.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @classmethod
    def require(cls):
        """Skips the test where libfaketime is not installed."""
        # Nothing else moves one process's clock. `.ci/run` installs it where it can, and says in its first lines where it cannot.
        if cls.library() is None:
            pytest.skip("libfaketime is not installed (Debian: apt-get install libfaketime)")

    @staticmethod
    def library():
        """libfaketime's path where it is installed, else None."""
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/lib/faketime/libfaketimeMT.so.1")
        return found[0] if found else None
