# SPDX-License-Identifier: MIT
"""appsmtp-admin: what operators do and look up in the shell."""

import csv
import fcntl
import io
import json
import os
import pty
import pwd
import re
import struct
import subprocess
import termios
import unicodedata
import uuid

import pytest

import demo
from browser import Browser, certificate_file
from demo import run, sql
from relay import send as send_mail
from test_living import actions, history, notices, send

ADDRESS = "direct@example.edu"


@pytest.fixture
def identity(ow1):
    """A live registration."""
    return ow1.register(ADDRESS, owners="ow2", networks="127.0.0.21 10.88.0.0/24", note="One\nTwo")


def admin(*words, status=0, **options):
    """What it writes, when it ends with that status."""
    result = run("appsmtp-admin", *words, **options)
    assert result.returncode == status, result.stderr
    return result.stdout if status == 0 else result.stderr


def facts(text):
    """name -> value of lines like "State    Retired" """
    return dict(re.split(r"  +", line.strip(), maxsplit=1) for line in text.splitlines() if "  " in line.strip())


def retire(identity):
    sql("UPDATE registration SET state = 'retired' WHERE id = :'id'", id=identity)


def on_terminal(columns, *words):
    """What a person with a terminal of so many columns sees, as lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([demo.TOP / "deploy/demo", "exec", "appsmtp-admin", *words], stdin=subprocess.DEVNULL,
                          stdout=theirs):
        os.close(theirs)
        text = b""
        try:
            while more := os.read(ours, 4096):
                text += more
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    return text.decode().splitlines()


# --- search, list --------------------------------------------------------------------------

def found(text):
    return [line.split("\t")[0] for line in admin("search", text).splitlines()]


def test_search_by_everything(ow1, identity):
    other = ow1.register("many@example.edu", certificate_file("good.pem"), method="certificate",
                         application_name="Elsewhere")
    for text in ADDRESS, "DIRECT@", "course evaluation", "ow2", "10.88.0.9", "10.88.0.0/24", " 10.88.0.7/25 ":
        assert identity in found(text) and other not in found(text), text
    [[fingerprint]] = sql("SELECT encode(sha256, 'hex') FROM source WHERE registration_id = :'id'", id=other)
    assert other in found(fingerprint) and other in found("elsewhere") and other in found("good.example")
    for text in "%", "'; DROP TABLE source; --", "x" * 5000, b"\xff\xfe", "-x":
        result = run_bytes("search", "--", text)
        assert result.returncode == 0 and identity.encode() not in result.stdout and other.encode() not in result.stdout
    assert "no registration fits" in run("appsmtp-admin", "search", "x" * 5000).stderr


def run_bytes(*words):
    return subprocess.run([demo.TOP / "deploy/demo", "exec", "appsmtp-admin", *words], capture_output=True, timeout=60)


def test_one_line_each_and_nothing_cut(ow1, identity):
    networks = [f"10.89.{i}.0/24" for i in range(0, 80, 2)]
    long = ow1.register("many@example.edu", networks=" ".join(networks), application_name="N" * 100)
    lines = [line.split("\t") for line in admin("search", "").splitlines()]
    assert all(len(line) == 6 for line in lines)
    [line] = [line for line in lines if line[0] == long]
    assert line[1:] == ["many@example.edu", "live", "N" * 100, "ow1", ", ".join(networks)]
    assert admin("list") == admin("search", "")


def test_a_table_for_people(ow1, identity):
    other = ow1.register("many@example.edu", application_name="漢字 " * 30, networks="10.88.0.7")
    wide, narrow = on_terminal(160, "search", "10.88.0.7"), on_terminal(40, "search", "10.88.0.7")
    headings = ["Id", "Sending address", "State", "Application", "Owners", "Sources"]
    assert re.split("  +", wide[0]) == headings
    columns = [wide[0].index(heading) for heading in headings]
    [row] = [line for line in wide if line.startswith(identity)]
    assert [row[at:].split("  ")[0] for at in columns] == [identity, ADDRESS, "live", "Course evaluation", "ow1, ow2",
                                                           "10.88.0.0/24, 127.0.0.21/32"]
    assert all(columns_of(line) <= 160 for line in wide)
    [row] = [line for line in wide if line.startswith(other)]
    assert "…  " in row and columns_of(row.partition("ow1")[0]) == columns[4]
    # What one goes on with is never cut.
    [row] = [line for line in narrow if line.startswith(identity)]
    assert ADDRESS in row and row.endswith("live")


def columns_of(text):
    return sum(2 if unicodedata.east_asian_width(one) == "W" else 1 for one in text)


@pytest.mark.parametrize("words, query", [(["list"], {}), (["list", "live"], {"list": "live"}),
                                          (["search", "direct@"], {"q": "direct@"})])
def test_csv_is_that_of_the_page(identity, words, query):
    page = Browser("rl1").get("/operator/registrations", params=query | {"format": "csv"})
    file = run_bytes(*words, "--csv").stdout
    assert file == page.content
    [row] = [row for row in csv.DictReader(io.StringIO(file.decode())) if row["id"] == identity]
    assert row["sources"] == "10.88.0.0/24, 127.0.0.21/32" and row["owners"] == "ow1, ow2"


def test_lists(identity):
    def listed():
        return {name for name in ("live", "waiting", "suspended", "expiring", "unconfirmed", "unused", "retired")
                if identity in admin("list", name)}
    demo.demo("export")
    assert listed() == {"live"}
    sql("UPDATE registration SET confirmed_at = now() - interval '1 year' WHERE id = :'id'", id=identity)
    assert listed() == {"live", "unconfirmed"}
    retire(identity)
    assert listed() == {"retired"}
    assert "waiting, suspended, expiring" in admin("list", "nonsense", status=64)


# --- show, history, overview ------------------------------------------------------------------

@pytest.mark.parametrize("named", [str, str.upper, lambda _: ADDRESS, lambda _: " Direct@Example.EDU "])
def test_show(ow1, identity, named):
    other = ow1.register("many@example.edu", networks="10.88.0.7")
    text = admin("show", named(identity))
    seen = facts(text)
    assert seen | {"Id": identity, "Sending address": ADDRESS, "Application": "Course evaluation",
                   "Type": "Web Application", "Locations": "Campus networks", "Owners": "ow1, ow2",
                   "Note": "One"} == seen
    assert re.search(rf"10\.88\.0\.0/24\n( +last used .*\n)? +also of +many@example\.edu \(10\.88\.0\.7/32\), {other}\n", text)
    assert "127.0.0.21\n" in text and "Two" in text and "Suspended by" not in text


def test_show_certificate(ow1):
    identity = ow1.register(ADDRESS, certificate_file("good.pem"), method="certificate")
    [[fingerprint, key]] = sql("SELECT encode(sha256, 'hex'), encode(spki_sha256, 'hex') FROM source"
                               " WHERE registration_id = :'id'", id=identity)
    seen = facts(admin("show", identity))
    assert seen["SHA-256"] == fingerprint and seen["SHA-256 of its key"] == key and "good.example" in seen["names"]


def test_show_when_a_source_was_used(ow1):
    identity = ow1.register(ADDRESS)
    sql("INSERT INTO use_teller VALUES ('relay', 0, now()) ON CONFLICT DO NOTHING")
    assert facts(admin("show", identity))["last used"] == "not so far"
    sql("INSERT INTO source_use SELECT id, 'relay', '2026-02-03 12:00Z', 1 FROM source WHERE registration_id = :'id'",
        id=identity)
    assert facts(admin("show", identity))["last used"] == "2026-02-03"


def test_show_in_each_state(identity):
    sql("UPDATE registration SET state = 'suspended', suspended_by_operator = true WHERE id = :'id'", id=identity)
    assert facts(admin("show", identity))["Suspended by"] == "the relay team"
    retire(identity)
    seen = facts(admin("show", identity))
    assert seen["State"] == "Retired" and seen["Can come back until"]


def test_history(ow1, identity):
    send(ow1, f"/registrations/{identity}/sources", method="network", networks="10.90.0.0/24")
    admin("suspend", identity, "--reason", "Spam")
    text = admin("history", identity)
    parts = text.split("\n\n")
    assert "Suspended by shell:" in parts[0] and facts(parts[0])["Reason"] == "Spam"
    assert facts(parts[0])["State"] == "before: In force" and "after:  Suspended" in parts[0]
    assert "Source added by ow1, from 127." in parts[1] and "10.90.0.0/24" in parts[1].partition("after:")[2]
    assert "Created by ow1" in parts[2] and facts(parts[2])["Owners"] == "ow1, ow2" and "before" not in parts[2]
    assert run_bytes("history", identity, "--csv").stdout == ow1.get(f"/registrations/{identity}/history?format=csv").content


def test_no_terminal_is_driven_by_what_people_typed(identity):
    sql("UPDATE registration SET note = E'a\\x1b[2Jb\\u202ec' WHERE id = :'id';"
        " INSERT INTO history (registration_id, login, action, reason) VALUES (:'id', 'x', 'y', E'\\x1b]0;t\\x07')",
        id=identity)
    for command in "show", "history":
        assert not {"\x1b", "\x07", "\u202e"} & set(admin(command, identity))


def test_overview(ow1, identity):
    demo.demo("export")
    seen = facts(admin("overview"))
    [[live, suspended, retired]] = sql("SELECT count(*) FILTER (WHERE state = 'live'), count(*) FILTER (WHERE state ="
                                       " 'suspended'), count(*) FILTER (WHERE state = 'retired') FROM registration")
    assert (seen["Live"], seen["Suspended"], seen["Retired"]) == (live, suspended, retired)
    assert seen["With a source not used for a year"] == "0"
    # The rest of the row may grow between the two.
    [[today]] = sql("SELECT (now() AT TIME ZONE 'UTC')::date")
    _, _, row = Browser("rl1").get("/operator").text.partition(f">{today}</th>")
    assert seen[today].split()[:3] == re.findall(r">(\d+)</td>", row)[:3] and len(seen[today].split()) == 8
    assert seen["Waiting for an export"] == "0" and "generation" in seen["relay"] and "Waiting to be sent" in seen


def test_roots():
    """What counts as common, and what a file of before had more or less."""
    words, _, table = admin("roots").partition("\n\n")
    told = facts(words)
    assert told["File of common roots"] == str(demo.pki("roots.pem")) and told["Common roots"] == told["Not in that list"] == "1"
    assert int(told["In the list, not the file"]) > 100
    assert "Not trusted any more" in told and re.fullmatch(r"\d{4}-\d\d-\d\d", told["Written on"])
    heads, row, *absent = (line.split("\t") for line in table.splitlines())
    assert ["ISRG Root X1", "not in the file"] in [one[4:] for one in absent]
    assert len(absent) == int(told["In the list, not the file"])
    assert heads[2] == "Trusted if issued by" and row[4:] == ["CN=AppSMTP Demo Common Root,O=AppSMTP Demo", "not in the list"]
    _, _, changes = admin("roots", "--since", demo.pki("other-roots.pem")).partition("\n\n")
    assert [line.split("\t")[0] for line in changes.splitlines()[1:]] == ["+", "-"]
    assert "could not read" in admin("roots", "--since", "/nonexistent", status=78)
    seen = facts(admin("overview"))
    assert seen["Common roots"] == "1" and seen["Not trusted any more"] == "0" and seen["Written on"]
    assert seen["File of common roots"] == str(demo.pki("roots.pem"))


def test_an_accepted_certificate_is_described():
    told = json.loads(run("appsmtp-check", "--json", "certificate", demo.pki("good.pem")).stdout)
    assert told["verdict"] == "accept" and told["certificate"]["name"] == ["good.example.edu"]
    lines = run("appsmtp-check", "certificate", demo.pki("good.pem")).stdout.splitlines()
    assert f"key-sha256: {told['certificate']['key-sha256']}" in lines and "name: good.example.edu" in lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["certificate"]["not-after"])
    assert "certificate" not in json.loads(run("appsmtp-check", "--json", "certificate", demo.pki("expired.pem")).stdout)


# --- suspend, resume, restore -----------------------------------------------------------------

def relay_accepts(wanted):
    """Whether the relay comes to accept the source, or to refuse it, after an export."""
    demo.demo("export")
    return demo.wait_until(lambda: (send_mail(ADDRESS, "127.0.0.21")[0] == "accept") is wanted)


def test_suspend_is_in_force_on_the_relay(identity):
    assert relay_accepts(True)
    admin("suspend", ADDRESS, "--reason", "Spam  at night")
    entry = history(identity)[-1]
    assert entry[:1] + entry[2:3] == ("suspended", "Spam at night") and entry[1].startswith("shell:")
    assert sql("SELECT address IS NULL FROM history WHERE registration_id = :'id' ORDER BY id DESC LIMIT 1",
               id=identity) == [["t"]]
    assert sql("SELECT suspended_by_operator FROM registration WHERE id = :'id'", id=identity) == [["t"]]
    assert notices(identity, "suspended") == ["ow1", "ow2"]
    assert relay_accepts(False)
    admin("resume", identity, "--reason", "Solved")
    assert relay_accepts(True)
    assert history(identity)[-1][0] == "resumed" and notices(identity, "resumed") == ["ow1", "ow2"]


def test_what_is_so_already_is_not_done_again(identity):
    admin("resume", identity, "--reason", "x")
    admin("restore", identity, "--reason", "x")
    assert actions(identity) == ["created"]
    for _ in range(2):
        result = run("appsmtp-admin", "suspend", identity, "--reason", "x")
        assert result.returncode == 0
    assert "nothing was changed" in result.stderr and actions(identity) == ["created", "suspended"]


def test_restore(ow1, identity):
    send(ow1, f"/registrations/{identity}/retire")
    assert "restore" not in actions(identity)
    for act in "suspend", "resume":
        assert "suspend.retired: " in admin(act, identity, "--reason", "x", status=1)
    assert "no live or suspended registration" in admin("restore", ADDRESS, "--reason", "x", status=1)
    admin("restore", identity, "--reason", "Asked by phone")
    assert history(identity)[-1][0] == "restored" and history(identity)[-1][2] == "Asked by phone"
    assert sql("SELECT state FROM registration WHERE id = :'id'", id=identity) == [["live"]]


def test_restore_refused(ow1, identity):
    retire(identity)
    again = ow1.register(ADDRESS)
    assert f"restore.taken: {ADDRESS}" in admin("restore", identity, "--reason", "x", status=1)
    retire(again)
    sql("ALTER TABLE registration DISABLE TRIGGER registration_note_change;"
        " UPDATE registration SET changed_at = now() - interval '31 days' WHERE id = :'id';"
        " ALTER TABLE registration ENABLE TRIGGER registration_note_change", id=identity)
    assert "restore.too-late: " in admin("restore", identity, "--reason", "x", status=1)
    assert actions(identity) == ["created"]


@pytest.mark.parametrize("reason, code", [("", "reason.empty"), (" \t ", "reason.empty"), ("x" * 501, "reason.too-long"),
                                          ("a\x1bb", "reason.characters")])
def test_reason_is_that_of_the_form(identity, reason, code):
    for act in "suspend", "resume", "restore":
        assert f"{code}: " in admin(act, identity, "--reason", reason, status=1)
    assert actions(identity) == ["created"]


def test_reason_that_is_no_text(identity):
    result = run_bytes("suspend", identity, "--reason", b"a\xffb")
    assert (result.returncode, actions(identity)) == (64, ["created"])


def test_who_it_was(identity):
    me = "shell:" + pwd.getpwuid(os.getuid()).pw_name

    def who(**variables):
        words = [f"{name}={value}" for name, value in variables.items()]
        assert run("env", "-u", "SUDO_USER", *words, "appsmtp-admin", "suspend", identity, "--reason", "x").returncode == 0
        assert run("appsmtp-admin", "resume", identity, "--reason", "x").returncode == 0
        return history(identity)[-2][1]
    assert who() == me
    # Only root may have come by sudo; and variables are no proof of anything else.
    assert who(SUDO_USER="daemon") == ("shell:daemon" if os.getuid() == 0 else me)
    assert who(SUDO_USER="nobody-of-that-name", USER="ow1", LOGNAME="ow1") == me


# --- how it ends ------------------------------------------------------------------------------

def every_command(identity):
    """Each command that asks the database."""
    return [["search", "x"], ["list"], ["list", "--csv"], ["overview"], ["show", identity], ["history", identity],
            *([act, identity, "--reason", "x"] for act in ("suspend", "resume", "restore"))]


@pytest.mark.parametrize("named", [str(uuid.uuid4()), "gone@example.edu", "", "x" * 5000, "'", "../etc", "漢"])
def test_absent(named):
    for words in every_command(named)[4:]:
        assert "registration" in admin(*words, status=1)


@pytest.mark.parametrize("words", [
    [], ["frobnicate"], ["search"], ["search", "a", "b"], ["list", "live", "x"], ["list", "x"], ["overview", "x"], ["show"], ["history", "a", "b"],
    ["suspend", ADDRESS], ["resume"], ["restore", "a", "b", "--reason", "x"], ["search", "x", "--reason", "y"],
    ["show", ADDRESS, "--csv"], ["overview", "--csv"], ["roots", "x"], ["show", ADDRESS, "--since", "x"], ["suspend", ADDRESS, "--reason", "x", "--dry-run"], ["--frob"],
    ["suspend", ADDRESS, "--reason"]])
def test_usage(words, identity):
    assert "appsmtp-admin" in admin(*words, status=64)
    assert actions(identity) == ["created"]


def test_help_names_every_command():
    text = admin("--help")
    for words in every_command("ID"):
        assert f"\n  {words[0]}" in text
    assert admin("search", "--help") == text and admin("--version").startswith("appsmtp-admin ")


def test_outages(identity):
    with demo.stopped("database"):
        for words in every_command(identity):
            assert "could not" in admin(*words, status=69), words
    with demo.hanging("database"):
        for words in ["list"], ["suspend", identity, "--reason", "x"]:
            assert "could not" in admin(*words, status=69), words
    with demo.stopped("directory"):  # none of these needs it
        for words in every_command(identity)[:6]:
            admin(*words)
    assert actions(identity) == ["created"]


def test_configuration(tmp_path):
    for words in every_command("x"):
        admin("--config", tmp_path / "none.xml", *words, status=78)


def test_result_that_cannot_be_written(identity):
    with open("/dev/full", "w", encoding="ascii") as full:
        for words in every_command(identity)[1:6]:
            result = subprocess.run([demo.TOP / "deploy/demo", "exec", "appsmtp-admin", *words], stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=60)
            assert result.returncode == 74 and "could not write" in result.stderr
