# SPDX-License-Identifier: MIT
"""What a suspension leaves behind, and who may undo it."""

import datetime

import pytest

from conftest import PEOPLE, at
from test_year import Year


def state(year, name):
    return year.site.sql(f"SELECT state FROM registration WHERE id = '{year.ids[name]}'")[0][0]


def keep_suspended(year, time, name):
    """As the operators' button does it: the state stays, whose suspension it is changes."""
    year.change(name, time, "rl1", "suspended", "",
                f"UPDATE registration SET suspended_by_operator = true WHERE id = '{year.ids[name]}'")


def test_owners_answer_leaves_the_relay_teams_suspension(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yc", "ow-a", "network")
    for day in ("2028-01-10", "2028-02-09"):
        site.notify(at(day))
    assert state(year, "yc") == "suspended"
    keep_suspended(year, at("2028-02-10"), "yc")
    year.confirm(at("2028-02-11"), "yc")
    site.notify(at("2028-02-11"))
    assert state(year, "yc") == "suspended"
    year.resume(at("2028-02-12"), "yc")
    site.notify(at("2028-02-12"))
    assert state(year, "yc") == "live"


def notices(year, kind):
    return year.site.sql(f"SELECT recipient FROM notice WHERE kind = '{kind}' ORDER BY id")


def pause_by(year, how, first, last):
    """Out of force from one day to the other, by an operator or by its owner."""
    end, begin = ((year.suspend, year.resume) if how == "suspend" else (year.retire, year.bring_back))
    end(at(first), "yd")
    begin(at(last), "yd")


@pytest.mark.parametrize("how", ["suspend", "retire"])
def test_a_fault_from_before_counts_no_more(site, how):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    year.ega_leaves(None, "yd")
    for day in ("2027-01-11", "2027-01-12", "2027-01-13"):
        site.notify(at(day))
    assert len(notices(year, "ownership-lost")) == 2
    pause_by(year, how, "2027-01-14", "2027-02-10")
    for day in ("2027-02-10", "2027-02-11"):
        site.notify(at(day))
        assert state(year, "yd") == "live" and len(notices(year, "ownership-lost")) == 2
    site.notify(at("2027-02-12"))
    assert state(year, "yd") == "live" and len(notices(year, "ownership-lost")) == 4


@pytest.mark.parametrize("how", ["suspend", "retire"])
def test_an_absence_from_before_counts_no_more(site, how):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-b", "network")
    year.add_owner(at("2027-01-10"), "yd", "ow-a")
    year.person_leaves(None, "ow-a")
    site.notify(at("2027-01-11"))
    pause_by(year, how, "2027-01-12", "2027-02-10")
    owners = f"SELECT login FROM registration_owner WHERE registration_id = '{year.ids['yd']}' ORDER BY 1"
    for day in ("2027-02-10", "2027-02-11"):
        site.notify(at(day))
        assert site.sql(owners) == [["ow-a"], ["ow-b"]]
    site.notify(at("2027-02-12"))
    assert site.sql(owners) == [["ow-b"]]


@pytest.mark.parametrize("how", ["suspend", "retire"])
def test_a_reminder_from_before_counts_no_more(site, how):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    site.notify(at("2027-12-12"))
    assert len(notices(year, "confirmation-due")) == 1
    pause_by(year, how, "2027-12-13", "2028-03-10")
    site.notify(at("2028-03-10"))
    assert state(year, "yd") == "live" and len(notices(year, "confirmation-overdue")) == 1
    site.notify(at("2028-04-08"))
    assert state(year, "yd") == "live"
    site.notify(at("2028-04-09"))
    assert state(year, "yd") == "suspended"


def test_address_that_moved_to_another_account(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    year.ega_leaves(None, "yd")
    site.add_ega("ye", ["ow-b"], "yd")
    for day in ("2027-01-11", "2027-01-12"):
        site.notify(at(day))
        assert notices(year, "ownership-lost") == []
    site.notify(at("2027-01-13"))
    assert [row[0] for row in notices(year, "ownership-lost")] == ["ow-a", "ow-b", "relay-team@example.edu"]
    assert "belongs to another account now" in str(site.sink.take()[-1][1].get_content()).replace("\n", " ")
    site.notify(at("2027-01-27"))
    assert state(year, "yd") == "suspended"
    # Back with an account that its owner has made anew: the same address, another id.
    year.ega_leaves(None, "ye")
    account = site.add_ega("yd", ["ow-a"])
    site.notify(at("2027-01-28"))
    assert state(year, "yd") == "live"
    assert site.sql("SELECT account_id FROM registration") == [[account]]
    assert [row[0] for row in site.sql("SELECT action FROM history ORDER BY id")] == [
        "created", "suspended", "account changed", "resumed"]


def test_join_of_an_owner_of_the_new_account_puts_it_right(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    year.ega_leaves(None, "yd")
    account = site.add_ega("ye", ["ow-b"], "yd")
    for day in ("2027-01-11", "2027-01-12", "2027-01-13"):
        site.notify(at(day))
    year.add_owner(at("2027-01-14"), "yd", "ow-b")
    site.notify(at("2027-01-14"))
    assert site.sql("SELECT account_id FROM registration") == [[account]]
    assert [row[0] for row in notices(year, "ownership-back")] == ["ow-a", "ow-b", "relay-team@example.edu"]


def test_owners_of_an_account_that_may_not_send_are_told(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    site.change_ega("yd", "managedBy", f"CN=ow-b,{PEOPLE}")
    site.change_ega("yd", "msExchRecipientTypeDetails", "8589934592")
    for day in ("2027-01-11", "2027-01-12", "2027-01-13"):
        site.notify(at(day))
    assert [row[0] for row in notices(year, "ownership-lost")] == ["ow-a", "ow-b", "relay-team@example.edu"]


def test_two_days_are_hours_and_not_dates(site):
    """Runs around midnight are no two days, and those of a timer that comes early are."""
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-b", "network")
    year.add_owner(at("2027-01-10"), "yd", "ow-a")
    year.ega_leaves(None, "yd")
    year.person_leaves(None, "ow-a")
    start = at("2027-01-10", 23) + datetime.timedelta(minutes=51)
    owners = f"SELECT login FROM registration_owner WHERE registration_id = '{year.ids['yd']}' ORDER BY 1"
    for minutes in (0, 5, 10, 24 * 60 - 20, 45 * 60):
        site.notify(start + datetime.timedelta(minutes=minutes))
        assert notices(year, "ownership-lost") == [] and site.sql(owners) == [["ow-a"], ["ow-b"]]
    site.notify(start + datetime.timedelta(minutes=3 * 24 * 60 - 25))
    assert notices(year, "ownership-lost") and site.sql(owners) == [["ow-b"]]


def test_a_good_answer_between_begins_anew(site):
    year = Year(site)
    year.register(at("2027-01-10"), "yd", "ow-a", "network")
    year.ega_leaves(None, "yd")
    site.notify(at("2027-01-11"))
    site.notify(at("2027-01-12"), outage=True, check=False)
    year.ega_returns(None, "yd", "ow-a")
    site.notify(at("2027-01-13"))
    year.ega_leaves(None, "yd")
    for day in ("2027-01-14", "2027-01-15"):
        site.notify(at(day))
        assert notices(year, "ownership-lost") == []
    site.notify(at("2027-01-16"))
    assert notices(year, "ownership-lost")
