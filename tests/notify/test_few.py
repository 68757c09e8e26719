# SPDX-License-Identifier: MIT
"""Where there are few owners or registrations: who leaves is believed, and a directory that has lost them is not."""

import datetime

import pytest

from conftest import EGAS, PEOPLE
from test_groups import NOW, day, register, rows
from test_people import ids


def name(number):
    return f"few{number:02d}"


def registrations(site, count, owners=2):
    """That many, each of its own account; number n is of person n and those after, in a circle. All are looked at."""
    people = [name(n) for n in range(count)]
    for login in people:
        site.add_person(login)
    for n, login in enumerate(people):
        site.add_ega(f"app-{login}", [login])
        register(site, *[people[(n + k) % count] for k in range(owners)], name=f"app-{login}",
                 which=f"00000000-0000-0000-0000-{n:012}")
    site.notify(NOW)


def blind(site):
    """The configuration with a search that finds nobody."""
    return site.write_config("blind.xml", lambda text: text.replace("(sAMAccountName=%u)", "(sAMAccountName=%u-x)"))


@pytest.fixture
def lost(site):
    """lost(): whom the directory has lost finds nobody any more; lost(False): it is mended."""
    whole, broken = site.config, blind(site)

    def switch(on=True):
        site.config = broken if on else whole
    return switch


def noted(site):
    return site.sql("SELECT login FROM absent_owner UNION SELECT fault FROM ownership_check WHERE fault IS NOT NULL")


def listed(site):
    return site.sql("SELECT registration_id, login FROM registration_owner ORDER BY 1, 2")


def hold(site, when):
    """What the run says that is stopped by the guard."""
    done = site.notify(when, check=False)
    assert done.returncode == 65 and "nothing is noted" in done.stderr and "--force" in done.stderr, done.stderr
    return done.stderr


def test_a_search_that_finds_nobody(site, lost):
    registrations(site, 3)
    before = listed(site)
    lost()
    for number in range(1, 20):
        assert "does not know 3 of 3 owners any more (few00, few01, few02)" in hold(site, day(number))
        assert noted(site) == []
    assert listed(site) == before and not site.sql("SELECT FROM notice")
    lost(False)
    site.notify(day(20))
    assert listed(site) == before and noted(site) == []
    # And all goes on.
    site.remove(f"CN=few01,{PEOPLE}")
    for number in 21, 22:
        site.notify(day(number))
        assert listed(site) == before
    site.notify(day(23))
    assert ids(site).keys() == {"few00", "few02"} and set(rows(site, "owner-removed")) == {"few00", "few02"}


def test_one_who_leaves_and_was_the_only_owner_of_two(site):
    """That two registrations are nobody's then is one piece of news."""
    registrations(site, 3, owners=1)
    site.sql("UPDATE registration_owner SET login = 'few00', person_id = (SELECT person_id FROM registration_owner"
             " WHERE login = 'few00') WHERE login = 'few01'")
    site.change_ega("app-few01", "managedBy", f"CN=few00,{PEOPLE}")
    site.remove(f"CN=few00,{PEOPLE}")
    for number in 1, 2, 3:
        site.notify(day(number))
    assert site.sql("SELECT count(DISTINCT registration_id) FROM notice WHERE kind = 'ownership-lost'") == [["2"]]
    assert len(listed(site)) == 3


def test_two_who_leave_are_for_the_operators_to_say(site):
    registrations(site, 4, owners=3)
    for login in "few00", "few01":
        site.remove(f"CN={login},{PEOPLE}")
    assert "does not know 2 of 4 owners any more (few00, few01)" in hold(site, day(1))
    site.force(day(1))
    for number in 2, 3:
        site.notify(day(number))
    assert ids(site).keys() == {"few02", "few03"}


@pytest.mark.parametrize("count, owners, believed", [(3, 1, 1), (12, 2, 3)])
def test_what_comes_in_portions(site, lost, count, owners, believed):
    """Each registration is looked at in a run of its own, as it is where they were made at different hours."""
    registrations(site, count, owners)
    before = listed(site)
    site.sql(f"UPDATE ownership_check SET checked_at = '{NOW}'::timestamptz"
             " + right(registration_id::text, 2)::integer * interval '1 hour'")
    lost()
    stopped = []
    for hours in range(23, 23 + 24 * 3, 1 if count < 10 else 3):
        stopped.append(site.notify(NOW + datetime.timedelta(hours=hours), check=False).returncode)
    assert set(stopped) == {0, 65} and set(stopped[stopped.index(65):]) == {65}
    assert len([one for one, in noted(site) if one.startswith("few")]) <= believed
    assert listed(site) == before and not site.sql("SELECT FROM notice")
    lost(False)
    site.notify(day(6))
    assert listed(site) == before and noted(site) == []


def test_one_a_day(site, lost):
    """Whoever was absent before, and is not off the list yet, counts with the next one."""
    registrations(site, 3)
    before = listed(site)
    whole = site.config
    site.config = site.write_config("narrow.xml", lambda text: text.replace(
        "(sAMAccountName=%u)", "(sAMAccountName=%u)(!(sAMAccountName=few00))"))
    site.notify(day(1))
    assert noted(site) == [["few00"]]
    lost()
    for number in range(2, 8):
        assert "3 of 3 owners" in hold(site, day(number))
    assert listed(site) == before
    site.config = whole
    site.notify(day(8))
    assert noted(site) == [] and listed(site) == before


def test_who_is_settled_is_in_nobodys_way(site):
    """A last owner who is gone stays on the list for good, and others may leave."""
    registrations(site, 3, owners=1)
    site.remove(f"CN=few00,{PEOPLE}")
    for number in 1, 2, 3, 4:
        site.notify(day(number))
    site.remove(f"CN=few01,{PEOPLE}")
    for number in 5, 6, 7:
        site.notify(day(number))
    assert len(listed(site)) == 3
    assert site.sql("SELECT count(DISTINCT registration_id) FROM notice WHERE kind = 'ownership-lost'") == [["2"]]


def test_two_accounts_that_are_gone_at_once(site):
    registrations(site, 3)
    for login in "few00", "few01":
        site.remove(f"CN=ga.app-{login},{EGAS}")
    for number in 1, 2, 3:
        assert "fault with 2 of 3 registrations (app-few00@example.edu, app-few01@example.edu)" in hold(site, day(number))
    assert noted(site) == []
    site.add_ega("app-few00", ["few00"])
    for number in 4, 5, 6:
        site.notify(day(number))
    assert set(rows(site, "ownership-lost")) == {"few01", "few02", "relay-team@example.edu"}


def test_the_only_one(site):
    """Is one who leaves; the list keeps a last owner all the same."""
    registrations(site, 1, owners=1)
    site.remove(f"CN=few00,{PEOPLE}")
    for number in 1, 2:
        site.notify(day(number))
        assert not site.sql("SELECT FROM notice")
    site.notify(day(3))
    assert set(rows(site, "ownership-lost")) == {"few00", "relay-team@example.edu"} and len(listed(site)) == 1
