# SPDX-License-Identifier: MIT
"""Who changes registrations again and again fills nobody's mailbox, and nobody misses a change."""

import datetime
import json

from conftest import BIN, at, run
import test_groups

NOW = at("2027-01-10")
MOST = 12  # an hour, to one address
OW1 = "ow1@example.edu"


def later(minutes):
    return NOW + datetime.timedelta(minutes=minutes)


def registrations(site, count):
    names = [f"digest{number}" for number in range(count)]
    site.add_egas("digest", ["ow1"], [f"{name}@example.edu" for name in names], 1)
    return [test_groups.register(site, "ow1", name=name) for name in names]


def notice(which, recipient, about=None, kind="owner-added", history=1):
    return which, recipient, kind, {"history": history, "by": "ow2", "about": about} if about else {}


def queue(site, now, *notices):
    """As changes write them."""
    rows = ",".join(f"('{which}', '{kind}', '{recipient}', '{json.dumps(details)}', '{now}', '{now}')"
                    for which, recipient, kind, details in notices)
    site.sql(f"INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at) VALUES {rows}")


def text(message):
    return " ".join((message["Subject"] + "\n" + message.get_content()).split())


class Mailbox:
    """What came to an address, and when."""

    def __init__(self, site, address=OW1):
        self.site, self.address, self.mails, self.others = site, address, [], []

    def run(self, now):
        self.site.notify(now)
        for recipient, message in self.site.sink.take():
            (self.mails if recipient == self.address else self.others).append((now, message))

    def digests(self):
        return [(now, message) for now, message in self.mails if "notices about" in message["Subject"]]

    def most_in_an_hour(self):
        hour = datetime.timedelta(hours=1)
        return max(sum(start <= now < start + hour for now, _ in self.mails) for start, _ in self.mails)


def test_flood_over_ten_registrations(site):
    """Each run brings one person 20 more notices, as an owner, by address and as the group they read the mail of."""
    ids, box, told = registrations(site, 10), Mailbox(site), []
    site.add_group("n-roles", mail="OW1@EXAMPLE.edu")
    roles = ("ow1", "Ow1@Example.EDU", "group n-roles", "OW1")
    for minute in range(0, 130, 10):
        names = [f"x{minute}-{number}" for number in range(20)]
        queue(site, later(minute), notice(ids[0], "ow2", f"y{minute}"),
              *(notice(ids[number % 10], roles[number % 4], name) for number, name in enumerate(names)))
        told += names
        box.run(later(minute))
        assert box.others[-1][0] == later(minute)  # who has one notice does not wait for it
    for minute in range(130, 340, 30):
        box.run(later(minute))
    assert box.most_in_an_hour() <= MOST
    assert len(box.digests()) >= 2
    whole = " ".join(text(message) for _, message in box.mails)
    assert [name for name in told if f"{name} is an owner now" not in whole] == []
    assert site.sql("SELECT count(*) FROM notice WHERE sent_at IS NULL OR skipped_at IS NOT NULL") == [["0"]]
    assert all(not message["Subject"].startswith("digest") for _, message in box.digests())


def test_digest_names_each_registration_and_change(site):
    ids, box = registrations(site, 10), Mailbox(site)
    for number, which in enumerate(ids):
        queue(site, NOW, *(notice(which, "ow1", f"nb{number}", kind) for kind in ("owner-added", "owner-removed")),
              notice(which, "ow1", kind="changed-often"))
    box.run(NOW)
    assert len(box.mails) == MOST - 1
    box.run(later(59))
    assert len(box.mails) == MOST - 1
    words = run(BIN / "appsmtp-admin", "--config", site.config, "overview").stdout.split()
    assert "Of these, held for a digest 19 " in " ".join(words) + " "
    box.run(later(60))
    [(_, digest)] = box.digests()
    assert digest["Subject"] == "19 notices about 7 registrations" and digest["To"] == OW1
    words = text(digest)
    for number in range(4, 10):
        for line in (f"digest{number}@example.edu: nb{number} is an owner now (by ow2)",
                     f"digest{number}@example.edu: nb{number} is no longer an owner (by ow2)",
                     f"digest{number}@example.edu: changed several times within an hour"):
            assert line in words, (line, digest.get_content())
        assert f"/registrations/{ids[number]}" in words
    assert site.sql("SELECT DISTINCT last_error FROM notice WHERE last_error <> ''") == [[f"told in a digest to {OW1}"]]
    queue(site, later(61), notice(ids[0], "ow1", "nb1"))
    box.run(later(61))
    assert "nb1 is an owner now" in box.mails[-1][1]["Subject"]  # and after that all is as before


