# SPDX-License-Identifier: MIT
"""Programs of an application, each with what the page prints, in a folder with the files that it names.

Each is a command that sends one message by itself. Its exit status is the refusal: nothing is queued, so
nothing can be sent again. What the demo's own CA needs comes from the environment or from options, not
from the text; the machine's trust store is left alone.
"""

import functools
import os
import re
import shutil
import subprocess

import demo

ROOTS = demo.pki("roots.pem")
PASSWORD = "changeit"
PHPMAILER = "/usr/share/php/libphp-phpmailer/autoload.php"
JARS = "/usr/share/java/jakarta-mail.jar:/usr/share/java/jakarta-activation.jar"


def files(folder):
    """The certificate as the page names its files, and a home without settings."""
    shutil.copy(demo.pki("good.pem"), folder / "certificate.pem")
    shutil.copy(demo.pki("good.key"), folder / "key.pem")
    (folder / "key.pem").chmod(0o600)
    subprocess.run(["openssl", "pkcs12", "-export", "-in", "certificate.pem", "-inkey", "key.pem", "-out",
                    "certificate.pfx", "-passout", f"pass:{PASSWORD}"], cwd=folder, check=True)


def run(folder, *words, text="", **environment):
    return subprocess.run(words, cwd=folder, input=text, capture_output=True, text=True, timeout=120,
                          env=os.environ | {"HOME": str(folder)} | environment)


def changed(text, what, into):
    """Only what stands there can be changed: a test that changes nothing would test nothing."""
    assert what in text, (what, text)
    return text.replace(what, into)


def send_python(folder, blocks):
    (folder / "send.py").write_text(blocks[0])
    return run(folder, "/usr/bin/python3", "send.py", SSL_CERT_FILE=str(ROOTS))


def send_php(folder, blocks):
    (folder / "send.php").write_text(f"<?php\nrequire '{PHPMAILER}';\n{blocks[0]}\n")
    return run(folder, "php", "-d", f"openssl.cafile={ROOTS}", "send.php")


@functools.cache
def trust_store(folder):
    subprocess.run(["keytool", "-importcert", "-noprompt", "-file", ROOTS, "-keystore", folder / "trust.p12",
                    "-storepass", PASSWORD], check=True, capture_output=True)
    return folder / "trust.p12"


def send_java(folder, blocks):
    """The options that its first line names are given as it says."""
    imports = "".join(line + "\n" for line in blocks[0].splitlines() if line.startswith("import "))
    lines = "".join(line + "\n" for line in blocks[0].splitlines() if not line.startswith(("import ", "//")))
    (folder / "Send.java").write_text(
        f"{imports}class Send {{ public static void main(String[] words) throws Exception {{\n{lines}}} }}\n")
    options = [one.replace("...", PASSWORD) for one in re.findall(r"-Djavax\S+", blocks[0])]
    return run(folder, "java", "-XX:TieredStopAtLevel=1", "-cp", JARS, *options,
               f"-Djavax.net.ssl.trustStore={trust_store(folder.parent)}",
               f"-Djavax.net.ssl.trustStorePassword={PASSWORD}", "Send.java")


def send_lines(folder, text):
    """Commands as they are copied into a shell."""
    return run(folder, "bash", "-e", "-o", "pipefail", "-c", text, SSL_CERT_FILE=str(ROOTS))


def msmtp_home(folder, block):
    """/etc/msmtprc as a person's own, and sendmail as Debian's msmtp-mta has it."""
    text = block.replace("/etc/msmtp/", f"{folder}/")
    (folder / ".msmtprc").write_text(f"defaults\ntls_trust_file {ROOTS}\n{text}\n")
    (folder / ".msmtprc").chmod(0o600)
    if not (folder / "sendmail").exists():
        (folder / "sendmail").symlink_to("/usr/bin/msmtp")
    return f"{folder}:{os.environ['PATH']}"
