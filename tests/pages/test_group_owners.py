# SPDX-License-Identifier: MIT
"""A group of the directory as a co-owner: its members do what owners do, and nobody else.

g-l1 holds g-l2 holds g-l3 holds dp1, who has no role on the addresses used here.
"""

import contextlib
import uuid

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import ldap, sql
from test_access import TABLE, fill
from test_living import EDITED, actions, done, history, notices, refused, send, sources, stored

ADDRESS = "direct@example.edu"
GROUPS = "ou=Groups,dc=example,dc=edu"


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Other tests count on people who own nothing."""
    yield
    demo.free(ADDRESS, "comanaged@example.edu", "many@example.edu", "nested@example.edu")


@pytest.fixture
def dp1():
    return Browser("dp1")


def sees(browser, identity):
    """Whether the page is there; that the list says the same is part of it."""
    status = browser.get(f"/registrations/{identity}").status_code
    assert status in (200, 404)
    assert (f"/registrations/{identity}" in browser.page("/registrations").links) == (status == 200)
    return status == 200


def told(identity, kind):
    """Who is told; the demo's appsmtp-notify may have passed it on to the group's member already."""
    return set(notices(identity, kind)) - {"dp1"}


def test_members_see_and_edit_until_the_group_is_taken_off(ow1, dp1, nb1):
    identity = ow1.register(ADDRESS)
    assert not sees(dp1, identity) and not sees(nb1, identity)
    path = f"/registrations/{identity}"
    assert "The owner is added." in done(ow1, send(ow1, f"{path}/owners", login=" G-L1 "), identity)
    assert "g-l1 is an owner already." in done(ow1, send(ow1, f"{path}/owners", login="g-l1"), identity)
    assert sees(dp1, identity) and not sees(nb1, identity) and not sees(Browser("mg1"), identity)
    done(dp1, send(dp1, f"{path}/edit", version=dp1.page(f"{path}/edit").value("version"), **EDITED), identity)
    done(dp1, send(dp1, f"{path}/sources", method="network", networks="10.1.2.0/24"), identity)
    done(dp1, send(dp1, f"{path}/owners", login="nb1"), identity)
    assert stored(identity)["owners"] == ["nb1", "ow1", "group g-l1"]
    assert [entry[1] for entry in history(identity)] == ["ow1", "ow1", "dp1", "dp1", "dp1"]
    assert "g-l1 (group: each of its members)" in nb1.page(f"{path}/owners").words
    assert "nb1, ow1, group g-l1" in nb1.page(path).words
    done(ow1, send(ow1, f"{path}/owners/G-L1/remove"), identity)
    assert "g-l1 is not an owner" in done(ow1, send(ow1, f"{path}/owners/g-l1/remove"), identity)
    assert not sees(dp1, identity) and sees(nb1, identity)
    assert actions(identity)[-1] == "owner removed" and stored(identity)["owners"] == ["nb1", "ow1"]
    assert told(identity, "owner-removed") == {"group g-l1", "nb1", "ow1"}
    assert told(identity, "changed") == {"group g-l1", "ow1"}


ROUTES = [(method, path, role) for method, path, _, _, _, role, *_ in TABLE if path.startswith("/registrations/{id}")]


@pytest.mark.parametrize("method, path, role", ROUTES, ids=[f"{method} {path}" for method, path, _ in ROUTES])
def test_every_route(ow1, dp1, nb1, method, path, role):
    """A member is answered as one who has a role on the account, and everybody else as before."""
    def ask(browser, owner="ow2"):
        data = {"csrf_token": browser.token} if method == "POST" else None
        return browser.request(method, fill(path, identity, list(sources(identity))[0], owner), data=data).status_code

    expected = int(role.split(",")[0])
    identity = ow1.register(ADDRESS, certificate_file("good.pem"), method="certificate")
    assert ask(dp1) == 404
    send(ow1, f"/registrations/{identity}/owners", login="g-l1")
    before = demo.counts()
    assert ask(nb1) == 404 and demo.counts() == before
    # ow2 is not on the list, which is said on the page.
    assert ask(dp1) == (303 if "{login}" in path else expected)
    sql("DELETE FROM registration_owner WHERE registration_id = :'id' AND kind = 'group'", id=identity)
    sql("DELETE FROM registration_owner WHERE registration_id = :'id' AND login = 'dp1'", id=identity)
    assert ask(dp1) == 404


def test_in_the_first_form(ow1, dp1):
    identity = ow1.register("comanaged@example.edu", owners="G-L1\nnb1 g-l1")
    assert sql("SELECT login, kind, written FROM registration_owner WHERE registration_id = :'id' ORDER BY login",
               id=identity) == [["g-l1", "group", "group g-l1"], ["nb1", "person", "nb1"], ["ow1", "person", "ow1"]]
    assert told(identity, "created") == {"group g-l1", "nb1", "ow1"} and sees(dp1, identity)
    refused(Browser("ad1").submit("comanaged@example.edu"), "managed by nb1, ow1, group g-l1")


def test_a_distribution_list_is_a_group_as_well(ow1, nb1):
    identity = ow1.register(ADDRESS, owners="list-one")
    assert sees(nb1, identity)


def test_the_last_owner_may_be_a_group_but_stays(ow1, dp1):
    identity = ow1.register(ADDRESS, owners="g-l1")
    path = f"/registrations/{identity}"
    done(dp1, send(dp1, f"{path}/owners/ow1/remove"), identity)
    refused(send(dp1, f"{path}/owners/g-l1/remove"), "g-l1 is the only owner", "login")
    # ow1 owns the account, so nothing is out of reach.
    assert sees(ow1, identity) and sees(dp1, identity)


def test_who_takes_their_own_group_off_is_led_to_their_list(ow1, dp1):
    identity = ow1.register(ADDRESS, owners="g-l1")
    answer = send(dp1, f"/registrations/{identity}/owners/g-l1/remove")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registrations")
    assert not sees(dp1, identity)


def test_a_member_can_be_listed_by_name(ow1, dp1):
    identity = ow1.register(ADDRESS, owners="g-l1")
    assert "or a member of a group that owns it" in dp1.page(f"/registrations/{identity}").words
    assert "You are an owner now." in done(dp1, send(dp1, f"/registrations/{identity}/join"), identity)
    done(dp1, send(dp1, f"/registrations/{identity}/owners/g-l1/remove"), identity)
    assert sees(dp1, identity)


def test_the_kind_is_kept(ow1, dp1, nb1):
    """A login that has become a group's name, or the other way round, gives nobody anything."""
    identity = ow1.register(ADDRESS)
    add = ("INSERT INTO registration_owner (registration_id, login, kind, added_by)"
           " VALUES (:'id', :'login', :'kind', 'x')")
    sql(add, id=identity, login="nb1", kind="group")
    sql(add, id=identity, login="g-l1", kind="person")
    assert not sees(nb1, identity) and not sees(dp1, identity)


