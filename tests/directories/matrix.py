# SPDX-License-Identifier: MIT
"""The two tables: who is in the directories (matrix.tsv), and what is to be answered (expected.tsv)."""

import collections
import dataclasses
import os
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
SERVER = os.environ["DIRECTORIES_SERVER"]


def rows(name):
    for line in (HERE / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@dataclasses.dataclass
class Thing:
    """A person, group or account; what is said of it several times is a list."""

    kind: str
    name: str
    said: dict

    def one(self, key, otherwise=None):
        return self.said[key][0] if key in self.said else otherwise

    def all(self, key):
        return self.said.get(key, [])

    @property
    def cn(self):
        return self.one("cn", self.name)


def read_thing(cells):
    said = collections.defaultdict(list)
    for cell in cells[2:]:
        key, value = cell.split("=", 1)
        said[key].append(value)
    return Thing(cells[0], cells[1], dict(said))


def copies_of(group):
    """The group, or as many of it as it says."""
    number = int(group.one("copies", 0))
    return [Thing("group", f"{group.name}{i}", {"member": group.all("member")}) for i in range(1, number + 1)] or [group]


class Matrix:
    def __init__(self):
        things = [read_thing(cells) for cells in rows("matrix.tsv")]
        self.people = [t for t in things if t.kind == "person"]
        self.further = [t for t in things if t.kind == "entry"]
        self.groups = [copy for t in things if t.kind == "group" for copy in copies_of(t)]
        self.accounts = [t for t in things if t.kind == "account"]
        self.contacts = [t for t in things if t.kind == "contact"]

    def person(self, name):
        return next(t for t in self.people if t.name == name)

    def owner_of(self, login):
        """The name of the person who has that login, in whatever case."""
        found = [t.name for t in self.people if login.lower() in (t.name, *t.all("login"))]
        return found[0] if found else login

    def is_person(self, name):
        return any(t.name == name for t in self.people)


def differing(cell):
    return dict(word.split("=", 1) for word in cell.split())


@dataclasses.dataclass
class Case:
    when: str
    login: str
    address: str
    answer: str


def cases(when):
    """What the server is to be asked at that time, and its answers."""
    for cells in rows("expected.tsv"):
        at, login, address, answer, differs, _why = cells + [""] * (6 - len(cells))
        if at == when:
            yield Case(at, login, address, differing(differs).get(SERVER, answer))
