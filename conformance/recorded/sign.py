"""Signs requests with botocore and writes down every intermediate, for tests that need neither it nor AWS's own suite.

    pip install botocore==1.44.5
    python3 conformance/recorded/sign.py

Names, keys and requests are this project's own. The output is crates/sigv4/tests/it/own_vectors.json.
"""

import json
import pathlib

import botocore
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "crates/sigv4/tests/it/own_vectors.json"

KEY = "COUNTERSIGNTESTKEY01"
SECRET = "a/secret+of+our+own/with+forty+letters/0"
TOKEN = "dG9rZW4gb2YgYSBzZXNzaW9u/+=="
HOST = ("Host", "search.example")


def case(name, method="GET", path="/", query="", headers=(), body="", token=None, region="eu-west-3", service="es",
         time="20240229T235959Z", normalize=True):
    headers = list(headers)
    if not any(header.lower() == "host" for header, _ in headers):
        headers.insert(0, HOST)
    return dict(name=name, method=method, path=path, query=query, headers=headers, body=body, token=token,
                region=region, service=service, time=time, normalize=normalize)


CASES = [
    case("a_bare_get"),
    case("a_post_without_a_body", method="POST"),
    case("a_post_with_a_body", method="POST", path="/books/_search", body='{"query":{"match_all":{}}}',
         headers=[("Content-Type", "application/json")]),
    case("a_body_of_other_letters", method="PUT", path="/books/_doc/1", body='{"title":"Größe 東京"}'),
    case("a_delete", method="DELETE", path="/books/_doc/1"),
    case("a_head", method="HEAD", path="/books"),
    case("a_host_with_a_port", headers=[("Host", "localhost:9200")]),
    case("headers_in_any_order", headers=[("Zebra", "z"), ("Apple", "a"), ("Host", "search.example"), ("Mango", "m")]),
    case("header_names_in_capitals", headers=[("MY-HEADER", "Value"), ("X-CUSTOM", "KEPT As Is")]),
    case("a_header_value_with_blanks_around", headers=[("My-Header", "  in the middle  ")]),
    case("a_header_value_with_blanks_inside", headers=[("My-Header", "a   b    c")]),
    case("an_empty_header_value", headers=[("My-Header", "")]),
    case("a_header_with_commas", headers=[("My-Header", "b,a,c")]),
    case("one_parameter", query="pretty=true"),
    case("parameters_are_sorted_by_name", query="size=1&from=2&q=x"),
    case("parameters_of_one_name_are_sorted_by_value", query="a=2&a=10&a=1"),
    case("capitals_come_before_small_letters", query="b=1&B=2&a=3&A=4"),
    case("a_parameter_without_a_value", query="pretty="),
    case("an_encoded_parameter", query="q=a%20b%2Fc"),
    case("a_parameter_of_other_letters", query="q=%C3%BC%E6%9D%B1"),
    case("unreserved_letters", query="q=-._~09AZaz"),
    case("a_nested_path", path="/books/_doc/1/_update"),
    case("a_path_that_ends_in_a_slash", path="/books/"),
    case("an_encoded_path_is_encoded_once_more", path="/books%20and%2Fmore/_doc/1"),
    case("a_path_of_other_letters", path="/b%C3%BCcher/_search"),
    case("a_path_with_signs", path="/a:b,c;d@e/_doc/1"),
    case("a_path_with_a_star", path="/logs-*/_search"),
    case("dot_segments_are_resolved", path="/a/./b/../c"),
    case("double_slashes_are_one", path="//a//b/"),
    case("a_session_token_is_signed", token=TOKEN),
    case("a_session_token_with_a_query_and_a_body", method="POST", path="/_bulk", query="refresh=true", token=TOKEN,
         body='{"index":{"_index":"a"}}\n{"n":1}\n'),
    case("another_region", region="us-gov-east-1"),
    case("another_service", service="iam", region="us-east-1", method="POST", body="Action=ListUsers&Version=2010-05-08",
         headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]),
    case("the_first_second_of_a_year", time="20250101T000000Z"),
]


def sign(vector):
    credentials = Credentials(KEY, SECRET, vector["token"])
    auth = SigV4Auth(credentials, vector["service"], vector["region"])
    host = next(value for name, value in vector["headers"] if name.lower() == "host")
    url = f"https://{host}{vector['path']}" + (f"?{vector['query']}" if vector["query"] else "")
    request = AWSRequest(vector["method"], url, data=vector["body"].encode())
    for name, value in vector["headers"]:
        request.headers[name] = value
    request.context["timestamp"] = vector["time"]
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    string_to_sign = auth.string_to_sign(request, canonical)
    return dict(vector, canonical_request=canonical, string_to_sign=string_to_sign,
                signature=auth.signature(string_to_sign, request))


def main():
    vectors = [json.dumps(sign(vector), ensure_ascii=False) for vector in CASES]
    head = f'"made_by": "botocore {botocore.__version__}, conformance/recorded/sign.py", "key": "{KEY}", "secret": "{SECRET}"'
    OUT.write_text("{" + head + ', "vectors": [\n' + ",\n".join(vectors) + "\n]}\n", encoding="utf-8")


main()
