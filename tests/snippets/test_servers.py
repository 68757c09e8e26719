# SPDX-License-Identifier: MIT
"""An application's own mail server with the page's settings, and the real relay: a message of the
application, cron's mail, a bounce, and a message that the relay refuses."""

import email.utils
import shutil

import pytest

import demo
import relay
import servers
from outcome import Watch

SERVERS = {"Postfix": servers.Postfix, "Exim": servers.Exim, "sendmail": servers.Sendmail}
NOTICES = {"Postfix with notices": servers.PostfixWithNotices}
HEADERS = {
    "message": f"From: Course evaluation <www-data@{servers.HOST}>\nReply-To: student@example.org\n",
    "cron": "From: root (Cron Daemon)\n",
    "bounce": f"From: Mail Delivery System <MAILER-DAEMON@{servers.HOST}>\n",
}
# Other forms of From: that applications write, and the name that is left beside the address.
FORMS = {
    "bare": ("www-data", ""),
    "in brackets": (f"<www-data@{servers.HOST}>", ""),
    "quoted": (f'"Course (2027), \\"new\\"" <www-data@{servers.HOST}>', 'Course (2027), "new"'),
    "folded": (f"Course\n evaluation\n <www-data@{servers.HOST}>", "Course evaluation"),
    "encoded": (f"=?utf-8?q?M=C3=BCller?= <www-data@{servers.HOST}>", "=?utf-8?q?M=C3=BCller?="),
    "with a comment": (f"www-data@{servers.HOST} (Course evaluation)", "Course evaluation"),
}
SENDERS = {"message": f"www-data@{servers.HOST}", "cron": f"root@{servers.HOST}", "bounce": "<>"}


def blocks_of(name, settings):
    """The page has sendmail below msmtp; the command for both comes last."""
    return settings.blocks["sendmail and msmtp"][1:3] if name == "sendmail" else settings.blocks[name.split()[0]]


@pytest.fixture(scope="module")
def running(registrations, tmp_path_factory):
    """start(SERVER, REGISTRATION): once, with the registration's settings in its own folder."""
    started = {}

    def start(name, registration):
        if (name, registration) not in started:
            kind = (SERVERS | NOTICES)[name]
            folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
            for place in (folder, *folder.parents[:2]):
                place.chmod(0o755)
            place = folder / "config" if name.startswith("Postfix") else folder
            blocks = [one.replace(kind.PLACE + "/", f"{place}/")
                      for one in blocks_of(name, registrations[registration].settings)]
            started[name, registration] = kind(folder, blocks)
            for file, mode in (("certificate.pem", 0o644), ("key.pem", 0o640 if name == "Exim" else 0o600)):
                shutil.copy(demo.pki("good.pem" if file == "certificate.pem" else "good.key"), place / file)
                (place / file).chmod(mode)
            if name == "Exim":
                shutil.chown(place / "key.pem", 0, 790)
            started[name, registration].__enter__()
        return started[name, registration]

    yield start
    for server in started.values():
        server.__exit__()


def send(server, kind, watch, sender=None, headers=None):
    """Returns when the server has done all that it will do by itself; a loop is not waited for."""
    text = f"{headers or HEADERS[kind]}To: {watch.recipient}\nSubject: Test\n\nIt works.\n"
    server.submit(sender or SENDERS[kind], watch.recipient, text)
    demo.wait_until(lambda: server.settled() or len(watch.refusals()) > 2, 60)
    assert server.settled(), watch.refusals()


@pytest.mark.parametrize("registration", ["network", "certificate"])
@pytest.mark.parametrize("name", SERVERS)
def test_message_of_the_application(running, registrations, name, registration):
    watch = Watch()
    send(running(name, registration), "message", watch)
    message = watch.delivered(registrations[registration].address, "Course evaluation")
    assert message["Reply-To"] == "student@example.org"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SERVERS)
