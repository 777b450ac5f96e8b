"""Asks a domain and the real server for the best ten of a public collection, and counts equal answers.

    python3 conformance/ranking/run.py TRANSLATION --real http://127.0.0.1:9291

TRANSLATION is Debian's file of package descriptions, which `apt-get update -o Acquire::Languages=en` puts among its lists
(`*_main_i18n_Translation-en`); --real is an OpenSearch 2.19.1 or Elasticsearch 7.10.2 whose index `ranking` may be deleted; --url is what is
judged, a fresh domain of the same service when it is not given. The words of the queries are drawn from titles, by a seed. Equal
are the same ten documents in the same order with the same total and scores within 1e-5 of each other (documents whose scores differ by
less may change places). Needs what applications/run.py needs, and requests.
"""

import argparse
import json
import pathlib
import random
import re
import sys
from collections import Counter
from contextlib import nullcontext

import requests

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "applications"), str(HERE.parent / "differential")]

import run as applications  # noqa: E402
from judge import differences  # noqa: E402

INDEX = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0},
    "mappings": {
        "properties": {
            "number": {"type": "integer"},
            "name": {"type": "keyword"},
            "title": {"type": "text", "analyzer": "english"},
            "text": {"type": "text"},
        }
    },
}
SERVICES = {"elasticsearch": "Elasticsearch_7.10", "opensearch": "OpenSearch_2.19"}


def collection(path, most):
    """Packages with a title and a long description, in the file's order."""
    for paragraph in path.read_text().split("\n\n"):
        name = re.search(r"^Package: (.*)$", paragraph, re.M)
        title = re.search(r"^Description-en: (.*)$", paragraph, re.M)
        if name and title and most > 0:
            most -= 1
            text = re.sub(r"\n \.?", " ", paragraph[title.end():])
            yield {"name": name[1], "title": title[1], "text": " ".join(text.split())}


def queries(titles, count):
    """Queries of every kind in turn, with the words of random titles: `(kind, query)`."""
    dice = random.Random(20261129)
    kinds = [
        ("match", lambda words: {"match": {"text": " ".join(words)}}),
        ("match, stemmed", lambda words: {"match": {"title": " ".join(words)}}),
        ("match, all words", lambda words: {"match": {"text": {"query": " ".join(words[:2]), "operator": "and"}}}),
        ("match, most words", lambda words: {"match": {"text": {"query": " ".join(words), "minimum_should_match": "60%"}}}),
        ("match, fuzzy", lambda words: {"match": {"text": {"query": " ".join(words[:2]), "fuzziness": "AUTO"}}}),
        ("match_phrase", lambda words: {"match_phrase": {"text": {"query": " ".join(words[:2]), "slop": 2}}}),
        ("match_phrase_prefix", lambda words: {"match_phrase_prefix": {"text": " ".join([words[0], words[1][:3]])}}),
        ("best_fields", lambda words: {"multi_match": {"query": " ".join(words), "fields": ["title^2", "text"], "tie_breaker": 0.3}}),
        ("most_fields", lambda words: {"multi_match": {"query": " ".join(words), "fields": ["title", "text"], "type": "most_fields"}}),
        ("cross_fields", lambda words: {"multi_match": {"query": " ".join(words[:2]), "fields": ["name", "text"], "type": "cross_fields"}}),
        ("query_string", lambda words: {"query_string": {"query": f"{words[0]} +{words[1]}", "fields": ["title^3", "text"]}}),
        ("simple_query_string", lambda words: {"simple_query_string": {"query": " ".join(words), "fields": ["title", "text"]}}),
        ("bool", lambda words: {
            "bool": {
                "must": [{"match": {"text": words[0]}}],
                "should": [{"match": {"title": {"query": " ".join(words), "boost": 1.7}}}, {"prefix": {"name": "python3-"}}],
                "must_not": [{"match": {"text": "debugging"}}],
            }
        }),
        ("dis_max", lambda words: {"dis_max": {"queries": [{"match": {"title": word}} for word in words], "tie_breaker": 0.7}}),
        ("span_near", lambda words: {
            "span_near": {"clauses": [{"span_term": {"text": word.lower()}} for word in words[:2]], "slop": 8, "in_order": False}
        }),
        ("function_score", lambda words: {
            "function_score": {"query": {"match": {"text": " ".join(words)}}, "field_value_factor": {"field": "number", "modifier": "log1p"}}
        }),
    ]
    for number in range(count):
        kind, made = kinds[number % len(kinds)]
        words = []
        while len(words) < 2:
            words = re.findall(r"[A-Za-z]{3,}", dice.choice(titles))
        yield kind, made(words[:dice.randint(2, 5)])


