# SPDX-License-Identifier: MIT
"""Private keys, whatever they are wrapped in and wherever they are pasted: refused, told, neither shown
nor kept. The forms are those of the sources, so that a new one is tried without a word here."""

import base64
import html
import itertools
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import urllib.parse

import pytest

import demo
from browser import Browser, Page
from demo import DIR, TOP

sys.path.insert(0, str(TOP / "tests/certificates"))
from wrappings import Keys, harmless, pem, twice, wrappings  # noqa: E402

LONG = os.environ.get("APPSMTP_TEST_LONG") == "yes"
SHORTEST = 30  # characters of what was sent that tell it from everything else


# --- every field of every form, as route.c and the pages declare them ---------------------------

def tables():
    """name of a table of fields -> [(field, kind)]"""
    found = {}
    for path in sorted((TOP / "src/web").rglob("*.c")):
        for name, body in re.findall(r"^(?:static )?const struct field (\w+)\[\] = \{(.*?)^\};", path.read_text(), re.M | re.S):
            found[name] = re.findall(r'\{"(\w+)", (FIELD_\w+)', body)
    return found


def routes():
    """(method, pattern, fields, whether one has to be signed in)"""
    text = (TOP / "src/web/route.c").read_text()
    defined = dict(re.findall(r"^#define (\w+) (.+)$", text, re.M))
    known = tables()
    for entry in re.findall(r"^    \{(\"(?:GET|POST)\".*?)\},", text, re.M | re.S):
        method, pattern, flags, query, form, *_ = [one.strip() for one in entry.split(",")]
        pattern = "".join(part.strip('"') for word in pattern.split() for part in [defined.get(word, word)])
        flags = " ".join(defined.get(word, word) for word in flags.split())
        yield method.strip('"'), pattern, known[form if method == '"POST"' else query] if (
            form if method == '"POST"' else query) != "NULL" else [], "ROUTE_SIGNED_IN" in flags


def fields():
    """Every place where somebody can paste something."""
    for method, pattern, known, inside in routes():
        for field, kind in known:
            if kind != "FIELD_PASSWORD":
                yield method, pattern, field, kind, inside


PLACES = list(fields())


def test_places_are_those_of_the_sources():
    places = {(method, pattern, field) for method, pattern, field, _, _ in PLACES}
    assert {("POST", "/registrations", "certificate"), ("POST", "/registrations", "note"), ("POST", "/sign-in", "login"),
            ("GET", "/operator/registrations", "q"), ("POST", "/check", "sender"),
            ("POST", "/operator/registrations/{id}/suspend", "reason")} <= places
    assert len(places) > 50


# --- what was sent, and where it must not be -----------------------------------------------------

@pytest.fixture(scope="module")
def keys():
    return Keys()


