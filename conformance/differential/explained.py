"""Names the differences that are left on purpose. Each rule says why the real server's answer cannot be had, or is not worth having."""

import json
import re

from judge import normal, read
from shrink import variants

# So many smaller requests are asked to find a refusal's other fault.
TRIES_MAX = 400

# What Java says of a program's own mistake, in a 500 or, where a query is made, in a 400.
FAULTS = (
    "null_pointer_exception", "class_cast_exception", "array_index_out_of_bounds_exception", "string_index_out_of_bounds_exception",
    "index_out_of_bounds_exception", "arithmetic_exception", "no_such_element_exception", "concurrent_modification_exception",
    "assertion_error", "unsupported_operation_exception",
)
FAULT_WORDS = re.compile(
    r"cannot be cast to class|^failed to create query: (null|TODO)$|String index out of range|out of bounds for length|"
    r"Sub-iterators of ConjunctionDISI|Cannot invoke \"|Illegal embedded sign character|Can't get text on a|No enum constant "
)
# What is said of a part that is not there.
INCOMPLETE = re.compile(r"requires|[Rr]equired|must be|missing|malformed|at least|No \w+ specified|but got|null or empty|cannot be null|expecting")
# What a text of the real server's is made of: classes of Java, what they print for themselves, words of its JSON reader.
JAVA = re.compile(r"\b(org|java|com)\.[a-z]+\.|StreamReadFeature|\[REDACTED|@[0-9a-f]{5,}")


def explained(ours, theirs, step, found, asker):
    """The name of the rule that explains the differences `found` in a step's answers, or None. `asker` asks ours again."""
    for name, rule in RULES:
        if rule(ours, theirs, step, found, asker):
            return name
    return None


def error_of(answer):
    """The refusal in an answer, or None."""
    body = read(answer[1])
    return body.get("error") if isinstance(body, dict) and isinstance(body.get("error"), dict) else None


def causes(error):
    """A refusal, its root causes, and what caused it."""
    while isinstance(error, dict):
        yield error
        yield from error.get("root_cause") or []
        error = error.get("caused_by")


def out_of_memory(_ours, theirs, *_):
    return theirs[0] == 429


def own_fault(_ours, theirs, *_):
    """The server answers with a mistake of its own: a null pointer, a failed cast."""
    error = error_of(theirs)
    if error is None:
        return False
    return any(
        theirs[0] == 500 and cause.get("type") in FAULTS or FAULT_WORDS.search(cause.get("reason") or "")
        for cause in causes(error)
    )


def java_words(ours, theirs, *_):
    """Both refuse with one status, and the real server's text prints classes of Java."""
    error = error_of(theirs)
    return error is not None and ours[0] == theirs[0] and any(JAVA.search(cause.get("reason") or "") for cause in causes(error))


def another_fault(ours, theirs, step, _found, asker):
    """Both refuse: the request has several faults, and ours tells the real server's when the one that it tells is taken out."""
    if error_of(ours) is None or error_of(theirs) is None or not isinstance(step[1], (dict, list)):
        return False
    if not step[0].split("?")[0].endswith(("_search", "_count", "_msearch", "/query")):
        # A smaller write could go through.
        return False
    target = told(error_of(theirs))
    if INCOMPLETE.search(target):
        # What is taken out would be what is missing.
        return False
    return reveals(target, told(error_of(ours)), step, [TRIES_MAX], asker, 3)


def reveals(target, first, step, left, asker, depth):
    """Whether a smaller request is refused with `target`, where this one is refused with `first`."""
    others = []
    for smaller in variants(step[1]):
        if left[0] <= 0:
            return False
        left[0] -= 1
        error = error_of(asker([step[0], smaller]))
        said = error and told(error)
        if said == target:
            return True
        if said and said != first:
            others.append((said, smaller))
    seen = set()
    for said, smaller in others if depth > 1 else ():
        if said not in seen:
            seen.add(said)
            if reveals(target, said, [step[0], smaller], left, asker, depth - 1):
                return True
    return False


def lucene_words(_ours, _theirs, step, found, _asker):
    """`_validate/query` prints Lucene's queries, which are not those that run here."""
    return "/_validate/query" in step[0] and all(".explanation" in at for at, *_ in found)


def index_name(_ours, _theirs, _step, found, _asker):
    """OpenSearch sorts and shows a `constant_keyword` by the name of its index."""
    return all(json.dumps(theirs) == json.dumps(ours).replace('"same"', '"w"') != json.dumps(ours) for _, ours, theirs in found)


def endless(ours, _theirs, _step, found, _asker):
    """A histogram of date ranges without a beginning or an end: Java's whole numbers overflow there."""
    text = ours[1] if isinstance(ours[1], str) else ""
    return all(".aggregations" in at for at, *_ in found) and re.search(r'"key":(-9223372036854775808|9223372036854775807)\b', text) is not None


def sequence(_ours, _theirs, _step, found, _asker):
    """Lucene took a number for a document that it refused afterwards."""
    return all(at.endswith("_seq_no") for at, *_ in found)


def hash_order(ours, theirs, step, _found, _asker):
    """Of several fields that `*` means and that have no column, which is told is the order of a hash table of Java's."""
    words = re.compile(r"ielddata|does not support doc_value|do not support sorting")
    told = [(error.get("root_cause") or [error])[0].get("reason") or "" for error in (error_of(ours), error_of(theirs)) if error]
    patterns = step[1].get("docvalue_fields", []) if isinstance(step[1], dict) else []
    return len(told) == 2 and any("*" in str(pattern) for pattern in patterns) and all(words.search(text) for text in told)


RULES = (
    ("the server's heap is full", out_of_memory),
    ("the server's own fault", own_fault),
    ("the server's words are Java's", java_words),
    ("a constant_keyword is its index's name", index_name),
    ("Lucene's words for a query", lucene_words),
    ("a range without an end overflows", endless),
    ("a number that a refused document took", sequence),
    ("the order of a hash table of Java's", hash_order),
    ("another of the request's faults", another_fault),
)


def told(error):
    """What a refusal says at its root."""
    root = (error.get("root_cause") or [error])[0]
    return json.dumps([root.get("type"), normal(root.get("reason") or "")])
