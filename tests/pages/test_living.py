# SPDX-License-Identifier: MIT
"""A registration after its first day: sources, edits, owners, retiring, confirming."""

import concurrent.futures
import json
import os
import re
import subprocess
import uuid

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import sql


def history(identity):
    """The history, oldest first: action, login, reason, and what was before and after."""
    rows = sql("SELECT action, login, reason, coalesce(before::text, 'null'), after::text FROM history"
               " WHERE registration_id = :'id' ORDER BY id", id=identity)
    return [(action, login, reason, json.loads(before), json.loads(after))
            for action, login, reason, before, after in rows]


def actions(identity):
    return [entry[0] for entry in history(identity)]


def notices(identity, kind):
    return sorted(row[0] for row in sql("SELECT recipient FROM notice WHERE registration_id = :'id' AND kind = :'kind'",
                                        id=identity, kind=kind))


def stored(identity):
    return history(identity)[-1][4]


def sources(identity):
    """id -> kind of each source"""
    return dict(sql("SELECT id, kind FROM source WHERE registration_id = :'id' ORDER BY kind, network", id=identity))


def send(browser, path, files=None, **fields):
    return browser.post(path, {"csrf_token": browser.token} | fields, files=files)


def done(browser, answer, identity):
    """The change went through: what the registration's page says first."""
    assert answer.status_code == 303, Page(answer.text).summary
    assert answer.headers["Location"] == f"/registrations/{identity}"
    return browser.page(f"/registrations/{identity}").words


def refused(answer, text, field=None):
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.title.startswith("Error: ")
    assert any(text in one for _, one in page.summary), page.summary
    assert all(target in page.ids for target, _ in page.summary)
    assert field is None or field in [one for one, _ in page.summary]
    return page


# --- sources -----------------------------------------------------------------------------------

def test_add_sources_of_all_kinds(ow1):
    identity = ow1.register("direct@example.edu")
    path = f"/registrations/{identity}/sources"
    assert ow1.page(path).value("csrf_token")
    assert "The sources are changed." in done(
        ow1, send(ow1, path, method="network", networks="10.1.2.0/24, 10.1.3.1 10.1.2.7"), identity)
    done(ow1, send(ow1, path, method="hostname", hostnames="web2.example.edu"), identity)
    done(ow1, send(ow1, path, certificate_file("good.pem"), method="certificate"), identity)
    assert sorted(sources(identity).values()) == ["certificate", "hostname", "network", "network", "network"]
    assert actions(identity) == ["created", "sources added", "source added", "source added"]
    entry = history(identity)[1]
    assert "network 10.1.2.0/24" not in entry[3]["sources"] and "network 10.1.2.0/24" in entry[4]["sources"]
    assert notices(identity, "changed") == ["ow1"] * 3 and notices(identity, "created") == ["ow1"]


@pytest.mark.parametrize("fields, text", [
    ({"method": ""}, "Select how the relay recognises"),
    ({"method": "network", "networks": ""}, "Enter at least one IP address"),
    ({"method": "network", "networks": "10.1.2.3/24"}, "did you mean 10.1.2.0/24?"),
    ({"method": "network", "networks": "172.16.1.1"}, "is not one of the chosen locations"),
    ({"method": "hostname", "hostnames": "gone.example.edu"}, "does not exist in DNS"),
    ({"method": "certificate", "certificate_text": "hello"}, ""),
])
def test_same_rules_as_the_first_form(ow1, unchanged_but_registered, fields, text):
    path = f"/registrations/{unchanged_but_registered}/sources"
    page = refused(send(ow1, path, **fields), text)
    for name, value in fields.items():
        assert page.value(name) == value


@pytest.fixture
def unchanged_but_registered(ow1):
    """A registration in which nothing is changed by the test."""
    identity = ow1.register("direct@example.edu")
    before = demo.counts()
    yield identity
    assert demo.counts() == before


def test_a_source_that_is_there_already(ow1, unchanged_but_registered):
    identity = unchanged_but_registered
    words = done(ow1, send(ow1, f"/registrations/{identity}/sources", method="network", networks="127.0.0.21"), identity)
    assert "127.0.0.21 is a source of this registration already." in words