class Sent:
    """What the tests have sent, by pieces that occur nowhere else: not in what is public of the same keys."""

    def __init__(self, keys):
        self.pieces = set()
        self.public = "\n".join(data.decode("latin-1") for _, data in harmless(keys))

    def remember(self, data):
        """Pieces of the middle, where no label is; a text is looked for as it is, other bytes in hexadecimal."""
        text = data.decode("latin-1")
        lines = [line for line in re.split(r"[\s\0]+", text) if len(line) >= SHORTEST and len(set(line)) > 8]
        for line in lines[len(lines) // 3:len(lines) // 3 + 2]:
            piece = line[len(line) // 2 - SHORTEST // 2:len(line) // 2 + SHORTEST // 2]
            if piece not in self.public:
                self.pieces.add(piece)

    def found_in(self, haystack, sample=None):
        looked_for = random.sample(sorted(self.pieces), min(sample, len(self.pieces))) if sample else self.pieces
        return [piece for piece in looked_for if piece in haystack]


@pytest.fixture(scope="module")
def sent(keys):
    """All that any test of this file has sent; at the end it is looked for everywhere."""
    known = Sent(keys)
    for secret in keys.probes():
        for shift in range(3):
            known.pieces.add(base64.b64encode(secret[shift:]).decode()[:20])
        known.pieces.add(secret.hex()[:40])
    return known


@pytest.fixture(scope="module")
def places():
    """Browsers by person, and what stands for {id}, {source} and {login}."""
    people = {"owner": Browser("ow1"), "operator": Browser("rl1")}
    identity = people["owner"].register("bulk-00052@example.edu")
    source, = demo.sql("SELECT id FROM source WHERE registration_id = :'id'", id=identity)[0]
    return people, {"{id}": identity, "{source}": source, "{login}": "ow1"}


def send(browser, place, data, holes, token=""):
    """The answer to a form that is right but for that field."""
    method, pattern, field, kind, _ = place
    path = re.sub(r"\{\w+\}", lambda hole: holes[hole[0]], pattern)
    if method == "GET":
        return browser.get(path, params={field: data})
    values, files = {"csrf_token": token} if token else {}, None
    if kind == "FIELD_FILE":
        files = {field: ("server.pem", data, "application/octet-stream")}
    else:
        values[field] = data
    return browser.post(path, values, files=files)


def check_told(answer, sent, place):
    assert answer.status_code == 422, (place, answer.status_code)
    page = Page(answer.text)
    assert page.title.startswith("Error: "), place
    assert re.search("private key|PKCS#12|keystore", page.words), place
    everything = answer.text + html.unescape(answer.text) + str(answer.headers)
    assert not sent.found_in(everything + urllib.parse.unquote(everything)), place
    return page


def person_of(place):
    return "operator" if place[1].startswith("/operator") else "owner"


def name_of(place):
    return " ".join(place[:3])


@pytest.mark.parametrize("place", PLACES, ids=name_of)
def test_every_field_is_asked(place, keys, sent, places):
    """Short enough for an address line, and with a name for each form's token."""
    people, holes = places
    browser = people[person_of(place)]
    data = keys.ec
    sent.remember(data)
    page = check_told(send(browser, place, data, holes, browser.token), sent, place)
    if place[2] in ("note", "reason", "networks", "hostnames", "owners", "certificate", "application_name"):
        assert place[2] in [field for field, _ in page.summary] and page.errors[place[2]], place


@pytest.mark.parametrize("place", PLACES, ids=name_of)
def test_every_field_is_asked_of_who_is_signed_out(place, keys, sent, places):
    _, holes = places
    sent.remember(keys.ed)
    check_told(send(Browser(), place, keys.ed, holes), sent, place)


def test_what_else_was_typed_is_kept(keys, sent):
    browser, token = Browser("ow1"), None
    token = browser.token
    browser.http.cookies.clear()
    sent.remember(keys.rsa)
    answer = browser.submit("bulk-00053@example.edu", csrf_token=token, note=keys.rsa.decode(), owners="ow2")
    check_told(answer, sent, "note")
    assert "What else you typed is kept" in Page(answer.text).words
    assert browser.sign_in("ow1").status_code == 303
    page = browser.page("/registrations/new")
    assert page.value("owners") == "ow2" and page.value("note") == ""


def test_nothing_is_done_with_what_is_left(keys, sent, unchanged, places):
    """The form without its key would be accepted."""
    people, holes = places
    demo.free("bulk-00054@example.edu")
    page = check_told(people["owner"].submit("bulk-00054@example.edu", note=keys.ec.decode(), owners="ow2"), sent, "note")
    assert page.value("owners") == "ow2" and page.value("note") == "" and page.value("networks") == "127.0.0.21/32"
    retire = ("POST", "/registrations/{id}/retire", "reason", "FIELD_TEXT", True)
    check_told(send(people["owner"], retire, keys.ec, holes, people["owner"].token), sent, "reason")


def test_a_key_in_the_path(keys, sent):
    key = base64.urlsafe_b64encode(keys.pkcs8["ed"]).decode()
    sent.remember(key.encode())
    for browser in Browser(), Browser("ow1"):
        for path in f"/registrations/{key}", f"/registrations/{demo.sql('SELECT gen_random_uuid()')[0][0]}/owners/{key}/remove":
            check_told(browser.get(path), sent, path)
            check_told(browser.post(path, {"csrf_token": "x"}), sent, path)


def test_a_password_is_nobodys_business(keys):
    """It is never shown or kept, and may be anything."""
    answer = Browser().sign_in("ow1", base64.b64encode(keys.pkcs8["ed"]).decode())
    assert answer.status_code == 422 and "private key" not in Page(answer.text).words


def test_what_is_no_certificate_is_not_kept():
    """Nobody knows what it may be: in a draft, that is."""
    browser = Browser("ow1")
    token, text = browser.token, "what this is nobody knows " + base64.b64encode(os.urandom(300)).decode()
    browser.http.cookies.clear()
    browser.submit("bulk-00055@example.edu", csrf_token=token, method="certificate", certificate_text=text, note="a note")
    assert text[60:100] not in demo.dump() and "a note" in demo.dump()


# --- every wrapping, at any field -----------------------------------------------------------------

def is_text(data):
    """Whether a text field takes it."""
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def test_every_wrapping(keys, sent, places):
    people, holes = places
    every = list(wrappings(keys, None if LONG else 100))
    names = {name.split("/")[0] for name, _ in every}
    assert len(every) > 500 and len(names) > 60
    if not LONG:
        by_kind = {}
        for name, data in every:
            by_kind.setdefault(name.split("/")[0], []).append((name, data))
        every = [one for kind in by_kind.values() for one in random.sample(kind, min(2, len(kind)))]
    spots = itertools.cycle([place for place in PLACES if place[0] == "POST" and place[2] != "csrf_token"])
    for number, (name, data) in enumerate(every):
        place = next(spots)
        while place[3] != "FIELD_FILE" and not is_text(data):
            place = next(spots)
        signed_in = people[person_of(place)] if number % 3 else Browser()
        sent.remember(data)
        check_told(send(signed_in, place, data, holes, signed_in.token if number % 3 else ""), sent, (name, place))


# What stands before the key: plain lines, and such as have something to be taken off.
FILLERS = b"what this is nobody knows\n", b"&#65;&#66; ", b"%41%42 "


@pytest.mark.parametrize("field", ["note", "networks", "hostnames", "owners", "application_name", "certificate_text", "certificate"])
def test_wrapped_twice_at_the_end_of_a_long_body(field, keys, sent, places, unchanged):
    """240 KB before it, and nearly all that a form may have."""
    people, holes = places
    place, = [one for one in PLACES if one[:3] == ("POST", "/registrations", field)]
    every = [data for _, data in twice(keys.raw(), keys.texts(), 100) if is_text(data) and len(data) < 8000]
    for number, data in enumerate(random.sample(every, 6 if LONG else 3)):
        sent.remember(data)
        filler = FILLERS[number % 3]
        long = 240 * 1024 - len(data) if place[3] == "FIELD_FILE" else 240 * 1024 - len(urllib.parse.quote_plus(data))
        each = len(filler) if place[3] == "FIELD_FILE" else len(urllib.parse.quote_plus(filler))
        body = filler * (long // each) + b"\n" + data
        for browser, token in (people["owner"], people["owner"].token), (Browser(), ""):
            check_told(send(browser, place, body, holes, token), sent, place)
    assert not sent.found_in(demo.dump())


def test_nothing_else_is_taken_for_a_key(keys, places):
    """In the note, which takes any text of that length."""
    people, _ = places
    texts = [one for one in harmless(keys) if len(one[1]) < 1900 and is_text(one[1]) and one[1].isascii()]
    assert len(texts) > 30
    for name, data in texts if LONG else random.sample(texts, 12):
        page = Page(people["owner"].submit("bulk-00054@example.edu", note=data, networks="bad").text)
        assert [field for field, _ in page.summary if field == "note"] == [] or "control characters" in page.words, name


# --- the command line ------------------------------------------------------------------------------

def test_command_line(keys, sent, places, unchanged):
    _, holes = places
    key = keys.ec.decode()
    sent.remember(keys.ec)
    for command in (["appsmtp-admin", "suspend", holes["{id}"], "--reason", key], ["appsmtp-admin", "search", key],
                    ["appsmtp-admin", "suspend", holes["{id}"], "--reason=" + key], ["appsmtp-check", "network", key],
                    ["appsmtp-check", "address", base64.b64encode(keys.pkcs1).decode()]):
        result = demo.run(*command)
        assert result.returncode == 1 and "secret.private-key" in result.stderr, command[:2]
        assert not sent.found_in(result.stdout + result.stderr), command[:2]


def test_import(keys, sent, unchanged):
    key = pem("PRIVATE KEY", keys.pkcs8["ec"])
    for column in "note", "networks", "certificate_text", "owners":
        row = {"address": "bulk-00056@example.edu", "owner": "ow1", "application_name": "x", "application_type": "scanner",
               "location": "campus", "method": "network", "networks": "127.0.0.21", "note": "", "owners": "",
               "certificate_text": ""} | {column: key}
        quoted = ('"' + value.replace('"', '""') + '"' for value in row.values())
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write(",".join(row) + "\n" + ",".join(quoted) + "\n")
            file.flush()
            os.chmod(file.name, 0o644)
            result = demo.run("appsmtp-admin", "import", file.name)
        assert result.returncode == 1 and ".private-key" in result.stdout, (column, result.stdout, result.stderr)
        assert not sent.found_in(result.stdout + result.stderr), column


# --- and then: where is it? --------------------------------------------------------------------------

def files_below(folder):
    """What is in the files there, as text."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            yield path, path.read_bytes().decode("latin-1")


MEMORY = """
import re, sys
with open(f"/proc/{sys.argv[1]}/mem", "rb") as memory, open(f"/proc/{sys.argv[1]}/maps") as maps:
    for line in maps:
        begin, end, mode = re.match(r"(\\w+)-(\\w+) (\\S+)", line).groups()
        begin, size = int(begin, 16), int(end, 16) - int(begin, 16)
        if "w" not in mode or size > 1 << 28:  # a sanitizer's own
            continue
        memory.seek(begin)
        try:
            data = memory.read(size)
        except OSError:
            continue
        for at in range(0, len(data), 4096):
            page = data[at:at + 4096]
            if page.count(page[:1]) < len(page):
                sys.stdout.buffer.write(page)
"""


def memory_of(process):
    """What a process may write to, but for pages with nothing in them, as text; root reads it."""
    command = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return subprocess.run([*command, "/usr/bin/python3", "-c", MEMORY, str(process)], capture_output=True,
                          check=True).stdout.decode("latin-1")


def test_nothing_is_left_anywhere(keys, sent, places):
    """After whatever of this file ran before, and one more of each kind."""
    people, holes = places
    for place in PLACES:
        if place[1] in ("/registrations", "/check") and place[0] == "POST":
            browser = people["owner"]
            data = base64.encodebytes(keys.rsa)
            sent.remember(data)
            check_told(send(browser, place, data, holes, browser.token), sent, place)
    database = demo.dump()
    assert not sent.found_in(database) and not sent.found_in(urllib.parse.unquote(database))
    assert not sent.found_in(demo.logs())
    for folder in DIR / "web", DIR / "log":
        for path, text in files_below(folder):
            assert not sent.found_in(text), path
    for process in demo.processes("portal"):
        assert sent.found_in(memory_of(process), None if LONG else 80) == [], process
