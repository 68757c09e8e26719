# SPDX-License-Identifier: MIT
"""Random sessions to the end of data over 500 random registrations, at each server and each shape of Postfix.

With --long 5,000 messages at each, else a sample. RELAY_SEED is the seed of another run; a failure tells its own.
"""

import concurrent.futures
import os

import pytest

import servers
from sessions import KEYS, World
from smtp import Session

MESSAGES = 5000 if os.environ.get("APPSMTP_TEST_LONG") == "yes" else 250
SEED = int(os.environ.get("RELAY_SEED", "11"))
# Server, and how it is started.
SHAPES = {
    "postfix, daemon alone": ("postfix", lambda *place: servers.postfix(*place, servers.NO_WALL)),
    "postfix, second wall": ("postfix", servers.postfix),
    "postfix, milter": ("postfix", lambda *place: servers.postfix(*place, servers.MILTER)),
    "postfix, classes": ("postfix-classes", servers.postfix_classes),
    "exim": ("exim", servers.exim),
    "opensmtpd": ("opensmtpd", servers.opensmtpd),
    "sendmail": ("sendmail", servers.sendmail),
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Of each key the certificate that is registered and a renewed one; of the first the digests."""
    folder = tmp_path_factory.mktemp("pairs")
    made = [servers.make_pairs(folder, number) for number in range(KEYS)]
    return made, ["=".join(servers.file_digests(first[0])) for first, _ in made]


def hold(server, port, world, made, connection):
    """One connection: what came out otherwise than the rule has it, and how many messages passed."""
    client, messages = connection
    # OpenSMTPD recognises none, and its TLS has its troubles with OpenSSL 3.
    pair = None if client.key is None or server == "opensmtpd" else made[client.key][client.renewed]
    host = "::1" if client.source == "::1" else "127.0.0.1"
    wrong, passed, session = [], 0, None
    for message in messages:
        if not session or not session.open:
            session = Session(host, port, client.source, pair)
        for line in message.before:
            session.say(line)
        got = session.send(message.sender, message.recipients, message.chunked, message.notify)
        wanted = world.expected(server, client, message)
        passed += got is True
        if wanted is not None and (got is True) != wanted:
            wrong.append(f"{'refused' if wanted else 'ACCEPTED'}: {client} {message}: {session.replies}")
    session.__exit__()
    return wrong, passed


@pytest.fixture(scope="module")
def world():
    made = World(SEED)
    return made, list(made.random_connections(MESSAGES))


@pytest.mark.parametrize("shape", SHAPES)
def test_exactly_the_pairs(keys, folder, pairs, world, shape):
    server, start = SHAPES[shape]
    made, digests = pairs
    world, connections = world
    rows = [row for registration in world.registrations.values() for row in registration.rows(digests)]
    with start(keys, folder, servers.generate(server, folder, rows)) as port, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda connection: hold(server, port, world, made, connection), connections))
    wrong = [line for lines, _ in results for line in lines]
    passed = sum(count for _, count in results)
    assert not wrong, f"RELAY_SEED={SEED}: {len(wrong)} of {MESSAGES}\n" + "\n".join(wrong[:30])
    assert MESSAGES / 8 < passed < MESSAGES * 3 / 4, passed
    print(f"measured: {shape}: {MESSAGES} messages in {len(connections)} connections, {passed} passed, 0 wrong")