def test_a_source_within_another(ow1):
    identity = ow1.register("direct@example.edu", networks="10.1.2.0/24")
    words = done(ow1, send(ow1, f"/registrations/{identity}/sources", method="network", networks="10.1.2.9"), identity)
    assert "10.1.2.9 is inside 10.1.2.0/24" in words and len(sources(identity)) == 1


def test_no_more_than_500_sources(ow1):
    identity = ow1.register("direct@example.edu", networks=" ".join(f"10.1.{i // 200}.{i % 200 + 1}" for i in range(499)))
    path = f"/registrations/{identity}/sources"
    refused(send(ow1, path, method="network", networks="10.2.0.1 10.2.0.2"), "can have 500 sources")
    done(ow1, send(ow1, path, method="network", networks="10.2.0.1"), identity)
    assert len(sources(identity)) == 500


def test_two_certificates_side_by_side_and_one_renewed(ow1):
    identity = ow1.register("direct@example.edu", certificate_file("good.pem"), method="certificate")
    path = f"/registrations/{identity}/sources"
    [first] = sources(identity)
    assert "another key" in done(ow1, send(ow1, path, certificate_file("next.pem"), method="certificate"), identity)
    assert len(sources(identity)) == 2
    # The page that a reminder leads to has one field to fill in.
    page = ow1.page(f"{path}/{first}")
    assert page.value("method") == "certificate" and f'action="{path}"' in ow1.get(f"{path}/{first}").text
    words = done(ow1, send(ow1, path, certificate_file("renewed.pem"), method="certificate"), identity)
    assert "The certificate is renewed" in words
    assert len(sources(identity)) == 2 and first in sources(identity)
    assert actions(identity)[-1] == "certificate renewed"
    # Once more the same: nothing happens.
    count = len(actions(identity))
    done(ow1, send(ow1, path, certificate_file("renewed.pem"), method="certificate"), identity)
    sql("UPDATE source SET not_after = not_after + interval '1 day' WHERE id = :'id'", id=first)
    refused(send(ow1, path, certificate_file("good.pem"), method="certificate"), "Upload the one that lasts longer")
    assert len(actions(identity)) == count


def test_remove_a_source_but_not_the_last(ow1):
    identity = ow1.register("direct@example.edu", networks="10.1.2.0/24 127.0.0.21")
    one, other = sources(identity)
    path = f"/registrations/{identity}/sources"
    assert f"{path}/{one}/remove" in ow1.get(f"/registrations/{identity}").text
    assert "The source is removed." in done(ow1, send(ow1, f"{path}/{one}/remove"), identity)
    assert "not part of this registration any more" in done(ow1, send(ow1, f"{path}/{one}/remove"), identity)
    assert f"{path}/{other}/remove" not in ow1.get(f"/registrations/{identity}").text
    refused(send(ow1, f"{path}/{other}/remove"), "is the only source")
    assert actions(identity) == ["created", "source removed"] and list(sources(identity)) == [other]


def test_a_source_of_another_registration_stays(ow1):
    identity = ow1.register("direct@example.edu")
    other = ow1.register("many@example.edu", networks="127.0.0.21 127.0.0.22")
    for source in sources(other):
        send(ow1, f"/registrations/{identity}/sources/{source}/remove")
    assert len(sources(other)) == 2 and actions(other) == ["created"]


# --- edit --------------------------------------------------------------------------------------

EDITED = {"application_name": "Printers of Baker Hall", "application_type": "device-monitor",
          "location": ["campus", "aws"], "note": "Ask Jo.\nRoom 3."}


