# SPDX-License-Identifier: MIT
"""Whose address it is: the directory's answer, on the command line and in the form."""

import json
import re
import threading
import uuid

import pytest

import demo
from browser import Browser, Page
from demo import TOP

ROWS = [line.split("\t") for line in (TOP / "tests/directory/expected.tsv").read_text().splitlines()
        if line and not line.startswith("#")]
MAY = ("owner", "administrator")


@pytest.mark.parametrize("login, address, answer", ROWS)
def test_command_line(login, address, answer):
    result = demo.run("appsmtp-admin", "check-directory", login, address)
    assert f"\nanswer: {answer}\n" in "\n" + result.stdout
    assert result.returncode == (0 if answer in MAY else 1)


def plain(page, address):
    """The page without the address that was typed, and without the token of the session."""
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page)
    for typed in (address, address.lower()):
        for old, new in (("&", "&amp;"), ("'", "&#39;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
            typed = typed.replace(old, new)
        page = page.replace(typed, "ADDRESS")
    return page


SIGNED_IN = [row for row in ROWS if re.fullmatch("[A-Za-z0-9]+", row[0]) and row[2] != "syntax"]


@pytest.mark.parametrize("login, address, answer", SIGNED_IN)
def test_form(login, address, answer, unchanged):
    """Asked with a form that is refused for another reason, so that nothing is registered."""
    browser = Browser(login.lower())
    demo.free(address.lower())
    got = browser.submit(address, application_name="")
    page = Page(got.text)
    texts = page.errors.get("address", [])
    if answer in MAY:
        assert texts == []
    elif answer in ("no-role", "not-found", "ambiguous"):
        nowhere = "no-such-address@example.edu"
        other = browser.submit(nowhere, application_name="")
        assert got.status_code == other.status_code == 422
        assert plain(got.text, address) == plain(other.text, nowhere)
        assert "was not found, or you are neither an owner nor an administrator" in texts[0]
    else:
        assert {"not-eligible": "cannot send mail at this time", "person-not-eligible": "Your own account is not active",
                "person-several": "more than one entry with your login name"}[answer] in texts[0]


@pytest.mark.parametrize("login", ["nb1", "dp1", "ow2", "sd1", "rl1"])
def test_who_cannot_register_direct(login, unchanged):
    answer = Browser(login).submit("direct@example.edu")
    assert answer.status_code == 422 and [one[0] for one in Page(answer.text).summary] == ["address"]


@pytest.mark.parametrize("login, address", [("ad1", "grpadmin@example.edu"), ("dp1", "nested@example.edu"),
                                            ("js7", "o'brien+x=y/{z}~!#$%&*@example.edu"), ("zo9", "a_b-c.d@example.edu"),
                                            ("ow1", "MANY.old@dept.example.edu"), ("ow1", "onprem@example.edu")])
def test_who_can(login, address):
    demo.free(address.lower())
    answer = Browser(login).submit(address)
    assert answer.status_code == 303, Page(answer.text).summary
    demo.free(address.lower())


def test_who_is_not_eligible_learns_nothing_of_others(unchanged):
    """Somebody switched off, in a session from before: the same words whatever the address."""
    of1 = Browser("of1")
    pages = [plain(of1.submit(one).text, one) for one in
             ("direct@example.edu", "ownoff@example.edu", "room@example.edu", "no-such-address@example.edu")]
    assert len(set(pages)) == 1 and "Your own account is not active" in pages[0]


@pytest.mark.parametrize("address", ["room@example.edu", "disabled@example.edu", "dup@example.edu", "list-one@example.edu",
                                     "old@example.edu", "ow1@example.edu"])
def test_who_has_no_role_learns_nothing_of_odd_accounts(nb1, address, unchanged):
    other = "no-such-address@example.edu"
    assert plain(nb1.submit(address).text, address) == plain(nb1.submit(other).text, other)


def test_only_a_role_learns_that_it_is_taken_and_by_whom(unchanged_later):
    demo.free("comanaged@example.edu")
    ad1 = Browser("ad1")
    identity = ad1.register("comanaged@example.edu")
    for login in "ow1", "ow2":
        page = Page(Browser(login).submit("comanaged@example.edu").text)
        assert "is registered already. Its registration is managed by ad1" in page.summary[0][1]
        assert f"/registrations/{identity}" in page.links
    nb1 = Browser("nb1")
    other = "no-such-address@example.edu"
    taken = nb1.submit("comanaged@example.edu")
    assert plain(taken.text, "comanaged@example.edu") == plain(nb1.submit(other).text, other)
    assert identity not in taken.text and "ad1" not in taken.text


@pytest.fixture
def unchanged_later():
    yield
    demo.free("comanaged@example.edu")


def test_owner_of_the_account_sees_a_registration_that_others_made():
    identity = Browser("ad1").register("comanaged@example.edu")
    for login in "ow1", "ow2":
        assert Browser(login).get(f"/registrations/{identity}").status_code == 200
    for login in "nb1", "dg1", "rl1":
        assert Browser(login).get(f"/registrations/{identity}").status_code == 404
    demo.free("comanaged@example.edu")


def test_registration_of_an_account_that_may_not_send_stays_in_its_owners_list():
    demo.free("room@example.edu")
    identity = str(uuid.uuid4())
    demo.sql("""BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label) VALUES (:'id', 'room@example.edu', 'Room', 'scanner', 'x', 'x');
        INSERT INTO registration_owner (registration_id, login, added_by) VALUES (:'id', 'nb1', 'nb1');
        INSERT INTO registration_location VALUES (:'id', 'campus');
        INSERT INTO source (id, registration_id, added_by, network)
          VALUES (gen_random_uuid(), :'id', 'nb1', '127.0.0.21/32'); COMMIT""", id=identity)
    ow1 = Browser("ow1")
    assert f"/registrations/{identity}" in ow1.get("/registrations", params={"q": "room@example.edu"}).text
    assert ow1.get(f"/registrations/{identity}").status_code == 200
    assert f"/registrations/{identity}" not in Browser("ow2").get("/registrations").text
    assert "room@example.edu" not in ow1.get("/registrations/new").text
    demo.free("room@example.edu")


def test_command_line_and_form_say_the_same():
    answer = demo.run("appsmtp-check", "--json", "address", "direct@example.edu", "--login", "nb1")
    finding = json.loads(answer.stdout)["findings"][0]
    assert finding["text"] == Page(Browser("nb1").submit("direct@example.edu").text).summary[0][1]
    assert (answer.returncode, finding["code"]) == (1, "address.not-yours")


def test_two_people_at_the_same_moment():
    """20 rounds: one registers, the other is told."""
    people = [Browser("ad1"), Browser("ow2")]
    assert all(one.token for one in people)
    for turn in range(20):
        demo.free("comanaged@example.edu")
        barrier = threading.Barrier(len(people))
        answers = [None] * len(people)

        def register(number):
            barrier.wait()
            answers[number] = people[number].submit("comanaged@example.edu")

        threads = [threading.Thread(target=register, args=[number]) for number in range(len(people))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(one.status_code for one in answers) == [303, 422], turn
        for one in answers:
            if one.status_code == 422:
                assert "registered already" in Page(one.text).summary[0][1]
        rows = demo.sql("SELECT count(*) FROM registration WHERE address = 'comanaged@example.edu' AND state <> 'retired'")
        assert rows == [["1"]]
    demo.free("comanaged@example.edu")
