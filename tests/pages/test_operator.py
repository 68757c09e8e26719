# SPDX-License-Identifier: MIT
"""The relay team's pages, and the same from the shell."""

import concurrent.futures
import csv
import hashlib
import io
import itertools
import re
import shutil
import subprocess

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import run, sql
from test_living import actions, done, history, notices, send, sources


@pytest.fixture
def rl1():
    return Browser("rl1")


def found(browser, text):
    answer = browser.get("/operator/registrations", params={"q": text})
    assert answer.status_code == 200
    return {link.rpartition("/")[2] for link in Page(answer.text).links
            if link.startswith("/operator/registrations/")}


def test_overview(ow1, rl1):
    ow1.register("direct@example.edu")
    demo.demo("export")
    words = rl1.page("/operator").words
    assert "Live" in words and "Waiting to be sent:" in words and "generation" in words
    assert re.search(rf"Common roots: 1, in {re.escape(str(demo.pki('roots.pem')))} ?, which was written on \d+ \w+ \d+ ?\."
                     " Without the trust of Mozilla's", words), words
    assert re.search(r"In that list and trusted, but not in the file: 1\d\d\.", words), words
    assert "more than a year old" not in words and "not in force" not in words and "ca-certificates of" not in words


def test_lists_of_weak_keys(ow1, rl1, tmp_path):
    """Without one that is said; a key on one is refused from then on. The list is as Debian's package has it."""
    folder = demo.DIR / "weak-keys"
    shutil.rmtree(folder, ignore_errors=True)
    for command in ["genrsa", "-out", tmp_path / "leaf.key", "2048"], [
            "req", "-new", "-key", tmp_path / "leaf.key", "-subj", "/CN=weak.example.edu", "-out", tmp_path / "leaf.csr"], [
            "x509", "-req", "-in", tmp_path / "leaf.csr", "-CA", demo.pki("ca/common-intermediate.pem"), "-CAkey",
            demo.pki("ca/common-intermediate.key"), "-days", "90", "-extfile", demo.pki("ca/leaf.ext"), "-out", tmp_path / "leaf.pem"]:
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    pem = (tmp_path / "leaf.pem").read_text() + demo.pki("ca/common-intermediate.pem").read_text()
    modulus = subprocess.run(["openssl", "rsa", "-in", tmp_path / "leaf.key", "-noout", "-modulus"], capture_output=True, check=True).stdout
    assert f"No list of weak keys is in use, so that keys which Debian's OpenSSL made until 2008 are taken: {folder}" in rl1.page("/operator").words
    ow1.register("bulk-00056@example.edu", method="certificate", certificate_text=pem)
    demo.free("bulk-00056@example.edu")
    folder.mkdir(mode=0o755)
    try:
        (folder / "blacklist.RSA-2048").write_text("# openssl-blacklist\n" + "".join(
            one + "\n" for one in sorted(["0" * 20, "f" * 20, hashlib.sha1(modulus).hexdigest()[20:]])))
        (folder / "blacklist.RSA-1024").write_text("# openssl-blacklist\n")
        assert f"Lists of weak keys, in {folder} : RSA-1024, RSA-2048." in rl1.page("/operator").words.replace(f"{folder}:", f"{folder} :")
        answer = ow1.submit("bulk-00056@example.edu", method="certificate", certificate_text=pem)
        assert answer.status_code == 422 and "it is on a list of weak keys" in Page(answer.text).summary[0][1]
        said = demo.run("appsmtp-admin", "roots").stdout
        assert f"RSA-1024, RSA-2048, in {folder}" in said
    finally:
        shutil.rmtree(folder)
    assert f"none: {folder} has no list" in demo.run("appsmtp-admin", "overview").stdout


@pytest.mark.parametrize("name", ["=1+1", "\uff1d1+1", "\uff0b1", "\uff20x", "-1", "\ufe63x"])
def test_no_value_of_a_csv_is_a_formula(ow1, rl1, name):
    ow1.register("direct@example.edu", application_name=name)
    text = rl1.get("/operator/registrations?q=direct@example.edu&format=csv").text
    assert f"\"'{name}\"" in text and f'"{name}"' not in text


def test_notices_that_fail_are_shown_from_the_first_time_on(ow1, rl1):
    identity = ow1.register("direct@example.edu")
    # What other tests have left is over.
    sql("UPDATE notice SET skipped_at = now() WHERE id IN (SELECT id FROM waiting_notice WHERE failing)")
    sql("INSERT INTO notice (registration_id, kind, recipient, made_at, next_attempt_at, attempts, last_error)"
        " SELECT :'id', 'changed', 'failing-' || n || '-', '2020-01-02 03:04:05+00', now() + interval '1 hour', n,"
        " CASE WHEN n > 0 THEN '450 <later> ' || n ELSE '' END FROM generate_series(0, 22) n", id=identity)
    [[failing]] = sql("SELECT count(*) FROM waiting_notice WHERE failing")
    page = rl1.page("/operator")
    assert int(failing) >= 22 and f"Could not be sent so far: {failing}" in page.words
    assert "failing-1- direct@example.edu (changed) 2020-01-02 03:04:05 1 450 <later> 1" in page.words, page.words
    assert f"/operator/registrations/{identity}" in page.links
    assert "failing-0-" not in page.words and "failing-20-" in page.words and "failing-21-" not in page.words
    sql("DELETE FROM notice WHERE recipient LIKE 'failing-%'")
    assert "failing-" not in rl1.page("/operator").words


