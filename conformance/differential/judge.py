"""Compares two answers: what is another on each run is left out, scores may differ by 1e-5, other fractions by 1e-9."""

import json
import re

OF_THE_RUN = {"took", "line", "col", "node", "index_uuid", "uuid", "creation_date", "_scroll_id", "profile", "ingest_took", "tasks", "nodes"}


def read(text):
    """The JSON of an answer, or its text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def normal(answer):
    """An answer without what is another on each run."""
    if isinstance(answer, dict):
        if "error" in answer and "status" in answer and isinstance(answer["error"], dict):
            return {"error": refusal(answer["error"])}
        return {key: normal(value) for key, value in answer.items() if not of_the_run(key, value)}
    if isinstance(answer, list):
        return [normal(value) for value in answer]
    return words(answer) if isinstance(answer, str) else answer


def of_the_run(key, value):
    if key in ("_type", "type") and value == "_doc" or key == "timed_out" and value is False:
        return True
    if key == "_shards" and isinstance(value, dict) and "skipped" in value and value["failed"] == 0:
        return True
    return key in OF_THE_RUN


def refusal(error):
    """Type and reason, and those of the root cause where it is another."""
    if "type" not in error:
        return error
    told = {"type": error["type"], "reason": normal(error.get("reason"))}
    root = (error.get("root_cause") or [{}])[0]
    if (root.get("type"), root.get("reason")) != (error["type"], error.get("reason")):
        told["root"] = [root.get("type"), normal(root.get("reason"))]
    return told


def words(text):
    """A text without the places that it names in the body."""
    text = re.sub(r"^\[\d+:\d+\] ", "", text)
    text = re.sub(r" at \[1:.*", "", text, flags=re.S)
    text = re.sub(r"; line: \d+, column: \d+\]?", "", text)
    # The real servers print a Java class and its place in memory for a field's type, and the random id of an index.
    text = re.sub(r"type \[[^\]]*\](?= for field|, but only numeric)", "type", text)
    text = re.sub(r"(\[\w+)/[\w-]{22}\]", r"\1]", text)
    # Half of a surrogate pair, which Lucene makes of bytes that are no text and of which ours makes U+FFFD.
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text.replace("keyword, text and wildcard fields", "keyword and text fields")


def differences(ours, theirs, loose=False):
    """Where two answers, each `(status, text)`, differ: `(place, ours, theirs)`. `loose`: without scores and order."""
    found = []
    if ours[0] != theirs[0]:
        found.append(("status", ours[0], theirs[0]))
    one, other = normal(read(ours[1])), normal(read(theirs[1]))
    if loose:
        one, other = unordered(one), unordered(other)
    near_ties(one, other)
    compare("", one, other, found)
    return found[:20]


def compare(at, ours, theirs, found):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in theirs:
            if key in ours:
                compare(f"{at}.{key}", ours[key], theirs[key], found)
            else:
                found.append((f"{at}.{key}", "missing", theirs[key]))
        found += [(f"{at}.{key}", ours[key], "missing") for key in ours if key not in theirs]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs)):
            compare(f"{at}[{number}]", *pair, found)
    elif isinstance(ours, float) and isinstance(theirs, float):
        if abs(ours - theirs) > most(at) * max(abs(theirs), 1e-3):
            found.append((at, ours, theirs))
    elif ours != theirs or type(ours) is not type(theirs):
        found.append((at, ours, theirs))


def most(at):
    """By what part a fraction may differ: scores are single-precision sums in another order."""
    return 1e-5 if "score" in at else 1e-6 if ".sort" in at else 1e-9


def unordered(answer):
    """An answer without its scores, its hits by their ids; without hits where not all are there."""
    if not (isinstance(answer, dict) and isinstance(answer.get("hits"), dict) and "hits" in answer["hits"]):
        return answer
    hits = answer["hits"]
    own = [{key: value for key, value in hit.items() if key != "_score"} for hit in hits["hits"]]
    whole = hits.get("total", {}).get("value") == len(own)
    return {**answer, "hits": {"total": hits.get("total"), "hits": sorted(own, key=lambda hit: hit["_id"]) if whole else []}}


def near_ties(ours, theirs):
    """Puts our hits in their order where the scores are equal but for rounding."""
    try:
        one, other = ours["hits"]["hits"], theirs["hits"]["hits"]
        ids = [hit["_id"] for hit in other]
        if [hit["_id"] for hit in one] == ids or sorted(hit["_id"] for hit in one) != sorted(ids):
            return
        known = {hit["_id"]: hit for hit in one}
        scores = {hit["_id"]: hit["_score"] for hit in other}
        exact = len(set(scores.values())) == len(scores)
        if exact and all(abs(a["_score"] - b["_score"]) <= 1e-5 * abs(b["_score"]) for a, b in zip(one, other)):
            ours["hits"]["hits"] = [known[identifier] for identifier in ids]
    except (KeyError, TypeError, IndexError):
        return


def signature(step, found):
    """What a difference is called, so that the same is not shown a hundred times."""
    where, ours, theirs = found[-1] if found[0][0] == "status" and len(found) > 1 else found[0]
    place = re.sub(r"\[\d+\]", "", where)
    path = re.sub(r"/(\d+|w\w*|a|b)\b", "/X", step[0].split("?")[0])
    kinds = " ".join(template(value) for value in (ours, theirs))
    if ".aggregations" in place:
        # The name of an aggregation tells its kind.
        place = re.sub(r"(\D)\d+(?=\.|$)", r"\1", place)
    rank = "status" if found[0][0] == "status" else "text" if ".error" in place or "reason" in place else "answer"
    return f"{rank}: {path} {place}: {kinds}"


def template(value):
    if isinstance(value, str):
        return re.sub(r"\[[^\]]*\]|\d+|'[^']*'|\"[^\"]*\"", "#", value)[:160]
    return type(value).__name__ if not isinstance(value, list) else f"list"
