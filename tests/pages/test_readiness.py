# SPDX-License-Identifier: MIT
"""What /readyz and the programs say of a schema that is not theirs."""

import contextlib

import pytest

from browser import Browser
from demo import run, sql

NEWEST = "SELECT max(name) FROM schema_file"
OLDER = "the schema is older than this program: run appsmtp-admin init"


@contextlib.contextmanager
def changed(change, back):
    sql(change)
    try:
        yield Browser().get("/readyz")
    finally:
        sql(back)


def test_ready():
    answer = Browser().get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_older():
    [[newest]] = sql(NEWEST)
    with changed(f"UPDATE schema_file SET name = 'x' WHERE name = '{newest}'",
                 f"UPDATE schema_file SET name = '{newest}' WHERE name = 'x'") as answer:
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.text == f"database: {OLDER}\n"


def test_newer():
    with changed("INSERT INTO schema_file (name) VALUES ('999-future.sql')",
                 "DELETE FROM schema_file WHERE name = '999-future.sql'") as answer:
        assert answer.status_code == 200
        assert answer.text == "ready\ndatabase: the schema is newer than this program\n"
        refused = run("appsmtp-admin", "init")
        assert refused.returncode == 78 and "999-future.sql" in refused.stderr


def test_changed():
    [[newest]] = sql(NEWEST)
    with changed(f"UPDATE schema_file SET sha256 = 'x' || sha256 WHERE name = '{newest}'",
                 f"UPDATE schema_file SET sha256 = substr(sha256, 2) WHERE name = '{newest}'") as answer:
        assert answer.status_code == 503 and "from other files" in answer.text
        refused = run("appsmtp-admin", "init")
        assert refused.returncode == 78 and newest in refused.stderr


@pytest.mark.parametrize("words", [["overview"], ["list"]])
def test_a_program_that_misses_a_table(words):
    """The newest file has not been run, nor has what made the table."""
    [[newest]] = sql(NEWEST)
    with changed(f"UPDATE schema_file SET name = 'x' WHERE name = '{newest}';"
                 " ALTER VIEW registration_watch RENAME TO watch_of_registrations",
                 f"UPDATE schema_file SET name = '{newest}' WHERE name = 'x';"
                 " ALTER VIEW watch_of_registrations RENAME TO registration_watch"):
        missed = run("appsmtp-admin", *words)
    assert missed.returncode == 69 and OLDER in missed.stderr and "registration_watch" in missed.stderr
    assert run("appsmtp-admin", *words).returncode == 0
