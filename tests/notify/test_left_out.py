# SPDX-License-Identifier: MIT
"""What an export leaves out: told by name in the run, to owners and relay team, in the shell; and known before."""

import datetime
import json
import re
import uuid

import pytest

from conftest import BIN, run

ADDRESS = "app{}@example.edu"


@pytest.fixture
def relay(site):
    """A relay of the site's own, that is recorded: configure() changes its file."""
    site.relay = site.folder / "relay"
    original = site.config.read_text()

    def configure(*changes, name="site.xml"):
        text = re.sub(r' output="[^"]*"', f' output="{site.relay}"', original, count=1)
        text = text.replace("<certificates", '<export format="csv"/><certificates', 1)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = site.folder / name
        path.write_text(text)
        return path

    site.config = configure()
    site.configure = configure
    return site


def register(site, *sources, number=0, location="campus", owner="ow1"):
    which = str(uuid.uuid4())
    rows = "".join(f"""INSERT INTO source (id, registration_id, added_by, {column}) VALUES
        ('{uuid.uuid4()}', '{which}', 'x', '{value}');""" for column, value in sources)
    site.sql(f"""BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label) VALUES ('{which}', '{ADDRESS.format(number)}', 'App', 'scanner', 'x', 'x');
        INSERT INTO registration_owner VALUES ('{which}', '{owner}', now(), 'x');
        INSERT INTO registration_location VALUES ('{which}', '{location}'); {rows} COMMIT""")
    return which


