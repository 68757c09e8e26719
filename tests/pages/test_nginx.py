# SPDX-License-Identifier: MIT
"""deploy/nginx as a real site has it, over TLS, in front of the demo's workers."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import select
import shutil
import socket
import ssl
import subprocess

import pytest

import demo
from demo import TOP

NAME = "appsmtp.example.edu"
# What a balancer would say whose request it is; so a test has any address.
ADDRESS = "X-Test-Address"


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key.pem",
                    "-out", folder / "certificate.pem"], check=True, capture_output=True)


class Site:
    """nginx with one of the files for sites-enabled, moved to a folder and to ports of its own."""

    def __init__(self, folder, file):
        self.file = file
        # Behind single sign-on nobody is there here to say who somebody is.
        self.pages = (200,) if file == "portal.conf" else (200, 500, 503)
        self.folder, (self.http, self.https) = folder, free_ports(2)
        for one in (TOP / "deploy/nginx").iterdir():
            shutil.copy(one, folder)
        certificate(folder)
        (folder / "front.conf").write_text('set $appsmtp_front "secret";\n')
        settings = (folder / file).read_text()
        settings = settings.replace("/etc/appsmtp/nginx", str(folder))
        settings = settings.replace(f"/etc/ssl/certs/{NAME}.pem", f"{folder}/certificate.pem")
        settings = settings.replace(f"/etc/ssl/private/{NAME}.key", f"{folder}/key.pem")
        settings = settings.replace("/usr/share/appsmtp-portal", f"{demo.DIR}/install/share/appsmtp-portal")
        settings = settings.replace("/var/log/nginx/", f"{folder}/")
        settings = re.sub(r"listen \[::\]:.*;\n", "\n", settings)
        settings = settings.replace("listen 80", f"listen 127.0.0.1:{self.http}").replace("listen 443", f"listen 127.0.0.1:{self.https}")
        (folder / file).write_text(settings)
        http = folder / "http.conf"
        http.write_text(http.read_text().replace("unix:/run/appsmtp/portal.socket", f"unix:{demo.DIR}/portal/socket"))
        temporary = "".join(f"{one}_temp_path {folder}/{one};\n" for one in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr warn;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\n{temporary}access_log off;\nset_real_ip_from 127.0.0.1;\nreal_ip_header {ADDRESS};\ninclude {folder}/{file};\n}}\n")

    def command(self, *more):
        account = [] if os.geteuid() else ["setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups", "--"]
        return [*account, "nginx", "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf"), *more]

    def answers(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.https)).close()
            return True
        return False

    def connect(self, name=NAME):
        context = ssl.create_default_context(cafile=self.folder / "certificate.pem")
        context.check_hostname = name == NAME
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.https), timeout=30), server_hostname=name)


def send(connection, path, host=NAME, method="GET", body=b"", **headers):
    lines = {"Host": host, "Connection": "close"} | headers
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    connection.sendall(head.encode() + b"\r\n" + body)


def answer(connection):
    """Status and headers; 0 where the server says nothing."""
    text = b""
    while chunk := connection.recv(65536):
        text += chunk
    head = text.partition(b"\r\n\r\n")[0].decode()
    fields = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    return (int(head.split()[1]) if head else 0), fields


@pytest.fixture(scope="module", params=["portal.conf", "single-sign-on.conf"])
def site(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    made = Site(folder, request.param)
    if not os.geteuid():
        for one in [*folder.parents[:2], folder, *folder.iterdir()]:
            one.chmod(one.stat().st_mode | 0o055)
        shutil.chown(folder, "www-data")
    tested = subprocess.run(made.command("-t"), capture_output=True, text=True)
    assert tested.returncode == 0 and "[warn]" not in tested.stderr, tested.stderr
    with open(folder / "log", "wb") as log, subprocess.Popen(made.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
        try:
            assert demo.wait_until(made.answers), (folder / "log").read_text()
            yield made
        finally:
            process.terminate()


def get(site, path, address="192.0.2.1", **more):
    with site.connect() as connection:
        send(connection, path, **{ADDRESS: address}, **more)
        return answer(connection)


def test_another_host_gets_nothing(site):
    for port in site.http, site.https:
        with contextlib.ExitStack() as stack:
            plain = socket.create_connection(("127.0.0.1", port), timeout=30)
            connection = stack.enter_context(site.connect() if port == site.https else plain)
            send(connection, "/x", host="evil.example")
            assert answer(connection)[0] in (0, 421)
    with pytest.raises(ssl.SSLError):
        site.connect("evil.example")


def test_port_80_sends_to_the_portal_alone_and_no_form(site):
    for method, status, where in (("GET", 301, f"https://{NAME}/check?a=b"), ("POST", 403, None)):
        with socket.create_connection(("127.0.0.1", site.http), timeout=30) as connection:
            send(connection, "/check?a=b", method=method, **{"Content-Length": "0"})
            got, headers = answer(connection)
        assert (got, headers.get("Location")) == (status, where)


def test_files_have_the_headers_of_pages(site):
    status, headers = get(site, "/static/portal.css")
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_health_is_told_to_the_machine_alone(site):
    assert get(site, "/healthz", "127.0.0.1")[0] == 200
    assert get(site, "/readyz", "127.0.0.1")[0] == 200
    for path in "/healthz", "/readyz":
        assert get(site, path, "192.0.2.2")[0] == 403


def asked(site, addresses):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return [status for status, _ in pool.map(lambda one: get(site, "/static/portal.css", one), addresses)]


def test_one_visitor_sends_so_many_requests(site):
    """IPv6 addresses of one /64 are one visitor; the machine itself is none."""
    flood = asked(site, [f"2001:db8:1:2::{n:x}" for n in range(400)])
    assert set(flood) == {200, 429} and flood.count(200) >= 100
    assert set(asked(site, [f"2001:db8:1:{n:x}::1" for n in range(3, 150)])) == {200}
    assert set(asked(site, ["127.0.0.1"] * 300)) == {200}
    status, headers = 200, {}
    while status == 200:
        status, headers = get(site, "/static/portal.css", "192.0.2.7")
        if status == 200:
            asked(site, ["192.0.2.7"] * 100)
    assert status == 429 and headers["Retry-After"] == "10" and headers["X-Frame-Options"] == "DENY"
    assert get(site, "/static/portal.css", "192.0.2.8")[0] == 200


def memory(site):
    """What nginx has in memory, in MiB; it is one process here."""
    status = (pathlib.Path("/proc") / (site.folder / "pid").read_text().strip() / "status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def upload(site, address):
    """Sends 300 KB of a form and no more; whoever is refused may be so in the middle of it."""
    connection = site.connect()
    with contextlib.suppress(OSError):
        send(connection, "/check", method="POST", body=b"s" * 300_000, **{ADDRESS: address, "Content-Length": "500000",
                                                                        "Content-Type": "application/x-www-form-urlencoded"})
    return connection


@pytest.mark.parametrize("address", ["2001:db8:9:{}::{:x}", "198.51.100.{}"], ids=["one /64", "one address"])
def test_slow_uploads_of_one_visitor(site, address):
    """200 of them: most are refused, nobody else waits, and memory is bounded."""
    number = 3 + ["portal.conf", "single-sign-on.conf"].index(site.file)
    before = memory(site)
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(8) as pool:
        held = [stack.enter_context(one) for one in pool.map(lambda n: upload(site, address.format(number, n)), range(200))]
        assert demo.wait_until(lambda: get(site, "/static/portal.css", address.format(number, 0x999))[0] == 429)
        for other in "2001:db8:9:ffff::1", "198.51.100.200":
            assert get(site, "/static/portal.css", other)[0] == 200
            assert get(site, "/help", other)[0] in site.pages
        refused = select.select(held, [], [], 0)[0]
        assert len(refused) >= 180
        # 20 bodies, and what 200 connections over TLS take.
        assert memory(site) - before < 20 * 0.5 + 200 * 0.1, (before, memory(site))


def test_more_than_is_held_is_not_waited_for(site):
    """It is said before anything of it has come."""
    for size, status in (524_288, 0), (524_289, 413):
        with site.connect() as connection:
            send(connection, "/check", method="POST", **{ADDRESS: "192.0.2.77", "Content-Length": str(size)})
            connection.settimeout(30 if status else 1)
            with contextlib.suppress(TimeoutError):
                assert answer(connection)[0] == status != 0


def test_one_visitor_holds_so_many_connections(site):
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            slow = stack.enter_context(site.connect())
            send(slow, "/check", method="POST", body=b"s", **{ADDRESS: "192.0.2.9", "Content-Length": "100000",
                                                             "Content-Type": "application/x-www-form-urlencoded"})
        # Each counts when nginx has read its head, which is not when it was sent.
        assert demo.wait_until(lambda: get(site, "/static/portal.css", "192.0.2.9")[0] == 429)
        assert get(site, "/static/portal.css", "192.0.2.10")[0] == 200
