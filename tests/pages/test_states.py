# SPDX-License-Identifier: MIT
"""What the pages say of a registration in each of its states, and /check of its messages."""

import datetime
import re

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import pki, sql
from gateway import encode, parameters, run_cgi

DIRECT = "direct@example.edu"
GRACE_DAYS = 30


def day(days):
    """So many days from now, as the pages write it."""
    then = datetime.datetime.now() + datetime.timedelta(days=days)
    return f"{then.day} {then:%B %Y}"


def words(browser, identity, more=""):
    return browser.page(f"/registrations/{identity}{more}").words


def row(browser, identity, state=""):
    """What the list says of it, or None where it is not listed."""
    text = browser.get("/registrations", params={"state": state}).text
    rows = [one for one in text.split("<tr") if f"/registrations/{identity}" in one]
    return Page("<body><table><tr" + rows[0]).words if rows else None


def ask(browser, sender, client="", certificate=None):
    answer = browser.post("/check", {"sender": sender, "client": client}, files=certificate_file(certificate) if certificate
                          else None)
    assert answer.status_code == 200, Page(answer.text).summary
    return Page(answer.text).words


# --- certificates ---------------------------------------------------------------------------------

def end(identity, days, which="TRUE"):
    """Its certificates end so many days from now."""
    sql(f"UPDATE source SET not_before = now() - interval '300 days', not_after = now() + :'days'::interval"
        f" WHERE registration_id = :'id' AND kind = 'certificate' AND {which}", id=identity, days=f"{days} days")


@pytest.fixture
def keyed(ow1):
    """A registration with one certificate, on the relay."""
    identity = ow1.register(DIRECT, certificate_file("good.pem"), method="certificate")
    demo.demo("export")
    return identity


def test_a_certificate_that_lasts(ow1, keyed):
    assert "On the relay since" in row(ow1, keyed) and "good until" in words(ow1, keyed)


def test_a_stolen_key(ow1, keyed):
    """The page says that removing is what stops it, and how where it is the only source."""
    page = ow1.page(f"/registrations/{keyed}")
    assert "Removing the certificate here is what stops them: it is the only source, so add the new one first" in page.words
    assert "/help/stolen-keys" in page.links
    ow1.post(f"/registrations/{keyed}/sources", {"csrf_token": ow1.token, "method": "network", "networks": "127.0.0.21"})
    words = ow1.page(f"/registrations/{keyed}").words
    assert "Removing the certificate here is what stops them. Revoking it is not enough." in words
    [[source]] = demo.sql("SELECT id FROM source WHERE registration_id = :'id' AND kind = 'certificate'", id=keyed)
    ow1.post(f"/registrations/{keyed}/sources/{source}/remove", {"csrf_token": ow1.token})
    assert "Removing the certificate" not in ow1.page(f"/registrations/{keyed}").words
    assert "does not ask whether it was revoked" in Browser().page("/help/stolen-keys").words


def test_a_certificate_in_its_last_days(ow1, keyed):
    end(keyed, 9)
    page = words(ow1, keyed)
    assert "Needs attention: certificate expires in" in page and "On the relay since" in page and "good until" in page


def test_a_certificate_in_its_grace(ow1, keyed):
    end(keyed, -3)
    page = words(ow1, keyed)
    assert (f"The certificate expired on {day(-3)}. The relay still recognises its key until {day(GRACE_DAYS - 3)}. "
            "Add the renewed certificate now.") in page
    assert f"expired on {day(-3)}" in page and "good until" not in page and "On the relay since" in page
    assert f"Needs attention: certificate expired on {day(-3)}" in row(ow1, keyed, "attention")


def test_a_certificate_past_its_grace(ow1, keyed):
    end(keyed, -40)
    page = words(ow1, keyed)
    assert (f"The relay no longer accepts this certificate: it expired on {day(-40)}. Add the renewed one; it is in force with "
            "the next export.") in page
    assert "On the relay since" not in page and "good until" not in page and "still recognises" not in page
    assert f"no longer accepted, it expired on {day(-40)}" in row(ow1, keyed, "attention")
    assert "On the relay since" not in row(ow1, keyed)