def export(site, *words, status=0):
    done = run(BIN / "appsmtp-export", "--config", site.config, *words, check=False)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def admin(site, *words, status=0, config=None):
    done = run(BIN / "appsmtp-admin", "--config", config or site.config, *words, check=False)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def told(site, hours=0):
    """What this run of appsmtp-notify sends of it, by recipient; it ends badly where the directory knows nothing
    of the accounts. The exports go by the clock."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    site.notify(now + datetime.timedelta(hours=hours, minutes=1), check=False)
    return {recipient: message["Subject"] + "\n" + message.get_content() for recipient, message in site.sink.take()
            if "leaves out" in message["Subject"]}


def forced(site):
    """A run that a guard stops, carried out all the same."""
    plan = re.search(r"^plan: (\w+)$", export(site, "--dry-run"), re.M)
    return export(site, "--force", plan[1])


def without_dns(text):
    return (re.search(r"<resolver>.*</resolver>", text)[0], '<resolver deadline-seconds="1"><server '
            'address="127.0.0.1:9"/></resolver>')


def test_network_taken_from_a_location(relay):
    """A guard asks first; then run, row, shell, owners and relay team know; it is told once."""
    register(relay, ("network", "10.1.2.0/24"), ("network", "127.0.0.0/24"))
    register(relay, ("network", "10.1.3.0/24"), number=1, owner="ow2")
    export(relay)
    assert told(relay) == {}
    relay.config = relay.configure(("<network>10.0.0.0/8</network>", ""))
    assert "app1@example.edu" in export(relay, status=65)
    line = forced(relay)
    for text in ("app0@example.edu: 10.1.2.0/24 is outside its locations (campus)",
                 "app1@example.edu: 10.1.3.0/24 is outside its locations (campus)"):
        assert text in line
    row = json.loads(relay.sql("SELECT details FROM export_run ORDER BY id DESC LIMIT 1")[0][0])
    assert [(one["sender"], one["value"], one["reason"]) for one in row["left_out"]] == [
        ("app0@example.edu", "10.1.2.0/24", "outside"), ("app1@example.edu", "10.1.3.0/24", "outside")]
    for words in (admin(relay, "left-out"), admin(relay, "overview"), admin(relay, "left-out", "--csv")):
        assert "app0@example.edu" in words and "10.1.3.0/24" in words and "is outside its locations (campus)" in words
    shown = admin(relay, "show", ADDRESS.format(1))
    assert "Not on the relay: 10.1.3.0/24 is outside" in shown and re.search("left out: it +is outside its locations", shown)
    assert "Needs attention: not all of it is on the relay: 10.1.2.0/24" in admin(relay, "show", ADDRESS.format(0))
    assert admin(relay, "list", "left-out").count("\n") == 2
    mails = told(relay)
    assert set(mails) == {"ow1@example.edu", "ow2@example.edu", "relay-team@example.edu"}, mails
    assert "10.1.2.0/24 is outside its locations" in mails["ow1@example.edu"]
    assert "app1@example.edu: 10.1.3.0/24 is outside" in " ".join(mails["relay-team@example.edu"].split())
    export(relay)
    assert told(relay, hours=1) == {}


def tell(site, name, *omissions):
    """As a relay tells it, by the row of a run of its export; omissions: (source, reason, detail)."""
    left_out = [{"sender": ADDRESS.format(0), "kind": "network", "value": "x", "source": source, "reason": reason,
                 "detail": detail, "whole": True, "expected": reason == "certificate-ended"} for source, reason, detail in omissions]
    site.sql("INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders, sources, details)"
             f" VALUES ('{name}', 1, pg_current_snapshot(), now(), now(), 'unchanged', 1, 1, '{json.dumps({'left_out': left_out})}')")


@pytest.mark.parametrize("elsewhere", ["certificate-ended", "no-address", "not-looked-up"])
@pytest.mark.parametrize("first, second", [("a-relay", "b-relay"), ("b-relay", "a-relay")])
def test_what_is_told_elsewhere_hides_nothing(relay, elsewhere, first, second):
    """One relay leaves a source out for what another notice tells, another for a location that it does not have."""
    register(relay, ("hostname", "web1.example.edu"), ("network", "127.0.0.0/24"))
    [[source]] = relay.sql("SELECT id FROM source WHERE hostname IS NOT NULL")
    tell(relay, first, (source, elsewhere, ""))
    assert told(relay) == {}
    tell(relay, second, (source, "no-location", "campus"))
    for recipient, mail in told(relay).items():
        assert "is in a location that is no longer configured (campus)" in " ".join(mail.split()), recipient
    assert told(relay) == {} and relay.sql("SELECT count(*) FROM notice WHERE kind LIKE 'left-out%'") == [["2"]]
    # Taken in there, while the other still leaves it out for its own reason; and then out again.
    tell(relay, second)
    assert told(relay) == {}
    tell(relay, second, (source, "no-location", "campus"))
    assert len(told(relay)) == (0 if elsewhere == "not-looked-up" else 2)


def test_dns_that_is_away_is_not_taken_in(relay):
    """Told as outside, then DNS cannot be asked, then outside again: nothing has changed."""
    register(relay, ("hostname", "web1.example.edu"), ("network", "127.0.0.0/24"))
    [[source]] = relay.sql("SELECT id FROM source WHERE hostname IS NOT NULL")
    for reason, count in (("outside", 2), ("not-looked-up", 0), ("outside", 0), ("no-address", 0), ("outside", 2)):
        tell(relay, "a-relay", (source, reason, ""))
        assert len(told(relay)) == count, reason


def test_row_that_no_map_can_hold(relay):
    """Damaged past the schema's checks: the run stops and names it, or leaves it out; then told once, by its reason."""
    which = register(relay, ("hostname", "web1.example.edu"), ("network", "127.0.0.0/24"))
    other = register(relay, ("network", "127.0.1.0/24"), number=1, owner="ow2")
    export(relay)
    relay.sql("ALTER TABLE source DROP CONSTRAINT source_hostname_check;"
              " UPDATE source SET hostname = 'Web_1' WHERE hostname IS NOT NULL")
    assert f'cannot export the hostname "Web_1" of "{ADDRESS.format(0)}": it is no hostname' in export(relay, status=65)
    assert told(relay) == {}
    relay.config = relay.configure(('<export format="csv"', '<export format="csv" unfit="skip"'))
    line = export(relay)
    reason = "Web_1 cannot be written into the relay's maps (it is no hostname)"
    assert f"app0@example.edu: {reason}" in line
    for words in (admin(relay, "left-out"), admin(relay, "left-out", "--csv"), admin(relay, "overview")):
        assert reason.replace("Web_1 ", "") in words, words
    assert f"Needs attention: not all of it is on the relay: {reason}" in admin(relay, "show", which)
    mails = told(relay)
    assert set(mails) == {"ow1@example.edu", "relay-team@example.edu"}, mails
    assert mails["ow1@example.edu"].startswith("app0@example.edu: the relay leaves out Web_1\n")
    assert reason in " ".join(mails["ow1@example.edu"].split())
    assert f"app0@example.edu: {reason}" in " ".join(mails["relay-team@example.edu"].split())
    for hours in (1, 2):
        export(relay)
        assert told(relay, hours) == {}
    assert "app1@example.edu" not in admin(relay, "left-out") and "Not on the relay" not in admin(relay, "show", other)
    relay.sql("UPDATE source SET hostname = 'web1.example.edu' WHERE hostname IS NOT NULL")
    export(relay)
    assert "no relay leaves anything out" in admin(relay, "left-out")


