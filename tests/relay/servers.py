# SPDX-License-Identifier: MIT
"""Each mail server with its piece of deploy/ and a generation of ours, on loopback.

RELAY_GENERATE is the built tests/relay/generate; RELAY_SERVERS is a folder with each
server's Debian packages unpacked below its name: exim, opensmtpd, sendmail. Needs root,
since the servers look their accounts up: each sees a passwd(5) of the test's own.
What they accept goes nowhere.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

SERVERS = pathlib.Path(os.environ["RELAY_SERVERS"])
GENERATE = os.environ["RELAY_GENERATE"]
PROGRAMS = pathlib.Path(os.environ["RELAY_PROGRAMS"])
DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
LIVE = "/var/lib/appsmtp/export/current"  # as the pieces in deploy/ name it
ACCOUNTS = ["Debian-exim", "opensmtpd", "opensmtpq", "smmta", "smmsp"]


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def make_certificate(folder, name, key):
    """Self-signed, of that key, which is made if need be; the two files."""
    files = folder / f"{name}.pem", folder / f"{key}.key"
    if not files[1].exists():
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", files[1])
    run("openssl", "req", "-x509", "-new", "-key", files[1], "-days", "30", "-subj", f"/CN={name}.example.edu", "-out", files[0])
    folder.chmod(0o755)
    for file in files:
        file.chmod(0o644)
    return files


def make_keys(folder):
    """Certificates: good, renewed (the same key), other; and the server's own."""
    for name, key in (("good", "good"), ("renewed", "good"), ("other", "other"), ("server", "server")):
        make_certificate(folder, name, key)
    return folder


def make_pairs(folder, number):
    """Two certificates of one key."""
    return [make_certificate(folder, f"{which}{number}", number) for which in ("first", "renewed")]


def file_digests(pem):
    """SHA-256 of its public key, and of the whole."""
    key = subprocess.run(f"openssl x509 -in {pem} -noout -pubkey | openssl pkey -pubin -outform DER"
                         " | openssl dgst -sha256 -r", shell=True, check=True, capture_output=True, text=True)
    whole = run("openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256")
    return key.stdout.split()[0], whole.split("=")[1].strip().replace(":", "").lower()


def digests(keys, name):
    return file_digests(keys / f"{name}.pem")


def generate(form, folder, lines):
    """Writes one generation and returns its folder; lines: sender, kind, value, type, sorted by sender."""
    rows = folder / "rows.tsv"
    rows.write_text("".join("\t".join(line) + "\n" for line in lines))
    output = folder / "export"
    makemap = folder / "makemap"
    makemap.write_text(f"#!/bin/sh\nexec {SERVERS}/sendmail/usr/libexec/sendmail/makemap -C /dev/null \"$@\"\n")
    makemap.chmod(0o755)
    run(GENERATE, form, output, rows, env={**os.environ, "MAKEMAP": str(makemap)})
    for path in (folder, output):
        path.chmod(0o755)
    return output / "current"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def library_path(name):
    return ":".join(str(p) for p in (SERVERS / name).glob("*/lib/*-linux-gnu")) + ":" + \
        ":".join(str(p) for p in (*(SERVERS / name).glob("lib/*-linux-gnu"), SERVERS / name / "usr/lib"))