def test_another_source_still_counts(ow1, keyed):
    ow1.post(f"/registrations/{keyed}/sources", {"csrf_token": ow1.token, "method": "network", "networks": "10.1.2.0/24"})
    demo.demo("export")
    end(keyed, -40)
    page = words(ow1, keyed)
    assert "The relay no longer accepts this certificate" in page and "On the relay since" in page


def test_two_certificates_of_one_name(ow1, keyed):
    ow1.post(f"/registrations/{keyed}/sources", {"csrf_token": ow1.token, "method": "certificate"},
             files=certificate_file("next.pem"))
    [[first, second]] = sql("SELECT min(id::text), max(id::text) FROM source WHERE registration_id = :'id'", id=keyed)
    end(keyed, 20, f"id = '{first}'")
    end(keyed, 50, f"id = '{second}'")
    sql("UPDATE source SET added_at = now() - interval '100 days' WHERE id = :'id'", id=first)
    page = words(ow1, keyed)
    for days in 20, 50:
        assert f"Remove The certificate of good.example.edu (until {day(days)})" in page
    assert f"Added on {day(-100)}" in page and f"Added on {day(0)}" in page
    page = words(ow1, keyed, f"/sources/{first}")
    assert f"The certificate of good.example.edu (until {day(20)})" in page


def test_check_of_a_certificate_past_its_grace(ow1, keyed):
    end(keyed, -40)
    demo.demo("export")
    said = f"This certificate is a source, but it expired on {day(-40)}: add the renewed one."
    assert said in ask(ow1, DIRECT, "10.1.2.3", "good.pem")
    assert said not in ask(ow1, DIRECT, "10.1.2.3", "next.pem")
    assert said not in ask(Browser("nb1"), DIRECT, "10.1.2.3", "good.pem")


# --- the yearly confirmation ------------------------------------------------------------------------

def confirmed(identity, days, reminded=None):
    """Somebody confirmed it a year and so many days ago; and its owners were reminded so many days ago.

    Both in one transaction: a round of the notices between them would remind the owners by itself."""
    sql("BEGIN;"
        " UPDATE registration SET confirmed_at = now() - interval '1 year' - :'days'::interval WHERE id = :'id';"
        " INSERT INTO reminder SELECT id, 'confirmation ' || extract(epoch FROM confirmed_at)::bigint, 1,"
        "  now() - nullif(:'reminded', '')::interval, now() FROM registration WHERE id = :'id' AND :'reminded' <> '';"
        " COMMIT", id=identity, days=f"{days} days", reminded="" if reminded is None else f"{reminded} days")


@pytest.mark.parametrize("days, reminded, by, end", [
    (-29, None, 29, 59), (-10, 20, 10, 40), (10, 40, 20, 20), (10, 5, 25, 25), (400, None, 30, 30)])
def test_a_confirmation_that_is_due(ow1, days, reminded, by, end):
    identity = ow1.register(DIRECT)
    confirmed(identity, days, reminded)
    assert f"Needs attention: confirm by {day(by)} that it is still needed" in row(ow1, identity, "attention")
    page = words(ow1, identity)
    assert f"Without that the relay stops accepting its messages on {day(end)}." in page
    assert "certificate ends" not in page and "next certificate" not in page


def test_a_confirmation_that_is_not_due(ow1):
    identity = ow1.register(DIRECT)
    confirmed(identity, -31)
    assert row(ow1, identity, "attention") is None and "Without that" not in words(ow1, identity)


def test_of_two_things_the_first(ow1, keyed):
    end(keyed, 20)
    confirmed(keyed, 20, 50)
    assert "confirm by" in row(ow1, keyed, "attention") and "next certificate" in words(ow1, keyed)
    end(keyed, 3)
    assert "certificate expires in" in row(ow1, keyed, "attention")


# --- the list ---------------------------------------------------------------------------------------------

def test_names_are_in_the_order_of_a_telephone_book(ow1):
    names = ["\u00c9tude", "apple", "Zeta", "\u00dcberwachung", "Umbrella", "Tree", "zebra"]
    for number, name in enumerate(names):
        ow1.register(f"bulk-{148 + 4 * number:05}@example.edu", application_name=f"order {name}")
    text = ow1.get("/registrations", params={"q": "order ", "sort": "name"}).text
    listed = [one for one in re.findall("order ([^<]+)</td>", text)]
    assert listed == ["apple", "\u00c9tude", "Tree", "\u00dcberwachung", "Umbrella", "zebra", "Zeta"]