def test_edit_all_but_the_address(ow1):
    identity = ow1.register("direct@example.edu", owners="ow2")
    path = f"/registrations/{identity}/edit"
    page = ow1.page(path)
    assert page.value("application_name") == "Course evaluation" and page.fields["location"] == ["campus"]
    done(ow1, send(ow1, path, version=page.value("version"), **EDITED), identity)
    assert stored(identity) | {"locations": ["aws", "campus"], "application_name": EDITED["application_name"],
                               "application_type": "device-monitor", "note": EDITED["note"]} == stored(identity)
    assert notices(identity, "changed") == ["ow1", "ow2"]
    shown = ow1.page(f"/registrations/{identity}/history").words
    assert "before: Web Applicationafter: Device Monitor" in shown and "Campus networks" in shown and "In force" in shown
    assert "UTC" in shown and not any(raw in shown for raw in ("web-application", "device-monitor", "campus", " live"))
    assert "device-monitor" in ow1.get(f"/registrations/{identity}/history?format=csv").text
    # The same again changes nothing, whatever the version.
    done(ow1, send(ow1, path, version=page.value("version"), **EDITED), identity)
    assert actions(identity) == ["created", "changed"]


@pytest.mark.parametrize("version", ["older", "", "0", "x", "99"])
def test_an_older_form_is_refused_with_both_versions(ow1, version):
    identity = ow1.register("direct@example.edu", owners="ow2")
    path = f"/registrations/{identity}/edit"
    older = ow1.page(path).value("version")
    ow2 = Browser("ow2")
    done(ow2, send(ow2, path, version=older, **EDITED), identity)
    mine = {"application_name": "Mine", "application_type": "scanner", "location": ["campus"], "note": "My note"}
    answer = send(ow1, path, version=older if version == "older" else version, **mine)
    page = refused(answer, "ow2 changed this registration", "change")
    for text in "Printers of Baker Hall", "Mine", "Device Monitor", "Scanner", "Ask Jo.", "My note", "Both versions":
        assert text in answer.text
    assert {name: page.fields[name] for name in mine} == {name: [v] if isinstance(v, str) else v for name, v in mine.items()}
    # Sent once more, with both versions seen, it is accepted.
    done(ow1, send(ow1, path, version=page.value("version"), **mine), identity)
    assert stored(identity)["application_name"] == "Mine"


@pytest.mark.parametrize("field, value, text", [
    ("application_name", "", "Enter the name"), ("application_name", "x" * 101, "100 characters"),
    ("application_type", "toaster", "application types"), ("location", [], "Select where"),
    ("location", ["moon"], "no location"), ("note", "x" * 2001, "2,000 characters"),
])
def test_edit_refuses_as_the_first_form(ow1, unchanged_but_registered, field, value, text):
    path = f"/registrations/{unchanged_but_registered}/edit"
    page = refused(send(ow1, path, version="1", **EDITED | {field: value}), text, field)
    assert page.value("note") == (value if field == "note" else EDITED["note"])


def test_the_address_is_no_field(ow1, unchanged_but_registered):
    answer = send(ow1, f"/registrations/{unchanged_but_registered}/edit", version="1", address="many@example.edu", **EDITED)
    assert answer.status_code == 400


@pytest.mark.parametrize("fields, text", [
    ({"method": "network", "networks": "127.128.0.5"}, "127.128.0.5 is in AWS"),
    ({"method": "hostname", "hostnames": "cloud1.example.edu"}, "cloud1.example.edu is in AWS"),
])
def test_a_location_that_a_source_needs(ow1, fields, text):
    identity = ow1.register("direct@example.edu", location=["campus", "aws"], **fields)
    path = f"/registrations/{identity}/edit"
    refused(send(ow1, path, version="1", **EDITED | {"location": ["campus"]}), text, "location")
    done(ow1, send(ow1, path, version="1", **EDITED | {"location": ["aws"]}), identity)
    assert stored(identity)["locations"] == ["aws"]


def test_what_people_read_does_not_wait_for_an_export(ow1):
    identity = ow1.register("direct@example.edu")
    demo.demo("export")
    assert "On the relay since" in ow1.page(f"/registrations/{identity}").words
    since = sql("SELECT changed_at FROM registration WHERE id = :'id'", id=identity)
    send(ow1, f"/registrations/{identity}/owners", login="ow2")
    send(ow1, f"/registrations/{identity}/edit", version="2", application_name="Other", application_type="web-application",
         location="campus", note="")
    assert actions(identity)[1:] == ["owner added", "changed"]
    assert sql("SELECT changed_at FROM registration WHERE id = :'id'", id=identity) == since
    send(ow1, f"/registrations/{identity}/sources", method="network", networks="10.1.2.0/24")
    assert sql("SELECT changed_at FROM registration WHERE id = :'id'", id=identity) != since