def test_again_after_it_was_well(relay):
    register(relay, ("network", "10.1.2.0/24"), ("network", "127.0.0.0/24"))
    good, bad = relay.config, relay.configure(("<network>10.0.0.0/8</network>", ""), name="bad.xml")
    for hours, config, expected in ((0, bad, 2), (1, bad, 0), (2, good, 0), (3, bad, 2)):
        relay.config = config
        export(relay)
        assert len(told(relay, hours)) == expected, hours


def test_location_renamed(relay):
    which = register(relay, ("network", "10.1.2.0/24"), ("hostname", "web1.example.edu"))
    export(relay)
    relay.config = relay.configure(('id="campus"', 'id="campus-north"'))
    assert "nobody has retired, suspended or changed: app0@example.edu" in export(relay, status=65)
    line = forced(relay)
    assert "10.1.2.0/24 is in a location that is no longer configured (campus)" in line
    assert "web1.example.edu is in a location that is no longer configured (campus)" in line
    mails = told(relay)
    assert mails["ow1@example.edu"].startswith("app0@example.edu: the relay leaves out 2 sources")
    relay.sql(f"UPDATE registration SET state = 'suspended' WHERE id = '{which}'")
    export(relay)
    assert "no relay leaves anything out" in admin(relay, "left-out")


def test_hostname_moved_outside(relay):
    """The address of the name itself, and what the history says of it."""
    which = register(relay, ("hostname", "web1.example.edu"), ("hostname", "cloud1.example.edu"))
    line = export(relay)
    assert "cloud1.example.edu is outside its locations (127.128.0.5)" in line
    assert "cloud1.example.edu" in told(relay)["ow1@example.edu"]
    relay.sql("UPDATE hostname_address SET addresses = '10.0.0.1' WHERE hostname = 'web1.example.edu'")
    export(relay)
    [row] = relay.sql(f"SELECT login, action, before, after FROM history WHERE registration_id = '{which}'")
    assert row == ["export:relay", "addresses changed", '{"addresses": "web1.example.edu: 10.0.0.1"}',
                   '{"addresses": "web1.example.edu: 127.0.0.21"}']
    export(relay)
    assert relay.sql(f"SELECT count(*) FROM history WHERE registration_id = '{which}'") == [["1"]]
    assert "Addresses in DNS" in admin(relay, "history", which)


def test_history_is_bounded(relay):
    """A name that changes with each look, and a second relay that sees the same."""
    which = register(relay, ("hostname", "web1.example.edu"))
    relay.sql("""INSERT INTO export_run (relay, generation, snapshot, started_at, outcome, senders, sources, details)
        SELECT name, 1, '7:7:', now(), 'unchanged', 1, 1, jsonb_build_object('addresses', jsonb_build_object('web1.example.edu',
        '10.0.0.' || number)) FROM generate_series(0, 24) number, (VALUES ('relay'), ('other')) v (name) ORDER BY number""")
    assert relay.sql(f"SELECT count(*) FROM history WHERE registration_id = '{which}'") == [["20"]]
    assert relay.sql("SELECT count(*) FROM export_run WHERE details ? 'addresses'") == [["0"]]