def test_the_way_there_is_shown_to_staff_only(ow1, rl1):
    assert "/operator" in rl1.page("/registrations").links and "/operator" in rl1.page("/operator").links
    assert "/operator" not in ow1.page("/registrations").links


def test_suspended_ones_are_counted_by_the_export(ow1, rl1):
    identity = ow1.register("direct@example.edu")
    send(rl1, f"/operator/registrations/{identity}/suspend", reason="x")
    [[suspended]] = sql("SELECT count(*) FROM registration WHERE state = 'suspended'")
    demo.demo("export")
    [[told]] = sql("SELECT details ->> 'suspended' FROM export_run ORDER BY id DESC LIMIT 1")
    assert told == suspended != "0"
    sql("UPDATE registration SET state = 'live' WHERE id = :'id'", id=identity)


@pytest.fixture
def skipped_notice(ow1):
    """A notice that was tried often and is over: nobody could be sent it."""
    identity = ow1.register("direct@example.edu")
    sql("INSERT INTO notice (registration_id, kind, recipient, made_at, attempts, skipped_at, last_error)"
        " VALUES (:'id', 'changed', 'gone', '2001-02-03', 9, now(), '~ nobody of that name')", id=identity)
    yield
    sql("DELETE FROM notice WHERE registration_id = :'id' AND recipient = 'gone'", id=identity)


@pytest.mark.usefixtures("skipped_notice")
def test_skipped_notices_do_not_wait(rl1):
    words = rl1.page("/operator").words
    assert "2001-02-03" not in words and "nobody of that name" not in words


def test_search_by_everything(ow1, rl1):
    one = ow1.register("direct@example.edu", application_name="Parking Garage 7", networks="10.77.0.0/24", owners="nb1")
    two = ow1.register("many@example.edu", method="hostname", hostnames="web2.example.edu")
    three = ow1.register("many-alias@example.edu", certificate_file("good.pem"), method="certificate")
    for text in "direct@example.edu", "DIRECT@", "parking garage", "nb1", "10.77.0.9", "10.77.0.0/24", "10.77.0.128/25", "10.77.0.1/24":
        assert one in found(rl1, text), text
        assert not {two, three} & found(rl1, text), text
    assert two in found(rl1, "web2.example") and one not in found(rl1, "web2.example")
    [prints] = sql("SELECT encode(sha256, 'hex'), encode(spki_sha256, 'hex') FROM source WHERE registration_id = :'id'", id=three)
    for text in prints:
        colons = ":".join(text[i:i + 2] for i in range(0, 64, 2)).upper()
        for typed in text, colons, f" {colons} ":
            assert found(rl1, typed) >= {three} and one not in found(rl1, typed)
    assert one not in found(rl1, "10.78.0.1")
    six = ow1.register("comanaged@example.edu", networks="2001:db8:c0::/64")
    for text in "2001:db8:c0::5", "[2001:db8:c0::5]", " [2001:DB8:C0::5] ":
        assert six in found(rl1, text) and one not in found(rl1, text), text
    for text in "%", "_", "'", '"', "\\", "x" * 1000:
        assert one not in found(rl1, text)


