# SPDX-License-Identifier: MIT
"""The portal as a plain CGI, through fcgiwrap, and behind a front that signs people in."""

import contextlib
import re
import secrets
import socket
import subprocess
import threading

import pytest

import demo
from browser import FORM, Page
from gateway import (PROGRAM, STDIN, ask_fastcgi, begin_fastcgi, encode, fcgiwrap, parameters, record,
                     run_cgi)

# --- plain CGI ----------------------------------------------------------------------------------


def journey(ask):
    """Start page, sign-in, registering: over any gateway. ask(method, path, body, cookie)."""
    start = ask("GET", "/")
    assert start.status_code == 200 and "Create Registration" in start.text
    answer = ask("POST", "/sign-in", encode({"login": "ow1", "password": "own-one", "next": "/registrations/new"}))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registrations/new")
    cookie = answer.cookies[0]
    page = Page(ask("GET", "/registrations/new", cookie=cookie).text)
    demo.free("bulk-00112@example.edu")
    fields = FORM | {"address": "bulk-00112@example.edu", "csrf_token": page.value("csrf_token")}
    answer = ask("POST", "/registrations", encode(fields), cookie)
    assert answer.status_code == 303
    assert "bulk-00112@example.edu" in ask("GET", answer.headers["Location"], cookie=cookie).text
    assert ask("POST", "/registrations", encode(fields), cookie).status_code == 422
    assert ask("GET", "/registrations").status_code == 303


def test_plain_cgi():
    def ask(method, path, body=b"", cookie=""):
        return run_cgi(parameters(method, path, body, HTTP_COOKIE=cookie), body)
    journey(ask)


def test_through_fcgiwrap():
    with fcgiwrap() as name:
        def ask(method, path, body=b"", cookie=""):
            return ask_fastcgi(name, parameters(method, path, body, HTTP_COOKIE=cookie, SCRIPT_FILENAME=str(PROGRAM)), body)
        journey(ask)


@pytest.mark.parametrize("length, status", [("5", 400), ("0", 422), ("", 422), ("-1", 413), ("x", 413),
                                            ("99999999999999999999", 413), ("262145", 413)])
def test_length_of_the_body_is_not_as_announced(length, status):
    pairs = dict(parameters("POST", "/sign-in", b"login=x&password=")) | {"CONTENT_LENGTH": length}
    assert run_cgi(list(pairs.items()), b"login=x&password=").status_code == status


def test_head_and_missing_parameters():
    answer = run_cgi(parameters("HEAD", "/"))
    assert (answer.status_code, answer.text) == (200, "")
    for missing in "REQUEST_METHOD", "REQUEST_URI", "REMOTE_ADDR", "CONTENT_LENGTH":
        answer = run_cgi([one for one in parameters() if one[0] != missing])
        assert answer.status_code in (200, 400, 405), missing


# --- a worker that is stuck ---------------------------------------------------------------------

@contextlib.contextmanager
def one_worker(folder):
    """A portal of the test's own whose requests may take a second: its socket's name and its log."""
    config = folder / "appsmtp.xml"
    config.write_text(demo.CONFIG.read_text().replace("</appsmtp>", '<limits request-seconds="1"/></appsmtp>'))
    name = str(folder / "socket")
    with socket.socket(socket.AF_UNIX) as listener, open(folder / "log", "wb") as log:
        listener.bind(name)
        listener.listen(8)
        command = ["multiwatch", "-f", "1", "-t", "5000", "--", PROGRAM, "--config", config]
        with subprocess.Popen(command, stdin=listener, stdout=log, stderr=log) as process:
            try:
                yield name, folder / "log"
            finally:
                process.terminate()


@contextlib.contextmanager
def dripping(connection, data):
    """Sends a byte now and then, until the other side has gone."""
    over = threading.Event()

    def drip():
        with contextlib.suppress(OSError):
            for byte in data:
                connection.send(bytes([byte]))
                if over.wait(0.2):
                    return
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_worker_that_is_stuck_ends_and_the_next_request_is_served(tmp_path):
    body = b"login=" + b"x" * 5000
    with one_worker(tmp_path) as (name, log):
        assert ask_fastcgi(name, parameters()).status_code == 200
        # libfcgi waits for each part of a body by itself: for the whole as long as parts come, even
        # after the answer.
        with begin_fastcgi(name, parameters("POST", "/sign-in?next=private", body)) as stuck, \
                dripping(stuck, record(STDIN, body)):
            assert ask_fastcgi(name, parameters()).status_code == 200
        lines = [line for line in log.read_text().splitlines() if "this worker ends" in line]
        assert len(lines) == 1
        assert "POST /sign-in took more than 6 s" in lines[0] and "private" not in lines[0]


# --- single sign-on -----------------------------------------------------------------------------

@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """A configuration with a front: its file and its secret."""
    folder = tmp_path_factory.mktemp("front")
    secret = secrets.token_hex(24)
    (folder / "front.secret").write_text(secret + "\n")
    (folder / "front.secret").chmod(0o600)
    text = demo.CONFIG.read_text().replace(
        "<sign-in/>", f'<sign-in><front secret-file="{folder}/front.secret" sign-in-url="/sso/login?target="/></sign-in>')
    text = text.replace('filter="(&amp;(objectCategory=person)(objectClass=user)(sAMAccountName=%u))"',
                        r'\g<0> login-scope="example.edu"'.replace(r"\g<0>",
                        'filter="(&amp;(objectCategory=person)(objectClass=user)(sAMAccountName=%u))"'))
    (folder / "appsmtp.xml").write_text(text)
    return folder / "appsmtp.xml", secret


