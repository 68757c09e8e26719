# SPDX-License-Identifier: MIT
"""appsmtp-admin import: many registrations from one table."""

import csv
import os
import resource
import time

from conftest import BIN, DEMO, LONG, run

COLUMNS = ["address", "application_name", "application_type", "location", "method", "networks",
           "hostnames", "certificate_text", "owners", "note", "owner"]
GOOD = {"address": "direct@example.edu", "application_name": "Front, \"desk\"", "application_type": "scanner",
        "location": "campus", "method": "network", "networks": "127.0.0.21/32", "owner": "OW1",
        "owners": "ow2"}


def write(site, *lines, columns=COLUMNS):
    path = site.folder / "import.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows(lines)
    return path


def take(site, path, *words):
    done = run(BIN / "appsmtp-admin", "--config", site.config, "import", path, *words, check=False)
    verdicts = [line.split("\t")[1] for line in done.stdout.splitlines() if line.split("\t")[1]]
    codes = [line.split("\t")[2] for line in done.stdout.splitlines() if not line.split("\t")[1]]
    return done.returncode, verdicts, codes


def stored(site):
    return int(site.sql("SELECT count(*) FROM registration")[0][0])


def test_created_changed_same(site):
    lines = [GOOD, {**GOOD, "address": "many@example.edu", "method": "hostname", "hostnames": "web2.example.edu"},
             {**GOOD, "address": "many-alias@example.edu", "method": "certificate",
              "certificate_text": (DEMO / "pki/good.pem").read_text()}]
    assert take(site, write(site, *lines), "--dry-run")[:2] == (0, ["create"] * 3)
    assert stored(site) == 0
    assert take(site, write(site, *lines))[:2] == (0, ["create"] * 3)
    assert stored(site) == 3
    assert take(site, write(site, *lines))[:2] == (0, ["same"] * 3)
    lines[0] = {**GOOD, "networks": "127.0.0.22/32 10.1.2.0/24", "note": "moved\non", "location": "campus aws", "owners": "ad1"}
    said = [["change", "direct@example.edu"]] + [["", "import.change", words] for words in (
        'note: "" becomes "moved on"', "location added: aws", "source added: network 10.1.2.0/24",
        "source added: network 127.0.0.22/32", "source removed: network 127.0.0.21/32", "owner added: ad1")]
    done = run(BIN / "appsmtp-admin", "--config", site.config, "import", write(site, *lines), "--dry-run")
    assert [line.split("\t")[1:] for line in done.stdout.splitlines()[:7]] == said
    assert take(site, write(site, *lines))[:2] == (0, ["change", "same", "same"])
    assert site.sql("SELECT string_agg(s.network::text, ' ' ORDER BY network), replace(r.note, E'\\n', '/') FROM source s JOIN registration r"
                    " ON r.id = s.registration_id WHERE r.address = 'direct@example.edu' GROUP BY r.note") == [
                        ["10.1.2.0/24 127.0.0.22/32", "moved/on"]]
    assert site.sql("SELECT string_agg(login, ' ' ORDER BY login) FROM registration_owner o JOIN registration r"
                    " ON r.id = registration_id WHERE address = 'direct@example.edu'") == [["ad1 ow1 ow2"]]
    assert [row[0] for row in site.sql("SELECT action FROM history ORDER BY id")] == ["created"] * 3 + ["changed"]
    assert site.sql("SELECT bool_and(login LIKE 'shell:%') FROM history") == [["t"]]
    assert site.sql("SELECT count(*) FROM notice WHERE kind = 'created'") == [["6"]]


def test_groups_among_the_owners(site):
    lines = [{**GOOD, "owners": "ow2 G-L1"}]
    for verdict in "create", "same":
        assert take(site, write(site, *lines))[:2] == (0, [verdict])
    lines[0]["owners"] = "g-other"
    assert take(site, write(site, *lines))[:2] == (0, ["change"])
    assert site.sql("SELECT string_agg(written, ', ' ORDER BY written) FROM registration_owner") == [
        ["group g-l1, group g-other, ow1, ow2"]]
    status, verdicts, codes = take(site, write(site, *lines, {**GOOD, "address": "many@example.edu", "owners": "bo1 g-none"}))
    assert (status, verdicts) == (1, ["same", "refuse"]) and codes == ["owners.ambiguous", "owners.not-found"]


def test_one_refused_line_stores_nothing(site):
    lines = [GOOD, {**GOOD, "address": "many@example.edu", "networks": "10.1.2.3/24"},
             {**GOOD, "address": "many-alias@example.edu", "owner": "nb1"}, {**GOOD, "application_name": "Twice"},
             {**GOOD, "address": "hidden@example.edu", "application_type": "fax", "location": "moon"}]
    status, verdicts, codes = take(site, write(site, *lines))
    assert (status, verdicts) == (1, ["create"] + ["refuse"] * 4)
    assert {"network.host-bits", "address.not-yours", "import.twice"} <= set(codes)
    assert stored(site) == 0


def test_tables_that_are_none(site):
    path = site.folder / "bad.csv"
    for content in (b"", b"address\n", b"address,owner\na@b.c\n", b"\xff\xfe,x\n", b'"address\n',
                    b"address,address\n", ",".join(COLUMNS + ["colour"]).encode() + b"\n"):
        path.write_bytes(content)
        assert take(site, path)[0] == 66, content
    assert take(site, site.folder / "no-such-file")[0] == 66


def test_lines_are_those_of_the_file(site):
    """As an editor counts them, with lines between and fields of several."""
    path = site.folder / "lines.csv"
    head, row = ",".join(COLUMNS), "{},App,scanner,campus,network,127.0.0.21/32,,,,{},ow1"
    for end in ("\n", "\r\n", "\r"):
        path.write_bytes(end.join([
            head, "", row.format("direct@example.edu", f'"one{end}{end}two"'), "   ",
            row.format("many@example.edu", f'"{end}"'), row.format("direct@example.edu", "")]).encode())
        done = run(BIN / "appsmtp-admin", "--config", site.config, "import", path, "--dry-run", check=False)
        lines = [line.split("\t") for line in done.stdout.splitlines() if "note." not in line]
        assert [line[0] for line in lines] == ["3", "7", "9", "9"], done.stdout
        assert lines[-1][2:] == ["import.twice", "line 3 has the same address"]
    path.write_bytes(f"{head}\n\n{row.format('a@example.edu', '')}\na,b\n".encode())
    done = run(BIN / "appsmtp-admin", "--config", site.config, "import", path, check=False)
    assert "line 4 has 2 fields" in done.stderr


def test_directory_away(site):
    done = run(BIN / "appsmtp-admin", "--config", site.outage, "import", write(site, GOOD), check=False)
    assert done.returncode == 69 and stored(site) == 0


def test_ten_thousand_lines(site):
    count = 10000 if LONG else 300
    addresses = [f"bulk{number}@example.edu" for number in range(count)]
    site.add_egas("bulk", ["ow1"], addresses, 10)
    path = write(site, *({**GOOD, "address": address} for address in addresses))
    # What the sanitizer keeps of freed memory is not the program's.
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    started = time.monotonic()
    done = run(BIN / "appsmtp-admin", "--config", site.config, "import", path, env={**os.environ, "ASAN_OPTIONS": options})
    seconds = time.monotonic() - started
    assert stored(site) == count and f"{count} of {count} lines" in done.stderr
    # The largest of all programs that were run so far: this one, or one that took even more.
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{count} lines: {seconds:.1f} s, {mebibytes} MiB at most")
    assert seconds < 60 and mebibytes < 200
