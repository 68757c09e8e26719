# SPDX-License-Identifier: MIT
"""People x addresses x groups: matrix.tsv in each server, expected.tsv asked of it through its worked example."""

import re

import pytest

import matrix
import portal
import servers

# Accounts that groups own.
THROUGH_GROUPS = {f"{name}@example.edu" for name in ("group", "nested", "ring", "large", "primary", "list", "unique", "logins", "managed")}


def every(when):
    """Each case as one test."""
    return pytest.mark.parametrize("case", matrix.cases(when), ids=lambda case: f"{case.login}-{case.address}")


def wrong(cases):
    """Of several cases, those that are answered otherwise."""
    given = [(case, portal.answer(case.login, case.address)) for case in cases]
    return [f"{case.login} {case.address}: {said}, not {case.answer}" for case, said in given if said != case.answer]


@every("start")
def test_role(server, case):
    portal.configure(server.example)
    assert portal.answer(case.login, case.address) == case.answer


@every("offered")
def test_offered(server, case):
    """What the form offers is what it accepts, and no more."""
    portal.configure(server.example)
    assert portal.offered(case.login) == set(case.answer.split()) - {"nothing"}
    for address in portal.offered(case.login):
        assert portal.answer(case.login, address) in ("owner", "administrator")


@every("sign-in")
def test_sign_in(server, case):
    portal.configure(server.example)
    owner = matrix.Matrix().owner_of(case.login)
    passwords = {"right": servers.password_of(owner), "wrong": "not-it", "empty": ""}
    assert portal.sign_in(case.login, passwords[case.address]).replace(" ", "-") == case.answer


@pytest.mark.parametrize("login, operators, support", [
    ("anna", "no member", "no member"), ("bert", "no member", "a member"), ("cora", "a member", "no member")])
def test_staff(server, login, operators, support):
    """The groups of operators, in which cora is through two others, and of the support desk."""
    portal.configure(server.example)
    said = portal.check(login).stdout
    assert re.search(rf"^operators: {login} is {operators} ", said, re.M)
    assert re.search(rf"^support-desk: {login} is {support} ", said, re.M)


def test_no_mistakes(server):
    """Every name in the worked example is one that the server has, and its limit of failures is low enough."""
    portal.configure(server.example)
    result = portal.check("anna", "direct@example.edu")
    assert result.returncode == 0
    assert "mistake" not in result.stdout + result.stderr
    if server.shows_lockout:
        assert "lock-out: after 6 failures" in result.stdout


@pytest.mark.parametrize("name", ["owner", "address", "member", "people", "accounts", "groups", "eligible"])
def test_mistakes(server, name):
    """Mistyped, it is told as a mistake, not as a "no"."""
    portal.configure(server.example, server.mistakes[name])
    result = portal.check("cora", "nested@example.edu")
    assert result.returncode == portal.CONFIGURATION_ERROR, result.stdout + result.stderr
    assert "mistyped" in result.stdout + result.stderr


def configure_nested(server, value):
    """What is asked for is the answer, not how quick it comes."""
    portal.configure(server.example, *portal.PATIENT, ('nested="recursion"', f'nested="{value}"'))


def test_nested(server):
    """The server's own way to follow groups in groups gives the same answers, as far as it sees the groups."""
    configure_nested(server, server.nested)
    assert not wrong(case for case in matrix.cases("start")
                     if case.address in THROUGH_GROUPS and case.login not in server.outside_nested)


def test_many_groups(server):
    """Somebody in 500 groups."""
    for value in server.nested_for_many:
        configure_nested(server, value)
        assert portal.answer("xena", "copies@example.edu") == "owner", value


def test_standing(server):
    """What the upkeep asks: whether somebody holds the account."""
    portal.configure(server.example)
    assert portal.ask("standing", "direct@example.edu").startswith("good held anna")
    assert portal.ask("standing", "large@example.edu").startswith("good held")
    assert portal.ask("standing", "nobody@example.edu") == "good not held"
    assert portal.ask("standing", "hans-app@example.edu").startswith("good not held")
    assert portal.ask("standing", "dup@example.edu").startswith("ambiguous")
    assert portal.ask("standing", "off@example.edu").startswith("not-eligible")
    assert portal.ask("standing", "nowhere@example.edu").startswith("not-found")


@pytest.mark.parametrize("group, members", [("g-direct", "1"), ("g-top", "1"), ("g-list", "1"), ("g-unique", "1"), ("g-logins", "1"),
                                            ("g-nowhere", "not found")])
def test_group(server, group, members):
    """The members whom a notice to a group is for, through groups in it as well."""
    portal.configure(server.example)
    assert portal.ask("group", group, "5") == members


def test_starttls(server):
    portal.configure(server.example, *portal.STARTTLS)
    assert not wrong(list(matrix.cases("start"))[:12])


def test_foreign_ca(server):
    portal.configure(server.example, ("directory-ca.pem", "foreign-ca.pem"))
    assert portal.check("anna", "direct@example.edu").returncode == portal.UNAVAILABLE


# The changes come last, in this order.

def test_moved(server):
    portal.configure(server.example)
    before = portal.lasting_id("mona")
    server.move("mona", server.elsewhere)
    assert not wrong(matrix.cases("moved"))
    assert portal.lasting_id("mona") == before


def test_renamed(server):
    portal.configure(server.example)
    before = portal.lasting_id("nils")
    server.rename("nils", "niels")
    assert not wrong(matrix.cases("renamed"))
    assert portal.ask("id", before) == "niels"


def test_reused(server):
    """A login that passes to somebody else takes nothing along."""
    portal.configure(server.example)
    olga, eve = portal.lasting_id("olga"), portal.lasting_id("eve")
    server.rename("olga", "olga2")
    server.rename("eve", "olga")
    assert not wrong(matrix.cases("re-used"))
    assert portal.lasting_id("olga") == eve
    assert portal.ask("id", olga) == "olga2"
