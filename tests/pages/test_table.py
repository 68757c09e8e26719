# SPDX-License-Identifier: MIT
"""tests/rules/form.tsv: what a person enters, and the code of each refusal, by its text in the catalogue."""

import contextlib
import itertools
import json
import re
import urllib.parse

import pytest

import demo
from browser import FORM, Browser, Page
from demo import TOP, stopped


def rows():
    for line in (TOP / "tests/rules/form.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            where, person, fields, codes = line.split("\t")
            yield pytest.param(where, person, fields, codes, id=f"{where} {person} {fields[:40]} {codes[:60]}")


def catalogue():
    """Code -> a pattern of its text, {1} ... being anything."""
    text = (TOP / "src/rules/messages.def").read_text()
    for code, body in re.findall(r'FINDING\(\w+,\s*"([^"]+)",\s*"[^"]+",\s*\w+,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', text):
        words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', body)).replace('\\"', '"')
        yield code, re.compile("".join(".*" if re.fullmatch(r"\{\d\}", part) else re.escape(part)
                                       for part in re.split(r"(\{\d\})", words)), re.S)


CATALOGUE = list(catalogue())


def code_of(text):
    codes = [code for code, pattern in CATALOGUE if pattern.fullmatch(text)]
    assert len(codes) == 1, (text, codes)
    return codes[0]


def read_fields(text):
    """name=value ... as a dictionary of lists; an empty value is an empty list."""
    found = {}
    for word in text.split(" "):
        name, _, value = word.partition("=")
        value = re.sub(r"\{(\d+)\*([^}]*)\}", lambda one: int(one[1]) * one[2], value)
        found.setdefault(name, []).extend([urllib.parse.unquote_plus(value)] if value else [])
    return found


@contextlib.contextmanager
def looking_up():
    """Other names are being looked up: of forms of ow1, and one of a stranger."""
    demo.sql("INSERT INTO lookup_turn (who, place, until) SELECT who, place, now() + interval '1 minute'"
             " FROM (VALUES ('login ow1', 1), ('login ow1', 2), ('strangers', 1)) turn (who, place)")
    try:
        yield
    finally:
        demo.sql("DELETE FROM lookup_turn")


@contextlib.contextmanager
def outage(where):
    part = {"form-down": "dns", "question-down": "dns", "check-down": "directory"}.get(where)
    if where.endswith("-busy"):
        with looking_up():
            yield
        return
    if not part:
        yield
        return
    with stopped(part):
        yield


def findings(page, answer):
    assert answer.status_code in (422, 429, 503)
    return [code_of(text) for _, text in page.summary]


def ask_form(person, fields):
    browser = Browser(person)
    fields = {"address": ["bulk-00120@example.edu"]} | fields
    values = FORM | {"csrf_token": browser.token} | {name: value for name, value in fields.items()}
    demo.free("bulk-00120@example.edu")
    answer = browser.post("/registrations", {k: v for k, v in values.items() if v})
    if answer.status_code == 303:
        demo.free("bulk-00120@example.edu")
        return []
    return findings(Page(answer.text), answer)


def ask_sign_in(_, fields):
    if fields["login"] == ["often-wrong"]:
        demo.sql("INSERT INTO sign_in_failure (account, network)"
                 " SELECT sha256('login often-wrong'), '127.99.0.1' FROM generate_series(1, 10)")
    else:
        demo.sql("DELETE FROM sign_in_failure")
    answer = Browser().post("/sign-in", fields)
    return [] if answer.status_code == 303 else findings(Page(answer.text), answer)


def ask_question(_, fields):
    answer = Browser().post("/check", fields)
    return findings(Page(answer.text), answer)


def codes_of(*command):
    answer = json.loads(demo.run("appsmtp-check", "--json", *command).stdout)
    return [one["code"] for one in answer["findings"]]


def ask_check(person, fields):
    return codes_of("address", *fields["address"], "--login", person)


def ask_relay(_, fields):
    return codes_of("message", "--sender", *fields["sender"], "--client", *fields["client"], "--snapshot", "/nonexistent")


@pytest.fixture(scope="module")
def primary_only(tmp_path_factory):
    file = tmp_path_factory.mktemp("primary") / "appsmtp.xml"
    text = demo.CONFIG.read_text()
    assert 'id-attribute="entryUUID"' in text
    file.write_text(text.replace('id-attribute="entryUUID"', 'id-attribute="entryUUID" match="primary"'))
    return file


@pytest.mark.parametrize("where, person, fields, codes", rows())
def test_table(where, person, fields, codes, primary_only):
    kind = where.partition("-")[0] if where.endswith(("-down", "-busy", "-primary")) else where
    ask = {"form": ask_form, "sign-in": ask_sign_in, "question": ask_question, "check": ask_check, "relay": ask_relay}[kind]
    if where == "check-primary":
        ask = lambda person, fields: codes_of("--config", primary_only, "address", *fields["address"], "--login", person)
    if "bulk-00124" in fields and not demo.sql("SELECT FROM registration WHERE address = 'bulk-00124@example.edu'"
                                               " AND state <> 'retired'"):
        Browser("ow1").register("bulk-00124@example.edu")
    with outage(where):
        got = ask(person, read_fields(fields))
    assert ",".join(got) == ("" if codes == "ok" else codes)


def test_no_two_texts_can_be_taken_for_each_other():
    for (one, pattern), (other, _) in itertools.permutations(CATALOGUE, 2):
        assert pattern.pattern != dict(CATALOGUE)[other].pattern, (one, other)
