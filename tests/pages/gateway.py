# SPDX-License-Identifier: MIT
"""The portal as a plain CGI: one process a request, by itself or through fcgiwrap."""

import contextlib
import email
import os
import socket
import struct
import subprocess
import tempfile
import urllib.parse

import demo

PROGRAM = demo.DIR / "install/bin/appsmtp-portal"


class Answer:
    """What a CGI program wrote: status, headers, body."""

    def __init__(self, output):
        head, _, body = output.partition(b"\r\n\r\n")
        self.headers = email.message_from_bytes(head)
        self.status_code = int(self.headers["Status"].split()[0])
        self.text = body.decode()
        self.cookies = [one.split(";")[0] for one in self.headers.get_all("Set-Cookie", [])]


def parameters(method="GET", path="/", body=b"", config=demo.CONFIG, **more):
    """What a web server tells a CGI program, as a list of pairs; a name may come twice."""
    pairs = [("REQUEST_METHOD", method), ("REQUEST_URI", path), ("REMOTE_ADDR", "127.0.0.1"),
             ("CONTENT_LENGTH", str(len(body))), ("APPSMTP_CONFIG", str(config)), ("SCRIPT_NAME", ""),
             ("GATEWAY_INTERFACE", "CGI/1.1"), ("PATH", os.environ["PATH"])]
    if body:
        pairs.append(("CONTENT_TYPE", "application/x-www-form-urlencoded"))
    for name in "ASAN_OPTIONS", "UBSAN_OPTIONS":
        if name in os.environ:
            pairs.append((name, os.environ[name]))
    return pairs + list(more.items())


def encode(fields):
    return urllib.parse.urlencode(fields, doseq=True).encode()


def run_cgi(pairs, body=b""):
    """Runs the program with just these parameters. Python's environment knows each name once,
    so a name that comes twice is put there by a program that is given the list as it is."""
    with tempfile.TemporaryFile() as standard_input, tempfile.TemporaryFile() as messages:
        standard_input.write(body)
        standard_input.seek(0)
        names = [name for name, _ in pairs]
        if len(set(names)) == len(names):
            result = subprocess.run([PROGRAM], env=dict(pairs), stdin=standard_input, stdout=subprocess.PIPE,
                                    stderr=messages, timeout=30)
            assert result.returncode == 0
            output = result.stdout
        else:
            output = spawn_raw(pairs, standard_input, messages)
        messages.seek(0)
        assert b"Sanitizer" not in (said := messages.read()) and b"runtime error" not in said, said
        answer = Answer(output)
        answer.messages = said.decode()
        return answer


def spawn_raw(pairs, standard_input, messages):
    """posix_spawn of the C library, whose environment is a list."""
    import ctypes
    library = ctypes.CDLL(None, use_errno=True)
    words = [f"{name}={value}".encode() for name, value in pairs]
    environment = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    arguments = (ctypes.c_char_p * 2)(os.fsencode(PROGRAM), None)
    actions = ctypes.create_string_buffer(256)
    process = ctypes.c_int()
    with tempfile.TemporaryFile() as output:
        library.posix_spawn_file_actions_init(actions)
        for number, file in enumerate((standard_input, output, messages)):
            library.posix_spawn_file_actions_adddup2(actions, file.fileno(), number)
        failed = library.posix_spawn(ctypes.byref(process), os.fsencode(PROGRAM), actions, None, arguments, environment)
        assert failed == 0, os.strerror(failed)
        library.posix_spawn_file_actions_destroy(actions)
        assert os.waitpid(process.value, 0)[1] == 0
        output.seek(0)
        return output.read()


# --- FastCGI, as a web server speaks it -------------------------------------------------------

BEGIN, PARAMS, STDIN, STDOUT, END = 1, 4, 5, 6, 3


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    name, value = name.encode(), value.encode()
    length = lambda n: struct.pack(">B", n) if n < 128 else struct.pack(">I", n | 1 << 31)
    return length(len(name)) + length(len(value)) + name + value


def begin_fastcgi(path, pairs):
    """A connection to a FastCGI server at a socket, over which all but the body has been sent."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(str(path))
    connection.sendall(record(BEGIN, struct.pack(">HB5x", 1, 0))
                       + record(PARAMS, b"".join(pair(*one) for one in pairs)) + record(PARAMS))
    return connection


def ask_fastcgi(path, pairs, body=b""):
    """One request to a FastCGI server at a socket."""
    with begin_fastcgi(path, pairs) as connection:
        connection.sendall((record(STDIN, body) if body else b"") + record(STDIN))
        stream = connection.makefile("rb")
        output = b""
        while True:
            _, kind, _, length, padding = struct.unpack(">BBHHBx", stream.read(8))
            content = stream.read(length + padding)[:length]
            if kind == END:
                return Answer(output)
            if kind == STDOUT:
                output += content


@contextlib.contextmanager
def fcgiwrap():
    """A fcgiwrap of the test's own: the name of its socket."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "socket")
        with subprocess.Popen(["fcgiwrap", "-s", f"unix:{name}"], stdin=subprocess.DEVNULL) as process:
            try:
                assert demo.wait_until(lambda: os.path.exists(name), 10)
                yield name
            finally:
                process.terminate()
