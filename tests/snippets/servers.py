# SPDX-License-Identifier: MIT
"""The mail servers of an application, each with what the page prints put where the page says.

Each is private to one folder: Postfix as the demo runs it, Exim and sendmail as tests/run has unpacked
them below SNIPPETS_SERVERS. submit() hands a message in; when settled() is true the server has done
with it all that it will do by itself.
"""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess

import demo

SERVERS = pathlib.Path(os.environ["SNIPPETS_SERVERS"])
HOST = "web1.example.edu"
ACCOUNTS = ["Debian-exim", "smmta", "smmsp"]


def run(*words, **more):
    result = subprocess.run([str(word) for word in words], capture_output=True, timeout=60, **more)
    assert result.returncode == 0, (words, result.stdout, result.stderr)
    return result.stdout


class Postfix:
    PLACE = "/etc/postfix"
    MORE = ""
    SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

    def __init__(self, folder, blocks):
        self.config, self.queue = folder / "config", folder / "queue"
        for place in (self.config, self.queue, folder / "data"):
            place.mkdir()
        # Where the machine has another mail server, the demo has unpacked this one.
        relay = (demo.DIR / "postfix/config/main.cf").read_text()
        apart = relay[relay.index("daemon_directory"):] if "daemon_directory" in relay else ""
        self.programs = demo.DIR / "packages" if apart else pathlib.Path("/")
        owner = re.search(r"^mail_owner = (.*)$", relay, re.M).group(1)
        shutil.chown(folder / "data", owner)
        self.libraries = re.search(r"LD_LIBRARY_PATH=\S+", apart)
        own = f"""
compatibility_level = 3.6
mail_owner = {owner}
queue_directory = {self.queue}
data_directory = {folder}/data
multi_instance_enable = no
myhostname = {HOST}
mydestination =
alias_maps =
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
smtp_host_lookup = native
{self.MORE}
{apart}
"""
        (self.config / "master.cf").write_text(self.SERVICES)
        for name, text in zip(("main.cf", "appsmtp-sender", "appsmtp-from"), blocks, strict=True):
            (self.config / name).write_text((own if name == "main.cf" else "") + text + "\n")

    def words(self, program, *words):
        return ["env", *([self.libraries.group(0)] if self.libraries else []), f"MAIL_CONFIG={self.config}",
                f"{self.programs}/usr/sbin/{program}", *words]

    def __enter__(self):
        run(*self.words("postfix", "start"))
        return self

    def __exit__(self, *_):
        run(*self.words("postfix", "abort"))

    def submit(self, sender, recipient, text):
        run(*self.words("sendmail", "-i", "-f", sender, recipient), input=text.encode())

    def empty(self):
        for name in ("maildrop", "incoming", "active", "deferred"):
            try:
                if any(one.is_file() for one in (self.queue / name).rglob("*")):
                    return False
            except FileNotFoundError:
                return False  # it moved on meanwhile
        return True

    def settled(self):
        """Twice, as a bounce can come into a queue that was looked at before its message left another."""
        return self.empty() and self.empty()


class PostfixWithNotices(Postfix):
    """It tells its postmaster of all that goes wrong, by a sender that is no bounce's."""

    MORE = "notify_classes = bounce, 2bounce, policy, protocol, resource, software"


class Unpacked:
    """A server with the accounts that its package would have made, in a mount namespace."""

    def __init__(self, name, folder):
        self.root, self.folder = SERVERS / name, folder
        binds = []
        for file, form in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/bin/false\n"), ("group", "{0}:x:{1}:\n")):
            own = folder / file
            own.write_text(pathlib.Path("/etc", file).read_text()
                           + "".join(form.format(account, 790 + i) for i, account in enumerate(ACCOUNTS)))
            binds.append(f"mount --bind '{own}' '/etc/{file}' && ")
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 {HOST} localhost {socket.gethostname()}\n::1 {HOST} localhost\n")
        binds.append(f"mount --bind '{hosts}' /etc/hosts && ")
        # Exim starts itself again with its set-user-ID bit, which LD_LIBRARY_PATH does not get past.
        conf, cache = folder / "ld.so.conf", folder / "ld.so.cache"
        conf.write_text("".join(f"{one}\n" for one in ("include /etc/ld.so.conf", self.root / "usr/lib",
                                                        *self.root.glob("**/*-linux-gnu"))))
        run("ldconfig", "-X", "-f", conf, "-C", cache)
        binds.append(f"mount --bind '{cache}' /etc/ld.so.cache && ")
        self.script = "".join(binds) + 'exec "$@"'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, *words, **more):
        return run("unshare", "--mount", "sh", "-c", self.script, "sh", *words, **more)


