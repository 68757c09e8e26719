# SPDX-License-Identifier: MIT
"""deploy/systemd/appsmtp-portal.service: its commands as systemd runs them, with the demo's programs and configuration."""

import contextlib
import pathlib
import re
import shlex
import signal
import socket
import subprocess

import pytest

import demo
from gateway import ask_fastcgi, parameters

UNIT = (demo.TOP / "deploy/systemd/appsmtp-portal.service").read_text()
BIN = demo.DIR / "install/bin"


@pytest.fixture
def config(tmp_path):
    """A copy of the demo's configuration, to be written anew."""
    file = tmp_path / "appsmtp.xml"
    file.write_text(demo.CONFIG.read_text())
    return file


def rewrite(config, old, new):
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def commands(setting, config, main=0):
    """What the unit says there, as lists of words: systemd replaces its own variables, and $$ by $."""
    for line in re.findall(rf"^{setting}=(.*)$", UNIT, re.M):
        line = re.sub(r"/usr/bin/(appsmtp-\w+)", rf"{BIN}/\1", line).replace("/etc/appsmtp/appsmtp.xml", str(config))
        yield shlex.split(line.replace("$MAINPID", str(main)).replace("$$", "$"))


def run(setting, config, main=0):
    """One after the other until one fails: the last one's status, and all that they said."""
    said = ""
    for words in commands(setting, config, main):
        result = subprocess.run(words, capture_output=True, text=True, timeout=30)
        said += result.stdout + result.stderr
        if result.returncode:
            return result.returncode, said
    return 0, said


def children(process):
    return set(pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())


def is_ready(pid):
    """Whether a worker has read its configuration: it catches SIGTERM from then on."""
    with contextlib.suppress(OSError):
        caught = re.search(r"SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]
        program = pathlib.Path(f"/proc/{pid}/exe").resolve().name
        return program == "appsmtp-portal" and int(caught, 16) >> (signal.SIGTERM - 1) & 1
    return False


def ready(process):
    """The workers, once all are there."""
    def all_ready():
        found = children(process)
        return found if len(found) == 4 and all(map(is_ready, found)) else None
    return demo.wait_until(all_ready, 30)


@contextlib.contextmanager
def portal(config, folder):
    """The unit's process, with a socket as systemd hands it over: process and the socket's path."""
    [words] = commands("ExecStart", config)
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(512)
        process = subprocess.Popen(words, stdin=listener, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert ready(process)
        yield process, path
    finally:
        process.terminate()
        process.wait(30)


def answers(path, config):
    return ask_fastcgi(path, parameters(config=config)).status_code == 200


@pytest.mark.parametrize("old, new, told", [
    ('<relay ', '<relay hots="x" ', r"appsmtp\.xml:\d+: "),
    ("(sAMAccountName=%u)", "(sAMAccountName=%u", "what is to be the filter of people is none"),
    ("<resolver>", "<resolver><server address=\"no-address\"/>", r"appsmtp\.xml: .*no-address"),
])
def test_mistake_is_told_before_the_start(config, old, new, told):
    rewrite(config, old, new)
    status, said = run("ExecStartPre", config)
    assert status == 78 and re.search(told, said), said


def test_an_outage_does_not_keep_it_from_starting(config):
    """Nobody listens where database, directory and name servers are said to be."""
    text = re.sub(r'(<server (?:uri|address))="[^"]*"', lambda found: found[1] + (
        '="ldaps://127.0.0.1:1"' if "uri" in found[1] else '="127.0.0.1:1"'), config.read_text())
    text = re.sub(r'connection="[^"]*"', 'connection="host=/nowhere dbname=none"', text)
    config.write_text(text)
    status, said = run("ExecStartPre", config)
    assert status == 0, said


def test_reload(config, tmp_path):
    """New workers read the new file; with a mistake in it the old ones go on."""
    with portal(config, tmp_path) as (process, path):
        assert answers(path, config)
        before = children(process)
        rewrite(config, '<relay ', '<relay hots="x" ')
        status, said = run("ExecReload", config, process.pid)
        assert status == 78 and "appsmtp.xml:" in said
        assert children(process) == before and answers(path, config)
        rewrite(config, '<relay hots="x" ', '<relay ')
        assert run("ExecReload", config, process.pid)[0] == 0
        assert demo.wait_until(lambda: not children(process) & before, 30) and ready(process)
        assert process.poll() is None and answers(path, config)
