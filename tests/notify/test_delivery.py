# SPDX-License-Identifier: MIT
"""The queue: what is refused, what waits, and runs that are killed."""

import collections
import datetime
import random
import time
import uuid

from conftest import BIN, LONG, at, run

NOW = at("2027-01-10")


def register(site, *owners):
    which = str(uuid.uuid4())
    people = ",".join(f"('{which}', '{login}', now(), 'x')" for login in owners)
    site.sql(f"""
        BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label, created_at, confirmed_at) VALUES ('{which}', 'direct@example.edu', 'App',
          'scanner', 'x', 'x', '{NOW}', '{NOW}');
        INSERT INTO registration_owner VALUES {people};
        INSERT INTO registration_location VALUES ('{which}', 'campus');
        INSERT INTO source (id, registration_id, added_by, network)
          VALUES (gen_random_uuid(), '{which}', 'x', '127.0.0.21/32'); COMMIT""")
    return which


def queue(site, which, recipient, count=1):
    site.sql("INSERT INTO notice (registration_id, kind, recipient, made_at, next_attempt_at)"
             f" SELECT '{which}', 'changed', '{recipient}', '{NOW}', '{NOW}' FROM generate_series(1, {count})")


def states(site):
    return site.sql("SELECT CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN skipped_at IS NOT NULL THEN 'skipped'"
                    " ELSE 'waits' END, attempts, last_error FROM notice WHERE kind = 'changed' ORDER BY id")


def later(minutes=0, **more):
    return NOW + datetime.timedelta(minutes=minutes, **more)


def test_recipients(site):
    which = register(site, "ow1", "of1", "nobody-here")
    for recipient in ("ow1", "OW1", "team@example.edu", "of1", "nobody-here", "a|b", "x@y z", "-@", ""):
        queue(site, which, recipient)
    site.notify(NOW)
    assert [row[0] for row in states(site)] == ["sent"] * 3 + ["waits"] * 2 + ["skipped"] * 4
    assert all(row[2] for row in states(site)[3:])
    for day in range(1, 6):
        site.notify(later(days=day))
    assert [row[0] for row in states(site)] == ["sent"] * 3 + ["waits"] * 2 + ["skipped"] * 4
    assert int(states(site)[3][1]) > 4
    site.notify(later(days=7))
    assert [row[0] for row in states(site)] == ["sent"] * 3 + ["skipped"] * 6
    assert {r for r, _ in site.sink.messages} == {"ow1@example.edu", "team@example.edu"}


def test_who_is_not_found_once_is_looked_for_again(site):
    """A directory that has lost a person for a night, or their address of mail."""
    queue(site, register(site, "ow1"), "away")
    site.notify(NOW)
    assert [row[:1] + row[2:] for row in states(site)] == [["waits", "the directory does not know this login"]]
    site.add_person("away")
    site.notify(later(2))
    assert states(site)[0][0] == "waits"
    site.notify(later(6))
    assert states(site) == [["sent", "2", ""]]
    assert [r for r, _ in site.sink.messages] == ["away@example.edu"]


def test_one_minute_is_one(site):
    queue(site, register(site, "ow1"), "ow1")
    site.notify(NOW)
    text = " ".join(site.sink.messages[0][1].get_content().split())
    assert "follows within 1 minute. " in text


def test_refused_for_now_then_taken(site):
    queue(site, register(site, "ow1"), "ow1")
    site.sink.refuse = lambda recipient: "450 4.2.0 come back"
    for minutes, status in ((0, 69), (4, 0), (6, 69), (10, 0), (25, 69)):
        assert site.notify(later(minutes), check=False).returncode == status, minutes
    assert states(site) == [["waits", "3", "450 4.2.0 come back"]]
    site.sink.refuse = lambda recipient: None
    site.notify(later(days=1))
    assert states(site) == [["sent", "4", ""]]
    assert len(site.sink.messages) == 1


def test_refused_for_good_ends(site):
    queue(site, register(site, "ow1"), "ow1")
    site.sink.refuse = lambda recipient: "550 5.1.1 nobody of that name"
    for day in range(5):
        site.notify(later(days=day), check=False)
    assert states(site)[0][0] == "waits"
    done = site.notify(later(days=6), check=False)
    assert done.returncode == 69 and done.stderr == (
        'appsmtp-notify: 0 sent, 1 skipped, 0 not sent yet: "550 5.1.1 nobody of that name" (1)\n')
    assert states(site)[0][0::2] == ["skipped", "550 5.1.1 nobody of that name"]