@pytest.fixture
def ask(front):
    """ask(user, path, more parameters): as the front sends a request of this person."""
    config, secret = front

    def ask(user, path="/registrations", method="GET", body=b"", good=secret, extra=(), **more):
        pairs = parameters(method, path, body, config=config, **more)
        if good is not None:
            pairs.append(("PORTAL_FRONT", good))
        if user is not None:
            pairs.append(("PORTAL_USER", user))
        return run_cgi(pairs + list(extra), body)
    return ask


def test_front_signs_in(ask):
    answer = ask("ow1")
    assert answer.status_code == 200 and "Owner One" in answer.text
    assert answer.cookies[0].startswith("appsmtp-session=")
    page = Page(answer.text)
    assert "Sign out" not in page.words


def test_whole_journey_behind_the_front(ask):
    answer = ask("ow1", "/registrations/new")
    cookie = answer.cookies[0]
    fields = FORM | {"address": "bulk-00116@example.edu", "csrf_token": Page(answer.text).value("csrf_token")}
    demo.free("bulk-00116@example.edu")
    answer = ask("ow1", "/registrations", "POST", encode(fields), HTTP_COOKIE=cookie)
    assert answer.status_code == 303
    assert ask("ow1", answer.headers["Location"], HTTP_COOKIE=cookie).status_code == 200
    demo.free("bulk-00116@example.edu")
    assert ask("ow1", "/registrations", "POST", encode(fields)).status_code == 403
    # Another person with that cookie is that other person, and their token is another.
    answer = ask("ow2", "/registrations", HTTP_COOKIE=cookie)
    assert "Owner Two" in answer.text and "Owner One" not in answer.text and answer.cookies
    assert ask("ow2", "/registrations", "POST", encode(fields), HTTP_COOKIE=cookie).status_code == 403


@pytest.mark.parametrize("back, kept", [("ow1", "Kept by the front"), ("ow2", "")])
def test_what_was_typed_is_of_whoever_the_front_forgot(ask, back, kept):
    """The front's own sign-in has ended before the portal's session."""
    answer = ask("ow1", "/registrations/new")
    session = answer.cookies[0]
    fields = FORM | {"address": "bulk-00116@example.edu", "application_name": "Kept by the front",
                     "csrf_token": Page(answer.text).value("csrf_token")}
    answer = ask(None, "/registrations", "POST", encode(fields), HTTP_COOKIE=session)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sso/login?target=")
    [draft] = [one for one in answer.cookies if one.startswith("appsmtp-draft=")]
    answer = ask(back, "/registrations/new", HTTP_COOKIE=f"{session}; {draft}")
    assert answer.status_code == 200 and (Page(answer.text).value("application_name") or "") == kept


def test_the_cookie_alone_is_nobody(ask):
    cookie = ask("ow1").cookies[0]
    answer = ask(None, HTTP_COOKIE=cookie)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sso/login?target=")


def test_nobody_is_sent_to_the_front(ask):
    for user in None, "":
        answer = ask(user, "/registrations/new?address=a%40example.edu")
        assert answer.status_code == 303
        assert answer.headers["Location"] == ("/sso/login?target=" + re.sub("[^A-Za-z0-9._~-]", lambda one: f"%{ord(one[0]):02X}",
                                              f"http://localhost:{demo.PORT}/registrations/new?address=a%40example.edu"))
        assert ask(user, "/").status_code == 200


@pytest.mark.parametrize("good", [None, "", "wrong", "0" * 48])
@pytest.mark.parametrize("path", ["/registrations", "/", "/registrations/new"])
def test_without_the_secret(ask, good, path):
    answer = ask("ow1", path, good=good)
    assert answer.status_code == 500 and "Owner One" not in answer.text and not answer.cookies
    assert "front's parameters" in answer.messages


@pytest.mark.parametrize("extra", [[("PORTAL_USER", "ow2")], [("PORTAL_USER", "ow1")], [("PORTAL_USER", "")],
                                   [("PORTAL_FRONT", "x")], [("PORTAL_FRONT", "")]])
def test_a_parameter_that_comes_twice(ask, extra):
    answer = ask("ow1", extra=extra)
    assert answer.status_code == 500 and not answer.cookies
    answer = ask("ow1", extra=extra[::-1])
    assert answer.status_code == 500


@pytest.mark.parametrize("name", ["REMOTE_USER", "HTTP_PORTAL_USER", "HTTP_REMOTE_USER", "HTTP_PORTAL-USER", "PORTAL_USER_",
                                  "portal_user", "AUTH_USER"])
def test_other_parameters_say_nothing(ask, name):
    assert ask(None, extra=[(name, "ow1")]).status_code == 303
    assert "Owner Two" in ask("ow2", extra=[(name, "ow1")]).text


@pytest.mark.parametrize("user, status", [
    ("ow1@example.edu", 200), ("OW1@Example.EDU", 200), ("OW1", 200), ("ow1@med.example.edu", 403), ("ow1@evil.example", 403),
    ("ow1@example.edu@example.edu", 403), ("ow1;ow2", 403), ("*", 403), ("ow1)(cn=*", 403), ("no-such-person", 403),
    ("of1", 403), (" ow1", 403), ("@example.edu", 403), ("x" * 65, 403), ("ow1\u00e9", 403), ("ga.direct", 403),
])
def test_scope_and_shape_of_a_login(ask, user, status):
    answer = ask(user)
    assert answer.status_code == status
    assert ("Owner One" in answer.text) == (status == 200)
    assert ask(user, "/").status_code == 200


def test_stranger_is_told_so_and_not_sent_round(ask):
    page = Page(ask("no-such-person").text)
    assert "directory does not have your account" in page.words


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_there_is_no_sign_in_of_its_own(ask, method, path):
    for user in "ow1", None:
        assert ask(user, path, method).status_code == 404
