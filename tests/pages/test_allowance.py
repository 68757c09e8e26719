# SPDX-License-Identifier: MIT
"""How many recipients a registration may have in an hour: on the pages, for operators, as the relays report it."""

import json
import re

import pytest

import demo
import relay
from browser import Browser
from demo import run, sql
from test_living import actions, history, notices, refused, send


@pytest.fixture
def rl1():
    return Browser("rl1")


@pytest.fixture
def identity(ow1):
    return ow1.register("direct@example.edu", owners="ow2")


def report(identity, used, allowed, ago=0, by="told"):
    """As a relay's daemon counted it, so many minutes ago; by the row of a run of its export. A second
    report of the same moment changes nothing."""
    details = {"rates": [{"sender": "direct@example.edu", "used": used, "allowed": allowed, "at": 0}]}
    sql("UPDATE registration SET created_at = created_at - interval '1 day' WHERE id = :'id';"
        " INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders, sources, details)"
        " SELECT :'relay', 1, pg_current_snapshot(), now() - interval '3 days', now() - interval '3 days', 'unchanged', 1, 1,"
        " jsonb_set(:'details', '{rates,0,at}', to_jsonb(extract(epoch FROM now() - make_interval(mins => :ago))::bigint))",
        id=identity, relay=by, details=json.dumps(details), ago=ago)


@pytest.fixture(autouse=True)
def nothing_told():
    yield
    sql("DELETE FROM export_run WHERE relay LIKE 'told%'; DELETE FROM relay_rate WHERE relay LIKE 'told%';"
        " DELETE FROM rate_peak WHERE relay LIKE 'told%'")


def pages(ow1, rl1, identity):
    """What its three faces say."""
    shown = run("appsmtp-admin", "show", identity)
    assert shown.returncode == 0
    yield ow1.page(f"/registrations/{identity}").words
    yield rl1.page(f"/operator/registrations/{identity}").words
    yield " ".join(shown.stdout.split())


def all_say(ow1, rl1, identity, *texts):
    for words in pages(ow1, rl1, identity):
        for text in texts:
            assert text in words, (text, words)


# --- one unit everywhere --------------------------------------------------------------------------

def test_the_form_names_the_unit(ow1):
    words = ow1.page("/registrations/new").words
    assert "Up to 1000 recipients an hour." in words
    assert "Up to 200 recipients an hour for each device or server." in words
    assert "A message to 50 people is 50 recipients." in words
    assert "messages an hour" not in words


def test_help_keeps_its_promise(stranger):
    printers = stranger.page("/help/printers")
    assert "printers that share an address do not share it" in printers.words
    assert "/help/rates" in printers.links and "/help/rates" in stranger.page("/help").links
    words = stranger.page("/help/rates").words
    assert "Scanner Up to 200 recipients an hour for each device or server" in words
    assert "a message to 50 people is 50 recipients" in words


# --- what the relays report -----------------------------------------------------------------------

def test_no_report_is_not_zero(ow1, rl1, identity):
    all_say(ow1, rl1, identity, "Up to 1000 recipients an hour",
            "ot known: no relay has reported any use so far")


def test_what_was_reported(ow1, rl1, identity):
    report(identity, 120, 1000, ago=1)
    all_say(ow1, rl1, identity, "120 of 1000, as reported at")
    for words in pages(ow1, rl1, identity):
        assert re.search(r"as reported at \d\d:\d\d (today|on \d)", words) and "goes beyond" not in words
    report(identity, 1000, 1000)
    all_say(ow1, rl1, identity, "1000 of 1000, as reported at", "That is all of it, and what goes beyond may be put off")


def test_an_old_report_is_none(ow1, rl1, identity):
    interval = int(re.search(r'export-minutes="(\d+)"', demo.CONFIG.read_text())[1]
                   if "export-minutes" in demo.CONFIG.read_text() else 5)
    report(identity, 7, 1000, ago=60 + 2 * interval - 2)
    all_say(ow1, rl1, identity, "7 of 1000, as reported at")
    sql("DELETE FROM relay_rate WHERE registration_id = :'id'", id=identity)
    report(identity, 7, 1000, ago=60 + 2 * interval + 2)
    all_say(ow1, rl1, identity, "Not known: no relay has reported any use since")


def test_several_relays(ow1, rl1, identity):
    report(identity, 300, 500, ago=1)
    report(identity, 100, 500, ago=5, by="told-2")
    report(identity, 77, 500, ago=600, by="told-3")
    all_say(ow1, rl1, identity, "400 of 1000, as reported at")
    report(identity, 500, 500)
    all_say(ow1, rl1, identity, "600 of 1000, as reported at",
            "At one of the relays its part is used up, and what goes beyond may be put off")


