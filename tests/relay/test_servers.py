# SPDX-License-Identifier: MIT
"""Each format obeyed by a real server of its kind: exactly the registered pairs pass."""

import pytest

import servers
from matrix import REGISTRATIONS, SESSIONS, expected
from servers import DEPLOY, digests, generate, run
from smtp import MAY_FAIL, POSTMASTER, SOMEONE, WAYS, Session


def registrations(keys):
    """As lines of the export; without a rate, which so many messages of one sender would pass."""
    return [(sender, kind, "=".join(digests(keys, value)) if kind == "certificate" else value, "web-application")
            for sender, kind, value in REGISTRATIONS]


def permitted_sender(server, source, certificate):
    """One who may send from there, or somebody."""
    return next((session[1] for session in SESSIONS if session[0] == source and session[2] == certificate
                 and expected(server, session)), "someone@example.edu")


def results(server, port, keys, session):
    """What became of the message in each way; a connection serves as long as it lasts."""
    source, sender, certificate, _ = session
    # OpenSMTPD recognises none, and its TLS has its troubles with OpenSSL 3.
    pair = certificate and server != "opensmtpd" and (keys / f"{certificate}.pem",
                            keys / f"{'good' if certificate == 'renewed' else certificate}.key")
    host = "::1" if ":" in source else "127.0.0.1"
    other = permitted_sender(server, source, certificate)
    got, connection = {}, None
    for way, send in WAYS.items():
        if not connection or not connection.open:
            connection = Session(host, port, source, pair)
        got[way] = send(connection, sender, other)
    connection.__exit__()
    return got


def check(server, port, keys):
    """No way lets a wrong pair through, to whom ever it is; every ordinary one lets a right pair."""
    wrong = []
    for session in SESSIONS:
        wanted, got = expected(server, session), results(server, port, keys, session)
        if wanted is False:
            wrong += [f"{session}: accepted {way}" for way, answer in got.items() if answer]
        if wanted is True:
            wrong += [f"{session}: {way}: {answer}" for way, answer in got.items()
                      if not answer and way not in MAY_FAIL]
    assert not wrong, "\n".join(wrong)


def test_exim(keys, folder):
    with servers.exim(keys, folder, generate("exim", folder, registrations(keys))) as port:
        check("exim", port, keys)


@pytest.mark.parametrize("name", ["sources.cdb", "rates.cdb", "locations"])
def test_exim_without_a_map_puts_off(keys, folder, name):
    current = generate("exim", folder, registrations(keys))
    (current / name).unlink()
    with servers.exim(keys, folder, current) as port, Session("127.0.0.1", port, "127.0.2.1") as session:
        assert session.send("app@example.edu") is None, session.replies
        assert not session.send("unknown@example.edu", (SOMEONE, POSTMASTER)), session.replies


@pytest.mark.parametrize("name", ["sources.cidr", "locations.cidr", "pairs-by-slot.lmdb"])
def test_classes_without_a_map_puts_off(keys, folder, name):
    current = generate("postfix-classes", folder, registrations(keys))
    (current / name).unlink()
    with servers.postfix_classes(keys, folder, current) as port:
        # Postfix ends a session whose map it cannot open.
        with Session("127.0.0.1", port, "127.0.2.1") as session:
            assert session.send("app@example.edu") is None, session.replies
        with Session("127.0.0.1", port, "127.0.2.1") as session:
            assert not session.send("unknown@example.edu", (POSTMASTER,)), session.replies


