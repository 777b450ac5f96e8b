#!/usr/bin/env python3
"""Does a decision outlive its policy? 1,000 requests a second while a right is withdrawn.

    python3 benches/revocation/revocation.py BINARY [SECONDS [RATE]]

Starts `countersign dev`, and asks in four ways at once over connections that stand, each a quarter of RATE (1,000): a search, a page
of a scroll, a `_bulk` of one item, a document. In the middle of SECONDS (6) a right is withdrawn in one of four ways: a Deny in a
user's policy, a key deleted, a role's sessions revoked, a role mapping of fine-grained access control removed. Prints the requests
and their rate, how many were allowed before the withdrawal was sent, how many were answered while it was under way, how many were
denied after its answer was read, and how many were allowed though they were sent after that: the late ones, of which there must be
none (exit status 1). Standard library only.
"""
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev
from dev import signed

FORM = "application/x-www-form-urlencoded"
ACCOUNT = "123456789012"
DOMAIN = f"arn:aws:es:us-east-1:{ACCOUNT}:domain/dev"


def policy(effect, **more):
    resource = {"Resource": f"{DOMAIN}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": "es:ESHttp*", **resource, **more}]})


class Service(dev.Service):
    def control(self, service, form):
        host = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        body = urllib.parse.urlencode({"Version": version, **form}).encode()
        return self.once(host, signed(self.key, service, "POST", host, "/", body, FORM)).decode()

    def configure(self, body):
        host = self.key["AWS_ENDPOINT_URL"].removeprefix("https://")
        path = "/2021-01-01/opensearch/domain/dev/config"
        self.once(host, signed(self.key, "es", "POST", host, path, json.dumps(body).encode()))

    def ask(self, key, method, path, body=b""):
        stream = self.connect(self.host)
        return answer(stream, request(self, key, method, path, body))

    def must(self, key, method, path, body=b""):
        status, text = self.ask(key, method, path, body)
        assert status < 300, (path, status, text)
        return text


def request(service, key, method, path, body=b""):
    """The bytes of a signed request; a session's token is a header that need not be signed."""
    data = signed(key, "es", method, service.host, path, body)
    if token := key.get("AWS_SESSION_TOKEN"):
        data = data.replace(b"\r\n", b"\r\nx-amz-security-token: " + token.encode() + b"\r\n", 1)
    return data


def answer(stream, data):
    """Status and body of one answer on a connection that stays open."""
    stream.sendall(data)
    head = b""
    while b"\r\n\r\n" not in head:
        piece = stream.recv(65536)
        assert piece, "the connection was closed"
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
    while len(body) < length:
        body += stream.recv(65536)
    return int(head.split(b" ", 2)[1]), body


def made(xml, name):
    return re.search(f"<{name}>(.*?)</{name}>", xml).group(1)


def user(service, name):
    service.control("iam", {"Action": "CreateUser", "UserName": name})
    service.control("iam", {"Action": "PutUserPolicy", "UserName": name, "PolicyName": "p", "PolicyDocument": policy("Allow")})
    xml = service.control("iam", {"Action": "CreateAccessKey", "UserName": name})
    return {"AWS_ACCESS_KEY_ID": made(xml, "AccessKeyId"), "AWS_SECRET_ACCESS_KEY": made(xml, "SecretAccessKey")}


def of_policy(service):
    form = {"Action": "PutUserPolicy", "UserName": "a", "PolicyName": "deny", "PolicyDocument": policy("Deny")}
    return user(service, "a"), lambda: service.control("iam", form)


def of_key(service):
    key = user(service, "b")
    form = {"Action": "DeleteAccessKey", "UserName": "b", "AccessKeyId": key["AWS_ACCESS_KEY_ID"]}
    return key, lambda: service.control("iam", form)