# --- suspended and retired ----------------------------------------------------------------------------

LIVE = ["when it comes from one of these", "Set up your application", "On the relay since", "Waiting for the next export"]


def is_of_no_live_one(page):
    return [one for one in LIVE if one in page]


def suspended_by_portal(identity, cause, reason):
    """As appsmtp-notify does it."""
    sql("BEGIN; UPDATE registration SET state = 'suspended', version = version + 1 WHERE id = :'id';"
        " WITH h AS (INSERT INTO history (registration_id, login, action, before, after, reason)"
        "  SELECT :'id', 'appsmtp-notify', 'suspended', registration_as_json(:'id') || '{\"state\": \"live\"}',"
        "         registration_as_json(:'id'), :'reason' RETURNING id)"
        " INSERT INTO suspension SELECT :'id', :'cause', id FROM h; COMMIT", id=identity, cause=cause, reason=reason)


def suspend(identity, reason="Sends spam"):
    rl1 = Browser("rl1")
    answer = rl1.post(f"/operator/registrations/{identity}/suspend", {"csrf_token": rl1.token, "reason": reason})
    assert answer.status_code == 303


def test_suspended_by_the_relay_team(ow1):
    identity = ow1.register(DIRECT)
    suspend(identity)
    page = words(ow1, identity)
    assert f"Suspended on {day(0)} by the relay team: Sends spam. Only the relay team can put it in force again." in page
    assert "Ask the help desk" in page and is_of_no_live_one(page) == []
    assert "rl1" not in page


def test_suspended_for_want_of_a_confirmation(ow1):
    identity = ow1.register(DIRECT)
    confirmed(identity, 40)
    suspended_by_portal(identity, "confirmation", "nobody has confirmed it.")
    page = words(ow1, identity)
    assert f"Suspended on {day(0)} by the portal: nobody has confirmed it. Press It is still needed below" in page
    assert f'action="/registrations/{identity}/confirm"' in ow1.get(f"/registrations/{identity}").text
    assert "Without that the relay stops" not in page and is_of_no_live_one(page) == []
    ow1.post(f"/registrations/{identity}/confirm", {"csrf_token": ow1.token})
    page = words(ow1, identity)
    assert "It is confirmed by now" in page and "Press It is still needed" not in page


def test_suspended_for_its_account(ow1):
    identity = ow1.register(DIRECT)
    suspended_by_portal(identity, "ownership", "the directory no longer has an account with this address")
    page = words(ow1, identity)
    assert "by the portal: the directory no longer has" in page and "once the directory says otherwise" in page
    assert is_of_no_live_one(page) == []
    suspend(identity, "Spam as well.")
    page = words(ow1, identity)
    assert "by the relay team: Spam as well. Only the relay team" in page and "once the directory" not in page


def test_retired(ow1):
    identity = ow1.register(DIRECT)
    ow1.post(f"/registrations/{identity}/retire", {"csrf_token": ow1.token})
    page = words(ow1, identity)
    assert f"Retired on {day(0)}." in page and is_of_no_live_one(page) == []
    assert "/registrations/new?address=direct%40example.edu" in ow1.page(f"/registrations/{identity}").links
    for form in "edit", "sources", "owners", "retire":
        assert ow1.get(f"/registrations/{identity}/{form}").status_code == 404, form
    assert ow1.get(f"/registrations/{identity}/history").status_code == 200


def test_check_of_a_suspended_one(ow1):
    identity = ow1.register(DIRECT)
    suspend(identity)
    demo.demo("export")
    said = "The registration is suspended. Its page says why and what to do."
    page = ask(ow1, DIRECT, "127.0.0.21")
    assert said in page and "can register this address" not in page
    page = ask(Browser("nb1"), DIRECT, "127.0.0.21")
    assert said not in page and "can register this address" in page


# --- /check: which source decided ---------------------------------------------------------------------

BY_CERTIFICATE = "The certificate is a source of this address; the network address does not matter."


