# SPDX-License-Identifier: MIT
"""When a source was last used: from the relay's daemon by way of the export to the pages."""

import pytest

import demo
from browser import Browser, certificate_file
from demo import run, sql
from relay import send

DIRECT, ALIAS = "direct@example.edu", "many-alias@example.edu"


@pytest.fixture
def rl1():
    return Browser("rl1")


def words(browser, path):
    return browser.page(path).words


def test_last_used(ow1, rl1):
    network = ow1.register(DIRECT, networks="127.0.0.21/32")
    key = ow1.register(ALIAS, certificate_file("good.pem"), method="certificate")
    assert demo.wait_until(lambda: send(DIRECT, "127.0.0.21")[0] == "accept")
    assert demo.wait_until(lambda: send(ALIAS, "127.0.0.30", "renewed.pem", "good.key")[0] == "accept")
    for identity in network, key:
        assert demo.wait_until(lambda: "Last used on" in words(ow1, f"/registrations/{identity}"), 40), identity
        assert "Last used on" in words(rl1, f"/operator/registrations/{identity}")
    seen = run("openssl", "x509", "-in", demo.pki("renewed.pem"), "-noout", "-fingerprint", "-sha256").stdout
    [[kept]] = sql("SELECT encode(certificate_sha256, 'hex') FROM last_use JOIN source s ON s.id = source_id"
                   " WHERE registration_id = :'id'", id=key)
    assert kept == seen.partition("=")[2].strip().replace(":", "").lower()
    [[permitted]] = sql("SELECT sum(count) FROM decision_count WHERE code = 'message.permitted'")
    assert int(permitted) >= 2


def test_lists_that_operators_look_after(ow1, rl1):
    identity = ow1.register(DIRECT, networks="127.0.0.21/32")

    def listed(name):
        return identity in rl1.get("/operator/registrations", params={"q": DIRECT, "list": name}).text

    assert listed("") and listed("live") and listed("nonsense")
    assert not any(map(listed, ["suspended", "retired", "expiring", "unconfirmed", "unused"]))
    sql("UPDATE registration SET confirmed_at = now() - interval '340 days' WHERE id = :'id'", id=identity)
    assert listed("unconfirmed")
    [[since]] = sql("INSERT INTO use_teller VALUES ('relay', 0, now()) ON CONFLICT (relay) DO UPDATE SET batch ="
                    " use_teller.batch RETURNING since")
    sql("UPDATE source SET added_at = now() - interval '2 years' WHERE registration_id = :'id'", id=identity)
    assert not listed("unused")
    sql("UPDATE use_teller SET since = now() - interval '2 years' WHERE relay = 'relay'")
    try:
        sql("DELETE FROM source_use WHERE source_id IN (SELECT id FROM source WHERE registration_id = :'id')", id=identity)
        assert listed("unused") and "With a source not used for a year" in words(rl1, "/operator")
        sql("INSERT INTO source_use SELECT id, 'relay', now(), 1 FROM source WHERE registration_id = :'id'", id=identity)
        assert not listed("unused")
    finally:
        sql("UPDATE use_teller SET since = :'since' WHERE relay = 'relay'", since=since)


def test_picture(rl1):
    page = rl1.get("/operator").text
    assert page.count('role="img"') == 3 and page.count("<rect") > 6
    assert page.count("<tr") >= 30 and "{{" not in page
