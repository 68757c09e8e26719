# SPDX-License-Identifier: MIT
"""What the relays tell with their exports: hostnames without an address, sources that were used."""

import datetime
import json
import uuid

from conftest import at

NOW = at("2027-01-10")
SEEN = "ab" * 32


def register(site, source):
    which = str(uuid.uuid4())
    site.sql(f"""
        BEGIN; INSERT INTO registration (id, address, application_name, application_type, account_id,
          account_label, created_at, confirmed_at) VALUES ('{which}', 'direct@example.edu', 'App',
          'scanner', 'x', 'x', '{NOW}', '{NOW}');
        INSERT INTO registration_owner VALUES ('{which}', 'ow1', now(), 'x');
        INSERT INTO registration_location VALUES ('{which}', 'campus');
        INSERT INTO source (id, registration_id, added_by, {", ".join(source)})
          VALUES ('{uuid.uuid4()}', '{which}', 'x', {", ".join(source.values())}); COMMIT""")
    return which


def exported(site, time, relay="relay", **details):
    site.sql(f"""INSERT INTO export_run (relay, generation, snapshot, started_at, finished_at, outcome, senders,
        sources, details) VALUES ('{relay}', 1, '7:7:', '{time}', '{time}', 'unchanged', 1, 1, '{json.dumps(details)}')""")


def told(site):
    return [message["Subject"] for _, message in site.sink.take()]


def test_hostname_without_address(site):
    """Told once; again only after it has had an address in between; a relay of long ago says nothing."""
    register(site, {"hostname": "'web1.example.edu'"})
    lost = ["direct@example.edu: the relay finds no address for web1.example.edu"]
    steps = [(0, ["other.example.edu"], []), (1, ["web1.example.edu"], lost), (2, ["web1.example.edu"], []),
             (3, [], []), (4, ["web1.example.edu"], lost)]
    for day, names, expected in steps:
        time = NOW + datetime.timedelta(days=day)
        exported(site, time, hostnames_without_address=names)
        for _ in range(2):
            site.notify(time)
        assert told(site) == expected, day
    site.notify(NOW + datetime.timedelta(days=9))
    assert told(site) == []


def test_certificate_seen_in_its_place(site):
    end = NOW + datetime.timedelta(days=10)
    register(site, {"certificate": "'\\x01'", "sha256": "sha256('\\x01')", "spki_sha256": "sha256('key')",
                    "subject": "'CN=x'", "issuer": "'CN=CA'", "serial": "'01'", "names": "'{app.example.edu}'",
                    "not_before": f"'{NOW - datetime.timedelta(days=80)}'", "not_after": f"'{end}'"})
    [[source]] = site.sql("SELECT id FROM source")
    exported(site, NOW, used={"batch": 1, "decisions": {}, "sources": [
        {"id": source, "at": int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()), "messages": 2, "certificate": SEEN}]})
    site.notify(NOW)
    [(_, message)] = site.sink.take()
    text = " ".join(message.get_content().split())
    assert "seen the application with a new certificate for the same key" in text
    assert ":".join([SEEN[:2].upper()] * 32) in text and f"/sources/{source}" in text


def test_batch_counts_once(site):
    register(site, {"network": "'127.0.0.21/32'"})
    [[source]] = site.sql("SELECT id FROM source")
    for batch, gone in ((1, source), (1, source), (2, source), (3, uuid.uuid4())):
        exported(site, NOW, used={"batch": batch, "decisions": {"message.permitted": 5}, "sources": [
            {"id": str(gone), "at": 1, "messages": 2, "certificate": ""}]})
    exported(site, NOW, relay="other", used={"batch": 3, "decisions": {}, "sources": [
        {"id": source, "at": 2, "messages": 7, "certificate": SEEN}]})
    assert site.sql("SELECT relay, messages FROM source_use ORDER BY 1") == [["other", "7"], ["relay", "4"]]
    assert site.sql("SELECT messages, encode(certificate_sha256, 'hex') FROM last_use") == [["11", SEEN]]
    assert site.sql("SELECT code, count FROM decision_count") == [["message.permitted", "15"]]
    assert site.sql("SELECT count(*) FROM export_run WHERE details ? 'used'") == [["0"]]
