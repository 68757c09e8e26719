# SPDX-License-Identifier: MIT
"""The whole, over HTTP and SMTP. Run by tests/run, which starts a demo and says where it is.

No test depends on another, nor on the order: each uses addresses of its own, or
frees them first. Each browser comes from another address of loopback, so that the
throttling of one test is not that of the next.
"""

import contextlib

import pytest

import demo
from browser import Browser
from people import Person, numbers


@pytest.fixture(autouse=True)
def workers_live():
    """No worker dies while it answers: the web server would have noted it."""
    log = demo.DIR / "log/web.log"
    before = log.stat().st_size
    yield
    with log.open(errors="replace") as file:
        file.seek(before)
        assert "prematurely closed" not in file.read()


@pytest.fixture
def stranger():
    return Browser()


@pytest.fixture
def ow1():
    return Browser("ow1")


@pytest.fixture
def nb1():
    return Browser("nb1")


@pytest.fixture
def unchanged():
    """Nothing of what registrations consist of was added, changed or removed."""
    before = demo.counts()
    yield
    assert demo.counts() == before


@pytest.fixture
def notices_held():
    """No run of the demo's appsmtp-notify meanwhile, by the lock that a run takes: a run looks at the
    owners as well, and notes who they are."""
    connection = demo.connect()
    demo.run_statement(connection, "SELECT pg_advisory_lock(7178)", 120)
    yield
    connection.finish()


@pytest.fixture
def person():
    """person(login): somebody new; gone after the test. With no login, one that nobody has had."""
    made = []

    def make(login=None):
        made.append(Person(login or f"x{next(numbers)}"))
        return made[-1]

    yield make
    for one in made:
        with contextlib.suppress(AssertionError):
            one.remove()
