# SPDX-License-Identifier: MIT
"""The demo that the tests run against: its folder, parts, database and commands."""

import contextlib
import functools
import hashlib
import os
import pathlib
import re
import secrets
import select
import signal
import subprocess
import threading
import time

import psycopg
from psycopg import pq

TOP = pathlib.Path(__file__).resolve().parents[2]
DIR = pathlib.Path(os.environ["APPSMTP_DEMO_DIR"])
PORT = int(os.environ["APPSMTP_DEMO_PORT"])
RELAY_PORT = int(os.environ["APPSMTP_DEMO_RELAY_PORT"])
CONFIG = DIR / "appsmtp.xml"
kept = threading.local()
GOOD = pq.ExecStatus.EMPTY_QUERY, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK
# How often what happens at the same moment is tried.
ROUNDS = 20 if os.environ.get("APPSMTP_TEST_LONG") == "yes" else 1

PASSWORDS = {"ow1": "own-one", "ow2": "own-two", "ad1": "adm-one", "dp1": "deep", "nb1": "nobody",
             "rl1": "relay-op", "dg1": "dlg", "mg1": "mgr", "of1": "off", "js7": "odd", "sd1": "support",
             "zo9": "uni"}


def demo(*arguments, check=True):
    """deploy/demo ARGUMENTS...; its output goes to files, which what it starts does not hold open."""
    with open(DIR / "log" / "tests.log", "ab") as log:
        return subprocess.run([TOP / "deploy/demo", *arguments], stdin=subprocess.DEVNULL, stdout=log,
                              stderr=log, check=check, timeout=120).returncode


def run(*command, **options):
    """A command with the demo's programs and configuration: its status, output and messages."""
    result = subprocess.run([TOP / "deploy/demo", "exec", *map(str, command)], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=60, **options)
    assert "runtime error" not in result.stderr and "Sanitizer" not in result.stderr, result.stderr
    return result


def pki(name):
    return DIR / "pki" / name


def wait_until(condition, seconds=15, every=0.1):
    """The condition's first true value; the last one when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(every)


# --- the database, as the owner of the schema ------------------------------------------------

def password(role):
    return (DIR / f"secrets/{role}.password").read_text().strip()


def psql(statement, *words, role="owner"):
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-U", f"appsmtp_{role}", "-d", "appsmtp",
         *words], input=statement, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": password(role)}, timeout=30)


def connect():
    connection = pq.PGconn.connect(
        f"host={DIR}/database/socket dbname=appsmtp user=appsmtp_owner password={password('owner')} connect_timeout=30".encode())
    assert connection.status == pq.ConnStatus.OK, connection.error_message.decode()
    return connection


def run_statement(connection, statement, seconds=30):
    """Its result, which may take so long."""
    connection.send_query(statement.encode())
    while connection.is_busy():
        assert select.select([connection.socket], [], [], seconds)[0], "the database does not answer"
        connection.consume_input()
    result = connection.get_result()
    connection.get_result()
    assert result.status in GOOD, result.error_message.decode()
    return result


def connected():
    """A connection of this thread's, which nothing is left in: a new one after an outage."""
    with contextlib.suppress(AttributeError, AssertionError, psycopg.OperationalError):
        run_statement(kept.connection, "DISCARD ALL")
        return kept.connection
    kept.connection = connect()
    return kept.connection


def filled(statement, values, quote):
    """As psql has it: :'name' stands for a value as a text, :name for it as it is."""
    def value(found):
        if found[2] not in values:
            return found[0]
        text = str(values[found[2]])
        return quote(text.encode()).decode() if found[1] else text
    return re.sub(r"(?<!:):('?)(\w+)\1", value, statement)


def sql(statements, **values):
    """The rows as lists of text; each statement is a transaction, no semicolon of a text ends one."""
    connection = connected()
    text = filled(statements, values, pq.Escaping(connection).escape_literal)
    results = [run_statement(connection, one) for one in re.findall(r"(?:[^;']|'[^']*')+", text)]
    return [[(result.get_value(row, column) or b"").decode() for column in range(result.nfields)]
            for result in results for row in range(result.ntuples)]


def free(*addresses):
    """Retires what a run before has registered, so that the addresses are free."""
    for address in addresses:
        sql("UPDATE registration SET state = 'retired' WHERE address = :'address' AND state <> 'retired'",
            address=address)


