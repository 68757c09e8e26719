# SPDX-License-Identifier: MIT
"""Signing in: what the directory says in words, and how often somebody may try.

A login's failed sign-ins are counted in all: each test has a login of its own.
"""

import concurrent.futures
import itertools
import re
import select
import socket
import socketserver
import subprocess
import threading

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


def forget():
    """All failed sign-ins, of whomever."""
    demo.sql("DELETE FROM sign_in_failure")


def counted():
    """How many failed sign-ins are counted, of whomever."""
    return int(demo.sql("SELECT count(*) FROM sign_in_failure")[0][0])


@pytest.fixture
def login():
    """One of the sample's people, who has a password now; nobody has tried it yet."""
    one = next(logins)
    demo.ldap("ldapmodify", f"dn: CN={one},ou=People,dc=example,dc=edu\nchangetype: modify\n"
              f"replace: userPassword\nuserPassword: right-{one}\n")
    forget()
    demo.sql("DELETE FROM device WHERE login = :'login'", login=one)
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
    forget()
    browser = Browser()
    for _ in range(PAIR + 2):
        answer = browser.sign_in(login, password)
        assert answer.status_code == 422
        page = Page(answer.text)
        assert [one[0] for one in page.summary] == [field] and text in page.summary[0][1]
        assert page.value("password") == ""
        assert "appsmtp-session" not in answer.headers.get("Set-Cookie", "")
    assert counted() == 0


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
    assert counted() == PAIR
    pass_time(MINUTES - 1)
    assert fail(browser, login) == 429
    pass_time(1)
    assert [fail(browser, login) for _ in range(PAIR + 1)] == [422] * PAIR + [429]


def pass_time(minutes):
    demo.sql(f"UPDATE sign_in_failure SET at = at - interval '{minutes} minutes'")


@pytest.mark.parametrize("minutes", [4, 20, 29])
def test_no_account_is_locked_by_one_try_a_while(login, minutes):
    """Active Directory forgets failures when none follows within its window, not one by one."""
    failed = most = quiet = 0
    for _ in range(40):
        if fail(Browser(), login) == 422:
            failed, quiet = (failed if quiet <= MINUTES else 0) + 1, 0
            most = max(most, failed)
        pass_time(minutes)
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
    spray(address, 60)
    assert succeed(Browser(source=address), login) == 303
    forget()


def spray(address, number):
    """So many accounts were tried from there."""
    demo.sql("INSERT INTO sign_in_failure (account, network) SELECT sha256(n::text::bytea), :'address'::cidr"
             f" FROM generate_series(1, {number}) n", address=address)


def cgi(login, password, address, cookie="", config=demo.CONFIG):
    """From any address."""
    body = encode({"login": login, "password": password})
    pairs = dict(parameters("POST", "/sign-in", body, config, HTTP_COOKIE=cookie)) | {"REMOTE_ADDR": address}
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
    forget()
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


def test_strangers_who_are_refused_at_the_same_moment_keep_nobody_out(login):
    own = known_browser(login)
    while fail(Browser(), login) == 422:
        pass
    over = threading.Event()

    def hammer(_):
        answers = set()
        while not over.is_set():
            answers.add(fail(Browser(), login))
        return answers

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        strangers = pool.map(hammer, range(6))
        try:
            answers = [succeed(own, login) for _ in range(15)]
        finally:
            over.set()
    assert answers == [303] * 15 and set().union(*strangers) == {429}
    assert binds(login) == STRANGERS


# --- one account, however its login is typed ------------------------------------------------------

def change_config(folder, servers, identity):
    """The demo's configuration with these servers; each value of uid is a login, and that attribute a person's id."""
    text = demo.CONFIG.read_text()
    text, servers_found = re.subn(r'<server uri="ldaps://[^"]*"/>', "".join(f'<server uri="{one}"/>' for one in servers), text)
    text, people_found = re.subn(r'(<people base="[^"]*"\s*filter=")[^"]*"',
                                 rf'\1(&amp;(objectClass=user)(uid=%u))" login-attribute="uid" id-attribute="{identity}"'
                                 r' login-scope="example.edu" domain="EXAMPLE"', text)
    assert (servers_found, people_found) == (1, 1)
    file = folder / f"{identity}.xml"
    file.write_text(text)
    return file


