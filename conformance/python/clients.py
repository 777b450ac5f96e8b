"""The Python clients and curl: one function each, which sends a request (`driver.asked`) and gives its answer.

Nothing of a client is changed; what is written here is what its documentation tells a program to write. A function whose
name ends in `_presigned` sends the same request signed in its URL.
"""

import asyncio
import gzip
import json
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.httpsession
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests_aws4auth import AWS4Auth


def body_of(asked):
    """The bytes to send, compressed here for clients that do not compress of themselves."""
    if "bodyFile" not in asked:
        return None
    body = Path(asked["bodyFile"]).read_bytes()
    return gzip.compress(body) if asked.get("gzip") else body


def headers_of(asked):
    return {**asked["headers"], **({"Content-Encoding": "gzip"} if asked.get("gzip") else {})}


def keys_of(asked):
    keys = asked["credentials"]
    return keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"]


def answered(status, body):
    """An answer; a body that is no JSON is given as text."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return {"status": status, "body": json.loads(text or "null")}
    except ValueError:
        return {"status": status, "body": text}


def botocore_signed(asked, signer=SigV4Auth, **options):
    request = AWSRequest(asked["method"], asked["endpoint"] + asked["path"], data=body_of(asked), headers=headers_of(asked))
    signer(Credentials(*keys_of(asked)), "es", asked["region"], **options).add_auth(request)
    answer = botocore.httpsession.URLLib3Session(verify=asked["ca"]).send(request.prepare())
    return answered(answer.status_code, answer.content)


def botocore_presigned(asked):
    return botocore_signed(asked, SigV4QueryAuth, expires=300)


def by_requests(asked, auth):
    answer = requests.request(
        asked["method"], asked["endpoint"] + asked["path"], data=body_of(asked), headers=headers_of(asked), auth=auth,
        verify=asked["ca"], timeout=60,
    )
    return answered(answer.status_code, answer.content)


def requests_aws4auth(asked):
    access_key, secret_key, token = keys_of(asked)
    return by_requests(asked, AWS4Auth(access_key, secret_key, asked["region"], "es", session_token=token))


def aws_requests_auth(asked):
    from aws_requests_auth.aws_auth import AWSRequestsAuth

    access_key, secret_key, token = keys_of(asked)
    host = urlsplit(asked["endpoint"]).netloc
    return by_requests(asked, AWSRequestsAuth(access_key, secret_key, host, asked["region"], "es", aws_token=token))


def opensearch_py(asked, signer, connection):
    import opensearchpy

    url = urlsplit(asked["endpoint"])
    client = opensearchpy.OpenSearch(
        hosts=[{"host": url.hostname, "port": url.port}], use_ssl=True, verify_certs=True, ca_certs=asked["ca"],
        http_auth=getattr(opensearchpy, signer)(Credentials(*keys_of(asked)), asked["region"], "es"),
        connection_class=getattr(opensearchpy, connection), max_retries=0, http_compress=asked.get("gzip", False),
    )
    return performed(client, asked, opensearchpy.TransportError)


def opensearch_py_requests(asked):
    return opensearch_py(asked, "RequestsAWSV4SignerAuth", "RequestsHttpConnection")


def opensearch_py_urllib3(asked):
    return opensearch_py(asked, "Urllib3AWSV4SignerAuth", "Urllib3HttpConnection")


def arguments_of(asked):
    """What a client's transport takes: the path as it goes over the wire, the query as decoded parameters, which it
    encodes of itself, and the plain body, which it compresses of itself."""
    path, _, query = asked["path"].partition("?")
    body = Path(asked["bodyFile"]).read_bytes() if "bodyFile" in asked else None
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    # In lower case, as their own: they would send a second spelling beside it.
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    return {"method": asked["method"], "url": path, "params": parameters, "body": body, "headers": headers}


def performed(client, asked, failed):
    """One request through a client's transport."""
    try:
        return {"status": 200, "body": client.transport.perform_request(**arguments_of(asked))}
    except failed as refused:
        return {"status": refused.status_code, "body": refused.info or refused.error}


