# SPDX-License-Identifier: MIT
"""A site of its own inside the running demo: a database, mail server and accounts that
nobody else uses, so that the clock can be moved."""

import datetime
import email
import email.policy
import os
import pathlib
import pwd
import re
import socketserver
import subprocess
import threading
import time

import pytest

DEMO = pathlib.Path(os.environ["APPSMTP_DEMO_DIR"])
BIN = DEMO / "install/bin"
LONG = os.environ.get("APPSMTP_TEST_LONG") == "yes"
PEOPLE = "ou=People,dc=example,dc=edu"
collect_ignore = [] if os.environ.get("APPSMTP_DEMO_POOLER") else ["test_pooler.py"]
GROUPS = "ou=Groups,dc=example,dc=edu"
EGAS = "ou=EGA,ou=Exchange,dc=example,dc=edu"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is sent; greet() gives its first words; refuse_sender() and
    refuse() answer MAIL and RCPT, or let them pass; before_taken() stands between having a
    message and saying so."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.messages = []
        self.greet = lambda: "220 sink"
        self.refuse_sender = lambda: None
        self.refuse = lambda recipient: None
        self.before_taken = lambda: None
        super().__init__(("127.0.0.1", 0), Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def take(self):
        taken, self.messages = self.messages, []
        return taken


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self, recipient):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if line:
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            self.server.messages.append((recipient, message))
            self.server.before_taken()
            self.say("250 taken")

    def handle(self):
        recipient = None
        try:
            self.say(self.server.greet())
            while line := self.rfile.readline().decode():
                word = line[:4].upper()
                if word == "MAIL":
                    self.say(self.server.refuse_sender() or "250 good")
                elif word == "RCPT":
                    recipient = line[line.index("<") + 1:line.index(">")]
                    self.say(self.server.refuse(recipient) or "250 good")
                elif word == "DATA":
                    self.data(recipient)
                elif word == "QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 sink")
        except ConnectionError:
            pass


