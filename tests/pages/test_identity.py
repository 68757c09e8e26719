# SPDX-License-Identifier: MIT
"""Who somebody is: a person, by the directory's lasting id, whatever the login is by then."""

import pytest

import demo
from browser import FORM, Browser, Page
from gateway import encode, parameters, run_cgi
from people import Person, sessions


@pytest.fixture
def registration(notices_held):
    """registration(address, owners...): of ow1 and these logins."""
    made = []

    def make(*owners):
        address = f"bulk-{1200 + 4 * len(made):05d}@example.edu"
        made.append(address)
        return Browser("ow1").register(address, owners="\n".join(owners))

    yield make
    demo.free(*made)
    # Nobody is left whom they could reach.
    demo.sql("DELETE FROM notice n USING registration r WHERE r.id = n.registration_id AND n.sent_at IS NULL"
             " AND r.address = ANY (string_to_array(:'addresses', ' '))", addresses=" ".join(made))


def age(person, seconds):
    """As if the directory had said nothing of the person's sessions for so long."""
    demo.sql("UPDATE session SET checked_at = now() - :'seconds' * interval '1 second',"
             " asked_at = now() - :'seconds' * interval '1 second' WHERE person_id = :'id'", seconds=str(seconds), id=person.id)


def owners(identity):
    return demo.sql("SELECT written, coalesce(person_id, '') FROM registration_owner WHERE registration_id = :'id' ORDER BY 1",
                    id=identity)


def sources(identity):
    return demo.sql("SELECT count(*) FROM source WHERE registration_id = :'id'", id=identity)[0][0]


def add_source(browser, identity, network="127.0.0.77/32"):
    return browser.post(f"/registrations/{identity}/sources",
                        {"csrf_token": browser.token, "method": "network", "networks": network})


def sees(browser, identity):
    return browser.get(f"/registrations/{identity}").status_code == 200


def history(identity):
    return demo.sql("SELECT action, login, coalesce(person_id, '') FROM history WHERE registration_id = :'id' ORDER BY id",
                    id=identity)


# --- gone, or switched off, in the middle of a session ----------------------------------------------

GONE = [lambda one: one.switch(False), Person.remove]


@pytest.mark.parametrize("leave", GONE, ids=["disabled", "deleted"])
def test_who_is_gone_changes_nothing(person, registration, leave):
    x = person()
    identity = registration(x.login)
    browser, other = x.browser(), x.browser()
    assert add_source(browser, identity).status_code == 303 and sources(identity) == "2"
    leave(x)
    age(x, 61)
    answer = add_source(browser, identity, "127.0.0.78/32")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    assert sources(identity) == "2" and sessions(x) == "0"
    assert "directory does not have your account" in Page(browser.get(answer.headers["Location"]).text).words
    for one in browser, other:
        assert one.get(f"/registrations/{identity}").status_code == 303


@pytest.mark.parametrize("path, fields", [
    ("owners", {"login": "ow2"}), ("sources", {"method": "network", "networks": "127.0.0.78/32"}), ("edit", {"version": "1"}),
    ("retire", {}), ("confirm", {}), ("owners/ow1/remove", {}), ("join", {}),
])
def test_every_change_asks(person, registration, path, fields):
    x = person()
    identity = registration(x.login)
    before = demo.counts()
    browser = x.browser()
    x.switch(False)
    age(x, 61)
    answer = browser.post(f"/registrations/{identity}/{path}", {"csrf_token": browser.token} | fields)
    assert answer.headers["Location"].startswith("/sign-in?next=") and sessions(x) == "0"
    assert demo.counts() == before


def test_who_is_back_signs_in_anew_and_finds_what_was_typed(person, registration):
    x = person()
    identity = registration(x.login)
    browser = x.browser()
    x.switch(False)
    age(x, 61)
    add_source(browser, identity, "127.0.0.79/32")
    x.switch(True)
    assert browser.get("/registrations").status_code == 303
    answer = browser.sign_in(x.login, "right", next=f"/registrations/{identity}/sources")
    assert Page(browser.get(answer.headers["Location"]).text).value("networks") == "127.0.0.79/32"


@pytest.mark.parametrize("seconds, status", [(200, 200), (301, 303)])
def test_reading_asks_every_five_minutes(person, registration, seconds, status):
    x = person()
    identity = registration(x.login)
    browser = x.browser()
    x.switch(False)
    age(x, seconds)
    assert browser.get(f"/registrations/{identity}").status_code == status
    assert browser.get("/").status_code == 200


