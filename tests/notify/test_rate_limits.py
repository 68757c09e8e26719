# SPDX-License-Identifier: MIT
"""Owners are told when an hour's recipients come to their end: once a day, whatever happens."""

import datetime
import json
import random
import time
import uuid

import pytest

from conftest import LONG, at

NOW = at("2027-01-10")
NEAR = "direct@example.edu: most of an hour's recipients are used"
FULL = "direct@example.edu: an hour's recipients are used up"


def register(site, *owners, kind="web-application", state="live"):
    which = str(uuid.uuid4())
    people = ",".join(f"('{which}', '{login}', now(), 'x')" for login in owners or ["ow1"])
    site.sql(f"""
        BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label, created_at, confirmed_at, state) VALUES ('{which}', 'direct@example.edu', 'App',
          '{kind}', 'x', 'x', '2026-01-01', '{NOW}', '{state}');
        INSERT INTO registration_owner VALUES {people};
        INSERT INTO registration_location VALUES ('{which}', 'campus');
        INSERT INTO source (id, registration_id, added_by, network)
          VALUES (gen_random_uuid(), '{which}', 'x', '127.0.0.21/32'); COMMIT""")
    return which


_reports = iter(range(1, 1000000))


def report(site, used, allowed=1000, relay="relay"):
    """As an export brings it. The time of one is later than that of the one before."""
    seen = int(datetime.datetime(2026, 2, 1).timestamp()) + next(_reports)
    details = {"rates": [{"sender": "direct@example.edu", "used": used, "allowed": allowed, "at": seen}]}
    site.sql(f"""INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders,
        sources, details) VALUES ('{relay}', 1, '7:7:', '{NOW}', '{NOW}', 'unchanged', 1, 1, '{json.dumps(details)}')""")


def told(site):
    return [message["Subject"] for _, message in site.sink.take()]


def later(**more):
    return NOW + datetime.timedelta(**more)


def notified(site, now):
    """What two runs at that time send."""
    site.notify(now)
    site.notify(now)
    return told(site)


def test_a_day(site):
    """Each kind once within 24 hours, and none of 80 % within 24 hours after one of 100 %."""
    register(site)
    steps = [(0, 799, []), (1, 800, [NEAR]), (2, 990, []), (3, 1000, [FULL]), (4, 850, []), (5, 1200, []), (25, 900, []),
             (26.9, 1000, []), (27, 850, [NEAR]), (28, 1000, [FULL]), (40, 0, []), (52, 1000, [FULL]), (60, 800, [])]
    for hours, used, expected in steps:
        report(site, used)
        assert notified(site, later(hours=hours)) == expected, hours


def test_all_at_once_is_one_notice(site):
    register(site, "ow1", "ow2")
    report(site, 5000)
    assert notified(site, NOW) == [FULL, FULL]
    assert site.sql("SELECT kind, recipient FROM notice ORDER BY id") == [["rate-full", "ow1"], ["rate-full", "ow2"]]


def test_a_burst_between_two_runs(site):
    """What was reported first and is over when appsmtp-notify looks."""
    register(site)
    for used in 100, 1000, 810, 12:
        report(site, used)
    assert notified(site, NOW) == [FULL]
    assert notified(site, later(days=2)) == []
    assert site.sql("SELECT count(*) FROM rate_peak") == [["0"]]


def test_a_report_told_twice(site):
    """The export's answer was lost, and it tells the same again a day later."""
    register(site)
    report(site, 1000)
    assert notified(site, NOW) == [FULL]
    site.sql("""INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders, sources,
        details) SELECT r.relay, 2, '7:7:', now(), now(), 'unchanged', 1, 1, jsonb_build_object('rates', jsonb_build_array(
        jsonb_build_object('sender', 'direct@example.edu', 'used', r.used, 'allowed', r.allowed, 'at',
        extract(epoch FROM r.seen)::bigint))) FROM relay_rate r""")
    assert notified(site, later(days=1)) == []


def test_a_clock_that_jumps_back(site):
    register(site)
    report(site, 1000)
    assert notified(site, NOW) == [FULL]
    report(site, 1001)
    assert notified(site, later(hours=-30)) == []


def test_the_fullest_relay(site):
    """Relays share a rate: each puts off what is beyond its part, whatever the others have left."""
    register(site)
    report(site, 100, 500, "one")
    report(site, 450, 500, "two")
    assert notified(site, NOW) == [NEAR]
    report(site, 500, 500, "one")
    assert notified(site, later(hours=1)) == [FULL]


@pytest.mark.parametrize("kind, words", [
    ("web-application", ["What is sent as direct@example.edu (App) had 1000 recipients within an hour",
                         "The limit is 1000."]),
    ("scanner", ["The busiest of the devices and servers that send as direct@example.edu (App) had 1000 recipients",
                 "The limit is 1000 for each device or server."]),
])
def test_words(site, kind, words):
    which = register(site, kind=kind)
    report(site, 1000)
    site.notify(NOW)
    [(recipient, message)] = site.sink.take()
    text = " ".join(message.get_content().split())
    assert recipient == "ow1@example.edu" and message["Subject"] == FULL
    for one in [*words, "reported on 1 February 2026 at", "may put off what goes beyond that", "spread the messages",
                "ask the relay team for another rate: help@example.edu", "A message to 50 people is 50 recipients",
                f"/registrations/{which}"]:
        assert one in text, (one, text)
    assert "{" not in text


def test_what_is_not_in_force_is_not_told(site):
    register(site, state="suspended")
    report(site, 1000)
    assert notified(site, NOW) == []
    site.sql("UPDATE registration SET state = 'live'")
    assert notified(site, later(hours=1)) == []
    report(site, 1000)
    assert notified(site, later(hours=2)) == [FULL]


def test_an_operators_exception(site):
    """What counts is what the relay allowed when it counted."""
    which = register(site)
    site.sql(f"UPDATE registration SET recipients_per_hour = 5000 WHERE id = '{which}'")
    report(site, 3000, 5000)
    assert notified(site, NOW) == []
    report(site, 4000, 5000)
    assert notified(site, NOW) == [NEAR]


def test_killed_at_any_moment(site):
    """kill -9: a day's notice is made once, to each owner."""
    register(site, "ow1", "ow2")
    chance, kills = random.Random(11), 100 if LONG else 10
    for day in range(kills):
        report(site, 1000)
        process = site.start_notify(later(days=day))
        time.sleep(chance.uniform(0, 0.15))
        site.kill(process)
        report(site, 1000)
        site.notify(later(days=day))
    # What the last kill cut short is due again after a pause.
    site.notify(later(days=kills - 1, hours=23))
    made = site.sql("SELECT made_at::date, count(*) FROM notice WHERE kind = 'rate-full' GROUP BY 1 ORDER BY 1")
    assert len(made) == kills and {count for _, count in made} == {"2"}
    assert site.sql("SELECT count(*) FROM notice WHERE sent_at IS NULL") == [["0"]]
