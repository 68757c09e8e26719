# SPDX-License-Identifier: MIT
"""The programs without pages behind a pooler that is killed: "could not ask", nothing lost, and right
again once it is back. Only where the demo has one (tests/run pooler)."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BIN, DEMO, run
from test_delivery import NOW, later, queue, register, states

TOP = pathlib.Path(__file__).resolve().parents[2]
NOT_ASKED, CLOCK = 69, f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
COMMANDS = [["appsmtp-notify", "--now", CLOCK], ["appsmtp-export", "--format", "csv", "--now", CLOCK],
            ["appsmtp-admin", "search", "direct", "--csv"], ["appsmtp-admin", "init"]]


def kill_pooler():
    process = int((DEMO / "run/pooler").read_text().split()[0])
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not pathlib.Path(f"/proc/{process}/exe").exists())


def start_pooler():
    """Its output goes to a file: what it starts holds that open."""
    with open(DEMO / "log/tests.log", "ab") as log:
        subprocess.run([TOP / "deploy/demo", "restart", "pooler"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                       check=True, timeout=120)


@pytest.fixture(autouse=True)
def there_at_the_end():
    yield
    start_pooler()


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return value


def call(site, name, *words, **options):
    output = ["--output", site.folder / "export"] if name == "appsmtp-export" else []
    return run(BIN / name, "--config", site.config, *output, *words, check=False, **options)


def test_killed_between_two_rounds(site):
    which = register(site, "ow1")
    assert [call(site, *words).returncode for words in COMMANDS] == [0] * len(COMMANDS)
    first = (site.folder / "export/current").resolve()
    queue(site, which, "ow1")
    before = states(site)
    kill_pooler()
    for words in COMMANDS:
        done = call(site, *words)
        assert done.returncode == NOT_ASKED and "could not" in done.stderr, (words, done.stderr)
    assert (site.folder / "export/current").resolve() == first
    assert states(site) == before and not site.sink.messages
    start_pooler()
    done = [call(site, *words) for words in COMMANDS]
    assert [one.returncode for one in done] == [0] * len(COMMANDS), [one.stderr for one in done]
    assert "direct@example.edu" in done[2].stdout
    assert [row[0] for row in states(site)] == ["sent"] and len(site.sink.take()) == 1


def test_killed_while_a_notice_is_sent(site):
    """The mail server has it and nobody can note that: it is sent once more at most, and then noted."""
    queue(site, register(site, "ow1"), "ow1")
    site.sink.before_taken = kill_pooler
    assert call(site, *COMMANDS[0]).returncode == NOT_ASKED
    site.sink.before_taken = lambda: None
    start_pooler()
    for minutes in range(10, 40, 10):
        assert site.notify(later(minutes)).returncode == 0
    assert [row[0] for row in states(site)] == ["sent"] and len(site.sink.take()) <= 2


def test_killed_while_the_schema_is_migrated(site):
    """All of it is undone, and the next run does all of it."""
    shutil.copytree(DEMO / "install/share/appsmtp-portal", site.folder / "share")
    path = site.folder / "share/schema/900-slow.sql"
    path.write_text("CREATE TABLE slow (); SELECT pg_sleep(30);")
    options = {"env": os.environ | {"APPSMTP_DATADIR": str(site.folder / "share")}}
    process = subprocess.Popen([BIN / "appsmtp-admin", "--config", site.config, "init"], stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True, **options)
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    wait_until(lambda: site.sql(asleep) == [["1"]])
    kill_pooler()
    said = process.communicate(timeout=60)[1]
    assert process.returncode == NOT_ASKED and "database" in said, said
    start_pooler()
    # The server ends the statement whose caller is gone.
    wait_until(lambda: site.sql(asleep) == [["0"]])
    assert site.sql("SELECT to_regclass('slow') IS NULL, count(*) FROM schema_file WHERE name LIKE '900%'") == [["t", "0"]]
    path.write_text("CREATE TABLE slow ();")
    assert call(site, "appsmtp-admin", "init", **options).returncode == 0
    assert site.sql("SELECT to_regclass('slow') IS NULL, count(*) FROM schema_file WHERE name LIKE '900%'") == [["f", "1"]]
