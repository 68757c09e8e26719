# SPDX-License-Identifier: MIT
"""Messages to the demo's relay, from a source address and with a certificate of one's choice."""

import json
import smtplib
import ssl
import uuid

import demo
from demo import DIR, RELAY_PORT, pki


# What daemon and milter say while another generation is in force than the one that they have loaded.
LATER = "this has not reached the relay yet"


def send(*message, **more):
    """As send_once(); again as long as a new generation is being loaded."""
    answer = demo.wait_until(lambda: (lambda got: LATER not in got[0] and got)(send_once(*message, **more)))
    return answer or send_once(*message, **more)


def send_once(sender, source, certificate=None, key=None, host="127.0.0.1", headers=None,
              recipients=("someone@example.org",)):
    """Sends one message, From: its sender or with these headers (bytes). Returns "accept", or the
    relay's refusal as text; the message's token. Some of several recipients may be refused."""
    token = uuid.uuid4().hex
    client = smtplib.SMTP(host, RELAY_PORT, local_hostname="test.example.edu", timeout=20,
                          source_address=(source, 0) if source else None)
    with client:
        client.ehlo()
        if certificate:
            context = ssl.create_default_context(cafile=pki("roots.pem"))
            context.check_hostname = False
            context.load_cert_chain(pki(certificate), pki(key or certificate.replace(".pem", ".key")))
            client.starttls(context=context)
            client.ehlo()
        try:
            own = f"From: <{sender}>\r\n".encode() if headers is None else headers
            client.sendmail(sender, list(recipients), own + f"Subject: {token}\r\n\r\nx\r\n".encode())
        except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refusal:
            return text_of(refusal), token
    return "accept", token


def text_of(refusal):
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(refusal.recipients.values()))
    else:
        code, text = refusal.smtp_code, refusal.smtp_error
    return f"{code} {text.decode()}"


def arrived(token):
    return demo.wait_until(lambda: any(token in p.read_text(errors="replace")
                                       for p in (DIR / "mail/new").glob("*")), 10)


def check_message(sender, source, certificate=None):
    """What the command line says: "accept", or the finding's text."""
    command = ["appsmtp-check", "--json", "message", "--snapshot", DIR / "export", "--sender", sender, "--client", source]
    if certificate:
        command += ["--certificate", pki(certificate)]
    answer = json.loads(demo.run(*command).stdout)
    return "accept" if answer["verdict"] == "accept" else answer["findings"][0]["text"]
