# SPDX-License-Identifier: MIT
"""2,000 random registrations, 20,000 random questions: all who decide, decide alike.

The reference below knows nothing of the program: it is the rule, written down once more
with Python's ipaddress. The daemon answers every question over its socket. appsmtp-check
is one process a question, and each reads the whole snapshot first: it answers all of them
with --long, else every fortieth; its answer comes out of the same function as the daemon's.
Exim answers all with the look-ups of its access list, Postfix's coarse maps what is permitted.
"""

import concurrent.futures
import ipaddress
import os
import random
import re
import socket
import subprocess
import time

import pytest

from cluster import PROGRAMS, run
from servers import SERVERS, Server

GENERATE = os.environ["RELAY_GENERATE"]
REGISTRATIONS, QUESTIONS, CERTIFICATES = 2000, 20000, 12
STEP = 1 if os.environ.get("APPSMTP_TEST_LONG") == "yes" else 40
# Those of tests/relay/generate.c.
LOCATIONS = [ipaddress.ip_network(text) for text in ("127.0.0.0/9", "10.0.0.0/8", "::1/128", "2001:db8::/32")]
RANDOM = random.Random(5)


def random_address(crowded):
    """Crowded ones share few networks, so that these overlap; the others have theirs for themselves, so
    that it shows when one is missing. An eighth is outside all locations."""
    kind = RANDOM.randrange(8)
    if kind == 0:
        return ipaddress.ip_address(RANDOM.choice(["192.0.2.", "198.51.100."]) + str(RANDOM.randrange(256)))
    if kind < 3:
        prefix = RANDOM.randrange(4) << 64 if crowded else RANDOM.randrange(1 << 15, 1 << 16) << 80
        return ipaddress.ip_address((0x20010db8 << 96) + prefix + RANDOM.randrange(1 << 12))
    host = (RANDOM.randrange(3) << 16) + RANDOM.randrange(1 << 13) if crowded else RANDOM.randrange(1 << 23, 1 << 24)
    return ipaddress.ip_address((10 << 24) + host)


def random_network():
    crowded = RANDOM.randrange(3) == 0
    address = random_address(crowded)
    longest = address.max_prefixlen
    shortest = (48 if longest == 128 else 12) if crowded else longest - 10
    prefix = longest if RANDOM.randrange(2) else RANDOM.randrange(shortest, longest)
    return ipaddress.ip_network(f"{address}/{prefix}", strict=False)


def inside(network):
    return any(network.version == place.version and network.subnet_of(place) for place in LOCATIONS)


class Registration:
    """One sender: its lines for the export, and what the reference goes by."""

    def __init__(self, number, digests):
        self.sender = f"{RANDOM.choice('abcdefgh')}{number}{RANDOM.choice(['', '+x', '-y', '.z'])}@example.edu"
        self.lines, self.networks, self.keys = set(), set(), set()
        for _ in range(RANDOM.choice([1, 1, 1, 2, 3, 8])):
            getattr(self, RANDOM.choice(["network", "network", "hostname", "certificate"]))(digests)

    def add(self, kind, value):
        self.lines.add(f"{self.sender}\t{kind}\t{value}\tscanner\n")

    def network(self, _):
        network = random_network()
        self.add("network", network)
        if inside(network):
            self.networks.add(network)

    def hostname(self, _):
        address = random_address(RANDOM.randrange(3) == 0)
        # The test's export has one address a name.
        self.add("hostname", f"h{int(address):x}.example.edu={address}")
        if inside(ipaddress.ip_network(address)):
            self.networks.add(ipaddress.ip_network(address))

    def certificate(self, digests):
        key, whole = RANDOM.choice(digests) if RANDOM.randrange(4) else random_digests()
        self.add("certificate", f"{key}={whole}")
        self.keys.add(key)


def random_digests():
    return f"{RANDOM.getrandbits(256):064x}", f"{RANDOM.getrandbits(256):064x}"


def permits(registrations, sender, client, key):
    """The rule: a place of the relay, a registered sender, and one of this sender's own sources."""
    registration = registrations.get(sender.lower())
    address = ipaddress.ip_address(client)
    address = getattr(address, "ipv4_mapped", None) or address
    if registration is None or not inside(ipaddress.ip_network(address)):
        return False
    return key in registration.keys or any(
        address.version == network.version and address in network for network in registration.networks)