def test_an_operator_who_is_gone(person):
    x = person()
    group = "CN=g-relay-operators,ou=Groups,dc=example,dc=edu"
    demo.ldap("ldapmodify", f"dn: {group}\nchangetype: modify\nadd: member\nmember: {x.dn}\n")
    try:
        browser = x.browser()
        assert browser.get("/operator").status_code == 200
        x.switch(False)
        age(x, 61)
        assert browser.get("/operator").headers["Location"].startswith("/sign-in?next=")
    finally:
        demo.ldap("ldapmodify", f"dn: {group}\nchangetype: modify\ndelete: member\nmember: {x.dn}\n")


def test_in_an_outage_nothing_is_changed_and_reading_goes_on(person, registration):
    x = person()
    identity = registration(x.login)
    passed_on = x.login
    browser, leaving = x.browser(), x.browser()
    x.rename(x.login + "-new")
    person(passed_on)
    age(x, 400)
    with demo.stopped("directory"):
        assert sees(browser, identity)
        answer = add_source(browser, identity, "127.0.0.80/32")
        page = Page(answer.text)
        assert answer.status_code == 503 and "Nothing was saved" in page.words and answer.headers["Retry-After"]
        assert f"/registrations/{identity}/sources" in page.links and sources(identity) == "1"
        # Whose row is in the way cannot be asked.
        assert add_owner(identity, passed_on).status_code == 503 and len(owners(identity)) == 2
        # Signing out needs no directory.
        assert leaving.post("/sign-out", {"csrf_token": leaving.token}).headers["Location"] == "/"
    assert leaving.get("/registrations").status_code == 303
    form = lambda: browser.get(f"/registrations/{identity}/sources")
    assert demo.wait_until(lambda: browser.get("/readyz").status_code == 200, 10)
    assert Page(form().text).value("networks") == "127.0.0.80/32"
    assert add_source(browser, identity, "127.0.0.80/32").status_code == 303


# --- another login, and a login of another -----------------------------------------------------------

def test_a_renamed_person_keeps_what_is_theirs(person, registration):
    x = person()
    old, new = x.login, x.login + "-new"
    identity = registration(old)
    browser = x.browser()
    x.rename(new)
    age(x, 61)
    assert add_source(browser, identity).status_code == 303
    assert [new, x.id] in owners(identity) and old not in [one for one, _ in owners(identity)]
    assert history(identity)[-2:] == [["owner renamed", new, x.id], ["source added", new, x.id]]
    assert sees(x.browser(), identity)


def test_a_renamed_person_who_signs_in(person, registration):
    x = person()
    identity = registration(x.login)
    x.rename(x.login + "-new")
    browser = x.browser()
    assert sees(browser, identity) and f"/registrations/{identity}" in browser.page("/registrations").links
    assert [x.login, x.id] in owners(identity)


def test_a_login_that_has_passed_on_inherits_nothing(person, registration):
    x = person()
    login = x.login
    identity = registration(login)
    older = x.browser()
    x.rename(login + "-old")
    y = person(login)
    browser = y.browser()
    assert not sees(browser, identity)
    assert f"/registrations/{identity}" not in browser.page("/registrations").links
    assert add_source(browser, identity).status_code == 404 and sources(identity) == "1"
    # The session of who had the login stays theirs: it is not that of the new holder.
    age(x, 301)
    assert sees(older, identity) and f"Name {x.cn}" in older.get("/").text
    assert sessions(y) == "1"
    assert [login + "-old", x.id] in owners(identity)


def test_roles_are_the_person_s_own_from_the_next_look_on(person):
    """A session goes by its login until then; whoever has that by now may have other roles."""
    x = person()
    login = x.login
    older = x.browser()
    x.rename(login + "-old")
    y = person(login)
    group = "CN=g-relay-operators,ou=Groups,dc=example,dc=edu"
    demo.ldap("ldapmodify", f"dn: {group}\nchangetype: modify\nadd: member\nmember: {y.dn}\n")
    try:
        assert y.browser().get("/operator").status_code == 200
        age(x, 301)
        assert older.get("/operator").status_code == 403
        assert f"Name {x.cn}" in older.get("/").text
    finally:
        demo.ldap("ldapmodify", f"dn: {group}\nchangetype: modify\ndelete: member\nmember: {y.dn}\n")


def test_a_login_of_somebody_who_is_gone_inherits_nothing(person, registration):
    x = person()
    login = x.login
    identity = registration(login)
    older = x.browser()
    x.remove()
    y = person(login)
    assert not sees(y.browser(), identity)
    age(x, 61)
    assert add_source(older, identity).headers["Location"].startswith("/sign-in?next=")
    assert sessions(x) == "0" and sessions(y) == "1" and sources(identity) == "1"


def test_rows_without_an_id_are_taken_for_the_login_s_once(person, registration):
    x = person()
    identity = registration(x.login)
    demo.sql("UPDATE registration_owner SET person_id = NULL WHERE registration_id = :'id'", id=identity)
    assert sees(x.browser(), identity)
    assert [x.login, x.id] in owners(identity)
    login = x.login
    x.rename(login + "-old")
    assert not sees(person(login).browser(), identity)