def test_what_a_person_does_passes(relay):
    """In a small site, too: retired, suspended, a source removed. Another database does not."""
    ids = [register(relay, ("network", f"10.1.{n}.0/24"), ("network", f"10.2.{n}.0/24"), number=n) for n in range(4)]
    export(relay)
    relay.sql(f"UPDATE registration SET state = 'retired' WHERE id = '{ids[0]}'")
    assert "(0 added, 1 removed)" in export(relay)
    relay.sql(f"UPDATE registration SET state = 'suspended' WHERE id = '{ids[1]}'")
    assert "(0 added, 1 removed)" in export(relay)
    relay.sql("DELETE FROM source WHERE network = '10.1.2.0/24'")
    export(relay)
    relay.sql(f"ALTER TABLE registration DISABLE TRIGGER USER; UPDATE registration SET address = 'x' || address"
              f" WHERE id = '{ids[3]}'; ALTER TABLE registration ENABLE TRIGGER USER")
    assert "retired, suspended or changed: app3@example.edu" in export(relay, status=65)


def test_configuration_tried_before(relay):
    """Each mistake with file and line; what would be left out, and not what is left out already."""
    register(relay, ("network", "10.1.2.0/24"), ("network", "192.168.1.0/24"))
    register(relay, ("network", "127.0.0.0/24"), ("hostname", "web1.example.edu"), number=1)
    export(relay)
    words = admin(relay, "check-config", "--registrations")
    assert "0 registrations would be left out" in words and "1 sources are left out already" in words
    other = relay.configure(("<network>10.0.0.0/8</network>", ""), name="other.xml")
    assert "well-formed" in admin(relay, "check-config", config=other)
    words = admin(relay, "check-config", "--registrations", config=other, status=1)
    assert "1 registrations would be left out, or lose a source:\n" \
           "  app0@example.edu: 10.1.2.0/24 is outside its locations (campus)\n" in words
    assert "192.168" not in words
    silent = relay.configure(without_dns(relay.config.read_text()), name="silent.xml")
    admin(relay, "check-config", "--registrations", config=silent)  # the last addresses are known here
    (relay.relay / "hostnames").unlink()
    for generation in relay.relay.glob("gen-*"):
        (generation / "manifest").unlink()
    words = admin(relay, "check-config", "--registrations", config=silent, status=69)
    assert "web1.example.edu could not be looked up in DNS" in words
    bad = relay.configure(('export-minutes="1"', 'export-minutes="soon"'), ("<resolver>", '<resolver deadline-seconds="x">'),
                          name="bad.xml")
    words = admin(relay, "check-config", config=bad, status=78)
    assert "bad.xml:6: " in words and len(re.findall(r"bad\.xml:\d+: ", words)) == 2, words


def test_rolled_back(relay):
    """The page goes by the generation in force again, which left out something else."""
    register(relay, ("network", "10.1.2.0/24"), ("network", "127.0.0.0/24"))
    export(relay)
    relay.config = relay.configure(("<network>10.0.0.0/8</network>", ""))
    export(relay)
    assert "10.1.2.0/24" in admin(relay, "left-out")
    export(relay, "--rollback")
    assert "no relay leaves anything out" in admin(relay, "left-out")


def test_many_in_one_notice(relay):
    register(relay, *[("network", f"192.168.{n}.0/24") for n in range(40)], ("network", "10.1.2.0/24"))
    export(relay)
    mails = told(relay)
    assert "leaves out 40 sources" in mails["ow1@example.edu"] and "and 32 more" in mails["ow1@example.edu"]
    assert mails["relay-team@example.edu"].startswith("The relay leaves out sources of 1 registration\n")
