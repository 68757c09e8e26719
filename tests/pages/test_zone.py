# SPDX-License-Identifier: MIT
"""Times are UTC wherever they are shown, whatever zone the database has."""

import csv
import datetime
import io
import os
import re

import pytest

import demo
from browser import Browser
from demo import run, sql

NOW = datetime.datetime.now(datetime.timezone.utc)
# The day before in New York.
CREATED = f"{NOW - datetime.timedelta(days=100):%Y-%m-%d} 02:30:00Z"
TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?")


def set_zone(words):
    """For sessions from now on; those of the programs begin anew."""
    sql(f"ALTER DATABASE appsmtp {words}")
    if os.environ.get("APPSMTP_DEMO_POOLER"):
        demo.demo("restart", "pooler")
    demo.demo("restart", "portal")
    assert demo.wait_until(lambda: Browser().get("/readyz").status_code == 200)


@pytest.fixture
def new_york():
    yield lambda: set_zone("SET timezone = 'America/New_York'")
    set_zone("RESET timezone")


def admin(*words):
    result = run("appsmtp-admin", *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def shown(ow1, identity):
    """What pages and shell show of one registration, each by its name."""
    rl1 = Browser("rl1")
    return {
        "history": TIME.findall(ow1.get(f"/registrations/{identity}/history").text),
        "history as CSV": ow1.get(f"/registrations/{identity}/history?format=csv").text,
        "history in the shell": admin("history", identity),
        "show": admin("show", identity),
        "list": admin("search", "bulk-00196", "--csv"),
        "page": re.findall(r"\d+ [A-Z][a-z]+ 20\d\d|\d\d:\d\d", ow1.page(f"/registrations/{identity}").words),
        "operators' page": TIME.findall(rl1.get(f"/operator/registrations/{identity}").text),
    }


def seconds_old(text):
    """How long ago a time of UTC was."""
    at = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return (datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()


def test_a_database_in_new_york(ow1, new_york):
    demo.free("bulk-00196@example.edu")
    identity = ow1.register("bulk-00196@example.edu", networks="127.0.0.77")
    sql("UPDATE registration SET created_at = :'at', confirmed_at = :'at' WHERE id = :'id'", at=CREATED, id=identity)
    demo.demo("export")
    before = shown(ow1, identity)
    assert all(before.values()), before
    assert CREATED[:10] in before["list"]
    new_york()
    assert shown(ow1, identity) == before
    # What is written and counted in that zone.
    admin("suspend", identity, "--reason", "Zone")
    demo.demo("export")
    newest = next(csv.DictReader(io.StringIO(ow1.get(f"/registrations/{identity}/history?format=csv").text)))
    [times] = [TIME.findall(" ".join(map(str, newest.values())))]
    assert times and -5 < seconds_old(times[0]) < 300
    finished = TIME.search(next(line for line in admin("overview").splitlines() if "generation" in line))
    assert -65 < seconds_old(finished[0]) < 300
    [[day]] = sql("SELECT (now() AT TIME ZONE 'UTC')::date")
    assert day in admin("overview")
    demo.free("bulk-00196@example.edu")