def test_forms_of_from(running, registrations, name, form):
    """Sender:, which the relay looks at too, comes along."""
    watch, (header, beside) = Watch(), FORMS[form]
    send(running(name, "network"), "message", watch, headers=f"From: {header}\nSender: www-data@{servers.HOST}\n")
    message = watch.delivered(registrations["network"].address, beside)
    assert email.utils.parseaddr(message["Sender"] or "")[1] in ("", registrations["network"].address)


@pytest.mark.parametrize("registration", ["network", "certificate"])
@pytest.mark.parametrize("name", SERVERS)
def test_cron(running, registrations, name, registration):
    watch = Watch()
    send(running(name, registration), "cron", watch)
    watch.delivered(registrations[registration].address, "Cron Daemon")


@pytest.mark.parametrize("registration", ["network", "certificate"])
@pytest.mark.parametrize("name", SERVERS)
def test_bounce(running, name, registration):
    """It leaves as one; by <relay null-sender="refuse"> that is its end."""
    watch = Watch()
    send(running(name, registration), "bounce", watch)
    watch.refused("")


def accepts_bounces(address):
    return relay.send("", "127.0.0.1", headers=f"From: {address}\r\n".encode())[0] == "accept"


@pytest.fixture
def bounces_accepted(registrations):
    """<relay null-sender="allow">, which the next export tells the relay."""
    address, before = registrations["network"].address, demo.CONFIG.read_text()
    assert "<relay " in before and "null-sender" not in before

    def set_to(text):
        new = demo.CONFIG.with_suffix(".new")
        new.write_text(text)
        shutil.copymode(demo.CONFIG, new)
        new.replace(demo.CONFIG)

    set_to(before.replace("<relay ", '<relay null-sender="allow" ', 1))
    try:
        assert demo.wait_until(lambda: accepts_bounces(address), 30)
        yield
    finally:
        set_to(before)
        assert demo.wait_until(lambda: not accepts_bounces(address), 30)


def test_bounce_where_it_is_accepted(running, registrations, bounces_accepted):
    """From: is of the registration here too, since the relay looks at it."""
    for name in SERVERS:
        watch = Watch()
        send(running(name, "network"), "bounce", watch)
        watch.delivered(registrations["network"].address, "Mail Delivery System", sender="")


@pytest.mark.parametrize("registration", ["network elsewhere", "certificate elsewhere"])
@pytest.mark.parametrize("name", SERVERS)
def test_refused(running, registrations, name, registration):
    """The sender is elsewhere, so that the bounce cannot be delivered to a mailbox of the server."""
    watch = Watch()
    send(running(name, registration), "message", watch, "app@elsewhere.example")
    watch.refused(registrations[registration].address)


@pytest.mark.parametrize("registration", ["network", "certificate"])
def test_command_of_sendmail(running, registrations, registration):
    """The last of its lines, as a program calls it."""
    watch, settings = Watch(), registrations[registration].settings
    command = settings.blocks["sendmail and msmtp"][-1].replace("you@example.edu", watch.recipient)
    assert watch.recipient in command
    running("sendmail", registration).shell(command, HEADERS["cron"] + "\nIt works.\n")
    watch.delivered(registrations[registration].address, "Cron Daemon")


def test_notices_to_the_postmaster_end(running, registrations):
    """Each of the message and its bounce makes one, and none of them another."""
    watch = Watch()
    server = running("Postfix with notices", "network elsewhere")
    server.submit("app@elsewhere.example", watch.recipient, f"{HEADERS['message']}\nIt works.\n")
    demo.wait_until(lambda: len(watch.refusals()) >= 4 and server.settled() or len(watch.refusals()) > 10, 60)
    assert server.settled(), watch.refusals()
    senders = sorted(sender for sender, _ in watch.refusals())
    assert senders == ["", registrations["network elsewhere"].address] + [f"double-bounce@{servers.HOST}"] * 2
