# SPDX-License-Identifier: MIT
"""A PostgreSQL of a test's own, with the project's tables and as many registrations as wanted."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

POSTGRES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4])).parent
PROGRAMS = pathlib.Path(os.environ["RELAY_PROGRAMS"])
EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "deploy/appsmtp.xml"
ROLES = ["owner", "portal", "export", "notify"]

# In one transaction, and without the triggers that look at each registration by itself.
# Of ten registrations seven have one address, two a network and one a certificate.
REGISTER = """
BEGIN; SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
  SELECT i, gen_random_uuid() AS id, int8send(i) AS der FROM generate_series({first}, {last}) i
  WHERE {which};
INSERT INTO registration (id, address, application_name, application_type, account_id, account_label)
  SELECT id, 'app' || i || '@example.edu', 'App', 'scanner', 'account', 'account' FROM fresh;
INSERT INTO registration_owner SELECT id, 'ow1', now(), 'test' FROM fresh;
INSERT INTO registration_location SELECT id, 'campus' FROM fresh;
INSERT INTO source (id, registration_id, added_by, network)
  SELECT gen_random_uuid(), id, 'test', set_masklen(inet '10.0.0.0' + i * 16, CASE WHEN i % 10 < 7 THEN 32 ELSE 28 END)
  FROM fresh WHERE i % 10 < 9;
INSERT INTO source (id, registration_id, added_by, certificate, sha256, spki_sha256, subject, issuer, serial, names,
                    not_before, not_after)
  SELECT gen_random_uuid(), id, 'test', der, sha256(der), sha256(sha256(der)), 'CN=app', 'CN=ca', '1', '{{}}',
         now(), now() + interval '1 year'
  FROM fresh WHERE i % 10 = 9;
COMMIT; ANALYZE
"""
REGISTER_HOSTS = """
BEGIN; SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
  SELECT i, gen_random_uuid() AS id FROM generate_series(1, {count}) i;
INSERT INTO registration (id, address, application_name, application_type, account_id, account_label)
  SELECT id, 'host' || i || '@example.edu', 'App', 'scanner', 'account', 'account' FROM fresh;
INSERT INTO registration_owner SELECT id, 'ow1', now(), 'test' FROM fresh;
INSERT INTO registration_location SELECT id, 'campus' FROM fresh;
INSERT INTO source (id, registration_id, added_by, hostname)
  SELECT gen_random_uuid(), id, 'test', 'host' || i || '.example.edu' FROM fresh;
COMMIT; ANALYZE
"""


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Cluster:
    """Reached by a socket only, in a folder that nobody else enters. The server refuses to run as root."""

    def __init__(self):
        self.standby = None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="appsmtp-relay-"))
        self.account = []
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.account = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups", "--"]
        data = self.folder / "data"
        run(*self.account, POSTGRES / "initdb", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust",
            "--username=postgres", "-D", data, cwd="/")
        self.server = self.start(data, self.folder)
        self.sql("".join(f"CREATE ROLE appsmtp_{role} LOGIN;" for role in ROLES), "postgres")
        self.sql("CREATE DATABASE appsmtp OWNER appsmtp_owner", "postgres")
        self.config = self.write_config()
        run(PROGRAMS / "appsmtp-admin", "--config", self.config, "init")

    def start(self, data, socket):
        server = subprocess.Popen(
            [*self.account, str(POSTGRES / "postgres"), "-D", str(data), "-c", "listen_addresses=",
             "-c", f"unix_socket_directories={socket}", "-c", "fsync=off", "-c", "shared_buffers=128MB",
             "-c", "max_wal_size=2GB", "-c", "autovacuum=off"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("a"))
        while subprocess.run([POSTGRES / "pg_isready", "-q", "-h", socket]).returncode:
            assert server.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        return server

    def start_standby(self):
        """A copy that follows, and its configuration."""
        data = self.folder / "standby"
        run(*self.account, POSTGRES / "pg_basebackup", "-h", self.folder, "-U", "postgres", "-D", data, "-R", "--no-sync",
            "--checkpoint=fast", cwd="/")
        self.standby = self.start(data, data)
        path = self.folder / "standby.xml"
        path.write_text(self.config.read_text().replace(f"host={self.folder} ", f"host={data} "))
        return path

    def sql(self, text, database="appsmtp"):
        return run(POSTGRES / "psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                   "-U", "postgres", "-d", database, "-f", "-", input=text)

    def register(self, first, last, which="true"):
        self.sql(REGISTER.format(first=first, last=last, which=which))

    def register_hosts(self, count):
        self.sql(REGISTER_HOSTS.format(count=count))

    def write_config(self, resolver=""):
        """The example, with this database and this DNS server; without a directory, which no export asks."""
        text = EXAMPLE.read_text()
        secret = self.folder / "secret"
        secret.write_text("none\n")
        secret.chmod(0o600)
        text = re.sub(r"<directory .*</directory>", "", text, flags=re.S)
        text = re.sub(r'connection="[^"]*"', f'connection="host={self.folder} dbname=appsmtp"', text)
        text = re.sub(r'(user="appsmtp_\w+") password-file="[^"]*"', rf'\1 password-file="{secret}"', text)
        text = text.replace('output="/var/lib/appsmtp/export"', f'output="{self.folder}/export"')
        text = re.sub(r'reload="[^"]*"', "", text)
        text = re.sub(r"<resolver[^>]*/>", resolver or r"\g<0>", text)
        path = self.folder / f"appsmtp{len(resolver)}.xml"
        path.write_text(text)
        return path

    def stop(self):
        for server in filter(None, (self.standby, self.server)):
            server.send_signal(signal.SIGINT)
            server.wait()
        shutil.rmtree(self.folder)
