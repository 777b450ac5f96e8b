"""What is asked of each program of `examples/connect/`, which the console shows for a domain: each runs with the environment that `dev` writes.

A test file has a fixture `command`: the words that run its program.
"""

import os
import subprocess

# The slowest of them is a JVM on a busy machine.
SECONDS_MAX = 120


def run(service, command, credentials):
    keys = {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
    }
    environment = {**os.environ, **service.variables, **keys}
    words = [str(word) for word in command]
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)


def test_the_program_reaches_the_domain(service, search_app, command):
    done = run(service, command, search_app)
    assert done.returncode == 0, done.stderr
    assert "7.10.2" in done.stdout


def test_another_role_is_refused(service, stranger, command):
    done = run(service, command, stranger)
    assert done.returncode != 0 and "403" in done.stderr, done.stderr
