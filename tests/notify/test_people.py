# SPDX-License-Identifier: MIT
"""What the daily look at the directory makes of people who are renamed, and of logins that have passed on."""

from conftest import BIN, PEOPLE, run
from test_groups import NOW, day, got, register


def rename(site, person, login):
    site.ldap("ldapmodify", f"dn: CN={person},{PEOPLE}\nchangetype: modify\nreplace: sAMAccountName\n"
              f"sAMAccountName: {login}\n")


def ids(site):
    """login -> person_id"""
    return dict(site.sql("SELECT login, coalesce(person_id, '') FROM registration_owner ORDER BY 1"))


def history(site):
    return site.sql("SELECT action, login, before ->> 'owners', after ->> 'owners' FROM history ORDER BY id")


def people(site, *logins):
    """A registration of them all, looked at once: so their ids are known. The ids."""
    for login in logins:
        site.add_person(login)
    site.add_ega("team-owned", ["ow1"])
    register(site, *logins)
    site.notify(NOW)
    assert history(site) == [] and all(ids(site).values())
    return ids(site)


def test_a_renamed_owner_keeps_the_row(site):
    known = people(site, "pa", "pb")
    rename(site, "pa", "pa2")
    site.notify(day(1))
    assert ids(site) == {"pa2": known["pa"], "pb": known["pb"]}
    assert history(site) == [["owner renamed", "appsmtp-notify", '["pa", "pb"]', '["pa2", "pb"]']]
    site.notify(day(2))
    site.notify(day(3))
    assert ids(site) == {"pa2": known["pa"], "pb": known["pb"]} and len(history(site)) == 1


def test_two_who_swap_their_logins(site):
    known = people(site, "pa", "pb", "pc")
    rename(site, "pa", "px")
    rename(site, "pb", "pa")
    rename(site, "pa", "pb")
    site.notify(day(1))
    assert ids(site) == {"pa": known["pb"], "pb": known["pa"], "pc": known["pc"]}
    assert [row[0] for row in history(site)] == ["owner renamed"]


def test_a_login_that_has_passed_on(site):
    """Who had it is gone: their row goes after two days, and who has it now gets nothing of it."""
    known = people(site, "pa", "pb")
    site.remove(f"CN=pa,{PEOPLE}")
    site.add_person("pn")
    rename(site, "pn", "pa")
    for number in 1, 2:
        site.notify(day(number))
        assert ids(site) == known
    site.notify(day(3))
    assert ids(site) == {"pb": known["pb"]}
    assert [row[:2] for row in history(site)] == [["owner removed", "appsmtp-notify"]]


def test_a_login_that_passes_on_between_look_and_write(site):
    """The portal has put somebody else on the list by then, who has the login now."""
    known = people(site, "pa", "pb")
    site.remove(f"CN=pa,{PEOPLE}")
    for number in 1, 2:
        site.notify(day(number))
    site.change_before_write(day(3), "UPDATE registration_owner SET person_id = 'of-another' WHERE login = 'pa'")
    assert ids(site) == {"pa": "of-another", "pb": known["pb"]} and history(site) == []
    # Who is absent from then on is so for the first time.
    for number in 4, 5:
        site.notify(day(number))
        assert "pa" in ids(site)
    site.notify(day(6))
    assert ids(site) == {"pb": known["pb"]}


def test_a_login_that_learns_its_person_between_look_and_write(site):
    people(site, "pa", "pb")
    site.sql("UPDATE registration_owner SET person_id = NULL WHERE login = 'pa'")
    site.remove(f"CN=pa,{PEOPLE}")
    for number in 1, 2:
        site.notify(day(number))
    site.change_before_write(day(3), "UPDATE registration_owner SET person_id = 'of-another' WHERE login = 'pa'")
    assert ids(site)["pa"] == "of-another" and history(site) == []


def test_a_row_in_the_way_of_a_renamed_owner(site):
    """pa is gone, and pb has that login: pb's row follows once that of pa is off the list."""
    known = people(site, "pa", "pb", "pc")
    site.remove(f"CN=pa,{PEOPLE}")
    rename(site, "pb", "pa")
    for number in 1, 2, 3:
        site.notify(day(number))
    assert set(ids(site).values()) == {known["pb"], known["pc"]}
    site.notify(day(4))
    assert ids(site) == {"pa": known["pb"], "pc": known["pc"]}


def test_a_directory_with_other_ids(site):
    people(site, "pa", "pb")
    site.sql("UPDATE registration_owner SET person_id = 'of-the-other-' || login")
    run(BIN / "appsmtp-admin", "--config", site.config, "forget-ids", "--reason", "A new directory")
    assert set(ids(site).values()) == {""}
    site.notify(day(1))
    assert all(value and "other" not in value for value in ids(site).values())
    site.notify(day(4))
    assert list(ids(site)) == ["pa", "pb"]
    assert [row[0] for row in history(site)] == ["owner ids forgotten"]


def test_ids_that_are_not_shown(site):
    """Not even who has the login is taken for somebody: no row is changed, and the notices of addresses still go out."""
    known = people(site, "pa", "pb")
    rename(site, "pa", "pa2")
    hidden = site.write_config("hidden.xml", lambda text: text.replace("<people ", '<people id-attribute="labeledURI" ', 1))
    site.sql("INSERT INTO notice (registration_id, kind, recipient, person_id, details, made_at, next_attempt_at)"
             f" SELECT registration_id, 'changed', written, person_id, '{{\"by\": \"ow1\"}}', '{day(1)}', '{day(1)}'"
             " FROM registration_owner")
    site.sql("INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at)"
             f" SELECT id, 'changed', 'team@example.edu', '{{\"by\": \"ow1\"}}', '{day(1)}', '{day(1)}' FROM registration")
    site.sink.take()
    for number in 1, 2, 3, 4:
        done = site.notify(day(number), config=hidden, check=False)
        assert done.returncode == 78 and "let it read labeledURI" in done.stderr, done.stderr
    assert ids(site) == known and history(site) == []
    assert "team@example.edu" in got(site)
    site.notify(day(9))
    assert ids(site) == {"pa2": known["pa"], "pb": known["pb"]}


def test_one_who_is_listed_twice(site):
    known = people(site, "pa", "pb")
    rename(site, "pa", "pa2")
    site.sql("INSERT INTO registration_owner (registration_id, login, added_by) SELECT id, 'pa2', 'x' FROM registration")
    site.notify(day(1))
    assert ids(site) == {"pa2": known["pa"], "pb": known["pb"]}


def test_a_notice_goes_to_the_person_not_to_the_login(site):
    people(site, "pa", "pb")
    site.sql("INSERT INTO notice (registration_id, kind, recipient, person_id, details, made_at, next_attempt_at)"
             f" SELECT registration_id, 'changed', written, person_id, '{{\"by\": \"ow1\"}}', '{day(1)}', '{day(1)}'"
             " FROM registration_owner")
    rename(site, "pa", "pa2")
    site.add_person("pn")
    rename(site, "pn", "pa")
    site.sink.take()
    site.notify(day(1))
    assert got(site) == ["pa@example.edu", "pb@example.edu"]
    assert "pn@example.edu" not in got(site)


def test_what_the_round_writes_is_for_the_person(site):
    """The id stands beside the login in what upkeep itself tells."""
    known = people(site, "pa", "pb")
    site.change_ega("team-owned", "proxyAddresses", "SMTP:elsewhere@example.edu")
    for number in 1, 2, 3:
        site.notify(day(number))
    told = dict(site.sql("SELECT recipient, person_id FROM notice WHERE kind = 'ownership-lost' AND recipient LIKE 'p_'"))
    assert told == known
