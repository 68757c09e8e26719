# SPDX-License-Identifier: MIT
"""deploy/postfix/main.cf: what an envelope may look like, how large a message may be, where one ends,
and what happens while nobody answers. Whatever it is, only the registered pair passes."""

import base64
import contextlib
import pathlib
import re
import shlex
import socket
import socketserver
import subprocess
import threading
import time
import uuid

import pytest

import demo
from browser import Browser, Page
from relay import arrived, check_message, send

MINE, OTHER = "bulk-00260@example.edu", "bulk-00264@example.edu"
NEAR, FAR = "127.0.0.71", "127.0.0.72"
MAIN = demo.TOP / "deploy/postfix/main.cf"

# {a} is the address, {l} and {d} its parts, {o} another one. What devices send has to pass ...
PASS = ["<{a}>", "{a}", " <{a}>", "  {a}", "<{a}> SIZE=100", "{a} SIZE=100", "<{A}>", "<{a}> BODY=8BITMIME"]
# ... what can be read as the address may, but then as no other one ...
READ = ["{a}>", "\t<{a}>", "< {a} >", "<{l} @ {d}>", "<(c){a}>", "<{a}(c)>", "<@other.example:{a}>",
        "<@a.example,@b.example:{a}>", '<"{l}"@{d}>', "<{a}.>", "<<{a}>>", "<x:{a};>", "x:{a};",
        "<{a}> AUTH=<{o}>", "<{a}> RET=HDRS ENVID={o}"]
# ... and all else is refused.
REFUSE = ["<{a}", "<{o}", "Scanner <{a}>", '"Scan to mail" <{a}>', "Scanner {a}", "<{a}> (Scanner)", "(c) <{a}>",
          "<{a}><{a}>", "<{a}>,<{o}>", "<{a},{o}>", "<{a} {o}>", "{a} {o}", "<{a}> {o}", "<{o}> {a}", "{o} <{a}>",
          "<{a}> <{o}>", "<{o}> <{a}>", "<@{a}:{o}>", "<{o}({a})>", "<({a}){o}>", '<"{a}"@{d}>', '<"{a}" {o}>',
          "<{a}@other.example>", "<{o}@{a}>", "<{l}\\@{d}@other.example>", "<{l}%{d}@localhost>", "<{l}%{d}>",
          "<{d}!{l}>", "<localhost!{a}>", "<{l}>", "{l}", "<{l}@>", "<@{d}>", "<{l}@[127.0.0.71]>", "<{l}+x@{d}>",
          "<mailto:{a}>", "<SMTP:{a}>", "'{a}'", "<{a}>SIZE=100", "<{a}> SMTPUTF8", "<{a}> FOO=BAR", "<{a}:x>", "",
          "<>", "< >", "<\x01{a}>", "<\xe9{a}>", "<{a}\0>"]


@pytest.fixture(scope="module")
def registered():
    ow1 = Browser("ow1")
    demo.free(MINE, OTHER)
    identities = [ow1.register(address, networks=source) for address, source in ((MINE, NEAR), (OTHER, FAR))]
    for sender, source in ((MINE, NEAR), (OTHER, FAR)):
        assert demo.wait_until(lambda: send(sender, source)[0] == "accept", 15), sender
    return ow1, identities


class Session:
    """SMTP as bytes, for what no library sends."""

    def __init__(self, source):
        self.socket = socket.create_connection(("127.0.0.1", demo.RELAY_PORT), timeout=30, source_address=(source, 0))
        self.lines = self.socket.makefile("rb")
        self.answer()
        self.capabilities = self.talk("EHLO test.example.edu")

    def answer(self):
        text = ""
        while True:
            line = self.lines.readline().decode(errors="replace")
            text += line
            if line[3:4] != "-":
                return text.strip()

    def talk(self, line):
        self.socket.sendall(line.encode("latin-1") + b"\r\n")
        return self.answer()

    def envelope(self, sender, *recipients):
        """The first answer that is no "250", else the last."""
        for line in (f"MAIL FROM:{sender}", *(f"RCPT TO:{one}" for one in recipients or ["<someone@example.org>"])):
            answer = self.talk(line)
            if not answer.startswith("250"):
                return answer
        return answer

    def message(self, sender, *recipients, author=MINE):
        """One whole message: the answer that decided, and its token."""
        token = uuid.uuid4().hex
        answer = self.envelope(sender, *recipients)
        if answer.startswith("250"):
            answer = self.talk("DATA")
        if answer.startswith("354"):
            answer = self.talk(f"From: <{author}>\r\nSubject: {token}\r\n\r\nx\r\n.")
        return answer, token

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()


