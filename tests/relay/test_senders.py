# SPDX-License-Identifier: MIT
"""sendmail, which takes its keys apart and puts them together: no sender is one that it is not."""

import os
import random
import re

import pytest

import servers
from senders import random_sender, readings, words_of
from smtp import POSTMASTER, SOMEONE, Session

SENDERS = 5000
# With slashes and dots, so that a part of one could be taken for a part of a key.
REGISTRATIONS = [
    ("127@example.edu", "network", "127.3.0.0/16"),
    ("a.b/c@example.edu", "network", "127.2.0.0/16"),
    ("app@example.edu", "network", "127.0.2.0/24"),
    ("location@example.edu", "network", "127.0.9.0/24"),
    ("wide@example.edu", "network", "127.0.0.0/10"),
    ("x/app@example.edu", "network", "127.1.0.0/16"),
    ("x/net@example.edu", "network", "10.0.0.0/8"),
    ("x/wide@example.edu", "network", "127.0.0.0/9"),
]
RIGHT = {
    "127.0.2.1": {"app", "wide", "x/wide"}, "127.1.0.1": {"wide", "x/app", "x/wide"}, "127.2.3.4": {"a.b/c", "wide", "x/wide"},
    "127.3.0.127": {"127", "wide", "x/wide"}, "127.0.9.9": {"location", "wide", "x/wide"}, "127.100.0.1": {"x/wide"},
    "127.130.0.1": set(),  # outside every location
}


@pytest.fixture
def relay(keys, folder):
    lines = [(*registration, "web-application") for registration in REGISTRATIONS]
    current = servers.generate("sendmail", folder, lines)
    with servers.sendmail(keys, folder, current) as port:
        assert servers.sendmail_maps(current)
        yield port, words_of("".join(path.read_text() for path in servers.sendmail_maps(current)).splitlines())


def test_no_sender_is_a_key(relay):
    seed = int(os.environ.get("RELAY_SEED", "7"))
    chance = random.Random(seed)
    port, words = relay
    clients, wrong, accepted = sorted(RIGHT), [], 0
    for client in clients:
        session = None
        for _ in range(SENDERS // len(clients) + 1):
            if not session or not session.open:
                session = Session("127.0.0.1", port, client)
            sender = random_sender(words, chance)
            if session.send(sender, (SOMEONE, POSTMASTER)):
                accepted += 1
                if not readings(sender) & {f"{local}@example.edu" for local in RIGHT[client]}:
                    wrong.append(f"{client}: {sender!r}")
    assert not wrong, f"seed {seed}: {len(wrong)} of {SENDERS}\n" + "\n".join(wrong[:40])
    # A test that knows no right sender proves nothing.
    assert accepted > SENDERS / 100, accepted


# What is left of a key where but one part of the address is: the sender's own dots must not count as more.
TENS = {"x/net@example.edu": True, "x.y/net@example.edu": False, "x:y/net@example.edu": False, "x.x/net@example.edu": False,
        "net@example.edu": False, "10/x/net@example.edu": False, "1.x/net@example.edu": False, "app@example.edu": False}


def test_no_part_of_a_sender_is_of_an_address(relay, folder):
    """No client on loopback is in 10.0.0.0/8: asked in sendmail's address test mode."""
    questions = "".join(f".Df{sender}\nLocal_check_rcpt a@b.example\n" for sender in TENS)
    (folder / "questions").write_text(".D{client_addr}10.1.2.3\n" + questions)
    mode = folder / "mode"
    mode.mkdir(mode=0o755)
    words = [servers.SERVERS / "sendmail/usr/libexec/sendmail/sendmail", "-C" + str(folder / "sendmail.cf"), "-bt"]
    server = servers.Server("sendmail", mode, [], ["sh", "-c", f'exec "$@" <{folder}/questions', "sh", *words])
    server.process.wait(timeout=60)
    got = re.findall(r"^Local_check_rcpt +returns: \$# (\w+)", server.log.read_text(), re.M)
    assert got == ["OK" if right else "error" for right in TENS.values()], server.log.read_text()


@pytest.mark.parametrize("name", ["appsmtp", "locations"])
def test_without_a_map_all_is_put_off(keys, folder, name):
    """Also what would have passed, and what would not: nobody could be asked."""
    current = servers.generate("sendmail", folder, [(*registration, "web-application") for registration in REGISTRATIONS])
    (current / f"{name}.db").unlink()
    with servers.sendmail(keys, folder, current) as port, Session("127.0.0.1", port, "127.0.2.1") as session:
        assert [session.send(sender) for sender in ("app@example.edu", "nobody@example.edu")] == [None, None], session.replies
