# SPDX-License-Identifier: MIT
"""Pages by themselves: status, headers, sign-in, sessions, tokens, methods, what nobody may see."""

import re
import uuid

import pytest

import demo
from browser import BASE, FORM, Browser, Page

UNKNOWN = str(uuid.UUID(int=5, version=4))


def test_start_needs_no_sign_in(stranger):
    answer = stranger.get("/")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "/registrations/new" in page.links and "/registrations" in page.links
    assert "Create Registration" in page.words and "Your registrations" in page.words


@pytest.mark.parametrize("path, next_path", [
    ("/registrations", "%2Fregistrations"),
    ("/registrations/new", "%2Fregistrations%2Fnew"),
    ("/registrations/new?address=bulk-00004%40example.edu",
     "%2Fregistrations%2Fnew%3Faddress%3Dbulk-00004%2540example.edu"),
    (f"/registrations/{UNKNOWN}", f"%2Fregistrations%2F{UNKNOWN}"),
    (f"/registrations/{UNKNOWN}/history", f"%2Fregistrations%2F{UNKNOWN}%2Fhistory"),
])
def test_page_of_a_person_leads_to_sign_in(stranger, path, next_path):
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={next_path}"


def test_query_survives_the_sign_in(stranger):
    stranger.get("/registrations/new?address=bulk-00004%40example.edu")
    answer = stranger.sign_in("ow1", next="/registrations/new?address=bulk-00004%40example.edu")
    assert Page(stranger.get(answer.headers["Location"]).text).value("address") == "bulk-00004@example.edu"


# --- sign-in ---------------------------------------------------------------------------------