class Exim(Unpacked):
    PLACE = "/etc/exim4"

    def __init__(self, folder, blocks):
        super().__init__("exim", folder)
        spool = folder / "spool"
        spool.mkdir()
        shutil.chown(spool, 790, 790)
        router, transport = blocks
        (folder / "exim.conf").write_text(f"""
exim_path = {self.root}/usr/sbin/exim4
exim_user = Debian-exim
exim_group = Debian-exim
keep_environment =
spool_directory = {spool}
log_file_path = {spool}/log-%s
primary_hostname = {HOST}
domainlist local_domains = {HOST}
never_users =
begin routers
{router.replace("driver = manualroute", "driver = manualroute" + chr(10) + "  self = send")}
begin transports
{transport}
""")

    def exim(self, *words, **more):
        return self.run(self.root / "usr/sbin/exim4", "-C", self.folder / "exim.conf", *words, **more)

    def submit(self, sender, recipient, text):
        self.exim("-odf", "-i", "-f", sender, recipient, input=text.encode())

    def settled(self):
        """What cannot be delivered and is itself a bounce stays, frozen."""
        lines = [line for line in self.exim("-bp").decode().splitlines() if "<" in line]
        return all("*** frozen ***" in line for line in lines)


class Sendmail(Unpacked):
    PLACE = "/etc/mail"

    def __init__(self, folder, blocks):
        super().__init__("sendmail", folder)
        queue = folder / "queue"
        queue.mkdir(mode=0o700)
        settings, sender = blocks
        (folder / "appsmtp-sender").write_text(sender + "\n")
        (folder / "local").write_text(f"#!/bin/sh\ncat >>{folder}/local-mail\n")
        (folder / "local").chmod(0o755)
        cf = self.root / "usr/share/sendmail/cf"
        (folder / "sendmail.mc").write_text(f"""divert(0)dnl
VERSIONID(`application')
OSTYPE(`linux')
FEATURE(`nocanonify')
FEATURE(`no_default_msa')
define(`confDOMAIN_NAME', `{HOST}')
define(`QUEUE_DIR', `{queue}')
define(`confPID_FILE', `{folder}/pid')
define(`STATUS_FILE', `{folder}/status')
define(`ALIAS_FILE', `text:-o {folder}/none')
define(`confCW_FILE', `-o {folder}/none')
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,MapInUnsafeDirPath')
define(`confDEAD_LETTER_DROP', `{folder}/dead.letter')
define(`LOCAL_MAILER_PATH', `{folder}/local')
define(`LOCAL_MAILER_ARGS', `local')
define(`confCACERT', `{demo.pki("roots.pem")}')
define(`confCACERT_PATH', `{demo.pki("")}')
define(`confTO_IDENT', `0')
MAILER(`local')
MAILER(`smtp')
{settings}
""")
        (folder / "sendmail.cf").write_bytes(
            run("m4", f"-D_CF_DIR_={cf}/", cf / "m4/cf.m4", folder / "sendmail.mc"))

    def sendmail(self, *words, **more):
        return self.run(self.root / "usr/libexec/sendmail/sendmail", f"-C{self.folder}/sendmail.cf", *words, **more)

    def submit(self, sender, recipient, text):
        with contextlib.suppress(AssertionError):  # its status is that of the delivery
            self.sendmail("-odi", "-i", "-f", sender, recipient, input=text.encode())

    def shell(self, command, text):
        """A command that calls it by its name."""
        program = self.folder / "sendmail"
        program.write_text(f'#!/bin/sh\nexec {self.root}/usr/libexec/sendmail/sendmail -C{self.folder}/sendmail.cf -odi "$@"\n')
        program.chmod(0o755)
        self.run("env", f"PATH={self.folder}:{os.environ['PATH']}", "bash", "-c", command, input=text.encode())

    def settled(self):
        return not any((self.folder / "queue").glob("qf*"))
