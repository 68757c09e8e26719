# SPDX-License-Identifier: MIT
"""Sign-ins, as their person and the relay team see and end them."""

import re

import pytest

import demo
from browser import Browser, Page, new_address
from gateway import encode, parameters, run_cgi
from people import sessions


def test_one_sees_and_ends_one_s_sign_ins(person):
    x = person()
    here, there = x.browser(), Browser()
    there.http.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    there.sign_in(x.login, "right")
    answer = here.get("/sessions")
    page = Page(answer.text)
    assert "Firefox on Windows" in page.words and there.source in page.words and here.source in page.words
    assert "This browser" in page.words and "30 minutes" in page.words and "12 hours" in page.words
    [path] = re.findall(r'action="(/sessions/[0-9a-f-]{36}/end)"', answer.text)
    assert here.post(path, {"csrf_token": here.token}).headers["Location"] == "/sessions"
    assert there.get("/registrations").status_code == 303
    page = here.page("/sessions")
    assert page.done == ["That sign-in is ended."] and there.source not in page.words
    assert here.post(path, {"csrf_token": here.token}).status_code == 404


def test_one_ends_all_others_and_what_they_are_known_by(person):
    x = person()
    here, *others = [x.browser() for _ in range(4)]
    assert here.post("/sessions/end", {"csrf_token": here.token}).status_code == 303
    assert here.get("/registrations").status_code == 200 and sessions(x) == "1"
    assert {one.get("/registrations").status_code for one in others} == {303}
    assert demo.sql("SELECT count(*) FROM device WHERE login = :'login'", login=x.login) == [["1"]]


def test_nobody_ends_a_foreign_sign_in(person):
    x = person()
    browser = x.browser()
    [[session]] = demo.sql("SELECT id FROM session WHERE person_id = :'id'", id=x.id)
    for login in "nb1", "rl1":
        other = Browser(login)
        assert other.post(f"/sessions/{session}/end", {"csrf_token": other.token}).status_code == 404
        assert x.login not in other.page("/sessions").words
    assert browser.get("/registrations").status_code == 200


def test_the_relay_team_sees_and_ends_sign_ins(person):
    x = person()
    browser = x.browser()
    team, support = Browser("rl1"), Browser("sd1")
    for one in team, support:
        assert browser.source in one.page(f"/operator/sessions?login={x.login.upper()}").words
    fields = {"csrf_token": support.token, "login": x.login}
    assert support.post("/operator/sessions/end", fields).status_code == 403
    answer = team.post("/operator/sessions/end", {"csrf_token": team.token, "login": x.login})
    assert answer.headers["Location"] == "/operator/sessions"
    assert team.page("/operator/sessions").done == [f"1 sign-in of {x.login} ended."]
    assert browser.get("/registrations").status_code == 303
    assert "is signed in" in team.page(f"/operator/sessions?login={x.login}").words


def test_sessions_in_the_shell(person):
    x = person()
    browser = x.browser()
    listed = demo.run("appsmtp-admin", "sessions", x.login)
    assert listed.returncode == 0 and [line.split("\t")[0] for line in listed.stdout.splitlines()] == [x.login]
    assert browser.source in listed.stdout and x.login in demo.run("appsmtp-admin", "sessions").stdout
    ended = demo.run("appsmtp-admin", "sessions", "end", x.login)
    assert (ended.returncode, ended.stdout) == (0, f"1 session of {x.login} ended\n")
    assert browser.get("/registrations").status_code == 303
    assert demo.sql("SELECT count(*) FROM device WHERE login = :'login'", login=x.login) == [["0"]]
    assert demo.run("appsmtp-admin", "sessions", x.login).stdout == ""
    assert demo.run("appsmtp-admin", "sessions", "x", "y").returncode == 64
    assert demo.run("appsmtp-admin", "sessions", "a|b").returncode == 64


# --- how long a sign-in lasts ---------------------------------------------------------------------

@pytest.fixture
def by_month(tmp_path):
    """A configuration by which a sign-in lasts a month."""
    text = demo.CONFIG.read_text()
    assert text.count("<sign-in/>") == 1
    file = tmp_path / "appsmtp.xml"
    file.write_text(text.replace("<sign-in/>", '<sign-in idle-minutes="20000" absolute-hours="720"/>'))
    return file


def sign_in(person, config):
    """The cookies of a browser in which the person has signed in by that configuration."""
    body = encode({"login": person.login, "password": "right"})
    pairs = dict(parameters("POST", "/sign-in", body, config)) | {"REMOTE_ADDR": new_address()}
    answer = run_cgi(list(pairs.items()), body)
    assert answer.status_code == 303
    return "; ".join(answer.cookies)


@pytest.mark.parametrize("idle, lasted, status", [(3, 4, 200), (13, 25, 200), (15, 15, 303), (1, 31, 303)])
def test_a_sign_in_lasts_as_the_configuration_says(person, by_month, idle, lasted, status):
    """Whoever signs in after it sweeps away what is over, and no more."""
    x, y = person(), person()
    cookie = sign_in(x, by_month)
    demo.sql(f"UPDATE session SET used_at = now() - interval '{idle} days', started_at = now() - interval '{lasted} days'"
             " WHERE person_id = :'id'", id=x.id)
    sign_in(y, by_month)
    assert run_cgi(parameters("GET", "/registrations", b"", by_month, HTTP_COOKIE=cookie)).status_code == status
    assert demo.sql("SELECT count(*) FROM session WHERE person_id = :'id'", id=x.id) == [["1"]]


@pytest.mark.parametrize("idle, lasted, rows", [(1, 7, "1"), (1, 8, "0"), (3, 3, "0")])
def test_what_is_over_for_some_days_is_swept_away(person, idle, lasted, rows):
    x, y = person(), person()
    x.browser()
    demo.sql(f"UPDATE session SET used_at = now() - interval '{idle} days', started_at = now() - interval '{lasted} days'"
             " WHERE person_id = :'id'", id=x.id)
    y.browser()
    assert demo.sql("SELECT count(*) FROM session WHERE person_id = :'id'", id=x.id) == [[rows]]
