# SPDX-License-Identifier: MIT
"""Groups as owners: who gets their notices, and what the daily look at the directory makes of them."""

import datetime
import uuid

from conftest import GROUPS, PEOPLE, at

NOW = at("2027-01-10")


def register(site, *owners, name="team-owned", which=None):
    """Of an account of its own, team-owned@example.edu, unless the test has made none."""
    which = which or str(uuid.uuid4())
    rows = ",".join(f"('{which}', '{one.removeprefix('group ')}', '{'group' if ' ' in one else 'person'}', 'x')"
                    for one in owners)
    site.sql(f"""
        BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label, created_at, confirmed_at) VALUES ('{which}', '{name}@example.edu', 'App',
          'scanner', '{site.accounts.get(name, "x")}', 'x', '{NOW}', '{NOW}');
        INSERT INTO registration_owner (registration_id, login, kind, added_by) VALUES {rows};
        INSERT INTO registration_location VALUES ('{which}', 'campus');
        INSERT INTO source (id, registration_id, added_by, network)
          VALUES (gen_random_uuid(), '{which}', 'x', '127.0.0.21/32'); COMMIT""")
    return which


def queue(site, which):
    """A notice to all owners, as a change writes it."""
    site.sql("INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at)"
             f" SELECT '{which}', 'changed', written, '{{\"by\": \"ow1\"}}', '{NOW}', '{NOW}' FROM registration_owner")


def rows(site, kind="changed"):
    """recipient -> what became of it, and why"""
    return {row[0]: row[1:] for row in site.sql(
        "SELECT recipient, CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN skipped_at IS NOT NULL THEN 'skipped'"
        f" ELSE 'waits' END, last_error FROM notice WHERE kind = '{kind}' ORDER BY id")}


def got(site):
    return sorted(recipient for recipient, _ in site.sink.take())


def owners(site):
    return " ".join(row[0] for row in site.sql("SELECT written FROM registration_owner ORDER BY kind DESC, login"))


def day(number):
    return NOW + datetime.timedelta(days=number)


# ---- notices ---------------------------------------------------------------------------------

def test_a_group_with_an_address_of_its_own(site):
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-mail", "ow1", "nb1", mail="n-mail@example.edu")
    queue(site, register(site, "ow1", "group n-mail"))
    site.notify(NOW)
    assert got(site) == ["n-mail@example.edu", "ow1@example.edu"]
    assert rows(site) == {"ow1": ["sent", ""], "group n-mail": ["sent", ""]}


def test_a_group_without_reaches_each_member_once(site):
    """Also those of groups in it, in a circle; who is listed or in two of the groups gets one."""
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-inner", "nb1", f"CN=n-outer,{GROUPS}")
    site.add_group("n-outer", "ow1", "dp1", "of1", f"CN=n-inner,{GROUPS}", f"CN=nobody-here,{PEOPLE}")
    queue(site, register(site, "ow1", "group n-outer", "group n-inner"))
    site.notify(NOW)
    site.notify(day(1))
    assert got(site) == [f"{login}@example.edu" for login in ("dp1", "nb1", "ow1")]
    remark = ["sent", "the group has no address of mail: passed on to 3 members"]
    assert rows(site) == {"ow1": ["sent", ""], "group n-outer": remark, "group n-inner": remark,
                          "dp1": ["sent", ""], "nb1": ["sent", ""]}


def test_no_more_than_fifty_members(site):
    site.add_ega("team-owned", ["ow1"])
    queue(site, register(site, "ow1", "group g-huge"))
    site.notify(NOW)
    assert len(got(site)) == 51
    assert rows(site)["group g-huge"] == [
        "sent", "the group has no address of mail: passed on to 50 members, and there may be others"]


def test_groups_that_reach_nobody_are_told_apart(site):
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-empty")
    site.add_group("n-off", "of1")
    queue(site, register(site, "ow1", "group n-empty", "group n-off", "group n-gone"))
    site.sql("DELETE FROM registration_owner WHERE kind = 'group'")  # the daily look does as much
    for number in range(7):
        site.notify(day(number))
    nobody = ["skipped", "the group has neither an address of mail nor a member"]
    assert rows(site) == {"ow1": ["sent", ""], "group n-empty": nobody, "group n-off": nobody,
                          "group n-gone": ["skipped", "the directory does not know this group"]}


