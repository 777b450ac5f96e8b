#!/usr/bin/env python3
"""Whether the time of a refusal tells a stranger anything: abuse cases A19 and A20.

    python3 benches/timing/timing.py BINARY [SAMPLES]

Starts `countersign dev` on a scratch folder (it has no limit on failed signatures) and sends pairs of refused requests over one
keep-alive connection, each pair in random order, SAMPLES (10000) of each kind. For each pair of kinds: the medians, the
difference of the means without the slowest tenth, and Welch's t of it; |t| below 4.5 is what leakage tests take for no
difference. The first row compares a kind with itself: what the machine's noise makes of nothing. Standard library only.
"""
import os
import random
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
import dev


def with_signature(request, change):
    """The request with its signature, 64 digits, changed."""
    head, rest = request.split(b"Signature=", 1)
    return head + b"Signature=" + change(rest[:64]) + rest[64:]


def other(digits):
    """As many digits, none of them the same."""
    return bytes(b"0123456789abcdef"[(int(chr(digit), 16) + 7) % 16] for digit in digits)


def refusals(service):
    good = dev.signed(service.key, "es", "GET", service.host, "/")
    nobody = {"AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODY0000", "AWS_SECRET_ACCESS_KEY": "wrong"}
    known = service.key | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    wrong = with_signature(good, other)
    return [
        ("A wrong signature", wrong, "the same again", wrong),
        ("A20: all digits wrong", wrong, "the last digit wrong", with_signature(good, lambda all: all[:63] + other(all[63:]))),
        ("A20: all digits wrong", wrong, "the last half wrong", with_signature(good, lambda all: all[:32] + other(all[32:]))),
        ("A19: a known key, a wrong secret", dev.signed(known, "es", "GET", service.host, "/"),
         "nobody's key", dev.signed(nobody, "es", "GET", service.host, "/")),
    ]


def microseconds(stream, request):
    begun = time.perf_counter_ns()
    stream.sendall(request)
    answer = stream.recv(65536)
    spent = time.perf_counter_ns() - begun
    assert answer.startswith(b"HTTP/1.1 403"), answer
    return spent / 1000


def compare(service, one, other, samples):
    stream, times = service.connect(service.host), ([], [])
    for _ in range(200):
        microseconds(stream, one), microseconds(stream, other)
    for _ in range(samples):
        for kind in random.sample((0, 1), 2):
            times[kind].append(microseconds(stream, (one, other)[kind]))
    kept = [sorted(kind)[: len(kind) * 9 // 10] for kind in times]
    means = [statistics.fmean(kind) for kind in kept]
    error = sum(statistics.variance(kind) / len(kind) for kind in kept) ** 0.5
    return [statistics.median(kind) for kind in times], means[1] - means[0], (means[1] - means[0]) / error


def main(binary, samples):
    scratch = tempfile.mkdtemp(prefix="countersign-timing-")
    service = dev.Service(binary, os.path.join(scratch, "data"))
    try:
        for name, one, other_name, other_one in refusals(service):
            medians, difference, t = compare(service, one, other_one, samples)
            print(f"{name}: {medians[0]:.1f} µs; {other_name}: {medians[1]:.1f} µs; difference {difference:+.2f} µs, t = {t:+.1f}")
    finally:
        service.stop()
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