def run(*words, check=True, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **options)
    if check and done.returncode:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Site:
    def __init__(self, folder, name):
        self.name, self.folder, self.made = name, folder, []
        self.accounts = {}  # name of an EGA -> its id
        self.sink = Sink()
        self.super("postgres", f"CREATE DATABASE {name} OWNER appsmtp_owner")
        self.config = self.write_config("site.xml", lambda text: text)
        self.outage = self.write_config("outage.xml", lambda text: re.sub(
            r'uri="ldaps://[^"]*"', 'uri="ldaps://127.0.0.1:9"', text))
        run(BIN / "appsmtp-admin", "--config", self.config, "init")

    def write_config(self, name, change):
        text = (DEMO / "appsmtp.xml").read_text()
        text = text.replace("dbname=appsmtp", f"dbname={self.name}")
        text = re.sub(r'smtp="[^"]*"', f'smtp="127.0.0.1:{self.sink.server_address[1]}"', text)
        path = self.folder / name
        path.write_text(change(text))
        return path

    # ---- the database

    def psql(self, database):
        """The command of the superuser."""
        words = ["psql", "-X", "-q", "-t", "-A", "-F", "\t",
                 "-v", "ON_ERROR_STOP=1", "-h", DEMO / "database/socket", "-d", database, "-f", "-"]
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            words = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}",
                     "--init-groups", "--", *words]
        return words

    def super(self, database, sql):
        return run(*self.psql(database), input=sql, cwd="/").stdout

    def sql(self, text):
        return [line.split("\t") for line in self.super(self.name, text).splitlines()]

    # ---- the directory

    def ldap(self, program, text, *words, check=True, go_on=("-c",)):
        port = (DEMO / "port/directory").read_text().strip()
        return run(program, *go_on, "-x", "-H", f"ldaps://127.0.0.1:{port}", "-D", "cn=admin,dc=example,dc=edu",
                   "-w", "admin", *words, input=text, check=check,
                   env={**os.environ, "LDAPTLS_CACERT": str(DEMO / "pki/roots.pem")})

    def add_person(self, login):
        dn = f"CN={login},{PEOPLE}"
        self.ldap("ldapadd", f"dn: {dn}\nobjectClass: user\nobjectClass: mailRecipient\ncn: {login}\n"
                  f"sn: {login}\nobjectCategory: person\nsAMAccountName: {login}\n"
                  f"userAccountControl: 512\nmail: {login}@example.edu\ndisplayName: {login}\n")
        self.made.append(dn)

    def add_group(self, name, *members, mail=None):
        """members: logins, or DNs"""
        dn = f"CN={name},{GROUPS}"
        self.ldap("ldapadd", f"dn: {dn}\nobjectClass: group\nobjectClass: mailRecipient\ncn: {name}\n"
                  f"sAMAccountName: {name}\nobjectCategory: group\n" + (f"mail: {mail}\n" if mail else "")
                  + "".join(f"member: {one if '=' in one else f'CN={one},{PEOPLE}'}\n" for one in members))
        self.made.append(dn)

    def add_ega(self, name, owners, address=None):
        """Its id."""
        dn = f"CN=ga.{name},{EGAS}"
        owned = "".join(f"managedBy: CN={login},{PEOPLE}\n" for login in owners)
        self.ldap("ldapadd", f"dn: {dn}\nobjectClass: user\nobjectClass: mailRecipient\ncn: ga.{name}\n"
                  f"sn: {name}\nobjectCategory: person\nsAMAccountName: ga.{name}\n"
                  f"proxyAddresses: SMTP:{address or name}@example.edu\n"
                  f"msExchRecipientTypeDetails: 34359738368\n{owned}")
        self.made.append(dn)
        found = self.ldap("ldapsearch", "", "-LLL", "-b", dn, "-s", "base", "entryUUID", go_on=())
        self.accounts[name] = found.stdout.split("entryUUID: ")[1].strip()
        return self.accounts[name]

    def change_ega(self, name, attribute, value):
        self.ldap("ldapmodify", f"dn: CN=ga.{name},{EGAS}\nchangetype: modify\n"
                  f"replace: {attribute}\n{attribute}: {value}\n")

    def add_egas(self, name, owners, addresses, each):
        """Many at once, each with so many of the addresses."""
        owned = "".join(f"managedBy: CN={login},{PEOPLE}\n" for login in owners)
        entries = []
        for start in range(0, len(addresses), each):
            dn = f"CN=ga.{name}-{start},{EGAS}"
            entries.append(
                f"dn: {dn}\nobjectClass: user\nobjectClass: mailRecipient\ncn: ga.{name}-{start}\n"
                f"sn: {name}\nobjectCategory: person\nsAMAccountName: ga.{name}-{start}\n"
                f"msExchRecipientTypeDetails: 34359738368\n{owned}"
                + "".join(f"proxyAddresses: smtp:{address}\n" for address in addresses[start:start + each]))
            self.made.append(dn)
        self.ldap("ldapadd", "\n".join(entries))

    def remove(self, dn):
        self.ldap("ldapdelete", dn + "\n", check=False)

    # ---- the programs

    def notify(self, now, *words, outage=False, config=None, **options):
        return run(BIN / "appsmtp-notify", "--config", config or (self.outage if outage else self.config),
                   "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"), *words, **options)

    def force(self, now):
        """As an operator who says that the directory is right."""
        run(BIN / "appsmtp-notify", "--config", self.config, "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", "--force")

    def start_notify(self, now):
        return subprocess.Popen([BIN / "appsmtp-notify", "--config", self.config, "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}"],
                                stderr=subprocess.DEVNULL)

    def change_before_write(self, now, statement):
        """Runs appsmtp-notify; the statement takes effect between its look at the directory and its first change."""
        with subprocess.Popen(self.psql(self.name), stdin=subprocess.PIPE, text=True, cwd="/") as other:
            other.stdin.write("BEGIN; SELECT FROM registration FOR UPDATE;\n")
            other.stdin.flush()
            self.wait_for("state = 'idle in transaction'")
            notify = self.start_notify(now)
            self.wait_for("wait_event_type = 'Lock'")
            other.stdin.write(f"{statement}; COMMIT;\n")
            other.stdin.close()
        assert other.returncode == 0
        assert notify.wait(60) == 0

    def wait_for(self, condition):
        until = time.monotonic() + 60
        while not self.sql(f"SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND {condition} LIMIT 1"):
            assert time.monotonic() < until
            time.sleep(0.02)

    def kill(self, process):
        """kill -9, and until the database has noticed: its session holds the lock that lets one run at a time."""
        process.kill()
        process.wait()
        until = time.monotonic() + 60
        # A pooler keeps its own sessions for others.
        while self.sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                       " AND backend_type = 'client backend' AND state <> 'idle' LIMIT 1"):
            assert time.monotonic() < until
            time.sleep(0.02)

    def export(self, now):
        """The folder of what is in force."""
        run(BIN / "appsmtp-export", "--config", self.config, "--output", self.folder / "export",
            "--format", "csv", "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        return self.folder / "export/current"

    def end(self):
        self.remove("\n".join(reversed(self.made)))
        self.sink.shutdown()
        self.super("postgres", f"DROP DATABASE {self.name} WITH (FORCE)")


@pytest.fixture
def site(tmp_path, request):
    name = re.sub(r"\W", "_", request.node.name)[:40]
    made = Site(tmp_path, f"{name}_{os.getpid()}")
    yield made
    made.end()


def at(text, hour=12):
    return datetime.datetime.fromisoformat(text).replace(hour=hour)
