# SPDX-License-Identifier: MIT
"""Read, not run: .NET with MailKit, PowerShell, and devices, of which Debian has none.

The test takes host, port, addresses and certificate out of the page's text by the language's own
rules for strings, and sends what these clients send on the wire for it:
MailKit: EHLO, STARTTLS, EHLO, then MAIL FROM and RCPT TO in one go since the relay has PIPELINING, no
parameters for a message in ASCII, From: as parsed, and RSET where something is refused.
System.Net.Mail (PowerShell): the same, one command after the other, and QUIT where it is refused.
A device: the same without MIME, its From: the sender's field and the device's name beside it, or, where
somebody has switched that on, the user's; some have no TLS.
None of them has a queue or makes bounces: a refusal is shown, and that was all.
"""

import re
import smtplib
import ssl

import pytest

import demo
from outcome import Watch

GOOD = ["network", "certificate"]
ELSEWHERE = ["network elsewhere", "certificate elsewhere"]


def session(host, port, certificate, tls=True):
    """tls: True, False, or the only version."""
    client = smtplib.SMTP(host, int(port), local_hostname="web1.example.edu", timeout=30)
    client.ehlo()
    if tls:
        context = ssl.create_default_context(cafile=demo.pki("roots.pem"))
        if tls is not True:
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = tls
        if certificate:
            context.load_cert_chain(demo.pki("good.pem"), demo.pki("good.key"))
        client.starttls(context=context)
        client.ehlo()
    return client


def exchange(client, sender, recipient, header_from, pipelined=False):
    """True, or the relay's refusal."""
    commands = [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"]
    with client:
        if pipelined:
            client.send("".join(one + "\r\n" for one in commands))
            answers = [client.getreply() for _ in commands]
        else:
            answers = [client.docmd(one) for one in commands]
        answers.append(client.docmd("DATA"))
        if answers[-1][0] == 354:
            text = f"From: {header_from}\r\nTo: {recipient}\r\nSubject: Test\r\n\r\nIt works.\r\n.\r\n"
            client.send(text)
            answers.append(client.getreply())
        refusals = [text.decode() for code, text in answers if code >= 400]
        if refusals:
            client.docmd("RSET")
    return refusals[0] if refusals else True


def strings(text, pattern, undouble=None):
    """What the groups of a pattern find, each as the language reads it; it has to be there."""
    found = re.search(pattern, text)
    assert found, text
    return [one.replace(undouble * 2, undouble) if undouble else one for one in found.groups()]


def mailkit(settings):
    text, = settings.blocks[".NET"]
    sender, = strings(text, r'message\.From\.Add\(MailboxAddress\.Parse\("([^"\\]*)"\)\)')
    host, port = strings(text, r'relay\.Connect\("([^"\\]*)", (\d+), SecureSocketOptions\.StartTls\)')
    return host, port, sender, sender, "certificate.pfx" in text


def powershell(settings):
    text, = settings.blocks["PowerShell"]
    host, port = strings(text, r"SmtpClient\]::new\('((?:[^']|'')*)', (\d+)\)", "'")
    sender, recipient = strings(text, r"\$relay\.Send\('((?:[^']|'')*)', '((?:[^']|'')*)', 'Test'", "'")
    assert recipient.startswith("you@") and "$relay.EnableSsl = $true" in text
    return host, port, sender, sender, "certificate.pfx" in text


def device(settings):
    values = settings.values["Scanner or printer"]
    sender = values["Sender or device e-mail address"]
    certificate = settings.values["Set up your application"]["Encryption"].startswith("STARTTLS, with the certificate")
    return values["SMTP server"], values["Port"], sender, f'"Copier, 2nd floor" <{sender}>', certificate


READ = {".NET": mailkit, "PowerShell": powershell, "device": device}


def play(registration, name, watch, sender=None, header_from=None, tls=True):
    host, port, own, own_from, certificate = READ[name](registration.settings)
    assert own == registration.address and certificate == registration.certificate
    return exchange(session(host, port, certificate, tls), own if sender is None else sender, watch.recipient,
                    header_from or own_from, name == ".NET")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("name", READ)
def test_message_of_the_application(registrations, name, kind):
    registration, watch = registrations[kind], Watch()
    assert play(registration, name, watch) is True
    watch.delivered(registration.address, "Copier, 2nd floor" if name == "device" else "")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("name", READ)
def test_another_from(registrations, name, kind):
    """cron's, or that of the person at the device."""
    registration, watch = registrations[kind], Watch()
    other = "A Person <nb1@example.edu>" if name == "device" else "root (Cron Daemon)"
    assert "From: header" in play(registration, name, watch, header_from=other)
    watch.refused(registration.address)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("name", READ)
def test_bounce(registrations, name, kind):
    registration, watch = registrations[kind], Watch()
    assert "The empty sender" in play(registration, name, watch, sender="")
    watch.refused("")


@pytest.mark.parametrize("kind", ELSEWHERE)
@pytest.mark.parametrize("name", READ)
def test_refused(registrations, name, kind):
    registration, watch = registrations[kind], Watch()
    assert "is registered, but not for" in play(registration, name, watch)
    watch.refused(registration.address)


def test_device_without_tls(registrations):
    """As the page says: it is optional where the source is an address."""
    registration, watch = registrations["network"], Watch()
    assert "optional" in registration.settings.values["Scanner or printer"]["Security"]
    assert play(registration, "device", watch, tls=False) is True
    watch.delivered(registration.address, "Copier, 2nd floor", tls=False)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_device_with_old_tls(registrations, kind):
    registration, watch = registrations[kind], Watch()
    assert "TLS 1.0 or newer" in registration.settings.values["Scanner or printer"]["Security"]
    assert play(registration, "device", watch, tls=ssl.TLSVersion.TLSv1) is True
    assert "using TLSv1 " in watch.delivered(registration.address, "Copier, 2nd floor")["Received"]
