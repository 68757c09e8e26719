# SPDX-License-Identifier: MIT
"""A standby may be behind: what it has is not published."""

import subprocess

import pytest

from cluster import PROGRAMS, Cluster


@pytest.fixture
def cluster():
    made = Cluster()
    yield made
    made.stop()


def export(config, output):
    return subprocess.run([PROGRAMS / "appsmtp-export", "--config", config, "--output", output, "--format", "csv"],
                          capture_output=True, text=True)


def test_standby(cluster, tmp_path):
    output = tmp_path / "export"
    cluster.register(1, 20)
    assert export(cluster.config, output).returncode == 0
    standby = cluster.start_standby()
    cluster.register(21, 25)
    done = export(standby, output)
    assert done.returncode == 69 and "standby" in done.stderr, done.stderr
    assert (output / "current").readlink().name == "gen-1"
    assert export(cluster.config, output).returncode == 0
    assert (output / "current").readlink().name == "gen-2"