def of_session(service):
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]})
    service.control("iam", {"Action": "CreateRole", "RoleName": "c", "AssumeRolePolicyDocument": trust})
    service.control("iam", {"Action": "PutRolePolicy", "RoleName": "c", "PolicyName": "p", "PolicyDocument": policy("Allow")})
    form = {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/c", "RoleSessionName": "load"}
    xml = service.control("sts", form)
    key = {"AWS_ACCESS_KEY_ID": made(xml, "AccessKeyId"), "AWS_SECRET_ACCESS_KEY": made(xml, "SecretAccessKey"),
           "AWS_SESSION_TOKEN": made(xml, "SessionToken")}
    older = {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}
    revoke = {"Action": "PutRolePolicy", "RoleName": "c", "PolicyName": "AWSRevokeOlderSessions",
              "PolicyDocument": policy("Deny", Condition=older)}
    return key, lambda: service.control("iam", revoke)


def of_mapping(service):
    key = user(service, "d")
    master = {"MasterUserARN": f"arn:aws:iam::{ACCOUNT}:user/developer"}
    service.configure({"AdvancedSecurityOptions": {"Enabled": True, "MasterUserOptions": master},
                       "NodeToNodeEncryptionOptions": {"Enabled": True}, "EncryptionAtRestOptions": {"Enabled": True},
                       "DomainEndpointOptions": {"EnforceHTTPS": True}})
    api = "/_opendistro/_security/api"
    role = {"cluster_permissions": ["*"], "index_permissions": [{"index_patterns": ["*"], "allowed_actions": ["*"]}]}
    service.must(service.key, "PUT", f"{api}/roles/tested", json.dumps(role).encode())
    mapping = {"users": [f"arn:aws:iam::{ACCOUNT}:user/d"]}
    service.must(service.key, "PUT", f"{api}/rolesmapping/tested", json.dumps(mapping).encode())
    return key, lambda: service.must(service.key, "DELETE", f"{api}/rolesmapping/tested")


def ways(service, key):
    """Of each way, what makes the next request."""
    opened = json.loads(service.must(key, "POST", "/books/_search?scroll=5m&size=1", b"{}"))
    page = json.dumps({"scroll": "5m", "scroll_id": opened["_scroll_id"]}).encode()
    item = b'{"index":{"_index":"books","_id":"9"}}\n{}\n'
    return {
        "searches": request(service, key, "POST", "/books/_search", b"{}"),
        "pages": request(service, key, "POST", "/_search/scroll", page),
        "bulk items": request(service, key, "POST", "/_bulk", item),
        "documents": request(service, key, "GET", "/books/_doc/1"),
    }


def is_allowed(way, status, body):
    # A scroll whose page was denied is closed: the page after that is of no scroll.
    if status == 403 or status == 404 and way == "pages":
        return False
    assert status == 200, (way, status, body)
    return way != "bulk items" or json.loads(body)["errors"] is False


def keep_asking(service, way, data, rate, until, told, failed):
    try:
        stream = service.connect(service.host)
        due = time.monotonic()
        while due < until:
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            sent = time.monotonic()
            allowed = is_allowed(way, *answer(stream, data))
            told.append((sent, time.monotonic(), allowed))
            due += 1 / rate
    except Exception as error:  # told by the thread that waits
        failed.append((way, error))


def measured(service, name, prepare, seconds, rate):
    key, withdraw = prepare(service)
    asked, failed, threads = {}, [], []
    until = time.monotonic() + seconds
    for way, data in ways(service, key).items():
        asked[way] = []
        arguments = (service, way, data, rate / 4, until, asked[way], failed)
        threads.append(threading.Thread(target=keep_asking, args=arguments))
    for thread in threads:
        thread.start()
    time.sleep(seconds / 2)
    begun = time.monotonic()
    withdraw()
    acknowledged = time.monotonic()
    for thread in threads:
        thread.join()
    assert not failed, failed
    late = 0
    print(f"{name}: acknowledged after {(acknowledged - begun) * 1e3:.1f} ms")
    for way, of in asked.items():
        before = sum(ended < begun and allowed for _, ended, allowed in of)
        wrong = sum(ended < begun and not allowed for _, ended, allowed in of)
        after = [allowed for sent, _, allowed in of if sent > acknowledged]
        rated = len(of) / seconds
        print(f"  {way}: {len(of)} requests, {rated:.0f}/s; allowed before {before}, denied before {wrong}, "
              f"meanwhile {len(of) - before - wrong - len(after)}, denied after {after.count(False)}, late allows {after.count(True)}")
        assert before and not wrong and after, way
        late += after.count(True)
    print(f"  all: {sum(map(len, asked.values())) / seconds:.0f}/s, late allows {late}")
    return late


def main(binary, seconds=6.0, rate=1000.0):
    scratch = tempfile.mkdtemp(prefix="countersign-revocation-")
    service, late = Service(binary, os.path.join(scratch, "data")), 0
    try:
        for number in range(20):
            service.must(service.key, "PUT", f"/books/_doc/{number}?refresh=true", b'{"n": 1}')
        for name, prepare in (("a Deny in a policy", of_policy), ("a key deleted", of_key),
                              ("sessions revoked", of_session), ("a role mapping removed", of_mapping)):
            late += measured(service, name, prepare, float(seconds), float(rate))
    finally:
        service.stop()
        shutil.rmtree(scratch)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