def test_one_change_in_two_roles_is_one_line(site):
    ids, box = registrations(site, 1), Mailbox(site)
    queue(site, NOW, *(notice(ids[0], "ow1", f"nb{number}") for number in range(MOST - 1)),
          *(notice(ids[0], recipient, "twice", history=7) for recipient in ("ow1", OW1)), notice(ids[0], "ow1", "twice", history=8))
    box.run(NOW)
    box.run(later(60))
    assert text(box.digests()[0][1]).count("twice is an owner now") == 2


def test_what_is_urgent_waits_for_no_digest(site):
    ids, box = registrations(site, 2), Mailbox(site)
    queue(site, NOW, *(notice(ids[0], "ow1", f"nb{number}") for number in range(30)),
          *(notice(ids[1], "ow1", kind=kind) for kind in ("suspended", "certificate-ended", "renewal-due")))
    box.run(NOW)
    assert len(box.mails) == MOST - 1 + 3
    queue(site, later(1), *[notice(ids[1], "ow1", kind="suspended")] * 3)
    box.run(later(1))
    assert len(box.mails) == MOST - 1 + 6


def test_more_than_one_digest_holds(site):
    ids, box = registrations(site, 1), Mailbox(site)
    site.sql("INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at) SELECT"
             f" '{ids[0]}', 'owner-added', 'ow1@example.edu', jsonb_build_object('about', 'z' || n || '-', 'history', n),"
             f" '{NOW}', '{NOW}' FROM generate_series(1, 1500) n")
    for minute in (0, 60, 119, 120, 121, 180):
        box.run(later(minute))
    assert [(now - NOW).seconds // 60 for now, _ in box.digests()] == [60, 120]
    whole = " ".join(text(message) for _, message in box.mails)
    assert all(f"z{n}- is an owner now" in whole for n in range(1, 1501))


def test_digest_that_is_refused(site):
    """What comes meanwhile waits for the next; there are never two at once."""
    ids, box = registrations(site, 1), Mailbox(site)
    queue(site, NOW, *(notice(ids[0], "ow1", f"a{number}") for number in range(20)))
    box.run(NOW)
    site.sink.refuse = lambda recipient: "451 4.2.0 come back"
    assert site.notify(later(60), check=False).returncode == 69
    site.sink.refuse = lambda recipient: None
    queue(site, later(61), *(notice(ids[0], "ow1", f"b{number}") for number in range(20)))
    for minute in range(61, 300, 30):
        box.run(later(minute))
    assert box.most_in_an_hour() <= MOST and len(box.digests()) == 2
    whole = " ".join(text(message) for _, message in box.mails)
    assert all(f"{letter}{n} is an owner now" in whole for letter in "ab" for n in range(20))


def test_mail_server_that_was_away_for_long(site):
    ids, box = registrations(site, 3), Mailbox(site)
    queue(site, NOW, *(notice(ids[number % 3], "ow1", f"a{number}") for number in range(40)))
    site.sink.refuse = lambda recipient: "421 4.3.0 going down"
    for minute in range(0, 300, 60):
        assert site.notify(later(minute), check=False).returncode in (0, 69)
    site.sink.refuse = lambda recipient: None
    for minute in range(360, 600, 30):
        box.run(later(minute))
    assert box.most_in_an_hour() <= MOST and len(box.digests()) == 1
    whole = " ".join(text(message) for _, message in box.mails)
    assert all(f"a{n} is an owner now" in whole for n in range(40))