# --- owners ------------------------------------------------------------------------------------

def test_add_and_remove_owners(ow1):
    identity = ow1.register("direct@example.edu")
    path = f"/registrations/{identity}/owners"
    refused(send(ow1, f"{path}/ow1/remove"), "is the only owner", "login")
    assert "The owner is added." in done(ow1, send(ow1, path, login=" NB1 "), identity)
    assert "nb1 is an owner already." in done(ow1, send(ow1, path, login="nb1"), identity)
    assert Browser("nb1").get(f"/registrations/{identity}").status_code == 200
    assert notices(identity, "owner-added") == ["nb1", "ow1"]
    done(ow1, send(ow1, f"{path}/nb1/remove"), identity)
    assert "nb1 is not an owner of this registration any more." in done(ow1, send(ow1, f"{path}/NB1/remove"), identity)
    assert Browser("nb1").get(f"/registrations/{identity}").status_code == 404
    assert notices(identity, "owner-removed") == ["nb1", "ow1"]
    assert actions(identity) == ["created", "owner added", "owner removed"]


def test_many_changes_fill_nobodys_mailbox(ow1):
    """Ten times added and removed: so many notices, then one for all that follow, an hour later."""
    identity = ow1.register("direct@example.edu", owners="ow2")
    for _ in range(10):
        send(ow1, f"/registrations/{identity}/owners", login="nb1")
        send(ow1, f"/registrations/{identity}/owners/nb1/remove")
    assert len(actions(identity)) == 21
    told = sql("SELECT recipient, count(*), count(*) FILTER (WHERE kind = 'changed-often'),"
               " bool_and(next_attempt_at >= made_at + interval '1 hour') FILTER (WHERE kind = 'changed-often')"
               " FROM notice WHERE registration_id = :'id' GROUP BY 1 ORDER BY 1", id=identity)
    assert told == [[one, "7", "1", "t"] for one in ("nb1", "ow1", "ow2")]
    # What the relay team does is told all the same, to others who were not told so often.
    send(ow1, f"/registrations/{identity}/owners", login="ad1")
    assert notices(identity, "owner-added").count("ad1") == 1
    # An hour later each change is told by itself again.
    sql("UPDATE notice SET made_at = made_at - interval '61 minutes' WHERE registration_id = :'id'", id=identity)
    send(ow1, f"/registrations/{identity}/owners/ad1/remove")
    assert sorted(notices(identity, "owner-removed"))[:2] == ["ad1", "nb1"]
    assert notices(identity, "owner-removed").count("ow2") == 3


@pytest.mark.parametrize("login, text", [
    ("", "Enter the login name"), ("a|b", "is not a login name"), ("a b", "Nobody with the login name a b"), ("x" * 65, "is not a login name"),
    ("no-such-person", "Nobody with the login name"), ("of1", "is switched off"), ("*", "is not a login name"),
])
def test_owners_that_cannot_be(ow1, unchanged_but_registered, login, text):
    page = refused(send(ow1, f"/registrations/{unchanged_but_registered}/owners", login=login), text, "login")
    assert page.value("login") == login


def test_who_leaves_is_led_to_their_list(ow1):
    identity = ow1.register("direct@example.edu", owners="nb1")
    nb1 = Browser("nb1")
    answer = send(nb1, f"/registrations/{identity}/owners/nb1/remove")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registrations")
    assert nb1.get(f"/registrations/{identity}").status_code == 404
    assert nb1.page("/registrations").done == ["You are no longer an owner of direct@example.edu."]
    assert nb1.page("/registrations").done == []


def test_join_with_one_click(ow1):
    identity = ow1.register("comanaged@example.edu")
    ad1 = Browser("ad1")
    page = ad1.get(f"/registrations/{identity}").text
    assert f'action="/registrations/{identity}/join"' in page
    assert f'action="/registrations/{identity}/join"' not in ow1.get(f"/registrations/{identity}").text
    assert "You are an owner now." in done(ad1, send(ad1, f"/registrations/{identity}/join"), identity)
    done(ad1, send(ad1, f"/registrations/{identity}/join"), identity)
    assert actions(identity) == ["created", "owner joined"] and notices(identity, "owner-added") == ["ad1", "ow1"]