def test_notices_wait_while_the_directory_is_away(site):
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-team", "nb1")
    queue(site, register(site, "group n-team"))
    assert site.notify(NOW, outage=True, check=False).returncode == 69
    assert rows(site) == {"group n-team": ["waits", ""]}
    site.notify(NOW)
    assert got(site) == ["nb1@example.edu"]


# ---- the daily look ---------------------------------------------------------------------------

def test_a_group_that_is_gone_for_two_days_is_taken_off(site):
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-team", "nb1")
    which = register(site, "ow1", "group n-team")
    site.notify(day(0))
    site.remove(f"CN=n-team,{GROUPS}")
    site.notify(day(1))
    assert site.notify(day(2), outage=True, check=False).returncode == 69
    assert owners(site) == "ow1 group n-team"
    site.notify(day(3))
    assert owners(site) == "ow1" and rows(site, "owner-removed") == {"ow1": ["sent", ""]}
    [(_, message)] = site.sink.take()
    text = message.get_content()
    assert "group n-team is no longer an owner" in message["Subject"]
    assert "the directory no longer knows this group" in text
    [action] = site.sql("SELECT login, action, before ->> 'owners', after ->> 'owners' FROM history"
                        f" WHERE registration_id = '{which}'")
    assert action == ["appsmtp-notify", "owner removed", '["ow1", "group n-team"]', '["ow1"]']


def test_a_group_that_is_back_in_between_stays(site):
    site.add_ega("team-owned", ["ow1"])
    register(site, "ow1", "group n-team")
    site.notify(day(0))
    site.add_group("n-team", "nb1")
    site.notify(day(1))
    site.remove(f"CN=n-team,{GROUPS}")
    for number in (2, 3):
        site.notify(day(number))
    assert owners(site) == "ow1 group n-team"


def test_two_groups_of_one_name_are_not_gone(site):
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-team", "nb1")
    site.add_group("n-other", "nb1")
    site.ldap("ldapmodify", f"dn: CN=n-other,{GROUPS}\nchangetype: modify\nreplace: sAMAccountName\n"
              "sAMAccountName: n-team\n")
    register(site, "ow1", "group n-team")
    for number in range(3):
        site.notify(day(number))
    assert owners(site) == "ow1 group n-team"


def test_two_people_of_one_login_are_not_gone(site):
    """Who of them is the owner cannot be told, so nothing follows: neither for the list nor for the registration."""
    site.add_ega("team-owned", [])
    for login in ("n-twin", "n-other"):
        site.add_person(login)
    site.ldap("ldapmodify", f"dn: CN=n-other,{PEOPLE}\nchangetype: modify\nreplace: sAMAccountName\n"
              "sAMAccountName: n-twin\n")
    register(site, "n-twin", "someone-gone")
    for number in (0, 1, 2, 3, 20):
        site.notify(day(number))
    assert owners(site) == "n-twin" and not rows(site, "ownership-lost")
    assert site.sql("SELECT state FROM registration") == [["live"]]


def test_a_group_can_hold_a_registration_whose_people_are_gone(site):
    """One member is enough; a group of nobody is not, and keeps its place."""
    site.add_ega("team-owned", [])
    site.add_group("n-inner", "nb1")
    site.add_group("n-team", f"CN=n-inner,{GROUPS}")
    register(site, "someone-gone", "group n-team")
    for number in range(3):
        site.notify(day(number))
    assert owners(site) == "group n-team" and not rows(site, "ownership-lost")
    site.ldap("ldapmodify", f"dn: CN=n-inner,{GROUPS}\nchangetype: modify\nreplace: member\n"
              f"member: CN=of1,{PEOPLE}\n")
    for number in (3, 4):
        site.notify(day(number))
        assert not rows(site, "ownership-lost")
    site.notify(day(5))
    assert set(rows(site, "ownership-lost")) == {"group n-team", "relay-team@example.edu"}
    site.notify(day(19))
    assert site.sql("SELECT state FROM registration") == [["suspended"]] and owners(site) == "group n-team"
    site.ldap("ldapmodify", f"dn: CN=n-inner,{GROUPS}\nchangetype: modify\nreplace: member\n"
              f"member: CN=nb1,{PEOPLE}\n")
    site.notify(day(20))
    assert site.sql("SELECT state FROM registration") == [["live"]]


