# SPDX-License-Identifier: MIT
"""tests/pages/access.tsv: every route, everybody, every registration."""

import re
import uuid

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import TOP, sql

PEOPLE = {"nobody": None, "other": "nb1", "owner": "ow1", "role": "ad1", "operator": "rl1", "support": "sd1"}
KINDS = ["own", "foreign", "absent"]
TABLE = [line.split("\t") for line in (TOP / "tests/pages/access.tsv").read_text().splitlines()
         if line and not line.startswith("#")]


def cases():
    for method, path, *answers in TABLE:
        for person, answer in zip(PEOPLE, answers, strict=True):
            expected = answer.split(",") if "," in answer else [answer] * len(KINDS)
            for kind, one in zip(KINDS, expected):
                if "{" in path or kind == "own":
                    yield pytest.param(method, path, person, kind, one, id=f"{method} {path} {person} {kind}")


@pytest.fixture(scope="module")
def registrations():
    """kind -> id; each has a certificate as its only source and one owner."""
    own = Browser("ow1").register("comanaged@example.edu", certificate_file("good.pem"), method="certificate")
    foreign = Browser("ow2").register("delegate@example.edu", certificate_file("good.pem"), method="certificate")
    return {"own": own, "foreign": foreign, "absent": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def people():
    """One browser each; who signs out gets another."""
    return {person: Browser(login) for person, login in PEOPLE.items()}


def renew(registrations):
    """As it was at first."""
    for kind, owner in ("own", "ow1"), ("foreign", "ow2"):
        sql("UPDATE registration SET state = 'live', version = version + 1 WHERE id = :'id';"
            " DELETE FROM registration_owner WHERE registration_id = :'id' AND login <> :'owner'",
            id=registrations[kind], owner=owner)


def everything(registrations):
    """What the registrations are, and the source of each."""
    rows = sql("SELECT r.id, registration_as_json(r.id), r.version, r.state,"
               " (SELECT s.id FROM source s WHERE s.registration_id = r.id)"
               " FROM registration r WHERE r.id IN (:'own', :'foreign')", **registrations)
    return {row[0]: row for row in rows}


def fill(path, identity, source, owner):
    return path.replace("{id}", identity).replace("{source}", source).replace("{login}", owner)


@pytest.mark.parametrize("method, path, person, kind, expected", cases())
def test_access(registrations, people, method, path, person, kind, expected):
    browser = Browser(PEOPLE[person]) if path == "/sign-out" else people[person]
    before = everything(registrations)
    identity = registrations[kind]
    source = before[identity][4] if identity in before else str(uuid.uuid4())
    owner = "ow2" if kind == "foreign" else "ow1"
    data = {"csrf_token": browser.token if PEOPLE[person] else "none"} if method == "POST" else None
    answer = browser.request(method, fill(path, identity, source, owner), data=data)
    after = everything(registrations)
    if after != before:
        renew(registrations)
    if expected == "sign-in":
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    else:
        assert str(answer.status_code) == expected
    assert after == before or expected == "303"
    if answer.status_code == 404:
        nowhere = f"{'/operator' if path.startswith('/operator') else ''}/registrations/{uuid.uuid4()}"
        assert Page(answer.text).words == Page(browser.get(nowhere).text).words


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/registrations/{foreign}", 404), ("POST", "/registrations/{foreign}/sources", 404),
    ("GET", "/no-such-page", 404), ("GET", "/operator", 403), ("GET", "/registrations/%ff", 400), ("POST", "/registrations", 422),
])
def test_what_is_refused_is_logged(registrations, people, method, path, status):
    """Once, with who and from where; the page names the line, but where it would tell what there is."""
    browser, path = people["owner"], path.format(**registrations)
    answer = browser.request(method, path, data={"csrf_token": browser.token} if method == "POST" else None)
    assert answer.status_code == status
    reference = answer.headers["X-Request-Id"]
    lines = [line for line in demo.logs().splitlines() if reference in line]
    assert len(lines) == 1 and f"{method} {path if '%' not in path else ''}" in lines[0] and " from 127." in lines[0]
    assert "by ow1" in lines[0] or status == 400
    assert (reference in Page(answer.text).words) == (status in (400, 403))


def test_every_route_is_in_the_table():
    code = (TOP / "src/web/route.c").read_text()
    macros = dict(re.findall(r'#define (\w+) "([^"]+)"', code))
    routes = set()
    for method, macro, text in re.findall(r'\{"(GET|POST)", (\w+)? ?(?:"([^"]*)")?', code):
        routes.add((method, macros.get(macro, "") + text))
    listed = {(row[0], row[1]) for row in TABLE}
    missing = {route for route in routes - listed if not route[1].startswith(("/help/", "/accessibility"))}
    assert missing <= {("POST", "/sign-in"), ("POST", "/check")}, missing
    assert listed <= routes, listed - routes


@pytest.mark.parametrize("role", ["owner", "portal", "export", "notify"])
def test_the_roles_of_the_database_reach_no_other(role):
    assert demo.psql("SELECT", "-h", demo.DIR / "database/socket", role=role).returncode == 0
    for other in "postgres", "template1":
        refused = demo.psql("SELECT", "-h", demo.DIR / "database/socket", "-d", other, role=role)
        assert refused.returncode == 2 and "permission denied for database" in refused.stderr, refused.stderr