def test_sign_in_and_on(stranger):
    page = Page(stranger.get("/sign-in?next=%2Fregistrations%2Fnew").text)
    assert page.value("next") == "/registrations/new"
    answer = stranger.sign_in("ow1", next=page.value("next"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registrations/new")
    page = stranger.page("/registrations/new")
    assert "Owner One" in page.words and "Sign out" in page.words


def test_login_in_another_case(stranger):
    assert stranger.sign_in("OW1", "own-one").status_code == 303
    assert stranger.page("/registrations").words.count("Owner One") == 1


@pytest.mark.parametrize("login, password", [
    ("ow1", "wrong"), ("ow1", "own-one "), ("ow1", " own-one"), ("ow1", "OWN-ONE"), ("no-such-person", "x"),
    ("ow1)(cn=x", "own-one"), ("of1", "wrong"), ("ow1é", "own-one"), ("direct", "x"), ("ga.direct", "x"), ("ow1 x", "x"),
])
def test_wrong_sign_in_says_the_same(login, password):
    demo.sql("DELETE FROM sign_in_failure")
    answers = [Browser().sign_in(*pair) for pair in ((login, password), ("nobody-at-all", "x"))]
    texts = [Page(a.text).codes_at_fields() for a in answers]
    assert [a.status_code for a in answers] == [422, 422]
    assert texts[0] == texts[1] and list(texts[0]) == ["login"]
    assert not any("appsmtp-session" in a.headers.get("Set-Cookie", "") for a in answers)


@pytest.mark.parametrize("login, password, field", [
    ("", "own-one", "login"), ("  ", "own-one", "login"), ("ow1", "", "password"), ("", "", "login"),
])
def test_empty_sign_in(stranger, login, password, field):
    answer = stranger.sign_in(login, password)
    page = Page(answer.text)
    assert answer.status_code == 422 and [one[0] for one in page.summary] == [field]
    assert page.value("login") == login and page.value("password") == ""


def test_password_is_never_sent_back(stranger):
    assert "s3cret-typo" not in stranger.sign_in("nb1", "s3cret-typo").text
    assert "s3cret-typo" not in demo.logs() and "s3cret-typo" not in demo.dump()


@pytest.mark.parametrize("where", [
    "//evil.example", "/\\evil.example", "\\evil.example", "https://evil.example/", "https:evil.example",
    "/\t/evil.example", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", "evil.example", " //evil.example",
    "/%0d%0aX: y\n", "", "/\u00e9", "///evil.example", "@evil.example",
])
def test_next_stays_here(stranger, where):
    answer = stranger.sign_in("ow1", next=where)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registrations")
    assert "a=b" not in answer.headers.get("Set-Cookie", "")


# --- sessions ------------------------------------------------------------------------------------

def cookie(browser):
    return browser.http.cookies.get("appsmtp-session")


def replay(token):
    return Browser().get("/registrations", headers={"Cookie": f"appsmtp-session={token}"}).status_code


def test_cookie_flags(stranger):
    line = stranger.sign_in("ow1").headers["Set-Cookie"]
    parts = {part.strip().split("=")[0].lower() for part in line.split(";")[1:]}
    assert {"httponly", "samesite", "path"} <= parts and "domain" not in parts
    assert "SameSite=Lax" in line and "Path=/" in line
    assert re.fullmatch(r"[0-9A-Za-z_-]{43,}|[0-9a-f]{64}", cookie(stranger))


def test_sign_in_rotates_the_session(stranger):
    stranger.sign_in("ow1")
    first = cookie(stranger)
    stranger.sign_in("ow1")
    assert cookie(stranger) != first
    assert (replay(first), replay(cookie(stranger))) == (303, 200)


def test_a_session_cannot_be_fixed(stranger):
    chosen = "0" * 64
    answer = stranger.post("/sign-in", {"login": "ow1", "password": "own-one"},
                           headers={"Cookie": f"appsmtp-session={chosen}"})
    assert answer.status_code == 303 and chosen not in answer.headers["Set-Cookie"]
    assert replay(chosen) == 303


def test_sign_out_ends_the_session_on_the_server(stranger):
    stranger.sign_in("ow1")
    token = cookie(stranger)
    answer = stranger.post("/sign-out", {"csrf_token": stranger.token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert replay(token) == 303


def test_sign_out_asks_for_the_token(ow1):
    assert ow1.post("/sign-out", {}).status_code == 403
    assert ow1.get("/sign-out").status_code == 405
    assert ow1.get("/registrations").status_code == 200


@pytest.mark.parametrize("column, age, status", [
    ("used_at", "29 minutes", 200), ("used_at", "31 minutes", 303),
    ("started_at", "11 hours 59 minutes", 200), ("started_at", "12 hours 1 minute", 303),
])
def test_session_limits(ow1, column, age, status):
    demo.sql(f"UPDATE session SET {column} = now() - interval '{age}' WHERE csrf_token = :'token'", token=ow1.token)
    assert ow1.get("/registrations").status_code == status


def test_the_session_is_nowhere_but_in_the_cookie(stranger):
    stranger.sign_in("ow1")
    for path in "/", "/registrations", "/registrations/new":
        assert cookie(stranger) not in stranger.get(path).text
    assert cookie(stranger) not in demo.dump() and cookie(stranger) not in demo.logs()


def test_odd_cookies(stranger):
    for value in "", "'", "x" * 4000, "\\x00", "a; b", "=" * 100, "%00":
        answer = stranger.get("/registrations", headers={"Cookie": f"appsmtp-session={value}; ;=;a"})
        assert answer.status_code == 303, value


# --- tokens and foreign pages -------------------------------------------------------------------

@pytest.mark.parametrize("token", [None, "", "x", "0" * 64])
def test_wrong_token(ow1, unchanged, token):
    answer = ow1.submit("bulk-00008@example.edu", csrf_token=token)
    assert answer.status_code == 403
    assert "Nothing was changed" in Page(answer.text).words


def test_token_of_another_sign_in(ow1, unchanged):
    other = Browser("ow1")
    assert ow1.submit("bulk-00008@example.edu", csrf_token=other.token).status_code == 403
    assert ow1.submit("bulk-00008@example.edu", csrf_token=ow1.token[:-1]).status_code == 403
    assert ow1.submit("bulk-00008@example.edu", csrf_token=ow1.token + "0").status_code == 403


def test_form_of_an_earlier_sign_in_is_kept(ow1, unchanged):
    """Signed in again in another tab: the first tab's form is there as it was, and can be sent."""
    answer = ow1.submit("bulk-00008@example.edu", csrf_token=Browser("ow1").token, note="Typed before")
    assert answer.status_code == 403 and "what you typed is kept" in Page(answer.text).words
    [path] = [link for link in Page(answer.text).links if link.startswith("/registrations/new")]
    again = Page(ow1.get(path).text)
    assert again.fields["address"] == ["bulk-00008@example.edu"] and again.fields["note"] == ["Typed before"]
    assert "Typed before" not in ow1.get(path).text


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "what is that"},
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": BASE + ".evil.example"}, {"Origin": "localhost"},
    {"Origin": BASE.replace("8", "9") + "0"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": BASE, "Sec-Fetch-Site": "cross-site"}, {"Origin": ""}, {"Referer": "https://evil.example/form"},
]
OWN = [
    {}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": BASE}, {"Referer": BASE + "/sign-in"},
    {"Origin": BASE.upper(), "Sec-Fetch-Site": "same-origin"}, {"Origin": BASE, "Referer": "https://evil.example/"},
]


@pytest.mark.parametrize("header", FOREIGN, ids=str)
def test_post_of_a_foreign_page(ow1, unchanged, header):
    assert ow1.post("/registrations", FORM | {"csrf_token": ow1.token}, headers=header).status_code == 403
    assert ow1.post("/sign-out", {"csrf_token": ow1.token}, headers=header).status_code == 403
    assert ow1.post("/check", {"sender": "direct@example.edu", "client": "127.0.0.1"}, headers=header).status_code == 403
    answer = Browser().post("/sign-in", {"login": "ow1", "password": "own-one"}, headers=header)
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    # Nor does it fill a form in that somebody signs in to later.
    answer = Browser().post("/registrations", FORM, headers=header)
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert ow1.get("/registrations", headers=header).status_code == 200


@pytest.mark.parametrize("header", OWN, ids=str)
def test_post_of_an_own_page(ow1, header):
    answer = ow1.post("/registrations", FORM | {"csrf_token": ow1.token}, headers=header)
    assert answer.status_code == 422


def test_a_forwarded_port_is_the_same_site():
    header = {"Origin": "http://forwarded.example:9", "Host": "forwarded.example:9"}
    assert Browser().post("/sign-in", {"login": "ow1", "password": ""}, headers=header).status_code == 422


def test_no_other_origin_may_read(ow1):
    answer = ow1.get("/registrations", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# --- requests that are none ---------------------------------------------------------------------

@pytest.mark.parametrize("method, path, allow", [
    ("POST", "/", "GET"), ("PUT", "/registrations", "GET, POST"), ("DELETE", "/registrations", "GET, POST"),
    ("PATCH", "/sign-in", "GET, POST"), ("GET", "/sign-out", "POST"), ("POST", "/registrations/new", "GET"),
    ("OPTIONS", "/registrations", "GET, POST"), ("POST", "/healthz", "GET"),
    ("DELETE", f"/registrations/{UNKNOWN}", "GET"),
])
def test_wrong_method(ow1, unchanged, method, path, allow):
    answer = ow1.request(method, path)
    assert answer.status_code == 405
    assert set(re.split(", *", answer.headers["Allow"])) - {"HEAD"} == set(allow.split(", "))


def test_nobody_and_nothing_look_the_same(ow1):
    """What is foreign, what does not exist and what cannot exist: one answer."""
    foreign = ow1.register("bulk-00012@example.edu")
    for ending in "", "/history":
        paths = [f"/registrations/{one}{ending}" for one in
                 (foreign, UNKNOWN, "1", "0", "-1", "9223372036854775808", "x" * 36, foreign[:-1], foreign + "0",
                  foreign.replace("-", ""), "%00", "..%2f..%2f", "'", foreign + "%20")]
        answers = {path: Browser("nb1", source="127.9.9.9").get(path) for path in paths}
        for path, answer in answers.items():
            if re.fullmatch("[0-9]{3}", str(answer.status_code)) and "%00" not in path and "%2f" not in path:
                assert answer.status_code == 404, path
        page = normal(answers[paths[0]].text)
        for path, answer in answers.items():
            if answer.status_code == 404:
                assert normal(answer.text) == page, path
        assert foreign not in page
    assert ow1.get(f"/registrations/{foreign}").status_code == 200


def normal(text):
    """Without the token, which is another in every session."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def test_not_found_and_refused_pages_know_who_is_signed_in(ow1):
    for answer in (ow1.get("/no-such-page"), ow1.get("/sign-out"), ow1.get("/registrations?x=1"),
                   ow1.post("/registrations", "x" * 300000)):
        assert answer.status_code in (404, 405, 400, 413)
        assert "Owner One" in answer.text or "ow1" in Page(answer.text).words, answer.status_code


@pytest.mark.parametrize("path", ["/registrations/../etc/passwd", "/%2e%2e/", "//", "/registrations/", "/Registrations",
                                  "/registrations/new/", "/.git/config", "/static/", "/static/../appsmtp.xml"])
def test_paths_that_are_none(ow1, path):
    prepared = ow1.http.prepare_request(__import__("requests").Request("GET", BASE + "/"))
    prepared.url = BASE + path
    answer = ow1.http.send(prepared, allow_redirects=False, timeout=30)
    assert answer.status_code in (400, 403, 404), path


@pytest.mark.parametrize("data", [
    {"address": "a@example.edu", "state": "live"},
    {"owner_id": "1"},
    [("address", "a@example.edu"), ("address", "b@example.edu")],
    [("method", "network"), ("method", "hostname")],
    "address=%00",
    "address=%ff",
    "%GG=1&=",
])
def test_fields_that_the_form_does_not_have(ow1, unchanged, data):
    if isinstance(data, dict):
        data = data | {"csrf_token": ow1.token}
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if isinstance(data, str) else {}
    answer = ow1.post("/registrations", data, headers=headers)
    assert answer.status_code == 400


def test_bodies_that_are_no_forms(ow1, unchanged):
    for kind in "application/json", "text/plain", "", "multipart/form-data", "multipart/form-data; boundary=":
        answer = ow1.post("/registrations", b'{"address": "a@example.edu"}', headers={"Content-Type": kind})
        assert answer.status_code in (400, 403), kind


@pytest.mark.parametrize("size, status", [(256 * 1024, 422), (256 * 1024 + 1, 413), (900_000, 413), (3_000_000, 413)])
def test_size_of_a_body(ow1, unchanged, size, status):
    start = f"csrf_token={ow1.token}&note=".encode()
    answer = ow1.post("/registrations", start + b"x" * (size - len(start)),
                      headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == status


def test_head_is_get_without_a_body(ow1):
    for path in "/", "/registrations", "/registrations/new", "/healthz", "/no-such-page":
        head, got = ow1.request("HEAD", path), ow1.get(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_get_changes_nothing(ow1, unchanged):
    for path in "/", "/sign-in", "/registrations", "/registrations/new", "/my-address", "/healthz", "/readyz":
        for method in "GET", "HEAD", "OPTIONS":
            ow1.request(method, path)


def test_my_address(stranger):
    answer = stranger.get("/my-address", headers={"X-Forwarded-For": "10.9.9.9", "X-Real-IP": "10.9.9.9"})
    assert answer.text == stranger.source + "\n"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_identity_comes_from_no_header(stranger):
    for name in "Remote-User", "Remote_User", "X-Remote-User", "Portal-User", "Portal_User", "Portal-Front":
        answer = stranger.get("/registrations", headers={name: "ow1", "Authorization": "Basic b3cxOng="})
        assert answer.status_code == 303, name


def test_alive_and_ready(stranger):
    assert (stranger.get("/healthz").status_code, stranger.get("/readyz").status_code) == (200, 200)


HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
           "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def test_headers_of_every_status(ow1, stranger):
    answers = [stranger.get("/"), stranger.get("/registrations"), ow1.get("/registrations"), ow1.get("/no-such-page"),
               ow1.get("/sign-out"), ow1.post("/registrations", {}), ow1.submit("x"), ow1.get("/?x=1"),
               ow1.post("/registrations", "x" * 300000), ow1.post("/registrations", "x" * 3000000),
               ow1.get("/%"), ow1.get("/my-address")]
    assert {a.status_code for a in answers} >= {200, 303, 400, 403, 404, 405, 413, 422}
    for answer in answers:
        for name, value in HEADERS.items():
            # nginx itself refuses some requests before it has chosen a server.
            assert value in answer.headers.get(name, ""), (answer.request.url, answer.status_code, name)
            assert answer.headers[name].count(value) == 1
        assert "charset=utf-8" in answer.headers["Content-Type"] or answer.status_code == 400


@pytest.mark.parametrize("path, times", [("/", 1), ("/help", 2), ("/help/sending-addresses", 2), ("/accessibility", 2)])
def test_the_help_desk_is_a_link(stranger, path, times):
    assert stranger.page(path).links.count("mailto:help@example.edu") == times


def test_style_sheet_is_there(stranger):
    answer = stranger.get("/static/portal.css")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/css")
    assert "max-age" in answer.headers["Cache-Control"]
