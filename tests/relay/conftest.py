# SPDX-License-Identifier: MIT
"""Folders that the servers' accounts get through, and certificates."""

import pytest

import servers


@pytest.fixture
def folder(tmp_path):
    # It and pytest's own two above it; what is above them is everybody's.
    for place in (tmp_path, *tmp_path.parents[:2]):
        place.chmod(0o755)
    return tmp_path


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return servers.make_keys(tmp_path_factory.mktemp("keys"))