def random_client(registrations):
    """In a registered network, at or just beyond its edges, or anywhere."""
    networks = sorted(RANDOM.choice(registrations).networks, key=str)
    if not networks or RANDOM.randrange(6) == 0:
        return random_address(RANDOM.randrange(2))
    network = RANDOM.choice(networks)
    first, last = int(network[0]), int(network[-1])
    return type(network[0])(RANDOM.choice([first, last, first - 1, last + 1, RANDOM.randint(first, last)]))


def random_question(registrations, files):
    """Sender, client, and the number of a certificate or None."""
    registration = RANDOM.choice(registrations)
    client = random_client([registration] if RANDOM.randrange(4) else registrations)
    text = str(client)
    if client.version == 4 and RANDOM.randrange(10) == 0:
        text = f"::ffff:{client}"
    sender = RANDOM.choice([registration.sender] * 8 + [registration.sender.upper(), "nobody@example.edu", ""])
    return sender, text, RANDOM.randrange(files) if RANDOM.randrange(3) == 0 else None


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Files that can be presented, and of each the digests of its key and of the whole."""
    folder = tmp_path_factory.mktemp("certificates")
    files, digests = [], []
    for number in range(CERTIFICATES):
        file = folder / f"{number}.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "/dev/null", "-out", file, "-subj", f"/CN=app{number}.example.edu", "-days", "30")
        key = run("sh", "-c", f"openssl x509 -in {file} -noout -pubkey | openssl pkey -pubin -outform DER"
                              " | openssl dgst -sha256 -r").split()[0]
        whole = run("openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256")
        files.append(file)
        digests.append((key, whole.split("=")[1].strip().replace(":", "").lower()))
    return files, digests


class World:
    def __init__(self, folder, files, digests):
        self.files, self.digests, self.output = files, digests, folder / "export"
        known = [Registration(number, digests[:-2]) for number in range(REGISTRATIONS)]
        known.sort(key=lambda registration: registration.sender.encode())
        self.registrations = {registration.sender: registration for registration in known}
        self.rows = folder / "rows.tsv"
        self.rows.write_text("".join(line for registration in known for line in sorted(registration.lines)))
        run(GENERATE, "postfix", self.output, self.rows)
        self.questions = [random_question(known, len(files)) for _ in range(QUESTIONS)]
        self.expected = [permits(self.registrations, sender, client, self.digests_of(number)[0])
                         for sender, client, number in self.questions]

    def digests_of(self, number):
        return ("", "") if number is None else self.digests[number]


@pytest.fixture(scope="module")
def world(tmp_path_factory, certificates):
    made = World(tmp_path_factory.mktemp("agreement"), *certificates)
    permitted = sum(made.expected)
    assert QUESTIONS / 5 < permitted < QUESTIONS * 4 / 5, permitted
    return made


def shown(digest):
    return ":".join(digest[at:at + 2] for at in range(0, len(digest), 2)).upper()


def request(sender, client, digests):
    key, whole = digests
    return (f"request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address={client}\nsender={sender}\n"
            f"ccert_fingerprint={shown(whole)}\nccert_pubkey_fingerprint={shown(key)}\n\n").encode()


@pytest.fixture(scope="module")
def answers(world, tmp_path_factory):
    """What the daemon answers to each question: the action, and its text."""
    path = tmp_path_factory.mktemp("daemon") / "socket"
    daemon = subprocess.Popen([PROGRAMS / "appsmtp-policyd", "--snapshot", world.output, "--socket", path],
                              stderr=subprocess.DEVNULL)
    try:
        while not path.exists():
            assert daemon.poll() is None
            time.sleep(0.02)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(path))
            stream = connection.makefile("rb")
            got = []
            for sender, client, number in world.questions:
                connection.sendall(request(sender, client, world.digests_of(number)))
                got.append(stream.readline().decode().strip().removeprefix("action="))
                assert stream.readline() == b"\n"
    finally:
        daemon.terminate()
        daemon.wait()
    return got


def show(world, wrong):
    return "\n".join(f"{world.questions[at]}: expected {world.expected[at]}, got {got}" for at, got in wrong[:20])


def test_daemon(world, answers):
    wrong = [(at, answer) for at, answer in enumerate(answers)
             if not answer.startswith("OK" if world.expected[at] else "550 5.7.1 ")]
    assert not wrong, show(world, wrong)


def test_check(world, answers):
    def ask(at):
        sender, client, number = world.questions[at]
        words = [PROGRAMS / "appsmtp-check", "message", "--sender", sender, "--client", client,
                 "--snapshot", world.output]
        if number is not None:
            words += ["--certificate", world.files[number]]
        done = subprocess.run(words, capture_output=True, text=True)
        return at, done.returncode, done.stdout

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(ask, range(0, QUESTIONS, STEP)))
    wrong = [(at, f"{status} {text}") for at, status, text in results
             if status != (0 if world.expected[at] else 1)
             or not world.expected[at] and answers[at].removeprefix("550 5.7.1 ") not in text]
    assert not wrong, show(world, wrong)


def found(map_name, keys):
    """Which of the keys a map has, asked as Postfix asks: one look-up a key, nothing cut off."""
    listing = "".join(f"{key}\n" for key in sorted(keys))
    done = subprocess.run(["/usr/sbin/postmap", "-q", "-", str(map_name)], input=listing, capture_output=True,
                          text=True)
    assert "warning" not in done.stderr and "fatal" not in done.stderr, done.stderr
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


def test_coarse_maps(world):
    """check_sender_access, then one of check_client_access (two maps) and check_ccert_access."""
    folder = world.output / "current"
    permitted = [question for question, expected in zip(world.questions, world.expected) if expected]
    # Postfix itself takes ::ffff: off.
    clients = {question: question[1].removeprefix("::ffff:") for question in permitted}
    prints = {question: [shown(d) for d in world.digests_of(question[2]) if d] for question in permitted}
    senders = found(f"lmdb:{folder}/senders", {question[0] for question in permitted})
    places = found(f"cidr:{folder}/networks.cidr", clients.values()) | \
        found(f"lmdb:{folder}/addresses", clients.values())
    keys = found(f"lmdb:{folder}/certificates", {p for several in prints.values() for p in several})
    wrong = [question for question in permitted
             if question[0] not in senders or clients[question] not in places and not keys & set(prints[question])]
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert not found(f"lmdb:{folder}/senders", ["nobody@example.edu", "example.edu", "@example.edu"])
    assert not found(f"cidr:{folder}/networks.cidr", ["192.0.2.1", "198.51.100.1"])


def test_exim(world, tmp_path):
    """What deploy/exim/acl.conf looks up, in one process (a session takes ::ffff: off by itself)."""
    output = tmp_path / "export"
    run(GENERATE, "exim", output, world.rows)
    lines = []
    for sender, client, number in world.questions:
        address, whole = client.removeprefix("::ffff:"), world.digests_of(number)[1].upper()
        sources = f"${{lookup{{${{lc:{sender}}}}}cdb{{{output}/current/sources.cdb}}{{$value}}{{}}}}"
        key = f"${{lookup{{{whole}:${{lc:{sender}}}}}cdb{{{output}/current/certificates.cdb}}{{yes}}{{no}}}}"
        place = f"match_ip{{{address}}}{{<; {output}/current/locations}}"
        host = f"forany{{<; {sources}}}{{match_ip{{{address}}}{{<; $item}}}}"
        lines.append(f"${{if and{{{{{place}}}{{or{{{{{host}}}{{bool{{{key}}}}}}}}}}}{{yes}}{{no}}}}\n")
    (tmp_path / "exim.conf").write_text("")
    (tmp_path / "questions").write_text("".join(lines))
    server = Server("exim", tmp_path, [], ["sh", "-c", f"exec \"$@\" <{tmp_path}/questions", "sh",
                                           SERVERS / "exim/usr/sbin/exim4", "-C", tmp_path / "exim.conf", "-be"])
    server.process.wait(timeout=120)
    got = re.findall(r"^(?:> )*(yes|no)$", server.log.read_text(), re.M)
    assert len(got) == QUESTIONS, server.log.read_text()[:2000]
    wrong = [(at, answer) for at, answer in enumerate(got) if answer != ("yes" if world.expected[at] else "no")]
    assert not wrong, show(world, wrong)
