# SPDX-License-Identifier: MIT
"""What is registered and cannot be published yet is put off, not refused."""

import demo
from browser import Browser
from relay import arrived, check_message, send_once as send

KNOWN, NEW = "bulk-00164@example.edu", "bulk-00168@example.edu"
SOURCE, OTHER = "127.0.0.64", "127.0.0.65"


def export(word):
    """As the operator types it; the demo's own run may be at work just now."""
    command = ["appsmtp-export", "--output", demo.DIR / "export", "--format", "postfix", word]
    assert demo.wait_until(lambda: demo.run(*command).returncode == 0, 30)


def expect(sender, source, start):
    """What the relay says, within the export's few seconds."""
    assert demo.wait_until(lambda: send(sender, source)[0].startswith(start), 30), send(sender, source)


def test_registered_while_a_generation_is_held():
    ow1 = Browser("ow1")
    demo.free(KNOWN, NEW)
    expect(KNOWN, SOURCE, "550 ")
    ow1.register(KNOWN, networks=f"{SOURCE}/32")
    expect(KNOWN, SOURCE, "accept")
    # Its own registration is the newest change, so going back takes it off, too.
    export("--rollback")
    try:
        expect(KNOWN, SOURCE, "450 4.7.1 ")
        ow1.register(NEW, networks=f"{SOURCE}/32")
        expect(NEW, SOURCE, "450 4.7.1 ")
        text = check_message(NEW, SOURCE)
        assert text in send(NEW, SOURCE)[0] and "send it again later" in text
        checked = demo.run("appsmtp-check", "message", "--snapshot", demo.DIR / "export", "--sender", NEW,
                           "--client", SOURCE)
        assert checked.returncode == 69 and checked.stdout.startswith("message.not-on-relay-yet: ")
        assert send("bulk-00172@example.edu", SOURCE)[0].startswith("550 ")
    finally:
        export("--release")
    expect(NEW, SOURCE, "accept")
    answer, token = send(KNOWN, SOURCE)
    assert answer == "accept" and arrived(token)
    expect(NEW, OTHER, "550 ")
    assert not (demo.DIR / "export/awaited").exists()