def opensearch_py_async(asked):
    import opensearchpy

    url = urlsplit(asked["endpoint"])

    async def send():
        client = opensearchpy.AsyncOpenSearch(
            hosts=[{"host": url.hostname, "port": url.port}], use_ssl=True, verify_certs=True, ca_certs=asked["ca"],
            http_auth=opensearchpy.AWSV4SignerAsyncAuth(Credentials(*keys_of(asked)), asked["region"], "es"),
            connection_class=opensearchpy.AsyncHttpConnection, max_retries=0, http_compress=asked.get("gzip", False),
        )
        try:
            return {"status": 200, "body": await client.transport.perform_request(**arguments_of(asked))}
        except opensearchpy.TransportError as refused:
            return {"status": refused.status_code, "body": refused.info or refused.error}
        finally:
            await client.close()

    return asyncio.run(send())


def elasticsearch_py(asked):
    import elasticsearch

    url = urlsplit(asked["endpoint"])
    access_key, secret_key, token = keys_of(asked)
    client = elasticsearch.Elasticsearch(
        hosts=[{"host": url.hostname, "port": url.port}], use_ssl=True, verify_certs=True, ca_certs=asked["ca"],
        http_auth=AWS4Auth(access_key, secret_key, asked["region"], "es", session_token=token),
        connection_class=elasticsearch.RequestsHttpConnection, max_retries=0, http_compress=asked.get("gzip", False),
    )
    return performed(client, asked, elasticsearch.TransportError)


def awscurl(asked):
    """awscurl encodes the query that it is given, so it is given the text; its path it leaves as it is."""
    from awscurl.awscurl import make_request

    path, mark, query = asked["path"].partition("?")
    answer = make_request(
        asked["method"], "es", asked["region"], asked["endpoint"] + path + mark + unquote(query), headers_of(asked),
        body_of(asked) or "", *keys_of(asked), data_binary=True,
    )
    return answered(answer.status_code, answer.content)


def curl(asked):
    access_key, secret_key, token = keys_of(asked)
    command = ["curl", "-sS", "--cacert", asked["ca"], "-w", "\n%{http_code}", "-X", asked["method"]]
    command += ["--aws-sigv4", f"aws:amz:{asked['region']}:es", "--user", f"{access_key}:{secret_key}"]
    headers = {**headers_of(asked), **({"X-Amz-Security-Token": token} if token else {})}
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    if "bodyFile" in asked:
        command += ["--data-binary", "@-"]
    command.append(asked["endpoint"] + asked["path"])
    done = subprocess.run(command, input=body_of(asked) or b"", capture_output=True, timeout=60)
    if done.returncode:
        return {"error": done.stderr.decode()}
    body, status = done.stdout.rsplit(b"\n", 1)
    return answered(int(status), body)


def libcurl(asked):
    import pycurl

    access_key, secret_key, token = keys_of(asked)
    headers = {**headers_of(asked), **({"X-Amz-Security-Token": token} if token else {})}
    handle, answer = pycurl.Curl(), tempfile.SpooledTemporaryFile()
    handle.setopt(pycurl.URL, asked["endpoint"] + asked["path"])
    handle.setopt(pycurl.CAINFO, asked["ca"])
    handle.setopt(pycurl.AWS_SIGV4, f"aws:amz:{asked['region']}:es")
    handle.setopt(pycurl.USERPWD, f"{access_key}:{secret_key}")
    if "bodyFile" in asked:
        handle.setopt(pycurl.POSTFIELDS, body_of(asked))
    handle.setopt(pycurl.CUSTOMREQUEST, asked["method"])
    handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in headers.items()])
    handle.setopt(pycurl.WRITEFUNCTION, answer.write)
    handle.perform()
    status = handle.getinfo(pycurl.RESPONSE_CODE)
    handle.close()
    answer.seek(0)
    return answered(status, answer.read())


def curl_version():
    """What `curl --version` calls itself; None where it is not installed or cannot sign."""
    try:
        said = subprocess.run(["curl", "--version"], capture_output=True, text=True, timeout=60).stdout
    except FileNotFoundError:
        return None
    return said.split()[1]


def libcurl_version():
    import pycurl

    return next(word for word in pycurl.version.split() if word.startswith("libcurl/")).removeprefix("libcurl/")


def package(name):
    return version(name)
