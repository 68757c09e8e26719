# SPDX-License-Identifier: MIT
"""DNS that takes longer than the database lets a transaction idle (20 seconds)."""

import time

import pytest

from cluster import Cluster
from test_scale import SlowServer
from test_standby import export

# Two questions a name, a hundred of them at a time.
HOSTS, DELAY = 2_000, 0.6


@pytest.fixture
def server():
    made = SlowServer(DELAY)
    yield made
    made.stop()


def test_slow_dns(server, tmp_path):
    cluster = Cluster()
    try:
        cluster.register_hosts(HOSTS)
        config = cluster.write_config(f'<resolver deadline-seconds="60"><server address="127.0.0.1:{server.port}"/></resolver>')
        started = time.monotonic()
        done = export(config, tmp_path / "export")
    finally:
        cluster.stop()
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started > 20
    pairs = (tmp_path / "export/current/pairs").read_text()
    assert pairs.count("\thostname\t") == HOSTS