COUNTED = ["registration", "registration_owner", "registration_location", "source", "history"]


def counts():
    """How many rows each table of registrations has; export runs and sessions come and go. Of notices
    how often some were made: the demo's appsmtp-notify passes those of a group on to its members."""
    tables = [f"SELECT '{name}', count(*) FROM {name}" for name in COUNTED]
    tables.append("SELECT 'notice', count(DISTINCT (registration_id, kind, made_at)) FROM notice")
    return sql(" UNION ALL ".join(tables) + " ORDER BY 1")


def session_of(login):
    """A session without its sign-in: the value of the cookie, and the token of its forms."""
    token, csrf = secrets.token_hex(32), secrets.token_hex(32)
    identity, name = person_of(login)
    sql("INSERT INTO session (token_sha256, login, person_id, name, csrf_token, address) VALUES"
        " (decode(:'hash', 'hex'), :'login', :'identity', :'name', :'csrf', '127.0.0.1')",
        hash=hashlib.sha256(token.encode()).hexdigest(), login=login, identity=identity, name=name, csrf=csrf)
    return token, csrf


def dump():
    """All that the database holds, as text."""
    tables = sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return "\n".join("\t".join(row) for row in sql(" UNION ALL ".join(f"SELECT t::text FROM {one} t" for one, in tables)))


def logs():
    """All that the parts have written to their logs."""
    return "\n".join(p.read_text(errors="replace") for p in sorted((DIR / "log").glob("*.log")))


# --- the directory, as its administrator --------------------------------------------------------

def ldap(program, text, *words):
    """ldapadd, ldapmodify, ldapdelete or ldapsearch, with what it reads; what it writes."""
    port = (DIR / "port/directory").read_text().strip()
    result = subprocess.run(
        [program, "-x", "-H", f"ldaps://127.0.0.1:{port}", "-D", "cn=admin,dc=example,dc=edu", "-w", "admin", *words],
        input=text, capture_output=True, text=True, timeout=30,
        env=os.environ | {"LDAPTLS_CACERT": str(pki("roots.pem"))})
    assert result.returncode == 0, result.stderr
    return result.stdout


@functools.cache
def person_of(login):
    """The lasting id of the sample's person with that login, and the name."""
    found = ldap("ldapsearch", "", "-LLL", "-o", "ldif-wrap=no", "-b", "ou=People,dc=example,dc=edu", f"(cn={login})" if
                 login == "tw1" else f"(sAMAccountName={login})", "entryUUID", "displayName")
    values = dict(line.split(": ", 1) for line in found.splitlines() if ": " in line)
    return values["entryUUID"], values.get("displayName", login)


def wait_for_pooler():
    """A pooler that missed the database asks it again after 15 seconds, for each role by itself, and lets
    nobody in until then."""
    if os.environ.get("APPSMTP_DEMO_POOLER"):
        for role in "owner", "portal", "export", "notify":
            assert wait_until(lambda one=role: psql("SELECT", "-h", DIR / "pooler", "-p", "6432", role=one).returncode == 0, 40)


# --- outages ------------------------------------------------------------------------------------

def processes(part):
    """The processes of a part: the one that the demo started, and what came of it."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(") ")[2].split()[:2]
            if state != "Z":
                parents[int(stat.parent.name)] = int(parent)
    found = [int((DIR / "run" / part).read_text().split()[0])]
    assert found[0] in parents, f"{part} does not run"
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def send_signal(part, number):
    for process in processes(part):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


@contextlib.contextmanager
def stopped(part):
    """The part has ended: nobody answers at its port or socket."""
    running = processes(part)
    ending = signal.SIGINT if part == "database" else signal.SIGTERM
    os.kill(int((DIR / "run" / part).read_text().split()[0]), ending)
    gone = wait_until(lambda: not any(pathlib.Path(f"/proc/{one}/fd").exists() and alive(one) for one in running))
    assert gone, f"{part} does not end"
    try:
        yield
    finally:
        demo("restart", part)
        if part == "database":
            wait_for_pooler()


def alive(process):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


@contextlib.contextmanager
def hanging(part):
    """The part accepts connections, by its kernel, and never answers."""
    send_signal(part, signal.SIGSTOP)
    send_signal(part, signal.SIGSTOP)  # and what the first one forked before it was its turn
    try:
        yield
    finally:
        send_signal(part, signal.SIGCONT)
        if part == "database":
            wait_for_pooler()
