# SPDX-License-Identifier: MIT
"""A registration that a relay leaves out: no page says that it is on the relay."""

import json

import pytest

import demo
from browser import Browser
from demo import sql

ADDRESS = "direct@example.edu"
OUTSIDE = "is outside its locations (campus)"


@pytest.fixture
def rl1():
    return Browser("rl1")


@pytest.fixture(autouse=True)
def nothing_told():
    yield
    sql("DELETE FROM export_run WHERE relay LIKE 'told%'; DELETE FROM source_left_out WHERE relay LIKE 'told%'")


def leave_out(identity, *networks, ago="0 seconds", reason="outside", detail="campus"):
    """As another relay tells it, by the row of a run of its export."""
    sources = dict(sql("SELECT network::text, id FROM source WHERE registration_id = :'id'", id=identity))
    details = {"left_out": [{"sender": ADDRESS, "kind": "network", "value": one, "reason": reason, "detail": detail,
                             "source": sources[one], "whole": True, "expected": False} for one in networks]}
    sql("INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders, sources, details)"
        " VALUES ('told', 1, pg_current_snapshot(), now(), now() - :'ago'::interval, 'unchanged', 1, 1, :'details')",
        details=json.dumps(details), ago=ago)


@pytest.fixture
def identity(ow1):
    identity = ow1.register(ADDRESS, networks="127.0.0.21 10.88.0.0/24")
    demo.demo("export")
    return identity


def test_all_of_it(ow1, rl1, identity):
    leave_out(identity, "127.0.0.21/32", "10.88.0.0/24")
    words = ow1.page(f"/registrations/{identity}").words
    assert f"Not on the relay: 10.88.0.0/24 {OUTSIDE}, and 1 more" in words
    assert f"The relay accepts no mail from {ADDRESS} now" in words and "On the relay since" not in words
    assert words.count(f"The relay leaves it out: it {OUTSIDE}.") == 2
    assert "when it comes from one of these" not in words
    assert "Not on the relay: 10.88.0.0/24" in ow1.page("/registrations?state=left-out").words
    assert "Not on the relay: 10.88.0.0/24" in rl1.page(f"/operator/registrations/{identity}").words
    overview = rl1.page("/operator").words
    assert f"{ADDRESS} 10.88.0.0/24 {OUTSIDE} told" in overview
    assert ADDRESS in rl1.page("/operator/registrations?list=left-out").words


def test_a_part_of_it(ow1, identity):
    leave_out(identity, "10.88.0.0/24")
    words = ow1.page(f"/registrations/{identity}").words
    assert f"Needs attention: not all of it is on the relay: 10.88.0.0/24 {OUTSIDE}" in words
    assert words.count("The relay leaves it out") == 1 and "On the relay since" in words
    leave_out(identity)
    assert "leaves it out" not in ow1.page(f"/registrations/{identity}").words


def test_a_relay_of_long_ago_counts_no_more(ow1, identity):
    leave_out(identity, "127.0.0.21/32", "10.88.0.0/24", ago="25 hours")
    assert "leaves it out" not in ow1.page(f"/registrations/{identity}").words


def test_changed_since_the_last_export(ow1, identity):
    """What has changed waits for an export, which may take it in."""
    leave_out(identity, "127.0.0.21/32", "10.88.0.0/24")
    sql("UPDATE registration SET relay_version = relay_version + 1 WHERE id = :'id'", id=identity)
    assert "Waiting for the next export" in ow1.page(f"/registrations/{identity}").words


def test_row_that_no_map_can_hold(ow1, rl1, identity):
    """Each page says that it is left out, and why; nobody is told twice."""
    unfit = "cannot be written into the relay's maps (it is no network)"
    leave_out(identity, "10.88.0.0/24", reason="unfit", detail="it is no network")
    words = ow1.page(f"/registrations/{identity}").words
    assert f"Needs attention: not all of it is on the relay: 10.88.0.0/24 {unfit}" in words
    assert words.count(f"The relay leaves it out: it {unfit}.") == 1
    assert f"10.88.0.0/24 {unfit}" in rl1.page(f"/operator/registrations/{identity}").words
    assert f"{ADDRESS} 10.88.0.0/24 {unfit} told" in rl1.page("/operator").words

    def told():
        return sql("SELECT recipient, count(*) FROM notice WHERE registration_id = :'id' AND kind = 'left-out' GROUP BY 1", id=identity)

    assert demo.wait_until(told, 60) == [["ow1", "1"]]
    leave_out(identity, "10.88.0.0/24", reason="unfit", detail="it is no network")
    assert demo.wait_until(lambda: demo.run("appsmtp-notify").returncode != 75, 60)
    assert told() == [["ow1", "1"]]
    leave_out(identity, "127.0.0.21/32", "10.88.0.0/24", reason="unfit", detail="it is no network")
    words = ow1.page(f"/registrations/{identity}").words
    assert f"Not on the relay: 10.88.0.0/24 {unfit}, and 1 more" in words and "On the relay since" not in words
    assert f"Not on the relay: 10.88.0.0/24 {unfit}" in ow1.page("/registrations?state=left-out").words