def test_each_device_by_itself(ow1, rl1):
    identity = ow1.register("direct@example.edu", application_type="scanner")
    report(identity, 12, 200)
    all_say(ow1, rl1, identity, "Up to 200 recipients an hour for each device or server",
            "The busiest source: 12 of 200, as reported at")


def test_suspended_says_nothing_of_use(ow1, rl1, identity):
    send(rl1, f"/operator/registrations/{identity}/suspend", reason="x")
    for words in pages(ow1, rl1, identity):
        assert "Up to 1000 recipients an hour" in words and "sed in the last hour" not in words


def test_operators_see_who_is_at_the_limit(ow1, rl1, identity):
    def listed():
        page = rl1.get("/operator/registrations", params={"list": "at-limit"}).text
        shell = run("appsmtp-admin", "list", "at-limit").stdout
        assert (identity in page) == (identity in shell)
        return identity in page

    for used, ago, expected in ((999, 0, False), (1000, 0, True), (1000, 61, False)):
        sql("DELETE FROM relay_rate WHERE registration_id = :'id'", id=identity)
        report(identity, used, 1000, ago=ago)
        assert listed() == expected, (used, ago)
    report(identity, 1000, 1000)
    [[count]] = sql("SELECT count(*) FROM registration_watch WHERE at_limit")
    assert re.search(f"At their limit now {count} Show", rl1.page("/operator").words)
    assert re.search(rf"At their limit now +{count}\n", run("appsmtp-admin", "overview").stdout)
    send(rl1, f"/operator/registrations/{identity}/suspend", reason="x")
    assert not listed()


def test_from_the_relay_to_the_pages(ow1, rl1, identity):
    """By the daemon and the export, as they run."""
    def counted():
        found = re.search(r"(\d+) of 1000, as reported at", ow1.page(f"/registrations/{identity}").words)
        return found and int(found[1])

    assert demo.wait_until(lambda: relay.send("direct@example.edu", "127.0.0.21")[0] == "accept", 60)
    assert demo.wait_until(counted, 60)
    all_say(ow1, rl1, identity, f"{counted()} of 1000, as reported at")


# --- a rate of its own ----------------------------------------------------------------------------

def set_rate(browser, identity, number, reason="Newsletter of the term"):
    return send(browser, f"/operator/registrations/{identity}/rate", recipients_per_hour=number, reason=reason)


def stored(identity):
    [[number]] = sql("SELECT coalesce(recipients_per_hour::text, '') FROM registration WHERE id = :'id'", id=identity)
    return number


def test_another_rate_by_the_page(ow1, rl1, identity):
    path = f"/operator/registrations/{identity}"
    assert f"{path}/rate" in rl1.page(path).links
    form = rl1.page(f"{path}/rate")
    assert form.value("csrf_token") and form.value("recipients_per_hour") == "" == form.value("reason")
    assert "Up to 1000 recipients an hour" in form.words and "The rate of its type" in form.words
    answer = set_rate(rl1, identity, " 5000 ")
    assert (answer.status_code, answer.headers["Location"]) == (303, path) and stored(identity) == "5000"
    all_say(ow1, rl1, identity, "Up to 5000 recipients an hour", "set by rl1: Newsletter of the term",
            "A rate of its own since")
    action, login, reason, before, after = history(identity)[-1]
    assert (action, login, reason) == ("rate changed", "rl1", "Newsletter of the term")
    assert (before["recipients_per_hour"], after["recipients_per_hour"]) == (None, "5000")
    assert notices(identity, "rate-changed") == ["ow1", "ow2"]
    words = ow1.page(f"/registrations/{identity}/history").words
    assert re.search("Recipients an hour before: the rate of its type ?after: 5000", words), words
    form = rl1.page(f"{path}/rate")
    assert form.value("recipients_per_hour") == "5000" and "Web Application: Up to 1000 recipients" in form.words


def test_back_to_that_of_the_type(ow1, rl1, identity):
    set_rate(rl1, identity, "5000")
    assert set_rate(rl1, identity, "", "The term is over").status_code == 303 and stored(identity) == ""
    all_say(ow1, rl1, identity, "Up to 1000 recipients an hour")
    for words in pages(ow1, rl1, identity):
        assert "set by" not in words
    words = ow1.page(f"/registrations/{identity}/history").words
    assert re.search("Recipients an hour before: 5000 ?after: the rate of its type", words), words
    assert "Recipients an hour" not in words.partition("Created by")[2]


def test_what_is_so_already_is_not_done_again(ow1, rl1, identity):
    assert set_rate(rl1, identity, "").status_code == 303
    assert set_rate(rl1, identity, "70").status_code == 303
    assert set_rate(rl1, identity, "070", "Once more").status_code == 303
    assert actions(identity) == ["created", "rate changed"] and len(notices(identity, "rate-changed")) == 2


