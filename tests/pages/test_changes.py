# SPDX-License-Identifier: MIT
"""tests/rules/change.tsv: what is said about each change that is asked for."""

import contextlib
import urllib.parse

import pytest

from browser import Browser, Page, certificate_file
from demo import TOP, sql, stopped
from test_table import code_of, looking_up, read_fields

ADDRESS = "direct@example.edu"


def rows():
    for line in (TOP / "tests/rules/change.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            there, person, form, fields, codes = line.split("\t")
            yield pytest.param(there, person, form, fields, codes, id=f"{there} {person} {form} {fields[:40]} {codes}")


def many_networks(count):
    return " ".join(f"10.1.{i // 200}.{i % 200 + 1}" for i in range(count))


def prepare(ow1, there):
    """The registration that the row begins with: its id."""
    plain = {"networks": "127.0.0.21"}
    fields = {"full": {"networks": many_networks(500)}, "two": {"networks": "127.0.0.21 10.1.2.0/24"},
              "cloud": {"location": ["campus", "aws"], "networks": "127.128.0.5"},
              "cloud-name": {"location": ["campus", "aws"], "method": "hostname", "hostnames": "cloud1.example.edu"},
              }.get(there.removesuffix("-down").removesuffix("-busy"), plain)
    if there.startswith("certificate"):
        identity = ow1.register(ADDRESS, certificate_file("good.pem"), method="certificate")
    else:
        identity = ow1.register(ADDRESS, **fields)
    after = {
        "crowded": "INSERT INTO registration_owner (registration_id, login, added_by)"
                   " SELECT :'id', 'x' || n, 'x' FROM generate_series(1, 49) n",
        "certificate-late": "UPDATE source SET not_after = not_after + interval '1 day' WHERE registration_id = :'id'",
        "older": "UPDATE registration SET version = version + 1, application_name = 'Other' WHERE id = :'id'",
        "suspended": "UPDATE registration SET state = 'suspended', suspended_by_operator = true WHERE id = :'id'",
        "retired": "UPDATE registration SET state = 'retired' WHERE id = :'id'",
        "taken": "UPDATE registration SET state = 'retired' WHERE id = :'id'",
        "old": "UPDATE registration SET state = 'retired' WHERE id = :'id';"
               " ALTER TABLE registration DISABLE TRIGGER registration_note_change;"
               " UPDATE registration SET changed_at = changed_at - interval '31 days' WHERE id = :'id';"
               " ALTER TABLE registration ENABLE TRIGGER registration_note_change",
    }.get(there)
    if after:
        sql(after, id=identity)
    if there == "taken":
        ow1.register(ADDRESS)
    return identity


def path_of(identity, form):
    [first] = sql("SELECT id FROM source WHERE registration_id = :'id' ORDER BY network LIMIT 1", id=identity)
    form = form.replace("{1}", first[0])
    return f"/operator/registrations/{identity}{form}" if form.startswith("/") else f"/registrations/{identity}/{form}"


def send(browser, path, text):
    fields = read_fields(text) if text else {}
    files = certificate_file(fields.pop("file")[0]) if "file" in fields else None
    data = {"csrf_token": browser.token} | {name: value for name, value in fields.items() if value}
    return browser.post(path, data, files=files)


def what_is_said(browser, answer):
    if answer.status_code == 303:
        texts = Page(browser.get(answer.headers["Location"]).text).done
        return [code_of(text) for text in texts if not is_plain(text)]
    assert answer.status_code in (422, 503), answer.status_code
    page = Page(answer.text)
    assert all(field in page.ids for field, _ in page.summary), page.summary
    assert all(page.errors.get(field, [text])[0] for field, text in page.summary)
    return [code_of(text) for _, text in page.summary]


def is_plain(text):
    return text.endswith(("are changed.", "is changed.", "is removed.", "is added.", "is retired."))


@pytest.mark.parametrize("there, person, form, fields, codes", rows())
def test_change(ow1, there, person, form, fields, codes):
    identity = prepare(ow1, there)
    browser = Browser(person)
    assert browser.token
    before = sql("SELECT count(*) FROM history WHERE registration_id = :'id'", id=identity)
    with stopped("dns") if there.endswith("-down") else looking_up() if there.endswith("-busy") else contextlib.nullcontext():
        answer = send(browser, path_of(identity, form), fields)
    said = what_is_said(browser, answer)
    assert ",".join(said) == ("" if codes == "ok" else codes)
    after = sql("SELECT count(*) FROM history WHERE registration_id = :'id'", id=identity)
    changed = codes in ("ok", "source.renewed", "source.beside")
    assert int(after[0][0]) - int(before[0][0]) == changed
    assert urllib.parse.quote(identity) == identity