def delivered(token):
    """The message's file, when it is there."""
    return next((text for p in (demo.DIR / "mail/new").glob("*") if token in (text := p.read_text(errors="replace"))), None)


def spelled(spelling, address=MINE, other=OTHER):
    local, domain = address.split("@")
    return spelling.format(a=address, A=address.upper(), l=local, d=domain, o=other)


def accepted_as(source, sender):
    """The sender under which a message was delivered; None when it was refused for good."""
    with Session(source) as session:
        answer, token = session.message(sender)
    if answer.startswith("5"):
        return None
    assert answer.startswith("250"), answer
    return re.findall("^Return-Path: <(.*)>$", demo.wait_until(lambda: delivered(token)), re.M)[0].lower().rstrip(".")


@pytest.mark.parametrize("spelling", PASS + READ + REFUSE)
def test_spellings_of_the_sender(registered, spelling):
    read = accepted_as(NEAR, spelled(spelling))
    assert read in ([MINE] if spelling in PASS else [MINE, None] if spelling in READ else [None])
    # Whoever is meant by it, nobody else's address comes from a source.
    assert accepted_as(FAR, spelled(spelling)) in (OTHER, None)
    assert accepted_as(NEAR, spelled(spelling, OTHER, MINE)) in (MINE, None)
    assert accepted_as("127.0.0.73", spelled(spelling)) is None


@pytest.mark.parametrize("spelling", ["<{r}>", "{r}", " <{r}>", "< {r} >", "<{r}> NOTIFY=NEVER", '<"so"meone@example.org>',
                                      "<someone%example.org@localhost>", "Somebody <{r}>", "<{r}"])
def test_spellings_of_the_recipient(registered, spelling):
    """They decide nothing about who may send."""
    recipient = spelling.format(r="someone@example.org")
    for source, sender in ((FAR, MINE), (NEAR, OTHER), (FAR, "nobody@elsewhere.example")):
        with Session(source) as session:
            assert session.message(f"<{sender}>", recipient)[0].startswith("5")
    if spelling in ("<{r}>", "{r}", " <{r}>"):
        with Session(NEAR) as session:
            assert session.message(f"<{MINE}>", recipient)[0].startswith("250")


def test_the_refusal_speaks_of_the_sender(registered):
    with Session(FAR) as session:
        assert session.envelope(f"<{MINE}>").startswith(f"550 5.7.1 <{MINE}>: Sender address rejected: {MINE} is registered")


# --- refusals lead somewhere -----------------------------------------------------------------------

NEVER = {
    "root": "has no full domain", "nagios@localhost": "has no full domain",
    "apc@[127.0.0.71]": "has an IP address as its domain",
    "www-data@web1.example.edu": "has the name of a host or subdomain, but only addresses in @example.edu, ",
    "apache@host.localdomain": "only addresses in @example.edu, @dept.example.edu or @mail.example.edu can",
    "president@elsewhere.example": "can never be registered: only addresses in @example.edu, ",
}


@pytest.mark.parametrize("sender", NEVER)
def test_what_can_never_be_registered(registered, sender):
    """Nobody is sent to a form that refuses them, by relay, command or page."""
    with Session(NEAR) as session:
        answer = session.envelope(f"<{sender}>")
    said = check_message(sender, NEAR)
    assert NEVER[sender] in said and f"Sender address rejected: {said}" in answer
    assert "et the sender of the device or program to " in said and "/registrations/new" not in said
    ow1 = registered[0]
    page = Page(ow1.post("/check", {"csrf_token": ow1.token, "sender": sender, "client": NEAR}).text).words
    assert said in page and "can register this address" not in page


def test_what_may_be_a_persons(registered):
    """The relay cannot know whose address it is, and tells both."""
    with Session(NEAR) as session:
        answer = session.envelope("<nb1@example.edu>")
    assert "If it is a group account's, an owner can register it at" in answer
    assert "Otherwise set the sender of the device or program to a registered address" in answer


def test_header_of_cron(registered):
    answer = send(MINE, NEAR, headers=b"From: root (Cron Daemon)\r\n")[0]
    assert "no address with a domain" in answer and f"From: to {MINE}" in answer


# --- the relay's own addresses ------------------------------------------------------------------

@pytest.mark.parametrize("recipient", ["<postmaster>", "<Postmaster@localhost>", "postmaster", "<abuse@localhost>"])
def test_postmaster_has_a_home(registered, recipient):
    with Session(NEAR) as session:
        answer, token = session.message(f"<{MINE}>", recipient)
    assert answer.startswith("250")
    assert "\nDelivered-To: postmaster@example.edu\n" in demo.wait_until(lambda: delivered(token))