@contextlib.contextmanager
def another_group(name, member):
    """One more group of that name."""
    dn = f"CN={uuid.uuid4()},{GROUPS}"
    ldap("ldapadd", f"dn: {dn}\nobjectClass: group\ncn: x\nsAMAccountName: {name}\nobjectCategory: group\n"
         f"member: CN={member},ou=People,dc=example,dc=edu\n".replace("cn: x", f"cn: {dn[3:39]}"))
    try:
        yield dn
    finally:
        ldap("ldapdelete", dn + "\n")


def test_two_groups_of_one_name(ow1, dp1, nb1, notices_held):
    """Known by its id it is no other; by its name alone it is neither of them."""
    identity = ow1.register(ADDRESS, owners="g-l1")
    with another_group("g-l1", "nb1"):
        assert not sees(nb1, identity) and sees(dp1, identity)
        sql("UPDATE registration_owner SET person_id = NULL WHERE registration_id = :'id' AND kind = 'group'", id=identity)
        assert not sees(nb1, identity) and not sees(dp1, identity)
        other = ow1.register("many@example.edu")
        refused(send(ow1, f"/registrations/{other}/owners", login="g-l1"), "more than one entry", "login")
    assert sees(dp1, identity)


def test_who_joins_and_leaves_the_group(ow1, nb1):
    with another_group("g-team", "ow2") as dn:
        identity = ow1.register(ADDRESS, owners="g-team")
        member = "member: CN=nb1,ou=People,dc=example,dc=edu\n"
        assert not sees(nb1, identity)
        ldap("ldapmodify", f"dn: {dn}\nchangetype: modify\nadd: member\n{member}")
        assert sees(nb1, identity)
        ldap("ldapmodify", f"dn: {dn}\nchangetype: modify\ndelete: member\n{member}")
        assert not sees(nb1, identity)
        assert sees(Browser("ow2"), identity)
    assert not sees(Browser("ow2"), identity)


