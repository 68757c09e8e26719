# SPDX-License-Identifier: MIT
"""The main job: registered in the browser, obeyed by the relay, by exact pairs and nothing else."""

import json
import smtplib
import socketserver
import threading
import time

import pytest

import demo
from browser import Browser, certificate_file
from relay import arrived, check_message, send

DIRECT, MANY, ALIAS = "direct@example.edu", "many@example.edu", "many-alias@example.edu"
# Name of the source: its address, its certificate.
SOURCES = {
    "network": ("127.0.0.21", None), "hostname": ("127.0.0.22", None), "certificate": ("127.0.0.30", "good.pem"),
    "renewed certificate": ("127.0.0.31", "renewed.pem"), "certificate in aws": ("127.128.0.99", "good.pem"),
    "another certificate": ("127.0.0.30", "next.pem"), "stranger": ("127.0.0.24", None),
    "stranger in azure": ("127.192.0.1", None), "cloud1": ("127.128.0.5", None),
    # A certificate that is not the sender's takes nothing away from an address that is.
    "network with a certificate": ("127.0.0.21", "next.pem"), "hostname with that certificate": ("127.0.0.22", "good.pem"),
}
SENDERS = [DIRECT, MANY, ALIAS, "grpadmin@example.edu", "nobody@elsewhere.example", "<>", "DIRECT@Example.EDU"]
ACCEPTED = {
    (DIRECT, "network"), (DIRECT, "network with a certificate"), ("DIRECT@Example.EDU", "network"),
    ("DIRECT@Example.EDU", "network with a certificate"), (MANY, "hostname"), (MANY, "hostname with that certificate"),
    (ALIAS, "certificate"), (ALIAS, "renewed certificate"), (ALIAS, "certificate in aws"),
    (ALIAS, "hostname with that certificate"),
}


@pytest.fixture(scope="module")
def registered():
    """The three registrations of the matrix; on the relay within 15 seconds."""
    ow1 = Browser("ow1")
    # What a test before has registered is off the relay first: it could stand in for these.
    demo.free("grpadmin@example.edu", DIRECT, MANY, ALIAS)
    for sender, source in ((DIRECT, "network"), (MANY, "hostname"), (ALIAS, "certificate")):
        assert demo.wait_until(lambda: send(sender, *SOURCES[source])[0] != "accept", 15), (sender, source)
    ids = [ow1.register(DIRECT, networks="127.0.0.21/32"),
           ow1.register(MANY, method="hostname", hostnames="web2.example.edu"),
           ow1.register(ALIAS, certificate_file("good.pem"), method="certificate")]
    start = time.monotonic()
    for sender, source in ((DIRECT, "network"), (MANY, "hostname"), (ALIAS, "certificate")):
        assert demo.wait_until(lambda: send(sender, *SOURCES[source])[0] == "accept", 15), (sender, source)
    assert time.monotonic() - start < 15
    return ow1, ids


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("sender", SENDERS)
def test_matrix(registered, sender, source):
    address, certificate = SOURCES[source]
    answer, _ = send("" if sender == "<>" else sender, address, certificate,
                     "good.key" if certificate == "renewed.pem" else None)
    said = check_message(sender, address, certificate)
    if (sender, source) in ACCEPTED:
        assert (answer, said) == ("accept", "accept")
    else:
        assert answer.startswith(("550 ", "554 ")) and said != "accept"
        assert said in answer


def test_accepted_mail_lands_in_the_folder_and_nothing_else(registered):
    accepted, refused = send(DIRECT, "127.0.0.21")[1], send(DIRECT, "127.0.0.24")[1]
    assert arrived(accepted)
    assert not any(refused in p.read_text(errors="replace") for p in (demo.DIR / "mail/new").glob("*"))


# Postfix asks nobody about a recipient that is "postmaster" without a domain.
TO_THE_RELAY = [("postmaster",), ("PostMaster",), ("postmaster", "someone@example.org"), ("someone@example.org", "postmaster")]
WRONG = {
    "somebody else's address": (DIRECT, "127.0.0.24", None), "an address of nobody": ("ceo@evil.example", "127.0.0.21", None),
    "another registered one": (MANY, "127.0.0.21", None), "no sender": ("", "127.0.0.21", None),
    "another certificate": (ALIAS, "127.0.0.30", "next.pem"), "no domain": ("direct", "127.0.0.21", None),
}


def landed(token):
    return any(token in p.read_text(errors="replace") for p in (demo.DIR / "mail/new").glob("*"))


@pytest.mark.parametrize("recipients", TO_THE_RELAY + [("abuse",)])
@pytest.mark.parametrize("case", WRONG)
def test_nobody_gets_by_to_the_postmaster(registered, case, recipients):
    """Nor does a report or a bounce carry the text to whoever the sender was."""
    sender, source, certificate = WRONG[case]
    answer, token = send(sender, source, certificate, recipients=recipients)
    assert answer.startswith(("550 ", "554 ")), answer
    assert not landed(token)


def test_the_postmaster_hears_of_those_who_may_send(registered):
    assert send(DIRECT, "127.0.0.21", recipients=("postmaster",))[0] == "accept"
    assert send(ALIAS, "127.0.0.30", "good.pem", recipients=("postmaster",))[0] == "accept"


