# SPDX-License-Identifier: MIT
"""The demo's commands return when it is so: a part that was restarted answers, one that was stopped
is gone, and status says what is true."""

import os
import re
import signal
import subprocess

import pytest

import demo
from browser import Browser
from relay import arrived, send

PARTS = ["dns", "directory", "database", *(["pooler"] if os.environ.get("APPSMTP_DEMO_POOLER") else []), "portal", "web",
         "export", "policy", "milter", "relay", "notify"]
SENDER, SOURCE = "bulk-00160@example.edu", "127.0.0.61"
# In a row, each followed by a message: what was started too early shows only now and then.
RESTARTS = 20 if demo.ROUNDS > 1 else 2


@pytest.fixture(scope="module", autouse=True)
def registered():
    demo.free(SENDER)
    Browser("ow1").register(SENDER, networks=f"{SOURCE}/32")
    assert demo.wait_until(lambda: send(SENDER, SOURCE)[0] == "accept", 30)


def status():
    """What deploy/demo status says of each part, and its exit status."""
    result = subprocess.run([demo.TOP / "deploy/demo", "status"], capture_output=True, text=True, timeout=120,
                            stdin=subprocess.DEVNULL)
    return dict(re.findall(r"^(\w+) +(\w+)", result.stdout, re.MULTILINE)), result.returncode


@pytest.mark.parametrize("part", PARTS)
def test_a_restarted_part_is_there(part):
    for _ in range(RESTARTS):
        demo.demo("restart", part)
        answer, token = send(SENDER, SOURCE)
        assert answer == "accept", (part, answer)
    assert arrived(token)
    assert status() == (dict.fromkeys(PARTS, "running"), 0)


@pytest.mark.parametrize("part", ["policy", "milter"])
def test_a_daemon_without_its_socket_ends_and_status_says_so(part):
    (demo.DIR / "postfix/queue/appsmtp" / part).unlink()
    assert demo.wait_until(lambda: status() == (dict.fromkeys(PARTS, "running") | {part: "stopped"}, 3), 30)
    assert "lost the socket" in (demo.DIR / "log" / f"{part}.log").read_text()
    assert send(SENDER, SOURCE)[0].startswith("45")
    demo.demo("restart", part)
    assert send(SENDER, SOURCE)[0] == "accept"


def test_a_part_that_hangs_is_not_called_running():
    with demo.hanging("policy"):
        assert status() == (dict.fromkeys(PARTS, "running") | {"policy": "silent"}, 3)
    assert status() == (dict.fromkeys(PARTS, "running"), 0)


def test_a_session_lives_whatever_else_ends():
    """As "stop" looks, while other processes come and go."""
    script = f"""
        set -Eeuo pipefail
        source '{demo.TOP}/deploy/demo.d/common.sh'
        while true; do /bin/true; done &
        churn=$!
        gone=0
        for round in {{1..100}}; do
            ! session_gone "$1" || gone=$((gone + 1))
        done
        kill "$churn"
        echo "$gone"
    """
    living = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        result = subprocess.run(["bash", "-c", script, "bash", str(living.pid)], capture_output=True, text=True, timeout=120)
        assert (result.stdout, result.returncode) == ("0\n", 0), result.stderr
    finally:
        os.kill(living.pid, signal.SIGKILL)
        living.wait()
    assert subprocess.run(["bash", "-c", script, "bash", str(living.pid)], capture_output=True, text=True,
                          timeout=120).stdout == "100\n"
