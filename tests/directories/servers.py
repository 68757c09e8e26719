# SPDX-License-Identifier: MIT
"""What the three directory servers have in common: certificates, starting, names and changes.

Each has its module, which translates the matrix to its schema. All of it runs in the namespaces
of tests/directories/inside, so that names, ports and places are those of the worked examples,
which are used as they are.
"""

import base64
import contextlib
import pathlib
import signal
import socket
import subprocess
import time

import ldap
import ldap.dn
import ldap.modlist

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SITE = pathlib.Path("/etc/appsmtp")
PASSWORD = "Portal-secret-1"
HOSTS = pathlib.Path("/etc/hosts")
MANY = "fill"  # the names of those who only fill a group


def run(*words, **more):
    result = subprocess.run(words, capture_output=True, text=True, **more)
    assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
    return result.stdout


def password_of(name):
    """Good enough for the domain's rules as well."""
    return f"Pw-{name}-1"


def make_authority(name):
    """NAME-ca.pem and its key, in the site's folder."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", f"/CN={name} CA", "-keyout", SITE / f"{name}-ca.key", "-out", SITE / f"{name}-ca.pem")


def make_site():
    """What every worked example names: the CA and the portal's password; and a CA that signed nothing."""
    make_authority("directory")
    make_authority("foreign")
    secret = SITE / "directory.password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")


def make_certificate(folder, names):
    """tls.pem and tls.key in the folder, for these host names."""
    extensions = folder / "tls.ext"
    extensions.write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
    key = folder / "tls.key"
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={names[0]}",
        "-keyout", key, "-out", folder / "tls.csr")
    key.chmod(0o600)
    run("openssl", "x509", "-req", "-in", folder / "tls.csr", "-CA", SITE / "directory-ca.pem", "-CAkey", SITE / "directory-ca.key",
        "-CAcreateserial", "-days", "30", "-extfile", extensions, "-out", folder / "tls.pem")


def dn(name, base, attribute="cn"):
    return f"{attribute}={ldap.dn.escape_dn_chars(name)},{base}"


def as_bytes(attributes):
    return {name: [value if isinstance(value, bytes) else str(value).encode() for value in values]
            for name, values in attributes.items() if values}


def wait_until(true, what, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


@contextlib.contextmanager
def names_at(**addresses):
    """Other addresses of some host names for as long as it lasts: dc1="127.0.0.99" ..."""
    before = HOSTS.read_text()
    kept = [line for line in before.splitlines() if line.split()[1].split(".")[0] not in addresses]
    domain = {line.split()[1].split(".")[0]: line.split()[1] for line in before.splitlines()}
    HOSTS.write_text("\n".join(kept + [f"{address} {domain[name]}" for name, address in addresses.items()]) + "\n")
    try:
        yield
    finally:
        HOSTS.write_text(before)


class Server:
    """One directory server; each has its name (that of its worked example), its hosts, the first of which it is, its
    places (an address for the server and one for a second), and the values of "nested" that it can serve."""

    administrator = None
    shows_lockout = True
    secret = "Directory-secret-1"

    def __init__(self, folder, place=0):
        self.folder = folder
        self.address = self.places[place]
        self.process = None
        folder.mkdir(mode=0o755)
        make_certificate(folder, self.hosts)

    @property
    def example(self):
        return (TOP / "deploy/directory" / f"{self.name}.xml").read_text()

    def listens(self, port=636):
        with socket.socket() as probe:
            return probe.connect_ex((self.address, port)) == 0

    def spawn(self, *words, **more):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        wait_until(lambda: self.listens() or self.process.poll() is not None, self.name)
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def connect(self, who, password):
        connection = ldap.initialize(f"ldaps://{self.address}")
        for option, value in ((ldap.OPT_X_TLS_CACERTFILE, str(SITE / "directory-ca.pem")),
                              (ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_ALLOW), (ldap.OPT_REFERRALS, 0), (ldap.OPT_X_TLS_NEWCTX, 0)):
            connection.set_option(option, value)
        connection.simple_bind_s(who, password)
        return connection

    def as_administrator(self):
        return self.connect(self.administrator, self.secret)

    def add(self, entries):
        """Over the wire, in that order."""
        connection = self.as_administrator()
        for name, attributes in entries:
            connection.add_s(name, ldap.modlist.addModlist(as_bytes(attributes)))

    def lock(self, name):
        """The way that everybody locks themselves: by wrong passwords."""
        for _ in range(7):
            with contextlib.suppress(ldap.INVALID_CREDENTIALS, ldap.CONSTRAINT_VIOLATION, ldap.UNWILLING_TO_PERFORM):
                self.connect(self.person_dn(name), "wrong")

    # The changes of expected.tsv.

    def move(self, name, base):
        connection = self.as_administrator()
        old = self.person_dn(name)
        connection.rename_s(old, ldap.dn.explode_dn(old)[0], base)

    def rename(self, name, new):
        """Only the login changes, or the entry's own name as well where that is made of it."""
        raise NotImplementedError


def ldif_line(attribute, value):
    value = value if isinstance(value, bytes) else str(value).encode()
    return f"{attribute}:: {base64.b64encode(value).decode()}"


def gid(group):
    """A number for each group's name, as POSIX has it."""
    return 10000 + sum(group.encode())


def mail_of(person):
    """Only letters, digits and dots: for logins that are none of an address."""
    return "".join(c if c.isascii() and c.isalnum() else "." for c in person.name) + "@people.example.edu"
