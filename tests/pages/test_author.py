# SPDX-License-Identifier: MIT
"""appsmtp-milter behind a real Postfix: From: and Sender: are held to the sender and its source."""

import concurrent.futures
import smtplib

import pytest

import demo
from browser import Browser, certificate_file
from relay import arrived, send

MINE, SAME, FAR = "bulk-00200@example.edu", "bulk-00204@example.edu", "bulk-00208@example.edu"
KEY, SAME_KEY = "bulk-00212@example.edu", "bulk-00216@example.edu"
NEAR, DISTANT, ANYWHERE = "127.0.0.61", "127.0.0.62", "127.0.0.63"

PASS = {
    "the sender": f"From: {MINE}",
    "with a name": f"From: Course evaluation <{MINE}>",
    "in capitals": f"FROM: <{MINE.upper()}>",
    "folded": f"From: \"Course\r\n evaluation\"\r\n\t<{MINE}>",
    "encoded words": f"From: =?utf-8?q?M=C3=BCller?= =?utf-8?b?w7w=?= <{MINE}>",
    "with a comment": f"From: {MINE} (Course evaluation)",
    "another name's address in quotes": f"From: \"someone@example.org via App\" <{MINE}>",
    "of the same source": f"From: {SAME}",
    "sender of the same source": f"From: {MINE}\r\nSender: <{SAME}>",
    "an encapsulated header": f"From: {MINE}\r\nX-Original-From: {FAR}",
}
REFUSE = {
    "of another source": (f"From: {FAR}", f"The From: header has {FAR}, which is not registered"),
    "not registered": ("From: president@example.edu", f"Write {MINE}, or register"),
    "percent": ("From: 100%d%s%n@example.edu", "has 100%d%s%n@example.edu, which"),
    "sender of another source": (f"From: {MINE}\r\nSender: {FAR}", f"The Sender: header has {FAR}"),
    "missing": ("X-Mailer: x", f'has no From: header. Add the line "From: {MINE}"'),
    "doubled": (f"From: {MINE}\r\nFrom: {MINE}", "more than one From: header"),
    "doubled in disguise": (f"From: {MINE}\r\nfrOM : {FAR}", "more than one From: header"),
    "blank before the colon": (f"X-Mailer: x\r\nFrom : {FAR}", f"has {FAR}"),
    "tab before the colon": (f"From\t: {FAR}", f"has {FAR}"),
    "doubled sender": (f"From: {MINE}\r\nSender: {MINE}\r\nSender: {FAR}", "more than one Sender: header"),
    "two addresses": (f"From: {MINE}, {FAR}", "more than one address"),
    "two in brackets": (f"From: <{MINE}> <{FAR}>", "more than one address"),
    "the second folded": (f"From: {MINE}\r\n {FAR}", "more than one address"),
    "a group": (f"From: all: {MINE};", "a group of addresses"),
    "comment with an address": (f"From: {MINE} (<{FAR}>)", "cannot be read as one address"),
    "comment inside": ("From: bulk-00200(x)@example.edu", "cannot be read as one address"),
    "encoded address": ("From: =?utf-8?q?bulk-00200=40example.edu?=", "cannot be read as one address"),
    "encoded brackets": (f"From: =?utf-8?b?PGV2aWxAZXhhbXBsZS5vcmc+?= <{MINE}>", "cannot be read as one address"),
    "a route": (f"From: <@example.org:{MINE}>", "cannot be read as one address"),
    "unclosed": (f"From: <{MINE}", "cannot be read as one address"),
    "empty": ("From:", "cannot be read as one address"),
    "control character": (f"From: \x01 <{MINE}>", "cannot be read as one address"),
    "carriage return": (f"From: {MINE}\rFrom: {FAR}", "a group of addresses"),
    "8 bit": (f"From: M\u00fcller <{MINE}>", "not ASCII"),
    "8 bit in the address": ("From: b\u00fclk@example.edu", "not ASCII"),
    "behind a NUL": (f"From: {MINE}\0, {FAR}", ""),
    "a NUL in the name": (f"From\0: {MINE}", ""),
    # Postfix cuts a header at 60000 bytes, and the quotation mark is never closed.
    "far too long": ("From: \"" + "\r\n ".join(["x" * 900] * 80) + f"\"\r\n <{MINE}>", "cannot be read as one address"),
    "no header at all": ("\r\nno header", "has no From: header"),
}


