# SPDX-License-Identifier: MIT
"""Signing in: what the directory says in words, and how often somebody may try.

A login's failed sign-ins are counted in all: each test has a login of its own.
"""

import concurrent.futures
import itertools
import re

import pytest

import demo
from browser import Browser, Page, new_address
from gateway import encode, parameters, run_cgi

# As <sign-in> has them by default.
PAIR, ACCOUNT, NETWORK, MINUTES = 4, 8, 100, 30
STRANGERS = ACCOUNT - ACCOUNT // 4

LOG = demo.DIR / "log/portal.log"
BEGUN = {}  # login: where the log ended before the test

logins = (f"p{number}" for number in itertools.count(1200))


@pytest.fixture
def login():
    """One of the sample's people, who has a password now; nobody has tried it yet."""
    one = next(logins)
    demo.ldap("ldapmodify", f"dn: CN={one},ou=People,dc=example,dc=edu\nchangetype: modify\n"
              f"replace: userPassword\nuserPassword: right-{one}\n")
    demo.sql("DELETE FROM sign_in_failure WHERE login = :'login'; DELETE FROM device WHERE login = :'login'", login=one)
    BEGUN[one] = LOG.stat().st_size
    return one


def fail(browser, login):
    return browser.sign_in(login, "wrong").status_code


def succeed(browser, login):
    return browser.sign_in(login, f"right-{login}").status_code


def binds(login):
    """Failed binds of the login that the directory has seen since the test began: the portal tells each."""
    with LOG.open(errors="replace") as log:
        log.seek(BEGUN[login])
        return len(re.findall(rf"failed sign-in of {login} from .*: wrong password", log.read()))


def known_browser(login):
    browser = Browser()
    assert succeed(browser, login) == 303
    return browser


# --- what the directory says ----------------------------------------------------------------------

@pytest.mark.parametrize("login, password, field, text", [
    ("pe1", "old", "password", "has expired"), ("mc1", "first", "password", "change first"),
    ("ae1", "over", "login", "account has expired"), ("lk1", "tries", "login", "is locked"),
    ("sw1", "off", "login", "is switched off"), ("of1", "off", "login", "is switched off"),
    ("nn1", "night", "login", "at this time"), ("tw1", "twin", "login", "more than one entry"),
    ("ow1@elsewhere.example", "own-one", "login", "without a domain"), ("a|b", "x", "login", "without a domain"),
])
def test_reasons_are_told_and_are_no_failures(login, password, field, text):
    demo.sql("DELETE FROM sign_in_failure WHERE login = :'login'", login=login)
    browser = Browser()
    for _ in range(PAIR + 2):
        answer = browser.sign_in(login, password)
        assert answer.status_code == 422
        page = Page(answer.text)
        assert [one[0] for one in page.summary] == [field] and text in page.summary[0][1]
        assert page.value("password") == ""
        assert "appsmtp-session" not in answer.headers.get("Set-Cookie", "")
    assert demo.sql("SELECT count(*) FROM sign_in_failure WHERE login = :'login'", login=login) == [["0"]]


def test_a_wrong_password_tells_nothing_of_an_account_that_is_off():
    texts = [Page(Browser().sign_in(login, "wrong").text).summary for login in ("of1", "nobody-at-all")]
    assert texts[0] == texts[1]


# --- the pair of login and network ----------------------------------------------------------------

def test_pair(login):
    browser = Browser()
    assert [fail(browser, login) for _ in range(PAIR)] == [422] * PAIR
    answer = browser.sign_in(f" {login.upper()} ", f"right-{login}")
    assert answer.status_code == 429
    page = Page(answer.text)
    assert f"Wait {MINUTES} minutes" in page.summary[0][1] and page.value("login").strip() == login.upper()
    assert (MINUTES - 1) * 60 <= int(answer.headers["Retry-After"]) <= MINUTES * 60
    assert binds(login) == PAIR
    assert succeed(Browser(), login) == 303


