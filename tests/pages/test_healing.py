# SPDX-License-Identifier: MIT
"""The directory or the database stops in the middle of a TLS record, and is well again: every page is
answered as ever within 5 seconds of that. By workers of the test's own, which reach both over TLS."""

import contextlib
import re
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

import demo
import gateway
from browser import FORM, Browser, certificate_file, new_address
from demo import pki, session_of
from test_access import PEOPLE, TABLE, fill

HEALED = 5  # seconds until any page that is asked for from then on
WORKERS = 4
# The head of a record, and two bytes of what it holds.
CUT = 7


class Listener:
    """serve(connection) for each, in a thread of its own."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.taken = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.socket.accept()[0]
                self.taken.append(connection)
                threading.Thread(target=self.guard, args=[connection], daemon=True).start()

    def guard(self, connection):
        with contextlib.suppress(OSError, ValueError):
            self.serve(connection)

    def stop(self):
        for one in [self.socket, *self.taken]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Stall(Listener):
    """Passes everything until freeze(); of what a server says then it passes a few bytes, and no more.
    What is frozen stays so; heal() is for connections from then on."""

    def __init__(self, port, clear):
        self.port_behind, self.clear, self.frozen, self.epoch = port, clear, False, 0
        super().__init__()

    def freeze(self):
        self.frozen, self.epoch = True, self.epoch + 1

    def heal(self):
        self.frozen = False

    def serve(self, client):
        server = socket.create_connection(("127.0.0.1", self.port_behind))
        self.taken.append(server)
        # Of a connection made meanwhile what is said in clear passes, too.
        epoch, rest = self.epoch - self.frozen, CUT + self.clear * self.frozen
        while True:
            for one in select.select([client, server], [], [])[0]:
                data = one.recv(65536)
                if one is server and epoch != self.epoch:
                    client.sendall(data[:rest])
                    rest -= len(data[:rest])
                    if rest == 0:
                        return  # both stay open
                    continue
                (server if one is client else client).sendall(data)
                if not data:
                    return server.close() or client.close()


class Terminator(Listener):
    """Speaks TLS for a server: agree(connection) is what comes before it in clear; connect() reaches the server."""

    def __init__(self, agree, connect):
        self.agree, self.connect = agree, connect
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pki("localhost.pem"), pki("localhost.key"))
        super().__init__()

    def serve(self, connection):
        self.agree(connection)
        client = self.context.wrap_socket(connection, server_side=True)
        server = self.connect()
        self.taken += [client, server]
        while True:
            ready = [one for one in (client, server) if isinstance(one, ssl.SSLSocket) and one.pending()]
            for one in ready or select.select([client, server], [], [])[0]:
                data = one.recv(65536)
                (server if one is client else client).sendall(data)
                if not data:
                    return server.close() or client.close()


def agree_database(connection):
    assert connection.recv(8) == b"\0\0\0\x08\x04\xd2\x16\x2f"  # SSLRequest
    connection.sendall(b"S")


def agree_directory(connection):
    asked = connection.recv(4096)
    assert b"1.3.6.1.4.1.1466.20037" in asked and asked[2:4] == b"\x02\x01"
    connection.sendall(b"\x30\x0c\x02\x01" + asked[4:5] + b"\x78\x07\x0a\x01\x00\x04\x00\x04\x00")


def connect_database():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(demo.DIR / "database/socket/.s.PGSQL.5432"))
    return connection


def directory_port():
    return int((demo.DIR / "port/directory").read_text())


def connect_directory():
    context = ssl.create_default_context(cafile=pki("roots.pem"))
    return context.wrap_socket(socket.create_connection(("127.0.0.1", directory_port())), server_hostname="127.0.0.1")


class Site:
    """Workers with both behind a proxy; what is said in clear before TLS is so many bytes long."""

    def __init__(self, folder, starttls):
        self.folder = folder
        self.ends = [Terminator(agree_database, connect_database), Terminator(agree_directory, connect_directory)]
        self.database = Stall(self.ends[0].port, 1)
        self.directory = Stall(self.ends[1].port, 14) if starttls else Stall(directory_port(), 0)
        self.ends += [self.database, self.directory]
        text = demo.CONFIG.read_text()
        text = re.sub(r'connection="[^"]*"', f'connection="host=127.0.0.1 port={self.database.port} dbname=appsmtp'
                      f' sslmode=verify-ca sslrootcert={pki("roots.pem")}"', text)
        text = re.sub(r'uri="ldaps://[^"]*"', f'uri="{"ldap" if starttls else "ldaps"}://127.0.0.1:{self.directory.port}"', text)
        if starttls:
            text = text.replace("<directory ", '<directory starttls="yes" ')
        self.config = folder / "appsmtp.xml"
        self.config.write_text(text)
        self.process = subprocess.Popen(
            ["spawn-fcgi", "-n", "-s", folder / "socket", "--", shutil.which("multiwatch"), "-f", str(WORKERS), "-t", "5000",
             "--", demo.DIR / "install/bin/appsmtp-portal", "--config", self.config],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"))

    def ask(self, method, path, cookie=None, fields=()):
        """Status and seconds. Who is not signed in comes from an address of their own."""
        body = gateway.encode(fields)
        more = {"HTTP_COOKIE": f"appsmtp-session={cookie}"} if cookie else {"REMOTE_ADDR": new_address()}
        started = time.monotonic()
        pairs = dict(gateway.parameters(method, path, body, self.config)) | more
        answer = gateway.ask_fastcgi(self.folder / "socket", list(pairs.items()), body)
        return answer.status_code, time.monotonic() - started

    def stop(self):
        self.process.terminate()
        self.process.wait()
        for one in self.ends:
            one.stop()


def at_once(calls, threads):
    """What the calls answer, so many at a time."""
    answers, waiting = [None] * len(calls), iter(enumerate(calls))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                number, call = next(waiting, (None, None))
            if call is None:
                return
            answers[number] = call()

    crew = [threading.Thread(target=work) for _ in range(threads)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return answers


@pytest.fixture(params=["ldaps", "starttls"])
def site(request, tmp_path):
    made = Site(tmp_path, request.param == "starttls")
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def routes():
    """Every GET route for somebody who may see it: (path, cookie, status). The owner is one of few
    accounts: a list of a thousand takes its time on a busy machine, whatever was before."""
    owner = "ow2"
    own = Browser(owner).register("comanaged@example.edu", certificate_file("good.pem"), method="certificate")
    [[source]] = demo.sql("SELECT id FROM source WHERE registration_id = :'id'", id=own)
    cookies = {person: session_of(login)[0] for person, login in (PEOPLE | {"owner": owner}).items() if login}
    found = []
    for method, path, *answers in TABLE:
        for person, answer in zip(PEOPLE, answers, strict=True):
            answer = answer.split(",")[0]
            if method == "GET" and person in ("nobody", "owner", "operator"):
                found.append((fill(path, own, source, owner), cookies.get(person), 303 if answer == "sign-in" else int(answer)))
    return found


def check_routes(site, routes):
    answers = at_once([lambda one=one: site.ask("GET", one[0], one[1]) for one in routes], WORKERS)
    wrong = [(path, status, round(seconds, 1)) for (path, _, expected), (status, seconds) in zip(routes, answers)
             if status != expected or seconds > HEALED]
    assert not wrong


@pytest.mark.parametrize("part", ["directory", "database"])
def test_every_page_is_well_again(site, routes, person, part):
    assert demo.wait_until(lambda: (site.folder / "socket").exists())
    check_routes(site, routes)
    address = "bulk-00188@example.edu"
    demo.free(address)
    sign_in = [lambda login=person().login: site.ask("POST", "/sign-in", None, {"login": login, "password": "right"})
               for _ in range(3)]
    submit = [lambda one=session_of("ow1"): site.ask("POST", "/registrations", one[0], FORM | {
        "address": address, "csrf_token": one[1]}) for _ in range(3)]
    before, proxy = demo.counts(), getattr(site, part)
    proxy.freeze()
    answers = at_once(sign_in + submit, 6)
    assert [status for status, _ in answers] == [503] * 6
    # Two after one another in a worker.
    assert max(seconds for _, seconds in answers) < 20
    proxy.heal()
    check_routes(site, routes)
    assert demo.counts() == before
    assert [one()[0] for one in [*sign_in, submit[0]]] == [303] * 4
    demo.free(address)