def test_list_as_csv(ow1, rl1):
    identity = ow1.register("direct@example.edu", application_name='=cmd|"x"', owners="nb1")
    answer = rl1.get("/operator/registrations", params={"q": "direct@", "format": "csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["id"] == identity]
    assert rows[0] | {"address": "direct@example.edu", "application_name": "'=cmd|\"x\"", "state": "live",
                      "owners": "nb1, ow1", "sources": "127.0.0.21/32"} == rows[0]


def test_history_as_csv_for_staff(ow1, rl1):
    identity = ow1.register("direct@example.edu")
    path = f"/operator/registrations/{identity}"
    for browser in rl1, Browser("sd1"):
        assert f"{path}/history?format=csv" in browser.page(path).links
        rows = list(csv.DictReader(io.StringIO(browser.get(f"{path}/history?format=csv").text)))
        assert [(row["action"], row["login"]) for row in rows] == [("created", "ow1")]
        assert {path, f"{path}/history?format=csv"} <= set(browser.page(f"{path}/history").links)


def test_history_as_csv(ow1):
    identity = ow1.register("direct@example.edu")
    send(ow1, f"/registrations/{identity}/retire", reason='-1 "quoted", said')
    rows = list(csv.DictReader(io.StringIO(ow1.get(f"/registrations/{identity}/history?format=csv").text)))
    assert [(row["action"], row["login"], row["reason"]) for row in rows] == [
        ("retired", "ow1", "'-1 \"quoted\", said"), ("created", "ow1", "")]


def exported(identity):
    return sql("SELECT count(*) FROM exported_source WHERE registration_id = :'id'", id=identity) != [["0"]]


def test_suspend_and_resume(ow1, rl1):
    identity = ow1.register("direct@example.edu", owners="ow2")
    path = f"/operator/registrations/{identity}"
    assert rl1.page(path).value("csrf_token")
    answer = send(rl1, f"{path}/suspend", reason="")
    assert answer.status_code == 422 and "Enter the reason" in Page(answer.text).words
    assert send(rl1, f"{path}/suspend", reason="Spam at night").headers["Location"] == path
    assert history(identity)[-1][:3] == ("suspended", "rl1", "Spam at night")
    assert notices(identity, "suspended") == ["ow1", "ow2"] and not exported(identity)
    assert "Suspended" in ow1.page(f"/registrations/{identity}").words
    # Once more: nothing happens. The owners cannot get rid of it by starting anew.
    send(rl1, f"{path}/suspend", reason="Again")
    assert send(ow1, f"/registrations/{identity}/retire").status_code == 422
    assert actions(identity) == ["created", "suspended"]
    send(rl1, f"{path}/resume", reason="Solved")
    send(rl1, f"{path}/resume", reason="Again")
    assert actions(identity) == ["created", "suspended", "resumed"] and exported(identity)
    assert notices(identity, "resumed") == ["ow1", "ow2"]


def test_what_others_suspended_becomes_the_relay_teams(ow1, rl1):
    identity = ow1.register("direct@example.edu")
    sql("UPDATE registration SET state = 'suspended' WHERE id = :'id'", id=identity)
    path = f"/operator/registrations/{identity}"
    assert f'formaction="{path}/suspend"' in rl1.get(path).text
    send(rl1, f"{path}/suspend", reason="Ours")
    assert f'formaction="{path}/suspend"' not in rl1.get(path).text and actions(identity)[-1] == "suspended"
    assert re.search("Suspended by the relay team before: no ?after: yes",
                     ow1.page(f"/registrations/{identity}/history").words)


def test_bring_back(ow1, rl1):
    identity = ow1.register("direct@example.edu", networks="10.5.0.0/24 127.0.0.21")
    send(ow1, f"/registrations/{identity}/retire")
    assert not exported(identity)
    send(rl1, f"/operator/registrations/{identity}/restore", reason="Asked by phone")
    assert exported(identity) and len(sources(identity)) == 2
    assert history(identity)[-1][:3] == ("restored", "rl1", "Asked by phone")
    done(ow1, send(ow1, f"/registrations/{identity}/sources", method="network", networks="10.6.0.0/24"), identity)


def test_who_shares_a_source(ow1, rl1):
    one = ow1.register("direct@example.edu", networks="10.66.0.0/24")
    two = ow1.register("many@example.edu", networks="10.66.0.7")
    words = rl1.page(f"/operator/registrations/{one}").words
    assert "Also of many@example.edu (10.66.0.7/32)" in words
    assert two in " ".join(rl1.page(f"/operator/registrations/{one}").links)
    words = ow1.page(f"/registrations/{one}").words
    assert "Other registrations use this source too." in words and "many@" not in words
    send(ow1, f"/registrations/{two}/retire")
    assert "Other registrations" not in ow1.page(f"/registrations/{one}").words


def test_support_sees_and_changes_nothing(ow1):
    identity = ow1.register("direct@example.edu")
    sd1 = Browser("sd1")
    answer = sd1.get(f"/operator/registrations/{identity}")
    assert answer.status_code == 200 and 'name="reason"' not in answer.text
    assert send(sd1, f"/operator/registrations/{identity}/suspend", reason="x").status_code == 403
    assert actions(identity) == ["created"]


def test_an_outage_of_the_directory_is_no_answer(ow1, rl1):
    identity = ow1.register("direct@example.edu")
    assert rl1.token and ow1.token
    with demo.stopped("directory"):
        for browser in rl1, ow1:
            assert browser.get("/operator").status_code == 503
            assert send(browser, f"/operator/registrations/{identity}/suspend", reason="x").status_code == 503
    assert actions(identity) == ["created"]


ACTS = [("suspend", "suspended"), ("resume", "resumed"), ("restore", "restored")]


def test_fifty_at_once(ow1):
    browsers = [Browser("rl1") for _ in range(8)]
    assert all(browser.token for browser in browsers)
    for _, (act, action) in itertools.product(range(demo.ROUNDS), ACTS):
        if act == "suspend":
            identity = ow1.register("direct@example.edu")
        elif act == "restore":
            demo.free("direct@example.edu")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda i: send(browsers[i % 8], f"/operator/registrations/{identity}/{act}",
                                                    reason="x").status_code, range(50)))
        assert set(statuses) == {303} and actions(identity).count(action) == 1