def test_what_is_refused_is_not_counted_and_time_ends_it(login):
    browser = Browser()
    for _ in range(PAIR + 6):
        fail(browser, login)
    assert demo.sql("SELECT count(*) FROM sign_in_failure WHERE login = :'login'", login=login) == [[str(PAIR)]]
    pass_time(login, MINUTES - 1)
    assert fail(browser, login) == 429
    pass_time(login, 1)
    assert [fail(browser, login) for _ in range(PAIR + 1)] == [422] * PAIR + [429]


def pass_time(login, minutes):
    demo.sql(f"UPDATE sign_in_failure SET at = at - interval '{minutes} minutes' WHERE login = :'login'", login=login)


@pytest.mark.parametrize("minutes", [4, 20, 29])
def test_no_account_is_locked_by_one_try_a_while(login, minutes):
    """Active Directory forgets failures when none follows within its window, not one by one."""
    counted = most = quiet = 0
    for _ in range(40):
        if fail(Browser(), login) == 422:
            counted, quiet = (counted if quiet <= MINUTES else 0) + 1, 0
            most = max(most, counted)
        pass_time(login, minutes)
        quiet += minutes
    assert most == STRANGERS


def test_success_begins_anew(login):
    browser = Browser()
    for _ in range(3):
        assert [fail(browser, login) for _ in range(PAIR - 1)] == [422] * (PAIR - 1)
        assert succeed(browser, login) == 303


def test_good_sign_ins_do_not_count(login):
    browser = Browser()
    assert [succeed(browser, login) for _ in range(12)] == [303] * 12


def test_failures_of_others_at_one_address(login):
    """A university behind one address: 60 others have mistyped, and who types right comes in."""
    address = new_address()
    demo.sql("INSERT INTO sign_in_failure (login, address, network) SELECT 'other' || n, :'address', :'address'::cidr"
             " FROM generate_series(1, 60) n", address=address)
    assert succeed(Browser(source=address), login) == 303
    demo.sql("DELETE FROM sign_in_failure WHERE address = :'address'", address=address)


def cgi(login, password, address, cookie=""):
    """From any address."""
    body = encode({"login": login, "password": password})
    pairs = dict(parameters("POST", "/sign-in", body, HTTP_COOKIE=cookie)) | {"REMOTE_ADDR": address}
    return run_cgi(list(pairs.items()), body)


@pytest.mark.parametrize("address, other, counted", [
    ("2001:db8:1:2::{}", "2001:db8:1:2:ffff::1", True), ("2001:db8:1:2::{}", "2001:db8:1:3::1", False),
    ("192.0.2.7", "192.0.2.8", False), ("::ffff:192.0.2.7", "192.0.2.7", True), ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
])
def test_what_one_client_is(login, address, other, counted):
    for number in range(1, PAIR + 1):
        assert cgi(login, "wrong", address.format(number)).status_code == 422
    assert cgi(login, "wrong", other).status_code == (429 if counted else 422)


# --- the account in all ---------------------------------------------------------------------------

def test_no_account_is_locked_from_many_addresses(login):
    answers = [fail(Browser(), login) for _ in range(3 * ACCOUNT)]
    assert answers == [422] * STRANGERS + [429] * (3 * ACCOUNT - STRANGERS)
    assert binds(login) == STRANGERS < 10


def test_nor_by_many_at_the_same_moment(login):
    browsers = [Browser() for _ in range(24)]
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda one: fail(one, login), browsers))
    assert set(answers) <= {422, 429} and binds(login) == answers.count(422) <= STRANGERS


def test_an_absent_login_is_treated_alike():
    login = "absent-from-here"
    demo.sql("DELETE FROM sign_in_failure WHERE login = :'login'", login=login)
    answers = [fail(Browser(), login) for _ in range(STRANGERS + 2)]
    assert answers == [422] * STRANGERS + [429] * 2


def test_strangers_keep_nobody_out_of_a_browser_of_theirs(login):
    own = known_browser(login)
    while fail(Browser(), login) == 422:
        pass
    assert succeed(Browser(), login) == 429
    assert fail(own, login) == 422 and succeed(own, login) == 303
    assert fail(own, login) == 422 and succeed(own, login) == 303


def test_a_known_browser_has_a_budget_too(login):
    own = known_browser(login)
    while fail(Browser(), login) == 422:
        pass
    answers = [fail(own, login) for _ in range(PAIR + 2)]
    assert answers == [422] * (ACCOUNT - STRANGERS) + [429] * (PAIR + 2 - ACCOUNT + STRANGERS)
    assert binds(login) == ACCOUNT