def test_exim_counts(keys, folder):
    """The rate of tests/relay/generate.c is 200 recipients an hour; a slash is part of a sender."""
    lines = [("a/b@example.edu", "network", "127.0.2.0/24", "web-application"),
             ("a/c@example.edu", "network", "127.0.2.0/24", "scanner"), ("d@example.edu", "network", "127.0.2.0/24", "scanner"),
             ("e@example.edu", "network", "127.0.2.0/24", "device-monitor"),
             ("e@example.edu", "network", "::1/128", "device-monitor")]
    fifty = [f"<r{number}@elsewhere.example>" for number in range(50)]
    with servers.exim(keys, folder, generate("exim", folder, lines)) as port, \
            Session("127.0.0.1", port, "127.0.2.1") as session, Session("127.0.0.1", port, "127.0.2.2") as second:
        assert [session.send("a/c@example.edu", fifty) for _ in range(4)] == [True] * 4
        assert [session.send("A/c@example.edu", fifty) for _ in range(2)] == [None] * 2
        assert [session.send("a/b@example.edu", fifty) for _ in range(6)] == [True] * 6
        assert session.send("d@example.edu", fifty) and second.send("a/c@example.edu", fifty) is None
        assert [session.send("e@example.edu", fifty) for _ in range(5)] == [True] * 4 + [None]
        assert second.send("e@example.edu", fifty)
        with Session("::1", port, "::1") as third:
            assert [third.send("e@example.edu", fifty) for _ in range(5)] == [True] * 4 + [None]
        assert second.send("e@example.edu", [f"<r{number}@elsewhere.example>" for number in range(201)]) is False


def test_exim_counts_however_the_text_comes(keys, folder):
    """Exim asks acl_smtp_predata about no message that comes by BDAT."""
    lines = [("a@example.edu", "network", "127.0.2.0/24", "scanner")]
    with servers.exim(keys, folder, generate("exim", folder, lines)) as port, \
            Session("127.0.0.1", port, "127.0.2.1") as session:
        hundred = [f"<r{number}@elsewhere.example>" for number in range(100)]
        got = [session.send("a@example.edu", hundred, chunked=True) for _ in range(4)]
        assert got == [True, True, None, None], session.replies


def test_opensmtpd(keys, folder):
    with servers.opensmtpd(keys, folder, generate("opensmtpd", folder, registrations(keys))) as port:
        check("opensmtpd", port, keys)


def test_sendmail(keys, folder):
    with servers.sendmail(keys, folder, generate("sendmail", folder, registrations(keys))) as port:
        check("sendmail", port, keys)


def make_number(folder):
    """A certificate whose fingerprint begins with two decimal digits, and these."""
    for number in range(1000):
        pair = servers.make_certificate(folder, f"number{number}", "number")
        digits = servers.file_digests(pair[0])[1][:2]
        if digits.isdecimal() and digits[0] != "0":
            return pair, digits
    raise AssertionError("no such certificate")


def test_sendmail_fingerprint_is_no_network(keys, folder):
    """A client can make certificates until the fingerprint of one begins like a network."""
    pair, digits = make_number(folder)
    lines = [("a@example.edu", "network", f"{digits}.0.0.0/8", "web-application")]
    with servers.sendmail(keys, folder, generate("sendmail", folder, lines)) as port, \
            Session("127.0.0.1", port, "127.0.2.1", pair) as session:
        assert session.send("a@example.edu") is False, session.replies


@pytest.mark.parametrize("more", [servers.NO_MILTER, servers.MILTER, servers.NO_WALL], ids=["wall", "milter", "daemon alone"])
def test_postfix(keys, folder, more):
    with servers.postfix(keys, folder, generate("postfix", folder, registrations(keys)), more) as port:
        check("postfix", port, keys)


def test_postfix_classes(keys, folder):
    with servers.postfix_classes(keys, folder, generate("postfix-classes", folder, registrations(keys))) as port:
        check("postfix-classes", port, keys)


def test_classes_leave_no_restriction_of_before():
    """Whatever main.cf asked, in whatever stage: nothing of it permits beside the classes."""
    stages = ["client", "helo", "sender", "relay", "recipient", "data", "end_of_data"]
    before = "".join(f"smtpd_{stage}_restrictions = appsmtp_{stage},\n  # why\n    permit_inet_interfaces\n" for stage in stages)
    before += "smtpd_restriction_classes = appsmtp_policy\nappsmtp_policy = permit\nmynetworks =\n"
    written = run("sh", DEPLOY / "postfix/classes", input=before)
    assert "permit" not in written and "appsmtp_policy" not in written and "mynetworks =\n" in written
    assert written.count("smtpd_data_restrictions = $appsmtp_pair\n") == 1
