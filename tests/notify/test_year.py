# SPDX-License-Identifier: MIT
"""A year with the clock moved, as year.tsv has it."""

import csv
import datetime
import pathlib
import uuid

from conftest import EGAS, LONG, PEOPLE, at

TABLE = pathlib.Path(__file__).with_name("year.tsv")


class Year:
    """What can happen to a registration, as the pages do it: one transaction with its history
    row and its notices."""

    def __init__(self, site):
        self.site, self.ids, self.serial = site, {}, 0
        self.seen_notice = self.seen_history = 0
        for login in ("ow-a", "ow-b"):
            site.add_person(login)

    def change(self, name, time, login, action, notice, *steps, about=None):
        which = self.ids[name]
        told = f"UNION SELECT '{about}'" if about else ""
        self.site.sql(f"""
            BEGIN; CREATE TEMP TABLE was ON COMMIT DROP AS SELECT registration_as_json('{which}') AS v;
            {';'.join(steps)};
            INSERT INTO history (registration_id, at, login, action, before, after) SELECT '{which}',
              '{time}', '{login}', '{action}', v, registration_as_json('{which}') FROM was;
            INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at)
              SELECT '{which}', '{notice}', t.login, '{{"by": "{login}"}}', '{time}', '{time}' FROM
              (SELECT login FROM registration_owner WHERE registration_id = '{which}' {told}) t
              WHERE '{notice}' <> '';
            COMMIT""")

    def certificate(self, name, time, days, source):
        self.serial += 1
        end = time + datetime.timedelta(days=int(days))
        return (f"DELETE FROM source WHERE registration_id = '{self.ids[name]}';"
                "INSERT INTO source (id, registration_id, added_by, certificate, sha256, spki_sha256,"
                f" subject, issuer, serial, names, not_before, not_after) VALUES ('{source}',"
                f" '{self.ids[name]}', 'ow-b', '\\x{self.serial:04x}', sha256('\\x{self.serial:04x}'),"
                f" sha256('key'), 'CN=x', 'CN=CA', '{self.serial:04X}', '{{app.example.edu}}',"
                f" '{time}', '{end}')")

    def register(self, time, name, login, method, days=None):
        which = self.ids[name] = str(uuid.uuid4())
        account = self.site.add_ega(name, [login])
        source = (self.certificate(name, time, days, uuid.uuid4()) if method == "certificate" else
                  "INSERT INTO source (id, registration_id, added_by, network) VALUES"
                  f" ('{uuid.uuid4()}', '{which}', '{login}', '127.0.0.21/32')")
        self.change(name, time, login, "created", "created",
                    "INSERT INTO registration (id, address, application_name, application_type, account_id,"
                    f" account_label, created_at, confirmed_at) VALUES ('{which}', '{name}@example.edu',"
                    f" 'Application {name}', 'scanner', '{account}', 'x', '{time}', '{time}')",
                    f"INSERT INTO registration_owner VALUES ('{which}', '{login}', '{time}', '{login}')",
                    f"INSERT INTO registration_location VALUES ('{which}', 'campus')", source)

    def add_owner(self, time, name, login):
        self.change(name, time, "ow-a", "owner added", "owner-added",
                    f"INSERT INTO registration_owner VALUES ('{self.ids[name]}', '{login}', '{time}', 'ow-a')")

    def renew(self, time, name, days):
        self.change(name, time, "ow-b", "certificate renewed", "",
                    self.certificate(name, time, days, uuid.uuid4()))

    def set_state(self, time, name, state, login, action, notice):
        self.change(name, time, login, action, notice,
                    f"UPDATE registration SET state = '{state}' WHERE id = '{self.ids[name]}'")

    def suspend(self, time, name):
        self.set_state(time, name, "suspended", "rl1", "suspended", "suspended")

    def resume(self, time, name):
        self.set_state(time, name, "live", "rl1", "resumed", "resumed")

    def retire(self, time, name):
        self.set_state(time, name, "retired", "ow-b", "retired", "retired")

    def bring_back(self, time, name):
        self.set_state(time, name, "live", "rl1", "brought back", "restored")

    def confirm(self, time, name):
        self.change(name, time, "ow-b", "confirmed", "",
                    f"UPDATE registration SET confirmed_at = '{time}' WHERE id = '{self.ids[name]}'")

    def person_leaves(self, _time, login):
        self.site.remove(f"CN={login},{PEOPLE}")

    def ega_leaves(self, _time, name):
        self.site.remove(f"CN=ga.{name},{EGAS}")

    def ega_returns(self, _time, name, login):
        self.site.add_ega(name, [login])

    # ---- what is seen afterwards

    def accepted(self, time):
        """Who has a source in what the export makes of it at that time."""
        with (self.site.export(time) / "registrations.csv").open(newline="") as file:
            senders = {row["sender"].partition("@")[0] for row in csv.DictReader(file) if row["kind"] != "none"}
        return " ".join(sorted(senders)) or "-"

    def notices(self):
        rows = self.site.sql("SELECT id, kind || '>' || recipient, sent_at IS NOT NULL AND skipped_at IS NULL"
                             f" FROM notice WHERE id > {self.seen_notice} ORDER BY 2")
        self.seen_notice = max([self.seen_notice] + [int(row[0]) for row in rows])
        assert all(row[2] == "t" for row in rows), rows
        return " ".join(row[1] for row in rows) or "-"

    def history(self):
        rows = self.site.sql("SELECT id, login || ' ' || action FROM history"
                             f" WHERE id > {self.seen_history} ORDER BY id")
        self.seen_history = max([self.seen_history] + [int(row[0]) for row in rows])
        return ", ".join(row[1] for row in rows) or "-"

    def run_daily(self, first, last):
        """The days between two lines of the table; few of them unless the run may be long."""
        days = (last.date() - first.date()).days
        for day in range(1, days) if LONG else sorted({days // 2} & set(range(1, days))):
            self.site.notify(first + datetime.timedelta(days=day))


def read_table():
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            day, what, *expected = line.split("\t")
            yield at(day), what, expected


def test_year(site):
    year, faults, last = Year(site), [], None
    for time, what, expected in read_table():
        if last:
            year.run_daily(last, time)
        last = time
        verb, *words = what.split(" ")
        away = verb == "directory-away"
        if verb == "clock-back":
            site.notify(at(words[0]))
        elif verb != "-" and not away:
            getattr(year, verb.replace("-", "_"))(time, *words)
        done = site.notify(time, outage=away, check=False)
        assert done.returncode == (69 if away else 0), (time, done.stderr)
        seen = [year.accepted(time), year.notices(), year.history()]
        if seen != expected:
            faults.append(f"{time:%F} {what}: expected {expected}, seen {seen}")
    assert not faults, "\n".join(faults)
    ids = [message["Message-ID"] for _, message in site.sink.messages]
    assert len(ids) == len(set(ids)) >= 40
    assert all(message["Auto-Submitted"] == "auto-generated" for _, message in site.sink.messages)