class Side:
    """One of the two that are asked."""

    def __init__(self, url):
        self.url, self.session = url, requests.Session()

    def ask(self, method, path, body=None):
        """Status and text of the answer."""
        text = body if isinstance(body, bytes) or body is None else json.dumps(body)
        kind = {"Content-Type": "application/x-ndjson" if isinstance(body, bytes) else "application/json"}
        answer = self.session.request(method, self.url + path, data=text, headers=kind, timeout=300)
        return answer.status_code, answer.text

    def filled(self, documents):
        """Makes the index anew, with these documents."""
        self.ask("DELETE", "/ranking")
        self.ask("PUT", "/ranking", INDEX)
        for start in range(0, len(documents), 2000):
            lines = []
            for number, document in enumerate(documents[start:start + 2000], start):
                lines += [json.dumps({"index": {"_id": str(number)}}), json.dumps({**document, "number": number})]
            status, text = self.ask("POST", "/ranking/_bulk", ("\n".join(lines) + "\n").encode())
            if status != 200 or json.loads(text)["errors"]:
                sys.exit(f"{self.url}: {text[:300]}")
        # The words of which a prefix is the beginning are taken from one segment after the other, fifty in all: of one, they are the same.
        self.ask("POST", "/ranking/_forcemerge?max_num_segments=1")
        self.ask("POST", "/ranking/_refresh")


def shown(answer):
    """An answer whose scores stand in one place: the order repeats them."""
    status, text = answer
    body = json.loads(text)
    for hit in body.get("hits", {}).get("hits", []):
        hit.pop("sort", None)
    return status, json.dumps(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("translation", type=pathlib.Path, help="Debian's package descriptions")
    parser.add_argument("--real", required=True, metavar="URL", help="the real server")
    parser.add_argument("--url", help="what is judged; a fresh domain when it is not given")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=1_600)
    asked = parser.parse_args()
    documents = list(collection(asked.translation, asked.documents))
    theirs = Side(asked.real)
    service = json.loads(theirs.ask("GET", "/")[1])["version"].get("distribution", "elasticsearch")
    equal, all_of = Counter(), Counter()
    with nullcontext() if asked.url else applications.domain(SERVICES[service]):
        if not asked.url:
            applications.without_disk_threshold()
        ours = Side(asked.url or applications.URL)
        for side in (ours, theirs):
            side.filled(documents)
        for kind, query in queries([document["title"] for document in documents], asked.queries):
            body = {"query": query, "track_total_hits": True, "_source": False, "track_scores": True, "sort": ["_score", "number"]}
            one, other = (shown(side.ask("POST", "/ranking/_search", body)) for side in (ours, theirs))
            found = differences(one, other)
            all_of[kind] += 1
            equal[kind] += not found
            if found:
                print(f"{kind}: {json.dumps(query)}: " + "; ".join(f"{at}: {a!r} for {b!r}"[:120] for at, a, b in found[:3]), flush=True)
    for kind, count in all_of.items():
        print(f"{kind}: {equal[kind]} of {count}")
    share = 100 * equal.total() / all_of.total()
    print(f"{service}, {len(documents)} documents: {equal.total()} of {all_of.total()} equal, {share:.2f} %")
    sys.exit(share < 99)


if __name__ == "__main__":
    main()
