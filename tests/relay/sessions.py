# SPDX-License-Identifier: MIT
"""Random registrations and sessions, and which messages may pass: the rule, written down once more.

Nothing of the program is used here. All comes from one seed, whatever the order of the tests.
"""

import ipaddress
import random
from typing import NamedTuple

from senders import readings
from smtp import MIXED, POSTMASTER, SOMEONE

REGISTRATIONS, KEYS = 500, 8
LOCATION = ipaddress.ip_network("127.0.0.0/9")  # of tests/relay/generate.c, with ::1
LOOPBACK = ipaddress.ip_address("::1")
SIGNS = "!#$%&'*+-/=?^_`{|}~"
OPENSMTPD_SIGNS = set("+=&~-_.")


class Client(NamedTuple):
    source: str
    key: int | None  # the number of the certificate's key; the last two are nobody's
    renewed: bool  # another certificate than the one that was registered, with the same key


class Message(NamedTuple):
    sender: str
    recipients: tuple
    chunked: bool
    notify: str
    before: tuple  # said ahead of it

    def must_pass(self, server):
        """Where the pair is right: not every server takes a recipient without domain."""
        return SOMEONE in self.recipients or server.startswith("postfix") and POSTMASTER in self.recipients


class Registration:
    def __init__(self, number, chance):
        local = f"app{number // 3}" + ["", "x", "+x"][number % 3]
        if chance.randrange(6) == 0:
            sign = chance.choice(SIGNS)
            local = chance.choice([f"a{sign}{number}", f"{number}{sign}{sign}a", f"x.{number}{sign}"])
        self.sender = f"{local}@{chance.choice(['example.edu', 'example.edu', 'sub.example.edu'])}"
        self.networks, self.keys, self.lines = set(), set(), set()
        for _ in range(chance.choice([0, 1, 1, 1, 2, 4])):
            self.add_network(random_network(chance), chance.randrange(5) == 0)
        if chance.randrange(12) == 0:
            self.add_network(ipaddress.ip_network(LOOPBACK), False)
        for key in chance.sample(range(KEYS - 2), chance.choice([0, 0, 1, 2])):
            self.keys.add(key)
            self.lines.add(("certificate", key))
        if not self.lines:
            self.lines.add(("network", "10.9.9.9/32"))

    def add_network(self, network, named):
        named = named and network.num_addresses == 1
        self.networks.add(network)
        self.lines.add(("hostname", f"h{int(network[0])}.example.edu={network[0]}") if named else ("network", str(network)))

    def rows(self, digests):
        """As the database gives them."""
        for kind, value in sorted((kind, digests[value] if kind == "certificate" else value) for kind, value in self.lines):
            yield self.sender, kind, value, "web-application"


def random_address(chance):
    """Mostly where many registrations are, so that networks overlap."""
    first = ipaddress.ip_address(chance.choice(["127.0.0.0", "127.0.0.0", "127.64.0.0", "127.130.0.0"]))
    return first + chance.randrange(1 << chance.choice([10, 13, 20]))


def random_network(chance):
    return ipaddress.ip_network((random_address(chance), chance.choice([32, 32, 32, 30, 28, 24, 22, 17])), strict=False)


class World:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        known = {}
        for number in range(REGISTRATIONS):
            registration = Registration(number, self.chance)
            known[registration.sender] = registration
        self.registrations = dict(sorted(known.items(), key=lambda item: item[0].encode()))

    # ---- the rule ----

    def right(self, server, client, address):
        """Whether the address is registered for the client, as far as that server can tell."""
        registration = self.registrations.get(address)
        source = ipaddress.ip_address(client.source)
        if registration is None or not (source == LOOPBACK or source.version == 4 and source in LOCATION):
            return False
        if server == "opensmtpd" and not all(sign.isalnum() or sign in OPENSMTPD_SIGNS for sign in address.replace("@", "")):
            return False
        if any(source in network for network in registration.networks):
            return True
        # Public keys are Postfix's alone; OpenSMTPD knows no certificates.
        knows = server.startswith("postfix") or server != "opensmtpd" and not client.renewed
        return knows and client.key in registration.keys

    def expected(self, server, client, message):
        """True and False; None where both are: another way to write a right address, or a recipient."""
        if self.right(server, client, message.sender.lower()):
            return True if message.must_pass(server) else None
        if message.sender.lower() in self.registrations:
            return False
        return None if any(self.right(server, client, address) for address in readings(message.sender)) else False

    # ---- sessions ----

    def random_client(self):
        """In a registered network, at its edges or just beyond, or anywhere."""
        chance = self.chance
        key = chance.randrange(KEYS) if chance.randrange(3) == 0 else None
        networks = sorted(chance.choice(list(self.registrations.values())).networks, key=str)
        network = chance.choice(networks or [ipaddress.ip_network("127.0.0.0/24")])
        first, last = int(network[0]), int(network[-1])
        source = type(network[0])(chance.choice([first, last, first - 1, last + 1, chance.randint(first, last)]))
        if source.version == 6:
            source = LOOPBACK
        elif int(source) & 0xffffff in (0, 0xffffff) or chance.randrange(8) == 0:
            source = random_address(chance) + 1
        return Client(str(source), key, chance.randrange(3) == 0)

    def random_sender(self, right):
        """right: who may send from there."""
        chance = self.chance
        sender = chance.choice(right if right and chance.randrange(5) else list(self.registrations))
        local, _, domain = sender.partition("@")
        return chance.choice([sender] * 12 + [
            sender.upper(), sender.capitalize(), f'"{local}"@{domain}', f"@relay.example.edu:{sender}", f"{local}+tag@{domain}", f"{local}@x.{domain}",
            f"{local}", f"{sender}.evil.example", f"{local}x@{domain}", f"{local}%{domain}@evil.example", "nobody@example.edu",
            "ceo@evil.example", "", "postmaster", "location", domain])

    def random_message(self, right):
        chance = self.chance
        recipients = chance.choice([(SOMEONE,)] * 4 + [
            (POSTMASTER,), (POSTMASTER,), ("<Postmaster>",), ("<abuse>",), MIXED, (POSTMASTER, SOMEONE), (SOMEONE, "<b@c.example>"),
            ("<postmaster@relay.example.edu>", SOMEONE), ("<PostMaster>", POSTMASTER)])
        other = f"MAIL FROM:<{self.random_sender(right)}>"
        before = chance.choice([()] * 6 + [("RSET",), ("NOOP",), ("VRFY postmaster",), (other, "RSET"),
                                           (other, f"RCPT TO:{SOMEONE}", "RSET")])
        return Message(self.random_sender(right), recipients, chance.randrange(3) == 0, chance.choice(["", "", "", "SUCCESS"]),
                       before)

    def random_connections(self, messages):
        """Clients that use a connection once or again: (client, its messages)."""
        while messages > 0:
            client = self.random_client()
            count = min(messages, self.chance.choice([1, 1, 2, 3, 5, 8]))
            messages -= count
            right = [sender for sender in self.registrations if self.right("postfix", client, sender)]
            yield client, [self.random_message(right) for _ in range(count)]