@pytest.fixture(scope="module")
def registered():
    """Five registrations, on the relay; what a run before left there has gone first."""
    ow1 = Browser("ow1")
    demo.free(MINE, SAME, FAR, KEY, SAME_KEY)
    for sender in (MINE, SAME, FAR, KEY, SAME_KEY):
        assert demo.wait_until(lambda: "is not registered" in send(sender, NEAR)[0], 15), sender
    for address, network in ((MINE, NEAR), (SAME, NEAR), (FAR, DISTANT)):
        ow1.register(address, networks=network)
    for address in (KEY, SAME_KEY):
        ow1.register(address, certificate_file("next.pem"), method="certificate")
    for sender, source in ((MINE, NEAR), (FAR, DISTANT), (SAME, NEAR)):
        assert demo.wait_until(lambda: send(sender, source)[0] == "accept", 15), sender
    for sender in (KEY, SAME_KEY):
        assert demo.wait_until(lambda: send(sender, ANYWHERE, "next.pem")[0] == "accept", 15), sender


def send_with(header, sender=MINE, source=NEAR, certificate=None):
    return send(sender, source, certificate, headers=header.encode("utf-8") + b"\r\n")


@pytest.mark.parametrize("case", PASS)
def test_passes(registered, case):
    answer, token = send_with(PASS[case])
    assert answer == "accept"
    assert arrived(token)


@pytest.mark.parametrize("case", REFUSE)
def test_refused(registered, case):
    header, text = REFUSE[case]
    answer, _ = send_with(header)
    assert answer.startswith("550 5.") and text in answer


def test_what_the_milter_is_not_shown_is_not_delivered(registered):
    answer, token = send_with(f"From: <{MINE}>" + "\r\n ".join([" " * 900] * 80) + f"\r\n , <{FAR}>")
    assert answer == "accept" and arrived(token)
    assert not any(token in text and FAR in text for text in
                   (p.read_text(errors="replace") for p in (demo.DIR / "mail/new").glob("*")))


def test_only_sources_are_shared(registered):
    """By certificate: whoever has the sender's keys; by network: whoever has the network."""
    assert send_with(f"From: {SAME_KEY}", KEY, ANYWHERE, "next.pem")[0] == "accept"
    assert f"has {MINE}, which" in send_with(f"From: {MINE}", KEY, ANYWHERE, "next.pem")[0]
    assert f"has {KEY}, which" in send_with(f"From: {KEY}")[0]
    assert send_with(f"From: {MINE}", KEY, NEAR, "next.pem")[0] == "accept"


def test_message_after_message_on_one_connection(registered):
    """What one message had does not count for the next."""
    with smtplib.SMTP("127.0.0.1", demo.RELAY_PORT, local_hostname="t.example.edu", timeout=20,
                      source_address=(NEAR, 0)) as client:
        for header, good in ((MINE, True), (FAR, False), (SAME, True), (FAR, False)):
            try:
                client.sendmail(MINE, ["someone@example.org"], f"From: {header}\r\n\r\nx\r\n")
                passed = True
            except smtplib.SMTPDataError as refusal:
                assert refusal.smtp_code == 550
                passed = False
            assert passed == good


def test_many_at_once(registered):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: send_with(f"From: {(MINE, FAR)[i % 2]}")[0] == "accept", range(64)))
    assert answers == [True, False] * 32


def test_mail_is_put_off_while_there_is_no_milter(registered):
    with demo.stopped("milter"):
        assert send_with(f"From: {MINE}")[0].startswith("451 4.")
        assert send_with(f"From: {FAR}")[0].startswith("451 4.")
    assert send_with(f"From: {MINE}")[0] == "accept"
