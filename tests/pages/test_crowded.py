# SPDX-License-Identifier: MIT
"""An owner who adds and removes somebody in all of ten registrations, as fast as the pages let."""

import email
import email.policy
import re

import demo
from browser import Browser
from demo import sql
from test_living import send

ADDRESSES = [f"bulk-{number:05}@example.edu" for number in range(700, 740, 4)]
MOST = 12  # messages an hour to one address


def mails_to(address):
    texts = [path.read_bytes() for path in (demo.DIR / "mail/notices/new").glob("*")]
    return [email.message_from_bytes(text, policy=email.policy.default) for text in texts
            if f"\nDelivered-To: {address}\n".encode() in text]


def queued(login, condition):
    return int(sql(f"SELECT count(*) FROM waiting_notice WHERE recipient = :'login' AND {condition}", login=login)[0][0])


def test_mail_bomb_over_ten_registrations(ow1, person):
    victim, bystander = person(), person()
    victims, bystanders = (f"{one.cn}@example.edu" for one in (victim, bystander))
    ids = [ow1.register(address, networks="127.0.0.71") for address in ADDRESSES]
    for _ in range(3):
        for identity in ids:
            assert send(ow1, f"/registrations/{identity}/owners", login=victim.login).status_code == 303
            assert send(ow1, f"/registrations/{identity}/owners/{victim.login}/remove").status_code == 303
    send(ow1, f"/registrations/{ids[0]}/owners", login=bystander.login)
    assert demo.wait_until(lambda: mails_to(bystanders), 60)
    assert demo.wait_until(lambda: queued(victim.login, "held_for IS NULL") == 0, 60)
    assert len(mails_to(victims)) == MOST - 1
    assert queued(victim.login, f"held_for = '{victims}'") == 60 - (MOST - 1)
    assert re.search(r"; of these held for a digest, as their address has had its share of the hour: \d+\.",
                     Browser("rl1").page("/operator").words)
    # The hour is over.
    sql("UPDATE notice SET next_attempt_at = now() WHERE held_for = :'address'", address=victims)
    assert demo.wait_until(lambda: len(mails_to(victims)) == MOST, 60)
    [digest] = [mail for mail in mails_to(victims) if "notices about" in mail["Subject"]]
    assert digest["Subject"].startswith(f"{60 - (MOST - 1)} notices about ")
    told = " ".join(" ".join((mail["Subject"] + "\n" + mail.get_content()).split()) for mail in mails_to(victims))
    for address, identity in zip(ADDRESSES, ids):
        for words in ("is an owner now", "is no longer an owner"):
            assert told.count(f"{address}: {victim.login} {words}") == 3, (address, words)
        assert f"/registrations/{identity}" in told
    assert queued(victim.login, "true") == 0
