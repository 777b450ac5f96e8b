"""Makes requests.jsonl: what botocore writes for inputs of every kind, and what must be read from it.

    python3 crates/control/tests/data/requests.py > crates/control/tests/data/requests.jsonl

Each line: service, operation, the input, and the request's bytes as botocore serialises them (unsigned). The inputs are
made from the models: every operation once with its required members, once with every member; strings that satisfy the
constraints, with characters that need escaping where they may.
"""
import json
import sys

import botocore.session
from botocore.serialize import create_serializer

DEPTH_MAX = 4
TEXTS = {
    "roleArnType": "arn:aws:iam::123456789012:role/a+b", "arnType": "arn:aws:iam::123456789012:role/a+b",
    "ARN": "arn:aws:es:us-east-1:123456789012:domain/logs", "DomainName": "logs", "DomainArn": "arn:aws:es:us-east-1:123456789012:domain/logs",
    "pathType": "/a/b/", "policyPathType": "/a/b/", "pathPrefixType": "/a/",
}


def value(shape, full, depth=0):
    kind = shape.type_name
    if kind == "structure":
        names = shape.members if full and depth < DEPTH_MAX else shape.required_members
        members = ((name, value(shape.members[name], full, depth + 1)) for name in names)
        return {name: member for name, member in members if member != {}}  # the query protocol cannot say an empty structure
    if kind == "list":
        count = max(int(shape.metadata.get("min", 0)), 2 if full else 1)
        return [value(shape.member, full, depth + 1) for _ in range(min(count, int(shape.metadata.get("max", count)) or count))]
    if kind == "map":
        return {text(shape.key, n): value(shape.value, full, depth + 1) for n in range(1)}
    if kind in ("integer", "long"):
        return int(max(shape.metadata.get("min", 1), 1))
    if kind in ("double", "float"):
        return 1.5
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return 1700000000
    if kind == "blob":
        return "blob"
    return text(shape)


def text(shape, n=0):
    if shape.enum:
        return shape.enum[n]
    if shape.name in TEXTS:
        return TEXTS[shape.name]
    least, most = int(shape.metadata.get("min", 1)), int(shape.metadata.get("max", 1000))
    pattern = shape.metadata.get("pattern", "")
    filler = "a" if pattern else "ü & + / = ; % \"'<>\n~*"
    out = filler
    while len(out) < least:
        out += "a"
    return out[:most]


def main():
    session = botocore.session.get_session()
    for service in ("es", "opensearch", "iam", "sts", "accessanalyzer"):
        model = session.get_service_model(service)
        serializer = create_serializer(model.metadata["protocol"], include_validation=False)
        for name in model.operation_names:
            operation = model.operation_model(name)
            seen = []
            for full in (False, True):
                shape = operation.input_shape
                given = value(shape, full) if shape else {}
                if given in seen:
                    continue
                seen.append(given)
                request = serializer.serialize_to_request(given, operation)
                line = {"service": service, "operation": name, "input": given, "method": request["method"],
                        "path": request["url_path"], "query": query(request["query_string"]), "body": body(request)}
                print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def query(given):
    from botocore.compat import urlencode
    if not given:
        return ""
    pairs = given.items() if isinstance(given, dict) else given
    flat = [(k, v) for k, vs in pairs for v in (vs if isinstance(vs, list) else [vs])]
    return urlencode(flat)


def body(request):
    content = request["body"]
    if isinstance(content, dict):
        from botocore.compat import urlencode
        return urlencode(content, doseq=True)
    return content.decode() if isinstance(content, bytes) else content


if __name__ == "__main__":
    sys.exit(main())
