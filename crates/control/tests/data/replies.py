"""Has botocore parse replies.jsonl, which `cargo test -p control` writes, and compares with what was meant.

    python3 crates/control/tests/data/replies.py     # says how many replies were read back, or which differ

Needs the botocore that the models are of (`crates/control/models` says which): another drops members that it does not know.
"""
import base64
import datetime
import json
import pathlib
import sys

import botocore.session
from botocore.parsers import create_parser


def plain(value):
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def main():
    session = botocore.session.get_session()
    count = 0
    for line in pathlib.Path(__file__).with_name("replies.jsonl").read_text().splitlines():
        case = json.loads(line)
        model = session.get_service_model(case["service"])
        operation = model.operation_model(case["operation"])
        parser = create_parser(model.metadata["protocol"])
        response = {"status_code": 200, "headers": {"x-amzn-requestid": "id-1"}, "body": case["body"].encode()}
        parsed = plain(parser.parse(response, operation.output_shape))
        parsed.pop("ResponseMetadata")
        if parsed != case["output"]:
            sys.exit(f"{case['service']} {case['operation']}:\n  meant {case['output']}\n  read  {parsed}")
        count += 1
    print(f"{count} replies read back by botocore as they were meant")


if __name__ == "__main__":
    sys.exit(main())
