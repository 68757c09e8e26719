# SPDX-License-Identifier: MIT
"""How much a sender may send, through a real Postfix: by source, by exception, over a restart of the
daemon, and without what the milter refused."""

import concurrent.futures
import smtplib

import pytest

import demo
from browser import Browser
from demo import DIR, RELAY_PORT, sql
from relay import text_of

PRINTERS, FEW, WRONG = "bulk-00320@example.edu", "bulk-00324@example.edu", "bulk-00328@example.edu"
NEAR = "127.0.0.71"


@pytest.fixture
def fresh():
    """Nobody has sent anything yet, whatever ran before."""
    with demo.stopped("policy"):
        (DIR / "export/uses/rates").unlink(missing_ok=True)


@pytest.fixture
def owner():
    demo.free(PRINTERS, FEW, WRONG)
    return Browser("ow1")


def send_to(sender, source, recipients=1, author=None, messages=1):
    """Messages in one session, each to so many: the first answer that is no "accept", or that."""
    client = smtplib.SMTP("127.0.0.1", RELAY_PORT, local_hostname="test.example.edu", timeout=60,
                          source_address=(source, 0))
    to = [f"someone{i}@example.org" for i in range(recipients)]
    with client:
        for _ in range(messages):
            try:
                client.sendmail(sender, to, f"From: <{author or sender}>\r\nSubject: x\r\n\r\nx\r\n")
            except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refusal:
                return text_of(refusal)
    return "accept"


def allow(owner, address, per_hour):
    """Registered with an operator's exception, and the daemon knows it: it refuses one more for good."""
    # No export comes between the two: what passed by the type's rate would count.
    with demo.stopped("export"):
        identity = owner.register(address, networks=NEAR)
        sql("UPDATE registration SET recipients_per_hour = :'rate' WHERE id = :'id'", rate=per_hour, id=identity)
    assert sql("SELECT changed_at > created_at, registration_as_json(id) ->> 'recipients_per_hour' FROM registration"
               " WHERE id = :'id'", id=identity) == [["t", str(per_hour)]]
    refused = f"{address} may have {per_hour} recipients an hour at this relay, and this message alone has"
    answer = demo.wait_until(lambda: (said := send_to(address, NEAR, per_hour + 1)) and refused in said and said, 20)
    assert answer and answer.startswith("550 5.7.1 ")
    return identity


def test_every_printer(fresh, owner):
    owner.register(PRINTERS, application_type="scanner", networks="127.0.5.0/24")
    assert demo.wait_until(lambda: send_to(PRINTERS, "127.0.5.251") == "accept", 20)
    sources = [f"127.0.5.{i}" for i in range(1, 251)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda source: send_to(PRINTERS, source, messages=3), sources))
    assert answers == ["accept"] * 250


def test_over_a_restart(fresh, owner):
    identity = allow(owner, FEW, 5)
    # The milter may know it a second later, and what it puts off does not count either.
    assert demo.wait_until(lambda: send_to(FEW, NEAR, 4) == "accept")
    assert send_to(FEW, NEAR, 2).startswith("450 4.7.1 ")
    demo.demo("restart", "policy")
    answer = demo.wait_until(lambda: (said := send_to(FEW, NEAR, 5)) and "4.7.1" in said and said)
    assert "has had too many for this message: send it again in" in answer
    assert send_to(FEW, NEAR) == "accept"

    def told():
        return sql("SELECT used, allowed, seen > now() - interval '2 minutes' FROM relay_rate"
                   " WHERE registration_id = :'id' AND relay = 'relay'", id=identity) == [["5", "5", "t"]]

    assert demo.wait_until(told, 40)


def test_what_the_milter_refused(fresh, owner):
    allow(owner, WRONG, 5)

    def refused():
        return "The From: header has president@example.edu" in send_to(WRONG, NEAR, 5, author="president@example.edu")

    assert demo.wait_until(refused)
    assert refused() and refused()
    assert send_to(WRONG, NEAR, 5) == "accept"
    assert send_to(WRONG, NEAR).startswith("450 4.7.1 ")
