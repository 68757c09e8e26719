# SPDX-License-Identifier: MIT
"""What became of a message: what the relay delivered, and each refusal that it wrote down."""

import email
import email.utils
import re
import uuid

import demo

LOG = demo.DIR / "log/relay.log"
REFUSED = re.compile(r" (?:NOQUEUE|[0-9A-F]{6,}): (?:milter-)?reject: .* from=<(.*?)> to=<(.*?)> proto")


class Watch:
    """One message to a recipient of its own, and what comes of it."""

    def __init__(self):
        self.recipient = f"{uuid.uuid4().hex}@example.org"
        self.start = LOG.stat().st_size

    def refusals(self):
        """Sender and recipient of all that the relay has refused since."""
        with LOG.open(errors="replace") as file:
            file.seek(self.start)
            return REFUSED.findall(file.read())

    def find(self):
        for path in (demo.DIR / "mail/new").iterdir():
            text = path.read_text(errors="replace")
            if f"\nDelivered-To: {self.recipient}\n" in text:
                return email.message_from_string(text)
        return None

    def delivered(self, address, name, tls=True, sender=None):
        """The message as it was delivered, from this address and name, which is the sender too where no
        other is named; nothing else may have been refused."""
        message = demo.wait_until(self.find, 30)
        assert message, self.refusals()
        assert self.refusals() == []
        assert message["Return-Path"] == f"<{address if sender is None else sender}>"
        assert email.utils.parseaddr(" ".join(message["From"].split())) == (name, address)
        assert ("using TLS" in message["Received"]) == tls
        return message

    def refused(self, sender):
        """It was refused once, under this sender, and at most one bounce was, with the empty sender."""
        refusals = demo.wait_until(self.refusals, 30)
        mine, others = ([one for one in refusals if (one[1] == self.recipient) == wanted] for wanted in (True, False))
        assert mine == [(sender, self.recipient)], refusals
        assert len(others) <= 1 and all(one[0] == "" for one in others), refusals
        assert self.find() is None