def test_a_known_browser_alone_may_fail_as_often_as_an_address(login):
    own = known_browser(login)
    assert [fail(own, login) for _ in range(PAIR + 1)] == [422] * PAIR + [429]


# --- browsers that are known ----------------------------------------------------------------------

def device(browser):
    return browser.http.cookies.get("appsmtp-device")


def test_the_browser_is_known_by_a_cookie_of_a_year(login):
    browser = Browser()
    lines = browser.sign_in(login, f"right-{login}").headers["Set-Cookie"]
    assert re.search(r"appsmtp-device=[^;]+; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000", lines)
    assert device(browser) not in demo.dump() and device(browser) not in demo.logs()
    browser.post("/sign-out", {"csrf_token": browser.token})
    assert device(browser)


def test_a_browser_is_known_for_who_has_signed_in_with_it(login):
    """Somebody else's browser is a stranger's for this login."""
    other = next(logins)
    demo.ldap("ldapmodify", f"dn: CN={other},ou=People,dc=example,dc=edu\nchangetype: modify\n"
              f"replace: userPassword\nuserPassword: right-{other}\n")
    browser = known_browser(other)
    while fail(Browser(), login) == 422:
        pass
    assert succeed(browser, login) == 429 and succeed(browser, other) == 303


def test_one_browser_of_several_people(login):
    browser = Browser()
    assert succeed(browser, login) == 303 and browser.sign_in("zo9").status_code == 303
    while fail(Browser(), login) == 422:
        pass
    assert succeed(browser, login) == 303


def test_a_planted_cookie_is_worth_nothing(login):
    """Who puts a cookie into somebody's browser does not learn the one that it has after signing in."""
    for planted in "0" * 64, device(known_browser(next(logins_with_password()))):
        browser = Browser()
        browser.http.cookies.set("appsmtp-device", planted, domain="localhost.local", path="/")
        assert succeed(browser, login) == 303
        demo.sql("DELETE FROM sign_in_failure WHERE login = :'login'", login=login)
        while fail(Browser(), login) == 422:
            pass
        assert cgi(login, f"right-{login}", new_address(), f"appsmtp-device={planted}").status_code == 429
        demo.sql("DELETE FROM sign_in_failure WHERE login = :'login'", login=login)


def logins_with_password():
    for one in logins:
        demo.ldap("ldapmodify", f"dn: CN={one},ou=People,dc=example,dc=edu\nchangetype: modify\n"
                  f"replace: userPassword\nuserPassword: right-{one}\n")
        yield one


def test_a_year_later_it_is_forgotten(login):
    own = known_browser(login)
    demo.sql("UPDATE device SET used_at = now() - interval '366 days' WHERE login = :'login'", login=login)
    while fail(Browser(), login) == 422:
        pass
    assert succeed(own, login) == 429


# --- many logins from one network -----------------------------------------------------------------

@pytest.fixture
def spraying():
    """An address from which as many logins were tried as may be."""
    address = new_address()
    demo.sql("INSERT INTO sign_in_failure (login, address, network) SELECT 'sprayed' || n, :'address', :'address'::cidr"
             f" FROM generate_series(1, {NETWORK}) n", address=address)
    yield address
    demo.sql("DELETE FROM sign_in_failure WHERE login LIKE 'sprayed%'")


def test_spraying_ends(login, spraying):
    assert fail(Browser(source=spraying), login) == 429
    assert binds(login) == 0


def test_who_is_known_there_comes_in_all_the_same(login, spraying):
    demo.sql("DELETE FROM sign_in_failure WHERE login LIKE 'sprayed%'")
    own = Browser(source=spraying)
    assert succeed(own, login) == 303
    demo.sql("INSERT INTO sign_in_failure (login, address, network) SELECT 'sprayed' || n, :'address', :'address'::cidr"
             f" FROM generate_series(1, {NETWORK}) n", address=spraying)
    assert succeed(own, login) == 303
    assert succeed(Browser(source=spraying), login) == 303
    assert succeed(Browser(), login) == 303