def test_a_taken_address_leads_to_joining(ow1):
    identity = ow1.register("comanaged@example.edu")
    ad1 = Browser("ad1")
    page = refused(ad1.submit("comanaged@example.edu"), "managed by ow1")
    assert f"/registrations/{identity}" in page.links


# --- retiring, confirming ------------------------------------------------------------------------

def test_retire_frees_the_address_and_keeps_the_history(ow1):
    identity = ow1.register("direct@example.edu", owners="ow2")
    path = f"/registrations/{identity}/retire"
    page = ow1.page(path)
    assert "stops to accept messages" in page.words and "127.0.0.21" in page.words
    assert actions(identity) == ["created"]
    assert "retired" in done(ow1, send(ow1, path, reason="Nobody uses it"), identity)
    assert history(identity)[-1][:3] == ("retired", "ow1", "Nobody uses it")
    assert notices(identity, "retired") == ["ow1", "ow2"]
    done(ow1, send(ow1, path, reason="Again"), identity)
    assert actions(identity) == ["created", "retired"]
    assert ow1.submit("direct@example.edu").status_code == 303
    assert ow1.get(f"/registrations/{identity}/history").status_code == 200


def test_a_retired_one_cannot_be_changed(ow1):
    identity = ow1.register("direct@example.edu", networks="127.0.0.21 10.1.2.0/24", owners="nb1")
    send(ow1, f"/registrations/{identity}/retire")
    [one, _] = sources(identity)
    before = demo.counts()
    path = f"/registrations/{identity}"
    refused(send(ow1, f"{path}/sources", method="network", networks="10.1.2.3"), "is retired")
    refused(send(ow1, f"{path}/sources/{one}/remove"), "is retired")
    refused(send(ow1, f"{path}/edit", version="2", **EDITED), "is retired")
    refused(send(ow1, f"{path}/owners", login="ow2"), "is retired")
    refused(send(ow1, f"{path}/owners/nb1/remove"), "is retired")
    assert send(ow1, f"{path}/confirm").status_code == 422
    assert demo.counts() == before
    assert "/edit" not in " ".join(ow1.page(path).links)


@pytest.mark.parametrize("reason, text", [("x" * 501, "500 characters"), ("a\x07b", "control characters")])
def test_reasons_that_cannot_be(ow1, unchanged_but_registered, reason, text):
    refused(send(ow1, f"/registrations/{unchanged_but_registered}/retire", reason=reason), text, "reason")


def age(identity, days):
    sql("UPDATE registration SET confirmed_at = confirmed_at - :'days'::interval WHERE id = :'id'",
        id=identity, days=f"{days} days")


def test_confirm_when_it_is_due(ow1):
    identity = ow1.register("direct@example.edu")
    button = f'action="/registrations/{identity}/confirm"'
    assert button not in ow1.get(f"/registrations/{identity}").text
    age(identity, 334)
    assert button not in ow1.get(f"/registrations/{identity}").text
    age(identity, 2)
    assert button in ow1.get(f"/registrations/{identity}").text
    assert "confirmed for another year" in done(ow1, send(ow1, f"/registrations/{identity}/confirm"), identity)
    assert button not in ow1.get(f"/registrations/{identity}").text
    done(ow1, send(ow1, f"/registrations/{identity}/confirm"), identity)
    assert actions(identity) == ["created", "confirmed"]
    _, _, _, before, after = history(identity)[-1]
    assert {name for name in after if before[name] != after[name]} == {"confirmed_at"}
    words = ow1.page(f"/registrations/{identity}/history").words
    assert re.search(r"Confirmed before: \d+ \w+ \d{4} at [\d:]+ UTC ?after: \d+ \w+ \d{4} at [\d:]+ UTC", words), words


# --- many at once --------------------------------------------------------------------------------

def at_once(identity, person, path, fields, count=50):
    """The same form sent many times at the same moment; the statuses."""
    browsers = [Browser(person) for _ in range(8)]
    for browser in browsers:
        assert browser.token
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda i: send(browsers[i % 8], f"/registrations/{identity}/{path}", **fields).status_code,
                             range(count)))