def test_nobody_else_lives_at_the_relay(registered):
    """It would loop back and become a bounce."""
    with Session(NEAR) as session:
        assert session.message(f"<{MINE}>", "<nobody@localhost>")[0].startswith("550 5.1.1")


# --- what a message may be ----------------------------------------------------------------------

def test_size(registered):
    ow1, identities = registered
    page, help_page = ow1.page(f"/registrations/{identities[0]}").words, ow1.page("/help/printers").words
    assert "Largest message 25 MB, about 18 MB of files" in page
    assert "takes messages of 25 MB. That is about 18 MB of files" in help_page
    with Session(NEAR) as session:
        assert f"SIZE {25 * 1024 * 1024}" in session.capabilities
        assert session.talk(f"MAIL FROM:<{MINE}> SIZE=30000000").startswith("552 5.3.4 Message size exceeds fixed limit")
        assert session.envelope(f"<{MINE}> SIZE=12000000").startswith("250")
        scan = base64.encodebytes(b"\0" * 9_000_000).replace(b"\n", b"\r\n")
        assert len(scan) > 12_000_000 and session.talk("DATA").startswith("354")
        session.socket.sendall(f"From: <{MINE}>\r\n\r\n".encode() + scan)
        assert session.talk(".").startswith("250")


def test_too_large_without_a_word_before(registered):
    with Session(NEAR) as session:
        assert session.envelope(f"<{MINE}>").startswith("250") and session.talk("DATA").startswith("354")
        session.socket.sendall(f"From: <{MINE}>\r\n\r\n".encode() + (b"x" * 998 + b"\r\n") * 30_000)
        assert session.talk(".").startswith("552 5.3.4")


def test_no_addresses_in_utf8(registered):
    """Names in UTF-8 are encoded (RFC 2047); to write them raw is told with what to do."""
    with Session(NEAR) as session:
        assert "SMTPUTF8" not in session.capabilities
    for name in ("M\u00fcller".encode(), "M\u00fcller".encode("latin-1")):
        answer = send(MINE, NEAR, headers=b"From: " + name + f" <{MINE}>\r\n".encode())[0]
        assert "not ASCII" in answer and "without accents" in answer and f"<{MINE}>" in answer


# --- where a message ends (CVE-2023-51764) --------------------------------------------------------

@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r\r\n", b"\n.\r\r\n", b"\r.\r", b"\r\n.\r"])
def test_a_text_ends_no_message(registered, end):
    """What somebody typed into a web form is no second message."""
    token = uuid.uuid4().hex
    text = (f"From: <{MINE}>\r\nSubject: {token}\r\n\r\nhello".encode() + end +
            f"MAIL FROM:<{MINE}>\r\nRCPT TO:<someone@example.org>\r\nDATA\r\nFrom: <{MINE}>\r\nSubject: {token}\r\n\r\nx\r\n"
            .encode())
    with Session(NEAR) as session:
        assert session.envelope(f"<{MINE}>").startswith("250") and session.talk("DATA").startswith("354")
        session.socket.sendall(text)
        assert session.talk(".").startswith("250")
        # Were it two, the answers to the second one's commands would come first.
        assert session.talk("QUIT").startswith("221")
    assert arrived(token)
    files = [p.read_text(errors="replace") for p in (demo.DIR / "mail/new").glob("*")]
    assert sum(one.count(f"Subject: {token}") for one in files if token in one) == 2
    assert sum(token in one for one in files) == 1


def test_nobody_talks_ahead_of_the_answer(registered):
    with Session(NEAR) as session:
        session.socket.sendall(f"MAIL FROM:<{MINE}>\r\nRCPT TO:<a@example.org>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n".encode())
        answers = b"".join(session.lines)
    assert b"\n554 5.5.0" in answers and b"queued" not in answers


# --- while nobody answers, or nonsense ------------------------------------------------------------

def test_daemon_that_hangs(registered):
    """One try of three seconds for each recipient."""
    with demo.hanging("policy"), Session(NEAR) as session:
        assert session.talk(f"MAIL FROM:<{MINE}>").startswith("250")
        for recipient in ("one", "two", "three"):
            start = time.monotonic()
            assert session.talk(f"RCPT TO:<{recipient}@example.org>").startswith("450 4.")
            assert time.monotonic() - start < 6, recipient
    assert send(MINE, NEAR)[0] == "accept"


def test_daemon_that_was_restarted(registered):
    """An old connection to it costs nobody a refusal."""
    with Session(NEAR) as session:
        assert session.envelope(f"<{MINE}>").startswith("250")
        demo.demo("restart", "policy")
        assert session.talk("RCPT TO:<two@example.org>").startswith("250")


