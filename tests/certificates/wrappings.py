#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Private keys made fresh, in the wrappings in which people send them; and texts that are none.

As a program it writes them into the folder given, as secret-* and harmless-*: all that are
wrapped once, and a sample of those that are wrapped twice, with APPSMTP_TEST_LONG=yes all of
them. The bytes of each form are written here or by openssl.
"""

import base64
import gzip
import html
import io
import json
import os
import pathlib
import quopri
import random
import subprocess
import sys
import tarfile
import textwrap
import urllib.parse
import zipfile
import zlib


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def pem(label, der, width=64):
    return f"-----BEGIN {label}-----\n{textwrap.fill(base64.b64encode(der).decode(), width)}\n-----END {label}-----\n"


def b64url(number):
    data = number if isinstance(number, bytes) else number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ---- keys ----------------------------------------------------------------------------------

def values(der):
    """The values inside a DER value, with their tags."""
    def header(at):
        size, at = der[at + 1], at + 2
        if size >= 128:
            count = size & 127
            size, at = int.from_bytes(der[at:at + count], "big"), at + count
        return at, size
    at, size = header(0)
    end, found = at + size, []
    while at < end:
        tag = der[at]
        at, size = header(at)
        found.append((tag, der[at:at + size]))
        at += size
    return found


class Keys:
    """One set of keys; the forms are bytes, and probes are pieces of the secret numbers."""

    def __init__(self):
        self.rsa = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.ec = self.new_ec()
        self.ed = openssl("genpkey", "-algorithm", "ED25519")
        self.pkcs8 = {name: openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", data=key)
                      for name, key in (("rsa", self.rsa), ("ec", self.ec), ("ed", self.ed))}
        self.pkcs1 = openssl("rsa", "-traditional", "-outform", "DER", data=self.rsa)
        self.sec1 = openssl("ec", "-outform", "DER", data=self.ec)
        self.certificate = openssl("req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=app.example.edu", "-days", "9",
                                   data=self.ec).decode()

    @staticmethod
    def new_ec():
        """A value that begins with a slash could be the name of a file."""
        while True:
            key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
            if values(openssl("ec", "-outform", "DER", data=key))[1][1][0] < 0xfc:
                return key

    def raw(self):
        """name -> DER or other bytes, without any text around."""
        encrypted = [openssl("pkcs8", "-topk8", "-passout", "pass:x", "-iter", "1", "-outform", "DER", *more, data=self.ec)
                     for more in ((), ("-v1", "PBE-SHA1-3DES"))]
        forms = {"pkcs8-" + name: der for name, der in self.pkcs8.items()}
        forms |= {"pkcs1": self.pkcs1, "sec1": self.sec1, "pbes2": encrypted[0], "pbe": encrypted[1],
                  "pkcs12": self.pkcs12(), "pkcs12-in-clear": self.pkcs12("-keypbe", "NONE", "-certpbe", "NONE"),
                  "openssh": self.openssh(), "pgp": self.pgp(), **self.pgp_curves(),
                  "jks": b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\1\0\3app" + os.urandom(300),
                  "jceks": b"\xce\xce\xce\xce\0\0\0\2\0\0\0\1\0\0\0\1\0\3app" + os.urandom(300),
                  "pvk": b"\x1e\xf1\xb5\xb0" + bytes(4) + b"\1\0\0\0" + os.urandom(300),
                  "msblob": b"\x07\x02\0\0\0\xa4\0\0RSA2\0\x08\0\0\1\0\1\0" + os.urandom(600)}
        return forms

    def pkcs12(self, *more):
        return openssl("pkcs12", "-export", "-passout", "pass:x", "-iter", "1", *more,
                       data=self.ec + self.certificate.encode())

    def openssh(self, cipher=b"none"):
        """OpenSSH's own format (its PROTOCOL.key): Ed25519."""
        def string(data):
            return len(data).to_bytes(4, "big") + data
        seed, point = self.pkcs8["ed"][-32:], os.urandom(32)
        public = string(b"ssh-ed25519") + string(point)
        private = bytes(8) + public + string(seed + point) + string(b"app") + bytes(range(1, 6))
        return (b"openssh-key-v1\0" + string(cipher) + string(b"none") + string(b"") + b"\0\0\0\1"
                + string(public) + string(private))

    def pgp(self):
        """A secret-key packet of version 4: RSA, numbers in clear."""
        numbers = [int.from_bytes(value, "big") for _, value in values(self.pkcs1)][1:6]
        mpi = [number.bit_length().to_bytes(2, "big") + number.to_bytes((number.bit_length() + 7) // 8, "big")
               for number in numbers]
        body = b"\4" + (1760000000).to_bytes(4, "big") + b"\1" + b"".join(mpi[:2]) + b"\0" + b"".join(mpi[2:])
        return b"\x95" + len(body).to_bytes(2, "big") + body

    def pgp_curves(self):
        """Secret-key packets of Ed25519 (RFC 9580): GnuPG's of version 4, and version 6, encrypted too."""
        made, seed, point = (1760000000).to_bytes(4, "big"), self.pkcs8["ed"][-32:], os.urandom(32)
        legacy = (b"\4" + made + b"\x16\x09" + bytes.fromhex("2b06010401da470f01") + b"\1\x07\x40" + point
                  + b"\0\1\0" + seed + b"\0\0")
        locked = b"\4" + made + b"\x1b" + point + b"\xfe\x09\3\x08" + os.urandom(9 + 16 + 32 + 20)
        newest = b"\6" + made + b"\x1b\0\0\0\x20" + point + b"\0" + seed
        return {"pgp-ed25519": b"\x94" + bytes([len(legacy)]) + legacy,
                "pgp-locked": b"\xc5" + bytes([len(locked)]) + locked,
                "pgp-6": b"\xc5" + bytes([len(newest)]) + newest}

    def jwks(self):
        """name -> member of a JSON Web Key."""
        n, e, d, p, q, dp, dq, qi = (b64url(int.from_bytes(value, "big")) for _, value in values(self.pkcs1)[1:])
        _, scalar, *rest = values(self.sec1)
        point = values(b"\x30" + bytes([len(rest[1][1]) + 0]) + rest[1][1])[0][1][2:]
        seed = self.pkcs8["ed"][-32:]
        return {"rsa": {"kty": "RSA", "n": n, "e": e, "d": d, "p": p, "q": q, "dp": dp, "dq": dq, "qi": qi},
                "ec": {"kty": "EC", "crv": "P-256", "x": b64url(point[:32]), "y": b64url(point[32:]),
                       "d": b64url(scalar[1])},
                "okp": {"d": b64url(seed), "crv": "Ed25519", "kty": "OKP", "x": b64url(os.urandom(32))},
                "oct": {"kty": "oct", "k": b64url(os.urandom(32)), "alg": "HS256"}}

    def texts(self):
        """name -> text, as a program writes it."""
        rsa, ec, ed = (key.decode() for key in (self.rsa, self.ec, self.ed))
        jwk = self.jwks()
        blob = textwrap.fill(base64.b64encode(self.pkcs1[300:700]).decode(), 64)
        mac = os.urandom(20).hex()
        putty = ("PuTTY-User-Key-File-%d: ssh-rsa\nEncryption: none\nComment: app\nPublic-Lines: 6\n"
                 f"{blob}\nPrivate-Lines: 14\n{blob}\nPrivate-MAC: {mac}\n")
        found = {"pem-" + name: text for name, text in (("rsa", rsa), ("ec", ec), ("ed", ed))}
        found |= {
            "pem-pkcs1": pem("RSA PRIVATE KEY", self.pkcs1), "pem-sec1": pem("EC PRIVATE KEY", self.sec1),
            "pem-dsa": pem("DSA PRIVATE KEY", self.pkcs1), "pem-any": pem("ANY PRIVATE KEY", self.pkcs8["ec"]),
            "pem-encrypted": openssl("pkcs8", "-topk8", "-passout", "pass:x", "-iter", "1", data=self.ec).decode(),
            "pem-traditional": openssl("ec", "-aes128", "-passout", "pass:x", data=self.ec).decode(),
            "pem-traditional-without-label": "\n".join(openssl("ec", "-aes128", "-passout", "pass:x",
                                                               data=self.ec).decode().split("\n")[1:-2]),
            "pem-openssh": pem("OPENSSH PRIVATE KEY", self.openssh(), 70),
            "pem-openssh-encrypted": pem("OPENSSH PRIVATE KEY", self.openssh(b"aes256-ctr"), 70),
            "pem-ssh-com": f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{blob}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
            "pem-pgp": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{blob}\n=AbCd\n-----END PGP PRIVATE KEY BLOCK-----\n",
            "putty-2": putty % 2, "putty-3": putty % 3,
            "age": "# created: 2026-11-30\nAGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2 + "\n",
            "printed-rsa": openssl("pkey", "-text", "-noout", data=self.rsa).decode(),
            "printed-ec": openssl("pkey", "-text", "-noout", data=self.ec).decode(),
            "printed-ed": openssl("pkey", "-text", "-noout", data=self.ed).decode(),
            "xml": "<RSAKeyValue><Modulus>%s</Modulus><Exponent>AQAB</Exponent><D>%s</D></RSAKeyValue>"
                   % tuple(base64.b64encode(values(self.pkcs1)[i][1]).decode() for i in (1, 3)),
            "dnssec": "Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: %s\n"
                      % base64.b64encode(values(self.sec1)[1][1]).decode(),
            "jwks": json.dumps({"keys": [{"kid": "1", **jwk["ec"]}]}, indent=2),
            "jwk-as-yaml": "".join(f"{name}: {value}\n" for name, value in jwk["rsa"].items()),
        }
        return found | {"jwk-" + name: json.dumps(key) for name, key in jwk.items()}

    def probes(self):
        """Pieces of the secrets as they would stand in a text: in base64, base64url and hexadecimal."""
        secret = [values(self.pkcs1)[i][1][20:60] for i in (3, 4, 5)]
        secret += [values(self.sec1)[1][1][4:28], self.pkcs8["ed"][-28:-4]]
        return secret


# ---- wrappings -----------------------------------------------------------------------------

def tar(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in (("readme.txt", b"as agreed\n" * 40), ("server.key", data)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def archive(data, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr("readme.txt", "as agreed\n" * 40)
        file.writestr("server.key", data)
    return out.getvalue()


def dump(data):
    lines = []
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        pairs = " ".join(row[i:i + 2].hex() for i in range(0, len(row), 2))
        lines.append(f"{at:08x}: {pairs:<39}  " + "".join(chr(c) if 32 <= c < 127 else "." for c in row))
    return "\n".join(lines).encode() + b"\n"


def quoted(text, mark="> "):
    return "".join(mark + line + "\n" for line in text.decode().splitlines()).encode()


# Bytes to text, whatever the bytes are.
ENCODINGS = {
    "base64": base64.b64encode,
    "base64-lines": base64.encodebytes,
    "base64-short-lines": lambda data: "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 16)).encode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64-data-url": lambda data: b"data:application/octet-stream;base64," + base64.b64encode(data),
    "base64-quoted": lambda data: quoted(base64.encodebytes(data)),
    "base64-code": lambda data: b" +\n".join(b'    "%s"' % line for line in base64.encodebytes(data).split()),
    "hex": lambda data: data.hex().encode(),
    "hex-upper": lambda data: data.hex().upper().encode(),
    "hex-colons": lambda data: data.hex(":").encode(),
    "hex-c": lambda data: ", ".join(f"0x{c:02x}" for c in data).encode(),
    "hex-dump": dump,
    "numbers": lambda data: json.dumps({"type": "Buffer", "data": list(data)}).encode(),
    "numbers-java": lambda data: ", ".join(str(c - 256 if c > 127 else c) for c in data).encode(),
    "percent": lambda data: urllib.parse.quote_from_bytes(data, safe="").encode(),
    "percent-all": lambda data: "".join(f"%{c:02X}" for c in data).encode(),
    "escapes-x": lambda data: "".join(f"\\x{c:02x}" for c in data).encode(),
    "escapes-octal": lambda data: "".join(f"\\{c:03o}" for c in data).encode(),
    "quoted-printable": lambda data: quopri.encodestring(data),
    "gzip-base64": lambda data: base64.b64encode(gzip.compress(data)),
    "zlib-base64": lambda data: base64.b64encode(zlib.compress(data)),
    "tar-gz-base64": lambda data: base64.encodebytes(gzip.compress(tar(data))),
    "zip-base64": lambda data: base64.encodebytes(archive(data)),
}
# Bytes to bytes: what can only be sent as a file.
ARCHIVES = {
    "gzip": gzip.compress,
    "tar": tar,
    "tar-gz": lambda data: gzip.compress(tar(data)),
    "zip": archive,
    "zip-stored": lambda data: archive(data, zipfile.ZIP_STORED),
}
# Text to text.
STRINGS = {
    "json": lambda text: json.dumps({"key": text}),
    "json-twice": lambda text: json.dumps({"body": json.dumps({"key": text})}),
    "json-ascii-escapes": lambda text: '"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"',
    "escaped-newlines": lambda text: text.replace("\n", "\\n"),
    "escaped-crlf": lambda text: text.replace("\n", "\\r\\n"),
    "escaped-twice": lambda text: text.replace("\n", "\\\\n"),
    "yaml-block": lambda text: "key: |\n" + textwrap.indent(text, "    "),
    "yaml-quoted": lambda text: 'key: "' + text.replace("\n", "\\n\\\n    ") + '"\n',
    "kubernetes": lambda text: "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  tls.key: "
                               + base64.b64encode(text.encode()).decode() + "\n",
    "html": lambda text: "<pre>" + html.escape(text).replace("\n", "&#10;").replace("-", "&#45;") + "</pre>",
    "html-hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "html-names": lambda text: text.replace("+", "&plus;").replace("/", "&sol;").replace("=", "&equals;")
                               .replace("-", "&hyphen;").replace(" ", "&nbsp;"),
    "html-breaks": lambda text: text.replace("\n", "<br>\n"),
    "url": lambda text: "key=" + urllib.parse.quote_plus(text),
    "url-twice": lambda text: "key=" + urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "mail": lambda text: quoted(text.encode()).decode(),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "one-line": lambda text: text.replace("\n", " "),
    "no-breaks": lambda text: text.replace("\n", ""),
    "wide": lambda text: "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c for c in text),
    "zero-width": lambda text: "\u200b".join(text),
    "no-break-spaces": lambda text: text.replace(" ", "\u00a0"),
    "soft-hyphens": lambda text: text.replace("\n", "\u00ad\n"),
    "numbered": lambda text: "".join(f"{i}: {line}\n" for i, line in enumerate(text.splitlines(), 1)),
    "shell": lambda text: "cat <<'EOF'\n" + text + "EOF\n",
}
# What becomes of the label of a PEM text; the value is what follows the label.
LABELS = {
    "no-hyphens": lambda text: text.replace("-----", ""),
    "one-hyphen-lost": lambda text: text[1:],
    "dashes": lambda text: text.replace("-----", "\u2013\u2013\u2014"),
    "lower": lambda text: text.replace("BEGIN", "begin").replace("END", "end").replace("PRIVATE KEY", "private key"),
    "blanks": lambda text: text.replace("-----", "- - - - - ").replace("PRIVATE KEY", "P R I V A T E  K E Y"),
    "joined": lambda text: text.replace("PRIVATE KEY", "PRIVATEKEY"),
    "underscores": lambda text: text.replace("BEGIN PRIVATE KEY", "BEGIN_PRIVATE_KEY"),
    "broken": lambda text: text.replace("PRIVATE KEY", "PRIVATE\nKEY"),
    "as-certificate": lambda text: text.replace("PRIVATE KEY", "CERTIFICATE"),
    "no-labels": lambda text: "\n".join(line for line in text.split("\n") if "-----" not in line),
    "no-begin": lambda text: text.split("\n", 1)[1],
    "no-end": lambda text: text.rstrip().rsplit("\n", 1)[0],
    "cut": lambda text: text[:len(text) // 2],
    "prose-between": lambda text: "\nand then comes:\n".join(text.splitlines()),
    "prose-around": lambda text: f"Dear all,\nhere is what you asked for {text.strip()} and thank you.\n",
    "first-line": lambda text: text.split("\n")[1],
    "label-only": lambda text: text.split("\n")[0],
}


def both(make):
    """The wrapping of a text, on bytes."""
    return lambda data: make(data.decode()).encode()


def wrappings(keys, chance=None):
    """(name, bytes) of everything; each name once. With chance, of two layers a sample of so many."""
    raw, texts = keys.raw(), keys.texts()
    for name, data in list(raw.items()):
        yield f"raw/{name}", data
        for encoding, encode in ENCODINGS.items():
            yield f"{encoding}/{name}", encode(data)
    for name, text in texts.items():
        yield f"text/{name}", text.encode()
    for name in "pem-rsa", "pem-ec", "pem-ed", "jwk-ec", "putty-2", "pem-openssh":
        for string, make in STRINGS.items():
            yield f"{string}/{name}", make(texts[name]).encode()
        for encoding, encode in (ENCODINGS | ARCHIVES).items():
            yield f"{encoding}/{name}", encode(texts[name].encode())
    for label, make in LABELS.items():
        for name in "pem-rsa", "pem-ec", "pem-ed":
            yield f"{label}/{name}", make(texts[name]).encode()
    yield "utf-16/pem-ec", texts["pem-ec"].encode("utf-16")
    yield "utf-16-be/pem-ec", texts["pem-ec"].encode("utf-16-be")
    yield "utf-32/pem-ec", texts["pem-ec"].encode("utf-32")
    for name in "base64", "hex", "gzip-base64", "percent":
        yield f"{name}/utf-16/pem-ec", ENCODINGS[name](texts["pem-ec"].encode("utf-16-le"))
        yield f"utf-16/{name}/sec1", ENCODINGS[name](raw["sec1"]).decode().encode("utf-16")
    yield "wide/base64/sec1", STRINGS["wide"](base64.b64encode(raw["sec1"]).decode()).encode()
    yield "zero-width/base64/sec1", STRINGS["zero-width"](base64.b64encode(raw["sec1"]).decode()).encode()
    yield "xml/base64/sec1", b"<config><key>" + base64.b64encode(raw["sec1"]) + b"</key></config>"
    yield "registry/hex/sec1", b'"key"=hex:' + ",\\\r\n  ".join(textwrap.wrap(raw["sec1"].hex(","), 72)).encode()
    yield "json-lines/base64/sec1", json.dumps(textwrap.wrap(base64.b64encode(raw["sec1"]).decode(), 64)).encode()
    yield "latin-1/pem-ec", texts["pem-ec"].replace(" ", "\u00a0").encode("latin-1")
    yield "after-certificate/pem-ec", (keys.certificate + texts["pem-ec"]).encode()
    yield "after-certificate/bare", keys.certificate.encode() + base64.encodebytes(raw["pkcs8-ec"])
    yield "before-certificate/bare", base64.encodebytes(raw["sec1"]) + keys.certificate.encode()
    yield "tail-of-rsa", base64.encodebytes(keys.pkcs1[570:])
    yield from twice(raw, texts, chance)
    yield from at_the_end(raw, texts)


FORM = 240000  # bytes of a form that is nearly full


def at_the_end(raw, texts):
    """Two layers behind as much as a form takes, of the same digits as the wrapping."""
    fillers = {"letters": ("abcdefghijklmnopqrstuvwxyz" * 3)[:75] + "\n", "hex": "0123456789abcdef" * 4 + "\n",
               "base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5" + "\n"}
    layers = ENCODINGS | {name: both(make) for name, make in STRINGS.items()}
    for filler, line in fillers.items():
        for outer, inner, name in (("url", "hex-dump", "pkcs8-rsa"), ("zlib-base64", "escapes-x", "pem-ec"),
                                   ("zlib-base64", "base64", "sec1"), ("hex", "gzip-base64", "pem-ec")):
            data = raw[name] if name in raw else texts[name].encode()
            yield (f"behind-{filler}/{outer}/{inner}/{name}",
                   (line * (FORM // len(line))).encode() + layers[outer](layers[inner](data)))


def twice(raw, texts, chance):
    """Two layers, in any order."""
    layers = ENCODINGS | {name: both(make) for name, make in STRINGS.items()}
    pairs = [(outer, inner, name) for outer in layers for inner in layers for name in ("pkcs8-rsa", "sec1", "pem-ec")
             if not (inner in STRINGS and name != "pem-ec") and inner != "zlib-base64"]
    if chance is not None:
        pairs = random.sample(pairs, chance)
    for outer, inner, name in pairs:
        data = raw[name] if name in raw else texts[name].encode()
        yield f"{outer}/{inner}/{name}", layers[outer](layers[inner](data))


# ---- what is no key ------------------------------------------------------------------------

PROSE = """The private key is kept on the server and never leaves it. To begin, private keys are made by the
administrator of the machine; at the end, the private key stays where it is. We do not send private keys by mail. Ask
for the key in room 12. RSA, EC and Ed25519 are fine. The file is /etc/pki/tls/private/relay/production/mail-server.pem.
DO NOT SEND PRIVATE KEYS TO ANYBODY. Begin private key rotation on Monday; append PRIVATE KEY ROTATION to the plan.
-- Private key: see the safe. The certificate was renewed on 2026-11-30 (ticket 4711), 3b1f8a40-1c52-4e0f-9d3b-6f2a1c9d8e70.
"""


def harmless(keys):
    """(name, bytes) of what must not be taken for a key."""
    certificate = keys.certificate
    der = openssl("x509", "-outform", "DER", data=certificate.encode())
    request = openssl("req", "-new", "-key", "/dev/stdin", "-subj", "/CN=app", data=keys.ec)
    bundle = openssl("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", data=certificate.encode())
    public = openssl("pkey", "-pubout", data=keys.rsa)
    rsa_public = openssl("rsa", "-RSAPublicKey_out", "-outform", "DER", data=keys.rsa)
    jwk = {name: value for name, value in keys.jwks()["rsa"].items() if name in ("kty", "n", "e")}
    texts = {
        "certificate": certificate.encode(), "request": request, "pkcs7": bundle, "public": public,
        "public-rsa": pem("RSA PUBLIC KEY", rsa_public).encode(),
        "public-ec": openssl("pkey", "-pubout", data=keys.ec), "public-ed": openssl("pkey", "-pubout", data=keys.ed),
        "jwk": json.dumps({"keys": [jwk | {"kid": "d", "use": "sig", "x5t": b64url(os.urandom(20))}]}).encode(),
        "ssh": b"ssh-rsa " + base64.b64encode(b"\0\0\0\7ssh-rsa" + os.urandom(270)) + b" app@example\n",
        "pgp": pem("PGP PUBLIC KEY BLOCK", os.urandom(500)).encode(),
        "printed": openssl("x509", "-text", "-noout", data=certificate.encode()),
        "printed-public": openssl("pkey", "-pubin", "-text", "-noout", data=public),
        "prose": PROSE.encode(), "prose-wide": PROSE.replace(" ", "\u00a0").replace("-", "\u2013").encode(),
        "service-account": json.dumps({"private_key_id": os.urandom(20).hex(), "client_id": "1" * 21}).encode(),
        "networks": "\n".join(f"10.{i}.{i * 7 % 256}.0/24 # rack {i}" for i in range(200)).encode(),
        "addresses": "\n".join(f"2001:db8:c0:{i:x}::{i * 3:x}" for i in range(200)).encode(),
        "hostnames": "\n".join(f"web{i}.example.edu" for i in range(200)).encode(),
        "fingerprints": "\n".join(os.urandom(32).hex(":") for _ in range(50)).encode(),
        "hashes": "\n".join(os.urandom(32).hex() for _ in range(50)).encode(),
        "numbers": ", ".join(str(i * 37 % 256) for i in range(2000)).encode(),
        "words": b"the begin of a backend private keyboard; send private keynote; private keys",
        "empty": b"", "zeros": bytes(1000), "spaces": b" " * 100000,
    }
    binary = {"certificate-der": der, "request-der": openssl("req", "-outform", "DER", data=request),
              "pkcs7-der": openssl("pkcs7", "-outform", "DER", data=bundle),
              "public-der": openssl("pkey", "-pubin", "-outform", "DER", data=public), "random": os.urandom(180000),
              # Random bytes may look like a packet's first six and a number's first three.
              **{f"pgp-by-chance-{tag}": b"\n" + bytes.fromhex(tag) + b"\4" + (1760000000).to_bytes(4, "big")
                 + b"\1\x08\0\x80" + bytes([0x81]) * 2000 for tag in ("94ff", "956b3d", "9600000fa0", "c5d102")},
              "digest-info": bytes.fromhex("3031300d060960864801650304020105000420") + os.urandom(32),
              "old-certificate": bytes.fromhex("308201643081ce020100300d06092a864886f70d01010b05003011") + os.urandom(300),
              "list": bytes.fromhex("3081f6308184020101300d06092a864886f70d01010b05003011") + os.urandom(200)}
    yield from texts.items()
    for name, data in (texts | binary).items():
        for encoding in "base64-lines", "hex", "percent", "gzip-base64", "numbers", "quoted-printable":
            if len(data) < 20000 or encoding == "base64-lines":
                yield f"{encoding}/{name}", ENCODINGS[encoding](data)
    yield from binary.items()
    yield "image", b"data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + zlib.compress(os.urandom(150000)))


def main(folder):
    folder = pathlib.Path(folder)
    keys = Keys()
    chance = None if os.environ.get("APPSMTP_TEST_LONG") == "yes" else 300
    for kind, found in (("secret", wrappings(keys, chance)), ("harmless", harmless(keys))):
        for number, (name, data) in enumerate(found):
            (folder / f"{kind}-{number:04}-{name.replace('/', '-')}").write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: wrappings.py FOLDER")
    main(sys.argv[1])
