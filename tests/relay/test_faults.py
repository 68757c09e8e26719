# SPDX-License-Identifier: MIT
"""Whatever happens to an export, at whichever system call: what is in force is a whole generation.

A reader looks all the time; it may see the generation before or the one after, and nothing else.
"""

import collections
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

import pytest

GENERATE = os.environ["RELAY_GENERATE"]
CALLS = ["openat", "write", "fsync", "rename", "symlink", "mkdir", "close", "read", "unlink", "flock",
         "newfstatat", "getdents64", "mmap", "ftruncate", "pwrite64", "msync", "fdatasync", "lseek"]
FAULTS = ["error=EIO", "error=ENOSPC", "signal=KILL"]


def rows(path, count):
    path.write_text("".join(f"r{i:04d}@example.edu\tnetwork\t10.0.{i >> 8}.{i & 255}/32\tscanner\n"
                            for i in range(count)))


def whole(output):
    """The senders of the generation in force, or what is wrong with it."""
    folder = pathlib.Path(output, os.readlink(output / "current"))
    pairs = (folder / "pairs").read_text().splitlines()
    listing = (folder / "registrations.csv").read_text().splitlines()
    manifest = (folder / "manifest").read_text()
    count = len([line for line in pairs if not line.startswith("#")])
    assert pairs[-1] == f"# end {count}" and len(listing) == count + 1, folder
    assert manifest.endswith("\nend\n") and f"\nsenders {count}\n" in manifest, folder
    return count


class Reader(threading.Thread):
    """Looks at what is in force until it is stopped."""

    def __init__(self, output, allowed):
        super().__init__()
        self.output, self.allowed = output, allowed
        self.looks, self.wrong, self.going = 0, [], True

    def run(self):
        while self.going:
            try:
                count = whole(self.output)
                if count not in self.allowed:
                    self.wrong.append(count)
            except FileNotFoundError:
                pass  # the oldest generation went between two looks
            except AssertionError as fault:
                self.wrong.append(str(fault))
            self.looks += 1
            time.sleep(0.002)


@pytest.fixture
def world(tmp_path):
    few, many = tmp_path / "few.tsv", tmp_path / "many.tsv"
    rows(few, 20)
    rows(many, 25)
    output = tmp_path / "export"
    subprocess.run([GENERATE, "csv", output, few], check=True)
    reader = Reader(output, (20, 25))
    reader.start()
    yield few, many, output, reader
    reader.going = False
    reader.join()
    assert not reader.wrong and reader.looks > 50


def test_faults_at_each_call(world):
    few, many, output, _ = world
    traced = subprocess.run(["strace", "-f", "-e", "trace=" + ",".join(CALLS), GENERATE, "csv", output, many],
                            check=True, capture_output=True, text=True).stderr
    counted = collections.Counter(re.findall(r"^(?:\[pid +\d+\] )?(\w+)\(", traced, re.M))
    faults = 0
    for call, times in counted.items():
        for number in range(1, times + 1):
            for fault in FAULTS:
                source = few if faults % 2 else many
                status = subprocess.run(
                    ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}",
                     "-e", f"inject={call}:{fault}:when={number}", GENERATE, "csv", output, source],
                    capture_output=True).returncode
                faults += 1
                count = whole(output)
                if status == 0:
                    assert count == (20 if source == few else 25), (call, number, fault)
    assert faults > 100
    subprocess.run([GENERATE, "csv", output, few], check=True)
    assert whole(output) == 20
    assert not [name for name in os.listdir(output) if name in (".new", ".old", ".current")]


def test_killed_at_random(world):
    few, many, output, _ = world
    start = time.monotonic()
    subprocess.run([GENERATE, "csv", output, many], check=True)
    length = time.monotonic() - start
    for number in range(int(os.environ.get("RELAY_KILLS", "2000"))):
        process = subprocess.Popen([GENERATE, "csv", output, few if number % 2 else many],
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, length))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert whole(output) in (20, 25)
    subprocess.run([GENERATE, "csv", output, few], check=True)
    assert whole(output) == 20