@pytest.mark.parametrize("path, fields, action", [
    ("sources", {"method": "network", "networks": "10.1.2.0/24"}, "source added"),
    ("sources/{source}/remove", {}, "source removed"),
    ("edit", {"version": "1"} | EDITED, "changed"),
    ("owners", {"login": "nb1"}, "owner added"),
    ("owners", {"login": "g-l1"}, "owner added"),
    ("owners/ow2/remove", {}, "owner removed"),
    ("join", {}, "owner joined"),
    ("retire", {"reason": "x"}, "retired"),
    ("confirm", {}, "confirmed"),
])
def test_fifty_at_once_have_one_effect(ow1, path, fields, action):
    person = "ad1" if path == "join" else "ow1"
    for _ in range(demo.ROUNDS):
        identity = ow1.register("comanaged@example.edu", networks="127.0.0.21 10.1.3.0/24", owners="ow2")
        age(identity, 360)
        statuses = at_once(identity, person, path.replace("{source}", list(sources(identity))[0]), fields)
        assert actions(identity) == ["created", action]
        assert set(statuses) == {303}, statuses


def test_different_sources_at_once_are_all_there(ow1):
    identity = ow1.register("direct@example.edu")
    browsers = [Browser("ow1") for _ in range(10)]
    assert all(browser.token for browser in browsers)
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda i: send(browsers[i], f"/registrations/{identity}/sources", method="network",
                                     networks=f"10.1.2.{i + 1}"), range(10)))
    assert len(sources(identity)) == 11 and actions(identity).count("source added") == 10
    version = sql("SELECT version FROM registration WHERE id = :'id'", id=identity)
    assert version == [["11"]]


def test_two_who_remove_each_other(ow1):
    for _ in range(5):
        identity = ow1.register("comanaged@example.edu", owners="ad1")
        ad1 = Browser("ad1")
        assert ad1.token
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: send(one[0], f"/registrations/{identity}/owners/{one[1]}/remove"),
                          [(ow1, "ad1"), (ad1, "ow1")]))
        assert sql("SELECT count(*) FROM registration_owner WHERE registration_id = :'id'", id=identity) == [["1"]]


# --- signing in again -----------------------------------------------------------------------------

@pytest.mark.parametrize("path, fields", [
    ("sources", {"method": "network", "networks": "10.9.9.9"}), ("edit", {"version": "1"} | EDITED),
    ("owners", {"login": "nb1"}), ("retire", {"reason": "Not needed"}),
])
def test_what_was_typed_is_there_after_signing_in(ow1, path, fields):
    identity = ow1.register("direct@example.edu")
    browser = Browser()
    answer = browser.post(f"/registrations/{identity}/{path}", {"csrf_token": "old"} | fields)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next=%2Fregistrations%2F{identity}%2F{path}"
    answer = browser.sign_in("ow1", next=f"/registrations/{identity}/{path}")
    page = browser.page(answer.headers["Location"])
    for name, value in fields.items():
        assert page.fields[name] == (value if isinstance(value, list) else [value])
    assert actions(identity) == ["created"]


def test_a_button_leads_back_to_the_registration(ow1):
    identity = ow1.register("direct@example.edu")
    answer = Browser().post(f"/registrations/{identity}/confirm", {"csrf_token": "old"})
    assert answer.headers["Location"] == f"/sign-in?next=%2Fregistrations%2F{identity}"


def test_outages_change_nothing(ow1):
    identity = ow1.register("direct@example.edu")
    before = demo.counts()
    with demo.stopped("directory"):
        answer = send(ow1, f"/registrations/{identity}/owners", login="ow2")
        assert answer.status_code == 503 and "Nothing was saved" in Page(answer.text).words
        assert answer.headers["Retry-After"]
        assert send(Browser("ad1"), f"/registrations/{identity}/join").status_code == 503
    with demo.stopped("dns"):
        answer = send(ow1, f"/registrations/{identity}/sources", method="hostname", hostnames="web1.example.edu")
        assert answer.status_code == 503 and Page(answer.text).value("hostnames") == "web1.example.edu"
    assert demo.counts() == before


