# SPDX-License-Identifier: MIT
"""One server, loaded with the matrix. Runs inside the namespaces of tests/directories/inside.

DIRECTORIES_SERVER names the server as deploy/directory does; DIRECTORIES_PROGRAMS is the folder with
appsmtp-admin and directories-ask.
"""

import pathlib

import pytest

import active_directory
import ds389
import matrix
import openldap
import servers

KINDS = {kind.name: kind for kind in (active_directory.ActiveDirectory, ds389.DS389, openldap.OpenLDAP)}


@pytest.fixture(scope="session")
def server():
    servers.make_site()
    # The folder that is gone with the namespaces.
    started = KINDS[matrix.SERVER](pathlib.Path.cwd() / matrix.SERVER)
    loaded = matrix.Matrix()
    started.prepare(loaded)
    started.start()
    for person in loaded.people:
        if person.one("state") == "locked":
            started.lock(person.name)
    yield started
    started.stop()
