"""A pytest plugin: moto's `mock_aws` becomes a freshly started `countersign serve` with one empty account.

moto's tests run against a server when TEST_SERVER_MODE is set; `mock_aws` then starts from `ServerModeMockAWS`, which is the
only thing that is replaced. The tests themselves are unmodified. What moto does not look at, and every honest server does, is
given to the tests on their way:

- signatures, so clients' clocks are not frozen (`freeze_time` does nothing here);
- credentials: those of the account's root; in tests of sts, whose roles root may not assume, an administrator's;
- the trust policy and the path of a role: where a test sends words that stand for one (`some policy`, `my-path`), one that
  trusts EC2 is sent, and a path with its slashes.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import ContextDecorator
from pathlib import Path

import boto3
import botocore.session
import freezegun
import moto.core.decorator
import moto.core.models

ACCOUNT = "123456789012"
ADMINISTRATORS = ("tests/test_sts/",)
SETTINGS = {
    "control.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", "domains.first_port": "0", "accounts": ACCOUNT,
    "foreign_principals": "true", "storage_encrypted": "true", "open_policies": "true",
}
STOP_SECONDS_MAX = 20


class Started:
    """One service, started without waiting for it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-moto-"))
        command = [os.environ["COUNTERSIGN_BINARY"], "serve", "--json", "--set", f"data={self.folder}/data"]
        for name, value in SETTINGS.items():
            command += ["--set", f"{name}={value}"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean
        )

    def variables(self):
        """What a client needs in its environment, once the service is ready."""
        ready = json.loads(self.process.stdout.readline())
        keys = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", (self.folder / "data/root.env").read_text(), re.M))
        return {
            "AWS_ACCESS_KEY_ID": keys["AWS_ACCESS_KEY_ID"], "AWS_SECRET_ACCESS_KEY": keys["AWS_SECRET_ACCESS_KEY"],
            "AWS_ENDPOINT_URL": ready["control"], "AWS_CA_BUNDLE": ready["ca"], "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
        }

    def end(self):
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Services:
    """The service of the present test, and one that is started already for the next."""

    def __init__(self):
        self.present, self.next, self.file = None, None, ""

    def fresh(self):
        """A new account for what follows."""
        if self.present:
            threading.Thread(target=self.present.end).start()
        self.present, self.next = self.next or Started(), Started()
        os.environ.update(self.present.variables())
        boto3.DEFAULT_SESSION = None
        if any(part in self.file for part in ADMINISTRATORS):
            os.environ.update(administrator())
            boto3.DEFAULT_SESSION = None

    def end(self):
        for service in (self.present, self.next):
            if service:
                service.end()


def administrator():
    """The key of a new user who may do everything."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="administrator")
    iam.attach_user_policy(UserName="administrator", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


services = Services()
TRUSTS_EC2 = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})
STANDS_FOR_A_POLICY = {"{}", '"{ }"', "example", "policy", "some policy", "some policy2", "sp", "test policy"}
STANDS_FOR_A_PATH = {"my-path": "/my-path/", "my-path2": "/my-path2/"}


def completed(params, **_):
    """Puts a trust policy and a path where a test sends words for one."""
    if params.get("AssumeRolePolicyDocument") in STANDS_FOR_A_POLICY:
        params["AssumeRolePolicyDocument"] = TRUSTS_EC2
    if params.get("Path") in STANDS_FOR_A_PATH:
        params["Path"] = STANDS_FOR_A_PATH[params["Path"]]


class Session(botocore.session.Session):
    """Every client of this process, whoever makes it."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        for operation in ("CreateRole", "CreateInstanceProfile"):
            self.register(f"before-parameter-build.iam.{operation}", completed)


botocore.session.Session = Session


class MockedByCountersign(moto.core.models.MockAWS):
    """`mock_aws`: starts when moto's would start, with an empty account when moto's would be reset."""

    def _mock_env_variables(self):
        """The credentials are real ones."""

    def _unmock_env_variables(self):
        """Nothing was put in their place."""

    def _enable_patching(self, reset=True):
        if reset:
            services.fresh()

    def _disable_patching(self, remove_data):
        """What was made goes with its account."""


class NotFrozen(ContextDecorator):
    """`freeze_time` of a client whose requests are signed."""

    def __init__(self, *_, **__):
        pass

    def __call__(self, decorated):
        return decorated

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def tick(self, *_, **__):
        """Time goes by itself."""


moto.core.decorator.ServerModeMockAWS = MockedByCountersign
freezegun.freeze_time = NotFrozen


def pytest_runtest_setup(item):
    services.file = str(item.path)


def pytest_sessionfinish():
    services.end()