def test_chunks_are_no_way_around(registered):
    """BDAT in the place of DATA (RFC 3030)."""
    with smtplib.SMTP("127.0.0.1", demo.RELAY_PORT, timeout=20, source_address=("127.0.0.24", 0)) as client:
        client.ehlo()
        client.mail(DIRECT)
        assert client.rcpt("postmaster", ["NOTIFY=SUCCESS"])[0] == 250
        text = f"From: <{DIRECT}>\r\n\r\nx\r\n"
        client.send(f"BDAT {len(text)} LAST\r\n{text}")
        code, said = client.getreply()
        assert code == 550 and b"the relay saw 127.0.0.24" in said


def test_loopback_of_ipv6_is_a_source_of_its_own(registered):
    answer, _ = send(DIRECT, None, host="::1")
    assert "but not for this source: the relay saw ::1" in answer and check_message(DIRECT, "::1") in answer


@pytest.mark.parametrize("client", ["198.51.100.7", "192.0.2.1", "2001:db8::1", "8.8.8.8", "169.254.1.1", "0.0.0.0"])
@pytest.mark.parametrize("sender", [DIRECT, ALIAS, "<>"])
def test_outside_all_locations(registered, client, sender):
    """No such client can come to a relay on loopback: the decision alone is asked."""
    assert f"{client} is outside" in check_message(sender, client, "good.pem")


def test_refusals_say_what_to_do(registered):
    assert "register it at" in send("grpadmin@example.edu", "127.0.0.21")[0]
    assert "the relay saw 127.0.0.24" in send(DIRECT, "127.0.0.24")[0]
    assert "SHA-256" in send(ALIAS, "127.0.0.24", "next.pem")[0]


def test_page_says_since_when_it_is_on_the_relay(registered):
    ow1, ids = registered
    for identity in ids:
        assert demo.wait_until(lambda: "On the relay since" in ow1.get(f"/registrations/{identity}").text), identity


def test_retired_registration_is_refused_within_15_seconds(registered):
    ow1, _ = registered
    ow1.register("bulk-00096@example.edu", networks="127.0.0.96")
    assert demo.wait_until(lambda: send("bulk-00096@example.edu", "127.0.0.96")[0] == "accept", 15)
    demo.free("bulk-00096@example.edu")
    assert demo.wait_until(lambda: "is not registered" in send("bulk-00096@example.edu", "127.0.0.96")[0], 15)


def test_command_line_gives_code_and_status(registered):
    answer = demo.run("appsmtp-check", "--json", "message", "--sender", DIRECT, "--client", "127.0.0.24",
                      "--snapshot", demo.DIR / "export")
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["findings"][0]["code"] == "message.source-not-registered"
    assert demo.run("appsmtp-check", "message", "--sender", DIRECT, "--client", "127.0.0.21").returncode == 0


class PermitsAll(socketserver.StreamRequestHandler):
    """A policy daemon that has gone wrong in the worst way."""

    state = b""

    def handle(self):
        for line in self.rfile:
            if line == b"\n":
                self.wfile.write(b"action=DUNNO\n\n" if self.state == b"DATA" else b"action=OK\n\n")
            elif line.startswith(b"protocol_state="):
                self.state = line.strip().partition(b"=")[2]


@pytest.fixture
def wrong_daemon(registered):
    path = demo.DIR / "postfix/queue/appsmtp/policy"
    with demo.stopped("policy"):
        path.unlink(missing_ok=True)
        with socketserver.ThreadingUnixStreamServer(str(path), PermitsAll) as wrong:
            wrong.daemon_threads = True
            path.chmod(0o666)
            threading.Thread(target=wrong.serve_forever, daemon=True).start()
            yield
            wrong.shutdown()
        path.unlink()
    assert demo.wait_until(lambda: send(DIRECT, "127.0.0.21")[0] == "accept", 15)


def test_second_wall(wrong_daemon):
    """What the maps do not have is put off, whatever the daemon says."""
    assert send(DIRECT, "127.0.0.21")[0] == "accept"
    assert send(ALIAS, "127.0.0.30", "renewed.pem", "good.key")[0] == "accept"
    for sender, source in (DIRECT, "127.77.3.9"), ("", "127.0.0.21"), ("grpadmin@example.edu", "127.0.0.21"):
        for recipients in ("someone@example.org",), ("postmaster",):
            answer = send(sender, source, recipients=recipients)[0]
            assert answer.startswith("4"), (sender, source, recipients, answer)


@pytest.mark.parametrize("recipients", TO_THE_RELAY)
def test_third_wall(wrong_daemon, recipients):
    """The maps know both, and not the pair: the milter judges the sender, and not only From:."""
    answer, token = send(DIRECT, "127.0.0.22", recipients=recipients)
    assert "but not for this source: the relay saw 127.0.0.22" in answer
    assert send(DIRECT, "127.0.0.21", recipients=recipients)[0] == "accept"
    assert not landed(token)


def test_rolled_back(registered):
    """The portal says of no registration that it is on the relay when its generation was taken back."""
    ow1, _ = registered
    demo.free("bulk-00092@example.edu")
    assert demo.wait_until(lambda: "is not registered" in send("bulk-00092@example.edu", "127.0.0.97")[0], 15)
    identity = ow1.register("bulk-00092@example.edu", networks="127.0.0.97")

    def says():
        return "On the relay since" in ow1.get(f"/registrations/{identity}").text

    assert demo.wait_until(says, 15)
    assert demo.run("appsmtp-export", "--rollback").returncode == 0
    try:
        assert not says() and "rolled-back" in Browser("rl1").page("/operator").words
        assert demo.wait_until(lambda: send("bulk-00092@example.edu", "127.0.0.97")[0] != "accept", 15)
        assert not says()
    finally:
        assert demo.run("appsmtp-export", "--release").returncode == 0
    assert demo.wait_until(says, 15)
