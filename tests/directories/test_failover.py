# SPDX-License-Identifier: MIT
"""The first server of the worked example is out of order: the second is asked. All of it with the real servers.

The names in /etc/hosts move: the first name leads to what is out of order, the second to the server.
"""

import contextlib
import socket
import threading

import pytest

import matrix
import portal
import servers

NOWHERE = "127.0.0.99"
# What is asked is whether somebody gets to the second server, not how quick a busy machine is.
PATIENT = ('total-seconds="8"', 'total-seconds="60"')


@contextlib.contextmanager
def first_at(server, address):
    first, second = (host.split(".")[0] for host in server.hosts)
    with servers.names_at(**{first: address, second: server.address}):
        yield


def forward(source, target, most):
    """Passes on so many bytes, then no more, and keeps the connection open."""
    with contextlib.suppress(OSError):
        while most > 0:
            data = source.recv(min(most, 4096))
            if not data:
                return
            target.sendall(data)
            most -= len(data)


class Stalling(contextlib.AbstractContextManager):
    """Listens where the first server should; of what the real one sends so many bytes arrive, of all else everything."""

    def __init__(self, server, port, most):
        self.target, self.most, self.open = (server.address, port), most, []
        self.listener = socket.create_server((NOWHERE, port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                upstream = socket.create_connection(self.target)
                self.open += [client, upstream]
                for source, target, most in ((client, upstream, 1 << 30), (upstream, client, self.most)):
                    threading.Thread(target=forward, args=(source, target, most), daemon=True).start()

    def __exit__(self, *_):
        # A close alone does not end an accept() in another thread.
        self.listener.shutdown(socket.SHUT_RDWR)
        for one in (self.listener, *self.open):
            one.close()


def assert_serves(server):
    """Owners by name and through groups, and somebody who is none."""
    for case in matrix.cases("start"):
        if case.address in ("direct@example.edu", "nested@example.edu"):
            assert portal.answer(case.login, case.address) == case.answer


@pytest.mark.parametrize("way", [[], portal.STARTTLS], ids=["ldaps", "starttls"])
def test_dead(server, way):
    portal.configure(server.example, PATIENT, *way)
    with first_at(server, NOWHERE):
        assert_serves(server)


@pytest.mark.parametrize("way", [[], portal.STARTTLS], ids=["ldaps", "starttls"])
@pytest.mark.parametrize("most", [0, 700, 1500], ids=lambda most: f"{most}-bytes")
def test_silent(server, way, most):
    """It accepts and says nothing; or stops in the middle of its handshake, or of a record after it."""
    portal.configure(server.example, PATIENT, *way)
    with first_at(server, NOWHERE), Stalling(server, 389 if way else 636, most):
        assert portal.answer("anna", "direct@example.edu") == "owner"
        assert portal.answer("cora", "nested@example.edu") == "owner"


@pytest.fixture(scope="module")
def refusing(server):
    other = server.refusing()
    other.start()
    yield other
    other.stop()


def test_refusing(server, refusing):
    """It has not the portal's new password yet."""
    portal.configure(server.example, PATIENT)
    with first_at(server, refusing.address):
        assert_serves(server)


def test_all_refuse(server, refusing):
    """Then it is the site's mistake, and is told as one."""
    portal.configure(server.example, PATIENT)
    first, second = (host.split(".")[0] for host in server.hosts)
    with servers.names_at(**{first: refusing.address, second: refusing.address}):
        result = portal.check("anna", "direct@example.edu")
    assert result.returncode == portal.CONFIGURATION_ERROR, result.stdout + result.stderr
    assert "password" in result.stderr or "refuses" in result.stderr