def test_a_limit_that_one_registration_meets_is_not_in_the_way_of_the_others(site):
    """dp1 is in groups in groups, more than this configuration allows, which is asked where an account was made anew."""
    site.config = site.write_config("shallow.xml", lambda text: text.replace(
        'filter="(objectClass=group)"/>', 'filter="(objectClass=group)" depth="1"/>'))
    site.add_ega("deep-owned", ["ow1"])
    site.accounts["deep-owned"] = "another"
    site.add_ega("team-owned", ["ow1"])
    register(site, "dp1", name="deep-owned", which="00000000-0000-0000-0000-000000000001")
    register(site, "ow1", "someone-gone", which="00000000-0000-0000-0000-000000000002")
    for number in range(3):
        done = site.notify(day(number), check=False)
        assert done.returncode == 78
        assert "the registration of deep-owned@example.edu: " in done.stderr and "raise depth" in done.stderr
    assert owners(site) == "dp1 ow1" and not rows(site, "ownership-lost")


def test_the_last_owner_is_never_taken_off(site):
    site.add_ega("team-owned", ["ow1"])
    register(site, "group n-gone")
    for number in range(3):
        site.notify(day(number))
    assert owners(site) == "group n-gone"


# ---- a group's lasting id ----------------------------------------------------------------------

def rename(site, group, name):
    site.ldap("ldapmodify", f"dn: CN={group},{GROUPS}\nchangetype: modify\nreplace: sAMAccountName\n"
              f"sAMAccountName: {name}\n")


def team(site):
    """A registration of ow1 and n-team, looked at once: so their ids are known. That of n-team."""
    site.add_ega("team-owned", ["ow1"])
    site.add_group("n-team", "nb1")
    register(site, "ow1", "group n-team")
    site.notify(NOW)
    return group_ids(site)["group n-team"]


def group_ids(site):
    return dict(site.sql("SELECT written, coalesce(person_id, '') FROM registration_owner WHERE kind = 'group'"))


def renamings(site):
    return site.sql("SELECT action, after ->> 'owners', reason FROM history ORDER BY id")


def test_a_row_learns_its_group(site):
    known = team(site)
    assert len(known) == 36 and not renamings(site)


def test_a_renamed_group_keeps_the_row(site):
    """And another one that has its name by then gets nothing of it."""
    known = team(site)
    rename(site, "n-team", "n-crew")
    site.add_group("n-other", "dp1")
    rename(site, "n-other", "n-team")
    site.notify(day(1))
    assert group_ids(site) == {"group n-crew": known}
    assert renamings(site) == [["owner renamed", '["ow1", "group n-crew"]',
                                "the directory has this group under another name now"]]
    for number in 2, 3, 4:
        site.notify(day(number))
    assert group_ids(site) == {"group n-crew": known} and len(renamings(site)) == 1


def test_two_groups_that_swap_their_names(site):
    known = team(site)
    site.add_group("n-other", "nb1")
    site.sql("INSERT INTO registration_owner (registration_id, login, kind, added_by)"
             " SELECT id, 'n-other', 'group', 'x' FROM registration")
    site.notify(day(1))
    other = group_ids(site)["group n-other"]
    for group, name in ("n-team", "n-x"), ("n-other", "n-team"), ("n-team", "n-other"):
        rename(site, group, name)
    site.notify(day(2))
    assert group_ids(site) == {"group n-other": known, "group n-team": other}


def test_a_group_made_anew_is_another_one(site):
    known = team(site)
    site.remove(f"CN=n-team,{GROUPS}")
    site.add_group("n-team", "dp1")
    for number in 1, 2:
        site.notify(day(number))
        assert group_ids(site) == {"group n-team": known}
    site.notify(day(3))
    assert owners(site) == "ow1" and [row[0] for row in renamings(site)] == ["owner removed"]


def test_a_group_whose_id_is_not_shown_any_more(site):
    known = team(site)
    site.config = site.write_config("veiled.xml", lambda text: text.replace(
        'filter="(objectClass=group)"/>', 'filter="(objectClass=group)" id-attribute="facsimileTelephoneNumber"/>'))
    for number in range(1, 6):
        site.notify(day(number))
    assert group_ids(site) == {"group n-team": known} and not renamings(site)


def test_a_notice_goes_to_the_group_not_to_the_name(site):
    team(site)
    site.sql("INSERT INTO notice (registration_id, kind, recipient, person_id, details, made_at, next_attempt_at)"
             f" SELECT registration_id, 'changed', written, person_id, '{{\"by\": \"ow1\"}}', '{NOW}', '{NOW}'"
             " FROM registration_owner WHERE kind = 'group'")
    rename(site, "n-team", "n-crew")
    site.add_group("n-other", "dp1")
    rename(site, "n-other", "n-team")
    site.notify(NOW)
    assert got(site) == ["nb1@example.edu"]