def test_operators_find_it_by_the_group(ow1):
    identity = ow1.register(ADDRESS, owners="g-l1")
    assert f"/operator/registrations/{identity}" in Browser("rl1").page("/operator/registrations?q=g-l1").links


def test_without_the_directory(ow1, dp1):
    """Who is listed by name goes on; of everybody else nothing is known, which is not "no"."""
    identity = ow1.register(ADDRESS, owners="g-l1")
    own = Browser("dp1").register("nested@example.edu")
    path = f"/registrations/{identity}"
    assert dp1.token and ow1.token
    before = demo.counts()
    with demo.stopped("directory"):
        assert ow1.get(path).status_code == 200
        assert dp1.get(path).status_code == 503
        answer = send(dp1, f"{path}/owners/ow1/remove")
        assert answer.status_code == 503 and "Nothing was saved" in Page(answer.text).words
        page = dp1.page("/registrations")
        assert "directory could not be asked" in page.words
        assert f"/registrations/{own}" in page.links and path not in page.links
        assert send(ow1, f"{path}/owners", login="g-l2").status_code == 503
    assert demo.counts() == before
    assert demo.wait_until(lambda: sees(dp1, identity), 10)


# --- another name, and a name of another ------------------------------------------------------------

@pytest.fixture
def group():
    """group(name, member): in the directory until the test ends; its DN."""
    made = []

    def make(name, member):
        cn = f"t-{uuid.uuid4()}"
        made.append(f"CN={cn},{GROUPS}")
        ldap("ldapadd", f"dn: {made[-1]}\nobjectClass: group\nobjectClass: mailRecipient\ncn: {cn}\nobjectCategory: group\n"
             f"sAMAccountName: {name}\nmember: CN={member},ou=People,dc=example,dc=edu\n")
        return made[-1]

    def remove(dn):
        made.remove(dn)
        ldap("ldapdelete", f"{dn}\n")

    make.remove = remove
    yield make
    for dn in list(made):
        remove(dn)


def rename(dn, name):
    ldap("ldapmodify", f"dn: {dn}\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: {name}\n")


def group_rows(identity):
    return sql("SELECT login FROM registration_owner WHERE registration_id = :'id' AND kind = 'group' ORDER BY 1", id=identity)


def test_a_group_keeps_what_it_owns_under_another_name(ow1, dp1, nb1, group):
    team = group("t-team", "dp1")
    identity = ow1.register(ADDRESS, owners="t-team")
    assert sees(dp1, identity)
    rename(team, "t-crew")
    group("t-team", "nb1")
    assert sees(dp1, identity) and not sees(nb1, identity)
    # The name is the other group's now, which can be added all the same.
    assert "The owner is added." in done(ow1, send(ow1, f"/registrations/{identity}/owners", login="t-team"), identity)
    assert group_rows(identity) == [["t-crew"], ["t-team"]]
    assert sees(dp1, identity) and sees(nb1, identity)
    assert "t-crew is an owner already." in done(ow1, send(ow1, f"/registrations/{identity}/owners", login="t-crew"), identity)


def test_a_group_made_anew_inherits_nothing(ow1, dp1, nb1, group):
    team = group("t-team", "dp1")
    identity = ow1.register(ADDRESS, owners="t-team")
    group.remove(team)
    group("t-team", "nb1")
    assert not sees(dp1, identity) and not sees(nb1, identity)
    done(ow1, send(ow1, f"/registrations/{identity}/owners", login="t-team"), identity)
    assert group_rows(identity) == [["t-team"]] and sees(nb1, identity)


def test_a_row_from_before_ids_were_kept_counts_by_its_name(ow1, dp1, group, notices_held):
    group("t-team", "dp1")
    identity = ow1.register(ADDRESS, owners="t-team")
    sql("UPDATE registration_owner SET person_id = NULL WHERE registration_id = :'id' AND kind = 'group'", id=identity)
    assert sees(dp1, identity)