def test_history_is_not_changed_even_by_its_owner():
    for statement in ("UPDATE history SET login = 'x'", "DELETE FROM history", "TRUNCATE history CASCADE"):
        with pytest.raises(AssertionError, match="the history cannot be changed"):
            sql(statement)


def test_ids_that_are_none(ow1):
    identity = ow1.register("direct@example.edu")
    for path in (f"/registrations/{identity}/sources/1/remove", f"/registrations/{identity}/owners/a|b/remove",
                 f"/registrations/{uuid.uuid4()}/join", f"/registrations/{identity}/sources/{uuid.uuid4()}"):
        assert ow1.get(path).status_code in (404, 405)
        assert send(ow1, path).status_code in (404, 405)
    assert re.match("[0-9a-f-]{36}$", identity)


def test_a_notice_is_delivered(person):
    """The relay takes no mail of the portal's own sender: the demo has a port for it."""
    reader = person()
    Browser("ow1").register("bulk-00180@example.edu", networks="127.0.0.70", owners=reader.login)

    def delivered():
        texts = [path.read_text(errors="replace") for path in (demo.DIR / "mail/notices/new").glob("*")]
        return any(f"\nDelivered-To: {reader.cn}@example.edu\n" in text and "bulk-00180@example.edu" in text for text in texts)

    assert demo.wait_until(delivered, 60)


# --- the history says the truth ------------------------------------------------------------------


def as_portal(statement, **values):
    """A statement as the portal's own role: what is printed, and the error."""
    password = (demo.DIR / "secrets/portal.password").read_text().strip()
    settings = [f"--set={name}={value}" for name, value in values.items()]
    result = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *settings, "-h", demo.DIR / "database/socket",
         "-U", "appsmtp_portal", "-d", "appsmtp"],
        input=statement, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": password}, timeout=30)
    return result.stdout.strip(), result.stderr


@pytest.mark.parametrize("statement, reason", [
    ("INSERT INTO history (registration_id, at, login, action) VALUES (:'id', '2001-01-01', 'x', 'forged')", "permission denied"),
    ("INSERT INTO history (id, registration_id, login, action) OVERRIDING SYSTEM VALUE VALUES (1000000, :'id', 'x', 'forged')",
     "permission denied"),
    ("INSERT INTO history (registration_id, login, action) VALUES (:'id', 'ow2', 'forged')", "nobody is signed in"),
    ("BEGIN; SELECT set_config('appsmtp.session', gen_random_uuid()::text, true);"
     " INSERT INTO history (registration_id, login, action) VALUES (:'id', 'ow2', 'forged'); COMMIT", "nobody is signed in"),
    ("UPDATE registration SET state = 'suspended' WHERE id = :'id'", "without a row in its history"),
    ("UPDATE registration SET note = 'x' WHERE id = :'id'", "without a row in its history"),
    ("DELETE FROM registration_owner WHERE registration_id = :'id' AND login = 'ow2'", "without a row in its history"),
    ("INSERT INTO registration_owner (registration_id, login, added_by) VALUES (:'id', 'nb1', 'x')", "without a row in its history"),
    ("UPDATE registration_owner SET login = 'nb1' WHERE registration_id = :'id' AND login = 'ow2'", "without a row in its history"),
    ("UPDATE registration_owner SET person_id = 'x' WHERE registration_id = :'id' AND login = 'ow2'", "cannot become another person"),
    ("UPDATE registration_owner SET person_id = NULL WHERE registration_id = :'id' AND login = 'ow2'", "cannot become another person"),
    ("UPDATE registration_owner SET login = 'nb1', person_id = 'x' WHERE registration_id = :'id' AND login = 'ow2'",
     "cannot become another person"),
    ("UPDATE registration_owner SET kind = 'group' WHERE registration_id = :'id'", "permission denied"),
    ("UPDATE registration_owner SET added_by = 'x' WHERE registration_id = :'id'", "permission denied"),
    ("INSERT INTO registration_location VALUES (:'id', 'aws')", "without a row in its history"),
    ("INSERT INTO source (id, registration_id, added_by, network) VALUES (gen_random_uuid(), :'id', 'x', '127.0.0.66')",
     "without a row in its history"),
    ("UPDATE history SET reason = 'x'", "permission denied"), ("DELETE FROM history", "permission denied"),
    ("CREATE TEMPORARY TABLE session (login text)", "permission denied"),
])
def test_the_portals_role_cannot_forge(ow1, statement, reason):
    identity = ow1.register("direct@example.edu", owners="ow2")
    before = sql("SELECT registration_as_json(:'id'), (SELECT count(*) FROM history WHERE registration_id = :'id')", id=identity)
    assert reason in as_portal(statement, id=identity)[1]
    assert sql("SELECT registration_as_json(:'id'), (SELECT count(*) FROM history WHERE registration_id = :'id')",
               id=identity) == before