def test_check_names_the_source_that_decided(ow1, keyed):
    ow1.post(f"/registrations/{keyed}/sources", {"csrf_token": ow1.token, "method": "network", "networks": "10.1.2.0/24"})
    demo.demo("export")
    page = ask(ow1, DIRECT, "10.7.7.7", "good.pem")
    assert BY_CERTIFICATE in page and "10.7.7.7 is a source" not in page
    page = ask(ow1, DIRECT, "10.1.2.3", "next.pem")
    assert "10.1.2.3 is a source of this address." in page and BY_CERTIFICATE not in page


def test_check_of_a_certificate_alone(ow1, keyed):
    for _ in range(2):
        page = ask(ow1, DIRECT, "", "good.pem")
        assert "Yes: the relay accepts it" in page and BY_CERTIFICATE in page
        assert "From any network of the service locations" in page
        # An address that is a source by itself decides nothing here.
        ow1.post(f"/registrations/{keyed}/sources", {"csrf_token": ow1.token, "method": "network", "networks": "127.0.0.0/24"})
        demo.demo("export")
    page = ask(ow1, DIRECT, "", "next.pem")
    assert "No: the relay refuses it" in page and "The certificate is not a source of this address." in page
    assert "127.0.0.0" not in page and "nor is the network address" not in page
    assert "The empty sender <> is not accepted." in ask(ow1, "<>", "", "good.pem")
    assert "is not registered" in ask(ow1, "bulk-00140@example.edu", "", "good.pem")


# --- /check: what strangers learn ---------------------------------------------------------------------

def test_a_name_stays_a_name_for_strangers(ow1):
    ow1.register(DIRECT, method="hostname", hostnames="web1.example.edu")
    demo.demo("export")
    for login in None, "nb1":
        page = ask(Browser(login), DIRECT, "web1.example.edu")
        assert "Yes: the relay accepts it" in page and ("127.0.0.21" in page) == (login is not None)
        page = ask(Browser(login), DIRECT, "web2.example.edu")
        assert "No: the relay refuses it" in page and ("127.0.0.22" in page) == (login is not None)


@pytest.mark.parametrize("login, most", [(None, 200), ("nb1", 300)])
def test_questions_are_not_endless(login, most):
    browser, other = Browser(login), Browser("ow2")
    who = f"login {login}" if login else f"address {browser.source}/32"
    sql("DELETE FROM question_count WHERE who = :'who'", who=who)
    sql("INSERT INTO question_count VALUES (:'who', now() - interval '4 minutes', :'before'::integer)", who=who, before=most - 1)
    ask(browser, DIRECT, "10.1.2.3")
    answer = browser.post("/check", {"sender": DIRECT, "client": "10.1.2.3"})
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "300"
    assert "Wait five minutes" in Page(answer.text).words and browser.get("/check").status_code == 200
    ask(other, DIRECT, "10.1.2.3")
    sql("UPDATE question_count SET minute = minute - interval '5 minutes' WHERE who = :'who'", who=who)
    ask(browser, DIRECT, "10.1.2.3")
    sql("DELETE FROM question_count WHERE who = :'who'", who=who)


@pytest.mark.parametrize("other, counted", [("2001:db8:5:6:ffff::1", True), ("2001:db8:5:7::1", False)])
def test_questions_from_one_network_of_ipv6(other, counted):
    """Addresses of one /64 are one client's."""
    who = "address 2001:db8:5:6::/64"
    body = encode({"sender": DIRECT, "client": "10.1.2.3"})

    def status(address):
        pairs = dict(parameters("POST", "/check", body)) | {"REMOTE_ADDR": address}
        return run_cgi(list(pairs.items()), body).status_code

    sql("DELETE FROM question_count WHERE who LIKE 'address 2001:db8:5:%'")
    sql("INSERT INTO question_count VALUES (:'who', now() - interval '4 minutes', 199)", who=who)
    assert status("2001:db8:5:6::1") == 200
    assert status(other) == (429 if counted else 200)
    sql("DELETE FROM question_count WHERE who LIKE 'address 2001:db8:5:%'")


def test_questions_are_answered_without_the_database(stranger):
    with demo.stopped("database"):
        assert "No: the relay refuses it" in ask(stranger, "bulk-00144@example.edu", "10.1.2.3")
        assert "No: the relay refuses it" in ask(stranger, "bulk-00144@example.edu", "web1.example.edu")
