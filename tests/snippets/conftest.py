# SPDX-License-Identifier: MIT
"""What the pages print is run. Run by tests/run, which starts a demo and says where it is.

Registrations: by network and by certificate, each with an address of signs that a configuration
could read as its own; and two whose sources are not this machine, so that the relay
refuses whatever is sent by their settings."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pages"))

import demo  # noqa: E402
from browser import Browser, certificate_file  # noqa: E402
from relay import send  # noqa: E402
from settings import Settings  # noqa: E402

# The programs come from 127.0.0.1 or ::1, whichever they choose.
HERE = "127.0.0.1/32 ::1/128"


class Registered:
    """A registration: its address, how it is recognised, whether mail from here passes."""

    def __init__(self, login, address, files=None, **fields):
        self.address, self.certificate = address, bool(files)
        browser = Browser(login)
        self.settings = Settings(browser.get("/registrations/" + browser.register(address, files, **fields)).text)
        self.trial = address, None if files else "127.0.0.1", "good.pem" if files else None


@pytest.fixture(scope="session")
def registrations():
    """By name; on the relay."""
    result = {
        "network": Registered("js7", "o'brien+x=y/{z}~!#$%&*@example.edu", networks=HERE),
        "certificate": Registered("js7", "x`y^z|u?v-$home@example.edu", certificate_file("good.pem"), method="certificate"),
        "network elsewhere": Registered("ow1", "bulk-00300@example.edu", networks="10.9.9.9/32"),
        "certificate elsewhere": Registered("ow1", "bulk-00304@example.edu", certificate_file("next.pem"),
                                            method="certificate"),
    }
    for name in ("network", "certificate"):
        assert demo.wait_until(lambda: send(*result[name].trial)[0] == "accept", 30), name
    return result