def test_servers_away(site):
    which = register(site, "ow1")
    queue(site, which, "ow1")
    queue(site, which, "team@example.edu")
    # The directory: mail to addresses goes out all the same.
    assert site.notify(NOW, outage=True, check=False).returncode == 69
    assert [row[:2] for row in states(site)] == [["waits", "0"], ["sent", "1"]]
    site.sink.refuse = lambda recipient: "421 4.3.0 going down"
    done = site.notify(NOW, check=False)
    assert done.returncode == 69 and "could not send mail" in done.stderr
    assert states(site)[0][0] == "waits"
    site.sink.refuse = lambda recipient: None
    site.notify(later(16))
    assert [row[0] for row in states(site)] == ["sent", "sent"]


def test_pauses_grow_while_the_mail_server_is_away(site):
    queue(site, register(site, "ow1"), "ow1")
    site.sink.refuse = lambda recipient: "421 4.3.0 going down"
    tried = []
    for minute in (0, 4, 5, 14, 20, 40, 80, 120, 141, 201):
        if site.notify(later(minute), check=False).returncode == 69:
            tried.append(minute)
    assert tried == [0, 5, 20, 80, 141, 201]


def test_clock_that_jumped_back(site):
    queue(site, register(site, "ow1"), "ow1")
    site.sink.refuse = lambda recipient: "450 4.2.0 come back"
    site.notify(later(days=300), check=False)
    site.sink.refuse = lambda recipient: None
    site.notify(later(days=1))
    site.notify(later(days=1))
    assert [row[0] for row in states(site)] == ["sent"] and len(site.sink.messages) == 1


def test_one_at_a_time(site):
    which = register(site, "ow1")
    for number in range(20):
        queue(site, which, f"team{number}@example.edu")
    site.sink.refuse = lambda recipient: time.sleep(0.2)
    first = site.start_notify(at("2027-01-11"))
    while not site.sink.messages:
        time.sleep(0.02)
    assert site.notify(NOW, check=False).returncode == 75
    assert first.wait() == 0
    assert len(site.sink.messages) == 20


def test_killed_again_and_again_before_the_answer(site):
    """The server has the whole message each time, and we never learn of it: two copies, no third."""
    queue(site, register(site, "ow1"), "ow1")
    site.sink.before_taken = lambda: time.sleep(2)
    for copies in (1, 2):
        process = site.start_notify(later(days=copies))
        while len(site.sink.messages) < copies:
            assert process.poll() is None
            time.sleep(0.02)
        site.kill(process)
    site.sink.before_taken = lambda: None
    site.notify(later(days=3))
    assert [row[0] for row in states(site)] == ["sent"] and "ended twice" in states(site)[0][2]
    assert [m["Message-ID"] for _, m in site.sink.messages] == [site.sink.messages[0][1]["Message-ID"]] * 2


def test_answer_lost(site):
    """The server that hangs up after the message is asked again: who lives to see that, knows to."""
    def hang_up():
        raise ConnectionError

    queue(site, register(site, "ow1"), "ow1")
    site.sink.before_taken = hang_up
    for day in range(3):
        assert site.notify(later(days=day), check=False).returncode == 69
    site.sink.before_taken = lambda: None
    site.notify(later(days=4))
    assert states(site) == [["sent", "4", ""]]


def test_wrong_usage(site):
    for words, status in ((["x"], 64), (["--now", "tomorrow"], 64), (["--nope"], 64), (["--help"], 0),
                          (["--version"], 0)):
        assert run(BIN / "appsmtp-notify", "--config", site.config, *words, check=False).returncode == status


def test_killed_at_any_moment(site):
    """kill -9: every notice once, or once more with the same Message-ID where the mail server had
    it when the kill came."""
    which = register(site, "ow1")
    chance, kills, now = random.Random(7), 200 if LONG else 20, NOW
    started = time.monotonic()
    queue(site, which, "ow1")
    site.notify(now)
    whole = time.monotonic() - started
    for number in range(kills):
        queue(site, which, f"team{number}@example.edu", 3)
        now += datetime.timedelta(hours=1)
        process = site.start_notify(now)
        time.sleep(chance.uniform(0, whole))
        site.kill(process)
    for _ in range(20):
        now += datetime.timedelta(hours=2)
        if site.notify(now, check=False).returncode == 0:
            break
        time.sleep(0.2)
    rows = states(site)
    assert len(rows) == 1 + 3 * kills and all(row[0] == "sent" for row in rows)
    counts = collections.Counter(message["Message-ID"] for _, message in site.sink.messages
                                 if "was changed" in message["Subject"])
    assert len(counts) == len(rows)
    assert max(counts.values()) <= 2