@pytest.mark.parametrize("login, columns, reason", [
    ("", "person_id = 'x'", "nobody is signed in"),
    ("nb1", "person_id = 'x'", "nobody is signed in"),
    ("nb1", "person_id = (SELECT person_id FROM session WHERE login = 'nb1' LIMIT 1)", "nobody is signed in"),
    ("nb1", "login = 'nb1', person_id = (SELECT person_id FROM session WHERE login = 'nb1' LIMIT 1)", "without a row in its history"),
    ("ow2", "person_id = 'x'", "nobody is signed in"),
    ("ow2", "person_id = (SELECT person_id FROM session WHERE login = 'ow2' LIMIT 1)", ""),
])
def test_a_row_of_nobody_known_is_given_to_nobody_else(ow1, notices_held, login, columns, reason):
    """It is that of whom the portal acts for, under the login of their session."""
    identity = ow1.register("direct@example.edu", owners="ow2")
    sql("UPDATE registration_owner SET person_id = NULL WHERE registration_id = :'id' AND login = 'ow2'", id=identity)
    if login:
        demo.session_of(login)
    name = "".join(row[0] for row in sql("SELECT id FROM session WHERE login = :'login' ORDER BY started_at DESC LIMIT 1", login=login))
    before = sql("SELECT registration_as_json(:'id')", id=identity)
    _, error = as_portal("BEGIN; SELECT set_config('appsmtp.session', :'name', true);"
                         f" UPDATE registration_owner SET {columns} WHERE registration_id = :'id' AND login = 'ow2'; COMMIT",
                         id=identity, name=name)
    if reason:
        assert reason in error and sql("SELECT registration_as_json(:'id')", id=identity) == before
    else:
        assert not error and sql("SELECT registration_as_json(:'id') -> 'owner_ids' ->> 'ow2'", id=identity) == [[demo.person_of("ow2")[0]]]


def test_a_table_of_the_same_name_stands_in_for_none(ow1):
    """What a restored database allows again: a temporary table that its maker owns."""
    identity = ow1.register("direct@example.edu")
    sql("GRANT TEMPORARY ON DATABASE appsmtp TO appsmtp_portal")
    try:
        _, error = as_portal("CREATE TEMPORARY TABLE history (made_in xid8);"
                             " INSERT INTO public.history (registration_id, login, action) VALUES (:'id', 'ow2', 'forged')",
                             id=identity)
    finally:
        sql("REVOKE TEMPORARY ON DATABASE appsmtp FROM appsmtp_portal")
    assert "nobody is signed in" in error and "forged" not in actions(identity)


def test_a_history_row_is_the_sessions(ow1):
    """Whatever login the row is given, it is of whom the session belongs to."""
    identity = ow1.register("direct@example.edu")
    demo.session_of("dp1")
    [[name]] = sql("SELECT id FROM session WHERE login = 'dp1' ORDER BY started_at DESC LIMIT 1")
    _, error = as_portal("BEGIN; SELECT set_config('appsmtp.session', :'name', true);"
                         " INSERT INTO history (registration_id, login, action) VALUES (:'id', 'ow2', 'tried'); COMMIT",
                         id=identity, name=name)
    assert not error
    [[login, recent]] = sql("SELECT login, at > now() - interval '1 minute' FROM history WHERE registration_id = :'id'"
                            " AND action = 'tried'", id=identity)
    assert (login, recent) == ("dp1", "t")