def test_listed_twice_is_listed_once(person, registration):
    x = person()
    old = x.login
    identity = registration(old)
    x.rename("0" + old)
    demo.sql("INSERT INTO registration_owner (registration_id, login, added_by) VALUES (:'id', :'login', 'test')",
             id=identity, login=x.login)
    assert sees(x.browser(), identity)
    assert [x.login, x.id] in owners(identity) and len(owners(identity)) == 2


# --- adding where an older row stands in the way -----------------------------------------------------

def add_owner(identity, login):
    ow1 = Browser("ow1")
    return ow1.post(f"/registrations/{identity}/owners", {"csrf_token": ow1.token, "login": login})


def test_adding_who_has_the_login_now(person, registration):
    x = person()
    login = x.login
    identity = registration(login)
    x.rename(login + "-old")
    y = person(login)
    assert add_owner(identity, login).status_code == 303
    assert owners(identity)[-2:] == [[login, y.id], [login + "-old", x.id]]
    assert sees(y.browser(), identity) and sees(x.browser(), identity)
    before, after = [demo.sql(f"SELECT {part}::jsonb -> 'owner_ids' ->> :'login' FROM history WHERE registration_id = :'id'"
                              " ORDER BY id DESC LIMIT 1", id=identity, login=login)[0][0] for part in ("before", "after")]
    assert (before, after) == (x.id, y.id)


def test_adding_who_has_the_login_of_somebody_gone(person, registration):
    x = person()
    login = x.login
    identity = registration(login)
    x.remove()
    y = person(login)
    assert add_owner(identity, login).status_code == 303
    assert [login, y.id] in owners(identity) and len(owners(identity)) == 2


def test_adding_after_a_chain_of_logins(person, registration):
    """a is b now, b is c now, and a is somebody new."""
    x, y = person(), person()
    first, second = x.login, y.login
    identity = registration(first, second)
    y.rename(second + "-c")
    x.rename(second)
    z = person(first)
    assert add_owner(identity, first).status_code == 303
    assert sorted(owners(identity)[-3:]) == sorted([[first, z.id], [second, x.id], [second + "-c", y.id]])


def test_adding_who_is_listed_under_an_older_login(person, registration):
    x = person()
    identity = registration(x.login)
    x.rename(x.login + "-new")
    answer = add_owner(identity, x.login)
    assert answer.status_code == 303 and len(owners(identity)) == 2


def test_a_last_owner_who_is_gone_is_replaced(person, registration):
    """Who has a role on the account joins, though the only owner listed had their login."""
    x = person("x-last")
    identity = registration(x.login)
    demo.sql("DELETE FROM registration_owner WHERE registration_id = :'id' AND login = 'ow1'", id=identity)
    demo.sql("UPDATE registration_owner SET login = 'ow1' WHERE registration_id = :'id'", id=identity)
    x.remove()
    ow1 = Browser("ow1")
    assert ow1.post(f"/registrations/{identity}/join", {"csrf_token": ow1.token}).status_code == 303
    assert owners(identity) == [["ow1", demo.person_of("ow1")[0]]]


# --- behind single sign-on ---------------------------------------------------------------------------

@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """front(login, path, more): as a front sends a request of this login; its answer."""
    folder = tmp_path_factory.mktemp("front")
    (folder / "front.secret").write_text("of the front\n")
    (folder / "front.secret").chmod(0o600)
    (folder / "appsmtp.xml").write_text(demo.CONFIG.read_text().replace(
        "<sign-in/>", f'<sign-in><front secret-file="{folder}/front.secret" sign-in-url="/sso?target="/></sign-in>'))

    def ask(login, path="/registrations", method="GET", body=b"", cookie=""):
        pairs = parameters(method, path, body, config=folder / "appsmtp.xml", PORTAL_FRONT="of the front", PORTAL_USER=login,
                           HTTP_COOKIE=cookie)
        return run_cgi(pairs, body)
    return ask


def token_of(answer):
    return Page(answer.text).value("csrf_token")


def test_front_with_a_renamed_person(person, registration, front):
    x = person()
    old = x.login
    identity = registration(old)
    cookie = front(old).cookies[0]
    x.rename(old + "-new")
    assert front(x.login, f"/registrations/{identity}", cookie=cookie).status_code == 200
    assert [x.login, x.id] in owners(identity)


