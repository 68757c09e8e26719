# SPDX-License-Identifier: MIT
"""Reminders of certificates: which certificate has been replaced by which."""

import datetime

import pytest

from conftest import at
from test_year import Year

START = at("2027-01-10")


def add_certificate(year, number, key, name, begins, ends):
    begin, end = (START + datetime.timedelta(days=days) for days in (begins, ends))
    year.site.sql(
        "INSERT INTO source (id, registration_id, added_by, certificate, sha256, spki_sha256, subject, issuer,"
        f" serial, names, not_before, not_after) VALUES (gen_random_uuid(), '{year.ids['yb']}', 'ow-b',"
        f" '\\xff{number:02x}', sha256('\\xff{number:02x}'), sha256('{key}'), 'CN=x', 'CN=CA', 'FF{number:02X}',"
        f" '{{{name},www.example.edu}}', '{begin}', '{end}')")


def reminders(site, days):
    for day in days:
        site.notify(START + datetime.timedelta(days=day))
    return [row[0] for row in site.sql("SELECT kind FROM notice WHERE kind <> 'created' ORDER BY id")]


# The first certificate is of the key "key" and the name app.example.edu, and lasts for 90 days.
@pytest.mark.parametrize("key, name, begins, expected", [
    ("key", "app.example.edu", 40, []),
    ("key", "other.example.edu", 40, []),
    ("new", "app.example.edu", 40, ["certificate-ended"]),
    ("new", "other.example.edu", 40, ["renewal-due", "certificate-expired", "certificate-ended"]),
    ("new", "app.example.edu", 70, ["renewal-due", "certificate-ended"]),
])
def test_replaced(site, key, name, begins, expected):
    year = Year(site)
    year.register(START, "yb", "ow-b", "certificate", 90)
    add_certificate(year, 1, key, name, begins, 400)
    assert reminders(site, [59, 60, 91, 121]) == expected
