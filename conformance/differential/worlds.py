"""Makes worlds: an index with a random mapping, documents, and requests that read and change them, all from one seed.

A world is a list of steps: a method and a path with its query; a dict for JSON, a list for a value a line,
a text as it stands, or None. The steps depend on the seed and on the service that is asked, never on an answer.
"""

import random

from documents import Documents
from mappings import Mapping
from requests_of import Requests

READS, WRITES = 70, 12


def world(seed, service):
    """The steps of the world `seed` for `service`, elasticsearch or opensearch; each with whether it is compared loosely.

    First nothing is written twice, so that scores and the order of equals are those of the documents. Then documents are
    changed and deleted: what a server still counts of them in scores, and in which order it keeps them, is its own affair.
    """
    dice = random.Random(f"{seed}")
    mapping = Mapping(dice, service)
    documents = Documents(dice, mapping)
    requests = Requests(dice, mapping, documents, service)
    steps = [("PUT /w", mapping.definition())]
    left = list(documents.identifiers)
    dice.shuffle(left)
    for _ in range(dice.choice([1, 1, 2, 3])):
        count = min(dice.randint(3, 20), len(left) - 4)
        steps.append(("POST /w/_bulk?refresh=true", documents.first([left.pop() for _ in range(count)])))
    if dice.random() < 0.3:
        steps.append(("PUT /w/_alias/a", {"filter": requests.query(2)} if dice.random() < 0.5 else None))
    while len(steps) < READS:
        steps += requests.reading()
    strict = len(steps)
    for _ in range(WRITES):
        steps += requests.writing() + requests.after()
    return [(line, body, number >= strict) for number, (line, body) in enumerate(steps)]