class Server:
    """One server in a mount namespace with accounts of its own; folders: what stands where for it."""

    def __init__(self, name, folder, folders, words):
        self.log = folder / "log"
        passwd, group = folder / "passwd", folder / "group"
        passwd.write_text(pathlib.Path("/etc/passwd").read_text() + "".join(
            f"{account}:x:{790 + i}:{790 + i}::/nonexistent:/bin/false\n" for i, account in enumerate(ACCOUNTS)))
        group.write_text(pathlib.Path("/etc/group").read_text() + "".join(
            f"{account}:x:{790 + i}:\n" for i, account in enumerate(ACCOUNTS)))
        # Without a qualified name of the machine sendmail waits for a minute; no DNS is asked.
        hosts, resolver = folder / "hosts", folder / "resolv.conf"
        hosts.write_text(f"127.0.0.1 relay.example.edu localhost {socket.gethostname()}\n::1 relay.example.edu\n")
        resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        binds = [(passwd, "/etc/passwd"), (group, "/etc/group"), (hosts, "/etc/hosts"),
                 (resolver, "/etc/resolv.conf"), *folders]
        script = "".join(f"mount --bind '{what}' '{where}' && " for what, where in binds) + 'exec "$@"'
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", *map(str, words)],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT,
            env={**os.environ, "LD_LIBRARY_PATH": library_path(name)})

    def wait(self, port):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self):
        """The namespace's first process ends all in it; the server may have made itself deaf."""
        id = self.process.pid
        for child in pathlib.Path(f"/proc/{id}/task/{id}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def exim(keys, folder, current):
    """Its port."""
    port = free_port()
    spool = folder / "spool"
    spool.mkdir()
    shutil.chown(spool, 790, 790)
    piece = (DEPLOY / "exim/acl.conf").read_text().replace(LIVE, str(current))
    for name, file in ("certificate", "server.pem"), ("privatekey", "server.key"):
        piece = piece.replace(f"tls_{name} = /etc/ssl/private/appsmtp-relay.pem", f"tls_{name} = {keys}/{file}")
    main, acl = piece.split("\nbegin acl\n")
    config = folder / "exim.conf"
    config.write_text(f"""
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = {spool}
log_file_path = {spool}/log-%s
primary_hostname = relay.example.edu
daemon_smtp_ports = {port}
local_interfaces = <; 127.0.0.1 ; ::1
rfc1413_query_timeout = 0s
smtp_accept_max = 0
queue_only
smtp_enforce_sync = false
smtp_max_synprot_errors = 1000
smtp_accept_max_nonmail = 1000
{main}
begin acl
{acl}
begin routers
hold:
  driver = redirect
  data = :blackhole:
""")
    server = Server("exim", folder, [], [SERVERS / "exim/usr/sbin/exim4", "-C", config, "-bdf", "-oX", str(port)])
    try:
        server.wait(port)
        yield port
    finally:
        server.stop()


@contextlib.contextmanager
def opensmtpd(keys, folder, current):
    """Its port."""
    port = free_port()
    config = folder / "smtpd.conf"
    text = (DEPLOY / "opensmtpd/smtpd.conf").read_text().replace(LIVE, str(current))
    text = text.replace("listen on 0.0.0.0 port 25", f"listen on 127.0.0.1 port {port}")
    config.write_text(text.replace("listen on :: port 25", f"listen on ::1 port {port}"))
    root = SERVERS / "opensmtpd"
    # Its programs and folders have their places compiled in.
    state = folder / "state"
    (state / "empty").mkdir(parents=True)
    spool = folder / "spool"
    spool.mkdir()
    run_folder = folder / "run"
    run_folder.mkdir()
    for place in ("/var/lib/opensmtpd/empty", "/usr/libexec/opensmtpd", "/usr/lib/x86_64-linux-gnu/opensmtpd",
                  "/var/spool/smtpd"):
        pathlib.Path(place).parent.mkdir(parents=True, exist_ok=True)
    binds = [(spool, "/var/spool"), (state, "/var/lib"), (run_folder, "/run")]
    (state / "opensmtpd/empty").mkdir(parents=True)
    (spool / "smtpd").mkdir(mode=0o711)
    server = Server("opensmtpd", folder, binds, [root / "usr/sbin/smtpd", "-d", "-f", config])
    try:
        server.wait(port)
        yield port
    finally:
        server.stop()


def sendmail_maps(current):
    """The texts of its maps."""
    return [path.with_suffix("") for path in current.glob("*.db")]


@contextlib.contextmanager
def sendmail(keys, folder, current):
    """Its port."""
    port = free_port()
    root = SERVERS / "sendmail"
    queue = folder / "queue"
    queue.mkdir(mode=0o755)
    piece = (DEPLOY / "sendmail/appsmtp.m4").read_text().replace(LIVE, str(current))
    for name in ("server.pem", "server.key"):
        shutil.copy(keys / name, folder / name)
    (folder / "server.key").chmod(0o600)
    (folder / "sendmail.mc").write_text(f"""divert(0)dnl
VERSIONID(`relay')
OSTYPE(`linux')
FEATURE(`nocanonify')
FEATURE(`no_default_msa')
define(`confDOMAIN_NAME', `relay.example.edu')
define(`QUEUE_DIR', `{queue}')
define(`confPID_FILE', `{folder}/pid')
define(`STATUS_FILE', `{folder}/status')
define(`ALIAS_FILE', `')
define(`confCW_FILE', `-o {folder}/none')
define(`confPRIVACY_FLAGS', `')
define(`confDONT_BLAME_SENDMAIL', `GroupReadableKeyFile,GroupWritableDirPathSafe,MapInUnsafeDirPath')
define(`confSERVER_CERT', `{folder}/server.pem')
define(`confSERVER_KEY', `{folder}/server.key')
define(`confCACERT', `{folder}/server.pem')
define(`confCACERT_PATH', `{folder}')
define(`confTO_IDENT', `0')
define(`confDELIVERY_MODE', `queueonly')
DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Name=v4')
DAEMON_OPTIONS(`Port={port}, Addr=::1, Family=inet6, Name=v6')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
MAILER(`smtp')
{piece}""")
    text = subprocess.run(["m4", "-D_CF_DIR_=" + str(root / "usr/share/sendmail/cf") + "/",
                           str(root / "usr/share/sendmail/cf/m4/cf.m4"), str(folder / "sendmail.mc")],
                          check=True, capture_output=True, text=True).stdout
    (folder / "sendmail.cf").write_text(text)
    server = Server("sendmail", folder, [],
                    [root / "usr/libexec/sendmail/sendmail", "-C" + str(folder / "sendmail.cf"), "-bD",
                     "-X" + str(folder / "transcript")])
    try:
        server.wait(port)
        yield port
    finally:
        server.stop()


def with_settings(main, added):
    """main.cf with these in the place of what it has of the same names. Of one that stands there
    twice every program of Postfix warns, and postlogd waits for itself to read its warnings."""
    for name in re.findall(r"^(\w+) *=", added, re.M):
        main = re.sub(rf"^{name} *=.*\n(?:[ \t].*\n)*", "", main, flags=re.M)
    return main + added


class Postfix:
    """The installed Postfix with a configuration, queue and processes of its own."""

    def __init__(self, folder, port, keys, *pieces):
        self.config, self.queue = folder / "config", folder / "queue"
        data = folder / "data"
        for place in (self.config, self.queue, self.queue / "appsmtp", data):
            place.mkdir()
        shutil.chown(data, "postfix")
        # With the folder's group the daemons' sockets are open to Postfix.
        shutil.chown(self.queue / "appsmtp", group="postfix")
        (self.queue / "appsmtp").chmod(0o2750)
        own = f"""
mail_owner = postfix
queue_directory = {self.queue}
data_directory = {data}
multi_instance_enable = no
myhostname = relay.example.edu
inet_interfaces = all
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
smtpd_tls_chain_files = {keys}/server.key {keys}/server.pem
in_flow_delay = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
transport_maps = static:discard
"""
        main = (DEPLOY / "postfix/main.cf").read_text()
        for piece in pieces:
            main = piece(main)
        (self.config / "main.cf").write_text(with_settings(main, own))
        master = (DEPLOY / "postfix/master.cf").read_text()
        (self.config / "master.cf").write_text(master.replace("smtp      inet", f"127.0.0.1:{port} inet", 1)
                                               + f"[::1]:{port} inet n - n - - smtpd\ndiscard unix - - n - - discard\n")

    def command(self, word):
        run("postfix", "-c", self.config, word)


@contextlib.contextmanager
def asked(program, current, path):
    """A program of ours that Postfix asks at a socket."""
    process = subprocess.Popen([PROGRAMS / program, "--snapshot", current.parent, "--socket", path])
    try:
        while not path.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


# Added to main.cf: the optional milter, or what is behind the daemon taken away.
MILTER = "smtpd_milters = unix:appsmtp/milter\nmilter_default_action = tempfail\nmessage_reject_characters = \\0\n"
NO_MILTER = "smtpd_milters =\n"
NO_WALL = NO_MILTER + """
smtpd_sender_restrictions =
smtpd_relay_restrictions = appsmtp_policy, reject
smtpd_recipient_restrictions =
smtpd_data_restrictions = appsmtp_policy
smtpd_end_of_data_restrictions =
"""


@contextlib.contextmanager
def postfix(keys, folder, current, more=NO_MILTER):
    """With the policy daemon and as deploy/postfix/main.cf has it, and more; its port."""
    port = free_port()
    server = Postfix(folder, port, keys,
                     lambda main: with_settings(main.replace("/var/lib/appsmtp/export", str(current.parent)), more))
    with contextlib.ExitStack() as stack:
        stack.enter_context(asked("appsmtp-policyd", current, server.queue / "appsmtp/policy"))
        if more == MILTER:
            stack.enter_context(asked("appsmtp-milter", current, server.queue / "appsmtp/milter"))
        stack.callback(server.command, "stop")
        server.command("start")
        yield port


@contextlib.contextmanager
def postfix_classes(keys, folder, current):
    """Without the daemon, by what deploy/postfix/classes makes of main.cf; its port."""
    port = free_port()
    server = Postfix(folder, port, keys, lambda main: with_settings(run(DEPLOY / "postfix/classes", current, input=main), NO_MILTER))
    try:
        server.command("start")
        yield port
    finally:
        server.command("stop")