class Second:
    """Another server of the demo's directory, in clear, which writes down each bind."""

    def __init__(self, folder):
        settings = (demo.DIR / "directory/slapd.conf").read_text()
        settings = re.sub(r"(pidfile|argsfile) \S*/", rf"\1 {folder}/", settings)
        (folder / "slapd.conf").write_text(settings)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.uri = f"ldap://127.0.0.1:{free.getsockname()[1]}"
        self.log = folder / "slapd.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["slapd", "-d", "stats", "-h", self.uri, "-f", folder / "slapd.conf"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert demo.wait_until(lambda: "slapd starting" in self.log.read_text())

    def binds(self, person):
        """How many binds as that person have reached it."""
        return len(re.findall(rf'BIND dn="{re.escape(person.dn)}" method=128', self.log.read_text(), re.I))

    def end(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def second(tmp_path):
    server = Second(tmp_path)
    yield server
    server.end()


@pytest.fixture(params=["entryUUID", "employeeType"], ids=["with an id", "without one"])
def of_many_names(request, person, second, tmp_path):
    """Somebody with two logins, and the configuration by which both are theirs."""
    x = person()
    demo.ldap("ldapmodify", f"dn: {x.dn}\nchangetype: modify\nadd: uid\nuid: {x.login}-a\nuid: {x.login}-b\n")
    forget()
    yield x, change_config(tmp_path, [second.uri], request.param)
    forget()


def test_an_account_is_counted_once_however_its_login_is_typed(of_many_names, second):
    x, config = of_many_names
    logins = [f"{x.login}-a", f"{x.login}-b"]
    spellings = [form.format(one) for form in ("{}", "{}@example.edu", "EXAMPLE\\{}", " {} ") for one in logins]
    spellings += [one.upper() for one in spellings]
    answers = [cgi(one, "wrong", new_address(), config=config).status_code for one in spellings]
    assert answers == [422] * STRANGERS + [429] * (len(spellings) - STRANGERS)
    assert second.binds(x) == STRANGERS == counted()
    assert cgi(x.login + "-c", "wrong", new_address(), config=config).status_code == 422


def test_a_browser_is_known_by_whatever_name_one_signs_in(of_many_names):
    x, config = of_many_names
    first = cgi(f"{x.login}-a", "right", new_address(), config=config)
    if "employeeType" in config.name:  # who somebody is without an id cannot be told
        assert first.status_code == 503 and counted() == 0
        return
    assert first.status_code == 303
    while cgi(f"{x.login}-a", "wrong", new_address(), config=config).status_code == 422:
        pass
    other = cgi(f"{x.login}-b", "right", new_address(), "; ".join(first.cookies), config)
    assert other.status_code == 303
    assert cgi(f"{x.login}-a", "right", new_address(), "; ".join(other.cookies), config).status_code == 303


def test_nothing_of_a_person_is_kept_of_a_failure(of_many_names):
    x, config = of_many_names
    assert cgi(f"{x.login}-a", "wrong", "192.0.2.77", config=config).status_code == 422
    kept = " ".join(str(row) for row in demo.sql("SELECT * FROM sign_in_failure"))
    assert "192.0.2.77/32" in kept
    assert not any(one in kept for one in (x.login, x.cn, x.id))


# --- an answer that is lost -----------------------------------------------------------------------

class Losing(socketserver.ThreadingTCPServer):
    """The way to a server, on which the connection is lost after a password has gone out."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, uri, password):
        self.server, self.password, self.seen = uri.rpartition("/")[2].split(":"), password.encode(), 0
        super().__init__(("127.0.0.1", 0), Lossy)
        self.uri = f"ldap://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Lossy(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.create_connection(self.server.server) as server:
            while True:
                readable, _, _ = select.select([self.request, server], [], [])
                for one in readable:
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is self.request and self.server.password in data:
                        self.server.seen += 1
                        return
                    (server if one is self.request else self.request).sendall(data)


def test_a_password_that_nobody_answers_counts_and_goes_to_one_server(person, second, tmp_path):
    x = person()
    demo.ldap("ldapmodify", f"dn: {x.dn}\nchangetype: modify\nadd: uid\nuid: {x.login}\n")
    forget()
    with Losing(second.uri, "never-answered") as one, Losing(second.uri, "never-answered") as other:
        config = change_config(tmp_path, [one.uri, other.uri], "entryUUID")
        answers = [cgi(x.login, "never-answered", new_address(), config=config) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [503] * 2
        assert (one.seen + other.seen, counted()) == (2, 2)
        assert cgi(x.login, "right", new_address(), config=config).status_code == 303
        for server in one, other:
            server.shutdown()
    forget()


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
        forget()
        while fail(Browser(), login) == 422:
            pass
        assert cgi(login, f"right-{login}", new_address(), f"appsmtp-device={planted}").status_code == 429
        forget()


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
    spray(address, NETWORK)
    yield address
    forget()


def test_spraying_ends(login, spraying):
    assert fail(Browser(source=spraying), login) == 429
    assert binds(login) == 0


def test_who_is_known_there_comes_in_all_the_same(login, spraying):
    forget()
    own = Browser(source=spraying)
    assert succeed(own, login) == 303
    spray(spraying, NETWORK)
    assert succeed(own, login) == 303
    assert succeed(Browser(source=spraying), login) == 303
    assert succeed(Browser(), login) == 303


def test_each_line_of_the_log_has_its_date(login):
    """Standard error of the demo's portal is a file, and no journal that notes the time."""
    assert fail(Browser(), login) == 422
    with LOG.open(errors="replace") as log:
        log.seek(BEGUN[login])
        [line] = [one for one in log.read().splitlines() if f"failed sign-in of {login} from" in one]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ", line), line
