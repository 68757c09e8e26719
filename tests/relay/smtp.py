# SPDX-License-Identifier: MIT
"""A session of SMTP up to RCPT, from an address and with a certificate of choice."""

import socket
import ssl


def _reply(stream):
    while True:
        line = stream.readline().decode("utf-8", "replace")
        if line[3:4] != "-":
            return line.strip()


def _say(sock, stream, line):
    sock.sendall(line.encode() + b"\r\n")
    return _reply(stream)


def ask(host, port, source, sender, certificate=None):
    """Whether the server accepts the sender from there: True, False, or None for "later"."""
    with socket.create_connection((host, port), timeout=20, source_address=(source, 0)) as plain:
        sock, stream = plain, plain.makefile("rb")
        if not _reply(stream).startswith("220"):
            return False
        _say(sock, stream, "EHLO client.example.edu")
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.load_cert_chain(*certificate)
            if not _say(sock, stream, "STARTTLS").startswith("220"):
                return False
            sock = context.wrap_socket(plain)
            stream = sock.makefile("rb")
            _say(sock, stream, "EHLO client.example.edu")
        answer = _say(sock, stream, f"MAIL FROM:<{sender}>")
        if answer.startswith("2"):
            answer = _say(sock, stream, "RCPT TO:<someone@elsewhere.example>")
        sock.sendall(b"QUIT\r\n")
    return {"2": True, "4": None}.get(answer[:1], False)
