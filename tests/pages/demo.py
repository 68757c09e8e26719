# SPDX-License-Identifier: MIT
"""The demo that the tests run against: its folder, parts, database and commands."""

import contextlib
import functools
import hashlib
import os
import pathlib
import secrets
import signal
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
DIR = pathlib.Path(os.environ["APPSMTP_DEMO_DIR"])
PORT = int(os.environ["APPSMTP_DEMO_PORT"])
RELAY_PORT = int(os.environ["APPSMTP_DEMO_RELAY_PORT"])
CONFIG = DIR / "appsmtp.xml"
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

def psql_with(words, role):
    """What subprocess takes to run psql as that role."""
    password = (DIR / f"secrets/{role}.password").read_text().strip()
    return {"args": ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-U", f"appsmtp_{role}",
                     "-d", "appsmtp", *words], "env": os.environ | {"PGPASSWORD": password}, "text": True}


def psql(statement, *words, role="owner"):
    return subprocess.run(**psql_with(words, role), input=statement, capture_output=True, timeout=30)


def sql(statement, **values):
    """The rows of a statement as lists of text; :'name' stands for a value."""
    settings = [f"--set={name}={value}" for name, value in values.items()]
    result = psql(statement, "-h", DIR / "database/socket", *settings)
    assert result.returncode == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]


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