def test_milter_that_hangs(registered):
    with demo.hanging("milter"):
        assert send(MINE, NEAR)[0].startswith("451 4.")
    assert send(MINE, NEAR)[0] == "accept"


class Says(socketserver.StreamRequestHandler):
    """A daemon that says what the test wants, and remembers what it was asked."""

    def handle(self):
        state = ""
        for line in self.rfile:
            if line.startswith(b"protocol_state="):
                state = line.strip().partition(b"=")[2].decode()
            elif line == b"\n":
                self.server.asked.append(state)
                self.wfile.write(self.server.answers.get(state, b""))
                return


@contextlib.contextmanager
def daemon_that_says(answers):
    path = demo.DIR / "postfix/queue/appsmtp/policy"
    with demo.stopped("policy"):
        path.unlink(missing_ok=True)
        with socketserver.ThreadingUnixStreamServer(str(path), Says) as server:
            server.answers, server.asked = answers, []
            path.chmod(0o666)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield server.asked
            server.shutdown()
        path.unlink()


# Postfix takes an action without a word for OK: the maps behind it do not.
@pytest.mark.parametrize("answer", [b"action=DUNNO\n\n", b"action=\n\n", b"action=PERHAPS\n\n", b"OK\n\n", b"\n",
                                    b"action=permit_mynetworks\n\n", b"action=OK\n", b""])
def test_daemon_that_says_nothing_of_use(registered, answer):
    pairs = [(MINE, "127.0.0.73"), ("nobody@elsewhere.example", NEAR)] + [(MINE, NEAR)] * (answer != b"action=\n\n")
    with daemon_that_says({"RCPT": answer, "DATA": answer}):
        for sender, source in pairs:
            with Session(source) as session:
                assert session.message(f"<{sender}>")[0].startswith("4"), (sender, source)


def test_daemon_is_asked_once_a_recipient(registered):
    with daemon_that_says({"RCPT": b"action=OK\n\n", "DATA": b"action=DUNNO\n\n"}) as asked, Session(NEAR) as session:
        assert session.message(f"<{MINE}>", "<one@example.org>", "<two@example.org>")[0].startswith("250")
        assert asked == ["RCPT", "RCPT", "DATA"]


# --- the file itself ------------------------------------------------------------------------------

DEBIAN_12 = """
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
smtpd_tls_security_level=may
smtp_tls_CApath=/etc/ssl/certs
smtp_tls_security_level=may
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = relay.example.edu
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mydestination = $myhostname, relay, localhost.localdomain, localhost
relayhost =
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
"""
DEBIAN_13 = """
compatibility_level = 3.9
myorigin = $myhostname
smtpd_banner = $myhostname ESMTP $mail_name (Debian)
inet_protocols = all
mynetworks_style = host
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mydestination = $myhostname, localdomain, localhost, localhost.localdomain, localhost
mailbox_size_limit = 0
mailbox_command =
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
biff = no
recipient_delimiter = +
relayhost =
cyrus_sasl_config_path = /etc/postfix/sasl
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = relay.example.edu
inet_interfaces = all
"""


def head_commands(main):
    """The commands that its head gives, as lists of words."""
    indented = re.findall(r"^#     +(.*)$", main.partition("\n\n")[0], re.M)
    return [shlex.split(line) for line in " ".join(indented).replace("\\ ", "").replace(" cat ", "\ncat ").splitlines()]


@pytest.mark.parametrize("debian", [DEBIAN_12, DEBIAN_13])
def test_appended_as_its_head_says_it_gives_no_warning(tmp_path, debian):
    main = MAIN.read_text()
    remove, append = head_commands(main)
    assert remove[:2] == ["postconf", "-X"] and append[0] == "cat"
    (tmp_path / "main.cf").write_text(debian)
    (tmp_path / "master.cf").write_text((MAIN.parent / "master.cf").read_text())
    subprocess.run(["postconf", "-c", tmp_path, *remove[1:]], check=True)
    with (tmp_path / "main.cf").open("a") as file:
        file.write(main)
    said = subprocess.run(["postconf", "-c", tmp_path, "-n"], check=True, capture_output=True, text=True)
    assert said.stderr == "" and f"message_size_limit = {25 * 1024 * 1024}\n" in said.stdout
    assert "mynetworks = \n" in said.stdout or "mynetworks =\n" in said.stdout


def test_no_warning_in_the_log(registered):
    """From its start on Postfix finds nothing to say about its configuration."""
    log = pathlib.Path(demo.DIR / "log/relay.log").read_text(errors="replace")
    said = re.findall(r"^.*(?:/main\.cf|/master\.cf|unused parameter|backwards-compatible|do not list).*$", log, re.M)
    assert not said