def test_front_with_a_login_that_has_passed_on(person, registration, front):
    x = person()
    login = x.login
    identity = registration(login)
    answer = front(login)
    cookie, token = answer.cookies[0], token_of(answer)
    x.rename(login + "-old")
    y = person(login)
    age(x, 61)
    body = encode({"csrf_token": token, "method": "network", "networks": "127.0.0.81/32"})
    answer = front(login, f"/registrations/{identity}/sources", "POST", body, cookie)
    assert answer.status_code == 403 and sources(identity) == "1"
    assert front(login, f"/registrations/{identity}", cookie=answer.cookies[0]).status_code == 404
    assert sessions(y) != "0"


def test_front_with_somebody_switched_off(person, registration, front):
    x = person()
    identity = registration(x.login)
    answer = front(x.login, f"/registrations/{identity}")
    cookie, token = answer.cookies[0], token_of(answer)
    x.switch(False)
    age(x, 61)
    answer = front(x.login, f"/registrations/{identity}/confirm", "POST", encode({"csrf_token": token}), cookie)
    assert answer.status_code == 403 and "does not have your account" in Page(answer.text).words
    assert sessions(x) == "0"


# --- drafts and messages -----------------------------------------------------------------------------

NEW = "/registrations/new"


def typed(browser, note):
    return browser.submit("bulk-00120@example.edu", csrf_token="x", note=note)


def shown(browser):
    return browser.page(NEW).value("note")


def end_idle(browser):
    """As if the browser had not been used for long."""
    demo.sql("UPDATE session SET used_at = now() - interval '31 minutes' WHERE csrf_token = :'token'", token=browser.token)


@pytest.mark.parametrize("end", [
    end_idle,
    lambda one: demo.sql("UPDATE session SET ended_at = now() WHERE csrf_token = :'token'", token=one.token),
], ids=["idle", "ended elsewhere"])
def test_what_one_has_typed_is_nobody_else_s(person, end):
    x = person()
    browser = x.browser()
    end(browser)
    assert typed(browser, "of x alone").status_code == 303
    browser.sign_in("ow2")
    assert shown(browser) == ""
    browser.sign_in(x.login, "right")
    assert shown(browser) == ""


def test_what_one_has_typed_is_there_again(person):
    x = person()
    browser = x.browser()
    end_idle(browser)
    typed(browser, "of x alone")
    browser.sign_in(x.login, "right")
    assert shown(browser) == "of x alone" and shown(browser) == ""


def test_what_nobody_has_typed_is_of_who_signs_in_first(stranger):
    typed(stranger, "of the browser")
    stranger.sign_in("ow1")
    stranger.sign_in("ow2")
    assert shown(stranger) == ""
    stranger.sign_in("ow1")
    assert shown(stranger) == ""


def test_signing_out_drops_it(stranger):
    typed(stranger, "of the browser")
    stranger.sign_in("ow1")
    stranger.post("/sign-out", {"csrf_token": stranger.token})
    assert "of the browser" not in demo.dump()
    stranger.sign_in("ow1")
    assert shown(stranger) == ""


@pytest.mark.parametrize("address, status", [
    ("2001:db8:5:6:ffff::1", 429), ("2001:db8:5:7::1", 303), ("192.0.2.61", 429), ("192.0.2.62", 303),
])
def test_forms_of_nobody_are_counted_by_network(address, status):
    """Addresses of one /64 of IPv6 are one client's; those of IPv4 each its own."""
    demo.sql("INSERT INTO draft (token_sha256, path, fields, address, network)"
             " SELECT sha256((network || ' ' || n)::bytea), '/registrations/new', '{}', host(network)::inet, network"
             " FROM generate_series(1, 50) n, (VALUES ('2001:db8:5:6::/64'::cidr), ('192.0.2.61')) one (network)")
    body = encode(FORM | {"address": "bulk-00120@example.edu", "csrf_token": "x"})
    pairs = dict(parameters("POST", "/registrations", body)) | {"REMOTE_ADDR": address}
    assert run_cgi(list(pairs.items()), body).status_code == status
    demo.sql("DELETE FROM draft WHERE network << '2001:db8:5::/48' OR network << '192.0.2.0/24'")


def test_strangers_are_in_nobody_s_way():
    """50 forms of nobody at an address: the next one is not kept, and that is all."""
    stranger = Browser()
    for _ in range(50):
        assert typed(stranger, "x").status_code == 303
    assert typed(stranger, "x").status_code == 429
    ow1 = Browser("ow1", source=stranger.source)
    identity = ow1.register("bulk-00128@example.edu", networks="127.0.0.84/32")
    assert "registered" in ow1.page(f"/registrations/{identity}").words
    add_source(ow1, identity, "127.0.0.85/32")
    assert ow1.page(f"/registrations/{identity}").done
    end_idle(ow1)
    assert typed(ow1, "of ow1").status_code == 303
    demo.sql("DELETE FROM draft WHERE address = :'address'", address=stranger.source)
