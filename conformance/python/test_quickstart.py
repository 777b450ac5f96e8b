"""README's first command, as a newcomer runs it; and twice."""

import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART_SECONDS_MAX = 900


def run():
    command = ["bash", str(ROOT / "examples" / "quickstart.sh")]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=QUICKSTART_SECONDS_MAX
    )


def test_the_quickstart_ends_with_search_results_twice_and_leaves_the_service_running():
    pid_file = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "quickstart" / "pid"
    running_before = pid_file.exists() and Path(f"/proc/{pid_file.read_text().strip()}").exists()
    try:
        for done in (run(), run()):
            assert done.returncode == 0, done.stdout + done.stderr
            assert "documented names of Python" in done.stdout
            assert "heapq (module)" in done.stdout
            refusal = "is not authorized to perform: es:ESHttpGet because no identity-based policy allows"
            assert f"assumed-role/stranger/quickstart {refusal}" in done.stdout
            assert "The service is running." in done.stdout
        os.kill(int(pid_file.read_text()), 0)
    finally:
        if pid_file.exists() and not running_before:
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
