# SPDX-License-Identifier: MIT
"""Raw SMTP to the end of data, from an address and with a certificate of choice.

What counts is whether the message was accepted: the reply to its last dot or last chunk.
"""

import socket
import ssl

SOMEONE, POSTMASTER = "<someone@elsewhere.example>", "<postmaster>"


def verdict(answer):
    """True, False, or None for "later"."""
    return {"2": True, "4": None}.get(answer[:1], False)


class Session:
    """One connection. A server that hangs up answers "" from then on, and is not open any more."""

    def __init__(self, host, port, source, certificate=None):
        self.plain = self.sock = socket.create_connection((host, port), timeout=60, source_address=(source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.sock.makefile("rb")
        self.open, self.offers = True, ""
        if self.reply().startswith("220"):
            self.greet()
        if certificate:
            self.start_tls(certificate)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.say("QUIT")
        self.sock.close()

    def reply(self):
        said = ""
        while True:
            try:
                line = self.stream.readline().decode("utf-8", "replace")
            except OSError:
                line = ""
            said += line
            if line[3:4] != "-":
                self.open = self.open and line != "" and not line.startswith("421")
                self.said = said
                return line.strip()

    def put(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            self.open = False

    def say(self, line):
        self.put(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.reply()

    def greet(self):
        answer = self.say("EHLO client.example.edu")
        self.offers = self.said.upper()
        return answer

    def start_tls(self, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(*certificate)
        assert self.say("STARTTLS").startswith("220"), self.said
        self.sock = context.wrap_socket(self.plain)
        self.stream = self.sock.makefile("rb")
        self.greet()

    def send(self, sender, recipients=(SOMEONE,), chunked=False, notify=""):
        """One message; also where no recipient was accepted its text is offered."""
        answer = self.say(f"MAIL FROM:<{sender}>")
        self.replies = [answer]
        if not answer.startswith("2"):
            return verdict(answer)
        options = f" NOTIFY={notify}" if notify and "DSN" in self.offers else ""
        answers = [self.say(f"RCPT TO:{recipient}{options}") for recipient in recipients]
        text = f"From: <{sender}>\r\nSubject: test\r\n\r\ntext\r\n".encode("utf-8", "surrogateescape")
        chunked = chunked and "CHUNKING" in self.offers
        answer = self.offer_chunks(text) if chunked else self.offer_data(text)
        self.replies += [*answers, answer]
        self.say("RSET")
        # Without any recipient the reason is in the reply to the first.
        taken = any(a.startswith("2") for a in answers)
        return verdict(answer) if taken or answer.startswith("2") else verdict(answers[0])

    def offer_data(self, text):
        answer = self.say("DATA")
        if not answer.startswith("354"):
            return answer
        self.put(text + b".\r\n")
        return self.reply()

    def offer_chunks(self, text):
        half = len(text) // 2
        self.put(f"BDAT {half}\r\n".encode() + text[:half])
        answer = self.reply()
        self.put(f"BDAT {len(text) - half} LAST\r\n".encode() + text[half:])
        last = self.reply()
        return last if answer.startswith("2") else answer


def after_another(session, sender, other):
    session.send(other)
    return session.send(sender, (POSTMASTER, SOMEONE))


def after_reset(session, sender, other):
    session.say(f"MAIL FROM:<{other}>")
    session.say(f"RCPT TO:{SOMEONE}")
    session.say("RSET")
    return session.send(sender, (POSTMASTER, SOMEONE))


def after_greeting(session, sender, other):
    session.say(f"MAIL FROM:<{other}>")
    session.say(f"RCPT TO:{SOMEONE}")
    if not session.greet().startswith("250"):
        session.say("RSET")
    return session.send(sender, (POSTMASTER, SOMEONE))


def after_questions(session, sender, _):
    for line in ("VRFY postmaster", f"VRFY {SOMEONE}", "EXPN postmaster", "ETRN elsewhere.example", "NOOP"):
        session.say(line)
    return session.send(sender, (POSTMASTER, SOMEONE))


def within_another(session, sender, other):
    """A second MAIL; where that is refused the message was not the sender's."""
    session.say(f"MAIL FROM:<{other}>")
    session.say(f"RCPT TO:{SOMEONE}")
    return session.send(sender, (POSTMASTER, SOMEONE))


MIXED = (POSTMASTER, "<>", "<a@b@c>", SOMEONE, "<abuse>")
# Each sends one message of the sender; other may send from there, or is somebody too.
WAYS = {
    "ordinary": lambda session, sender, _: session.send(sender),
    "postmaster": lambda session, sender, _: session.send(sender, (POSTMASTER,)),
    "Postmaster": lambda session, sender, _: session.send(sender, ("<Postmaster>",)),
    "POSTMASTER": lambda session, sender, _: session.send(sender, ("<POSTMASTER>", POSTMASTER)),
    "abuse": lambda session, sender, _: session.send(sender, ("<abuse>",)),
    "several": lambda session, sender, _: session.send(sender, MIXED),
    "chunks": lambda session, sender, _: session.send(sender, chunked=True),
    "chunks to postmaster": lambda session, sender, _: session.send(sender, (POSTMASTER,), chunked=True),
    "chunks to several": lambda session, sender, _: session.send(sender, MIXED, chunked=True),
    "success is told": lambda session, sender, _: session.send(sender, (POSTMASTER,), notify="SUCCESS"),
    "after another": after_another,
    "after RSET": after_reset,
    "after EHLO": after_greeting,
    "after questions": after_questions,
    "within another": within_another,
}
# Who may send need not get these through: not every server takes a recipient without domain.
MAY_FAIL = {"postmaster", "Postmaster", "POSTMASTER", "abuse", "chunks to postmaster", "success is told",
            "within another"}
