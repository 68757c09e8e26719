# SPDX-License-Identifier: MIT
"""The portal's programs, with a worked example as their configuration."""

import os
import pathlib
import re
import subprocess

PROGRAMS = pathlib.Path(os.environ["DIRECTORIES_PROGRAMS"])
CONFIGURATION = pathlib.Path("/etc/appsmtp/appsmtp.xml")
STARTTLS = [("ldaps://", "ldap://"), (":636", ":389"), ("<directory ", '<directory starttls="yes" ')]
PATIENT = [('operation-seconds="3"', 'operation-seconds="20"'), ('total-seconds="8"', 'total-seconds="60"')]
UNAVAILABLE, CONFIGURATION_ERROR = 69, 78


def configure(example, *changes):
    """Writes the example where the programs look, with changes (before, after), each of which has to be there."""
    for before, after in changes:
        assert before in example, f"the example has no {before}"
        example = example.replace(before, after)
    CONFIGURATION.write_text(example)


def run(program, *words, **more):
    return subprocess.run([PROGRAMS / program, *words], capture_output=True, text=True, timeout=200, check=False,
                          env={**os.environ, "APPSMTP_CONFIG": str(CONFIGURATION)}, **more)


def check(*words, **more):
    return run("appsmtp-admin", "check-directory", *words, **more)


def answer(login, address):
    """The answer, or what was said in place of one."""
    result = check(login, address)
    found = re.search(r"^answer: (\S+)$", result.stdout, re.M)
    return found[1] if found else f"{result.returncode}: {result.stderr.strip()}"


def offered(login):
    lines = check(login).stdout.splitlines()
    return {line.split("\t")[0] for line in lines if not line.startswith(" ") and "\t" in line}


def sign_in(login, password):
    """Why that password is taken or not."""
    result = check("--sign-in", login, input=password + "\n")
    found = re.search(r"^sign-in: (?:accepted|refused): (.*)$", result.stdout, re.M)
    return found[1] if found else result.stdout + result.stderr


def lasting_id(login):
    found = re.search(r"^ *found person .*\(login .*, id ([^)]+)\)", check(login).stdout, re.M)
    assert found, f"check-directory shows no id of {login}"
    return found[1]


def ask(*words):
    """What directories-ask says, or why it could not ask."""
    result = run("directories-ask", CONFIGURATION, *words)
    return (result.stdout or result.stderr).strip()