def test_the_relay_learns_it(rl1, identity):
    demo.demo("export")
    set_rate(rl1, identity, "321")
    assert sql("SELECT DISTINCT recipients_per_hour FROM exported_source WHERE registration_id = :'id'",
               id=identity) == [["321"]]
    assert sql("SELECT coalesce(on_relay_since(changed_at, changed_in)::text, 'waiting') FROM registration"
               " WHERE id = :'id' AND changed_at > created_at", id=identity)


@pytest.mark.parametrize("number, reason, text, field", [
    ("many", "x", "many is not a number of recipients", "recipients_per_hour"),
    ("5,000", "x", "5,000 is not a number of recipients", "recipients_per_hour"),
    ("-5", "x", "-5 is not a number of recipients", "recipients_per_hour"),
    ("0", "x", "0 recipients an hour cannot be set", "recipients_per_hour"),
    ("1000001", "x", "the number is from 1 to 1000000", "recipients_per_hour"),
    ("9" * 900, "x", "cannot be set", "recipients_per_hour"),
    ("500", "  ", "Enter the reason", "reason"),
    ("500", "x" * 501, "The reason must be 500 characters or less", "reason"),
])
def test_refused(rl1, identity, number, reason, text, field):
    page = refused(set_rate(rl1, identity, number, reason), text, field)
    assert page.value("recipients_per_hour") == number and page.value("reason") == reason
    assert stored(identity) == "" and actions(identity) == ["created"]


def test_all_that_is_wrong_at_once(rl1, identity):
    page = refused(set_rate(rl1, identity, "many", ""), "many is not")
    assert [field for field, _ in page.summary] == ["recipients_per_hour", "reason"]


def test_a_retired_one_has_no_rate(ow1, rl1, identity):
    send(ow1, f"/registrations/{identity}/retire")
    refused(set_rate(rl1, identity, "500"), "This registration is retired")
    assert f"/operator/registrations/{identity}/rate" not in rl1.page(f"/operator/registrations/{identity}").links


def test_only_operators(ow1, stranger, identity):
    path = f"/operator/registrations/{identity}/rate"
    for browser in ow1, Browser("sd1"):
        assert set_rate(browser, identity, "500").status_code == 403 and browser.get(path).status_code == 403
    assert path not in Browser("sd1").page(f"/operator/registrations/{identity}").links
    answer = stranger.post(path, {"recipients_per_hour": "500", "reason": "x"})
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
    assert stored(identity) == ""


def test_declared_fields_and_the_token(rl1, identity):
    path = f"/operator/registrations/{identity}/rate"
    assert rl1.post(path, {"recipients_per_hour": "500", "reason": "x"}).status_code == 403
    assert send(rl1, path, recipients_per_hour="500", reason="x", per="source").status_code == 400
    assert stored(identity) == ""


def test_what_was_typed_is_kept_over_a_sign_in(rl1, identity):
    path = f"/operator/registrations/{identity}/rate"
    other = Browser()
    answer = other.post(path, {"recipients_per_hour": "640", "reason": "Typed before"})
    assert answer.headers["Location"].startswith("/sign-in")
    other.sign_in("rl1")
    page = other.page(path)
    assert (page.value("recipients_per_hour"), page.value("reason")) == ("640", "Typed before")


def test_an_outage_changes_nothing(rl1, identity):
    with demo.stopped("directory"):
        assert set_rate(rl1, identity, "500").status_code == 503
    assert stored(identity) == "" and actions(identity) == ["created"]


# --- from the shell -------------------------------------------------------------------------------

def shell(*words, status=0):
    done = run("appsmtp-admin", "rate", *words)
    assert done.returncode == status, done.stderr
    return done.stderr


def test_another_rate_by_the_shell(ow1, rl1, identity):
    assert "Up to 640 recipients an hour, in force" in shell(identity, "640", "--reason", "Asked by phone")
    assert stored(identity) == "640" and history(identity)[-1][0] == "rate changed"
    all_say(ow1, rl1, identity, "Up to 640 recipients an hour", "set by shell:")
    assert "nothing was changed" in shell("direct@example.edu", "640", "--reason", "Again")
    assert "Up to 1000 recipients an hour" in shell(identity, "default", "--reason", "Over")
    assert stored(identity) == "" and actions(identity) == ["created", "rate changed", "rate changed"]


@pytest.mark.parametrize("words, status, text", [
    (["640"], 64, "say why"),
    (["many", "--reason", "x"], 1, "rate.number: many is not"),
    (["0", "--reason", "x"], 1, "rate.range: 0 recipients"),
    (["", "--reason", "x"], 1, "rate.number:"),
    (["default", "--reason", ""], 1, "reason.empty:"),
    (["640", "--reason", "x" * 501], 1, "reason.too-long:"),
])
def test_refused_by_the_shell(identity, words, status, text):
    assert text in shell(identity, *words, status=status)
    assert stored(identity) == "" and actions(identity) == ["created"]
