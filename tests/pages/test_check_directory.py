# SPDX-License-Identifier: MIT
"""appsmtp-admin check-directory: what is a mistake of the set-up, and what is a "no"."""

import os
import pty
import subprocess

import pytest

import demo

CONFIG = demo.CONFIG


@pytest.fixture
def check(tmp_path):
    """check-directory with the demo's configuration, in which texts are replaced: its status and output."""
    def check(*words, password=None, **replaced):
        text = CONFIG.read_text()
        for old, new in replaced.get("replace", {}).items():
            assert old in text, old
            text = text.replace(old, new)
        file = tmp_path / "appsmtp.xml"
        file.write_text(text)
        return subprocess.run([demo.TOP / "deploy/demo", "exec", "appsmtp-admin", "--config", file, "check-directory", *words],
                              input=password, capture_output=True, text=True, timeout=60)
    return check


def test_right_set_up(check):
    result = check("ow1", "direct@example.edu")
    assert result.returncode == 0 and "mistake" not in result.stdout
    assert "\nanswer: owner\n" in result.stdout
    assert "\noperators: ow1 is no member of " in result.stdout
    assert "\nsupport-desk: ow1 is no member of " in result.stdout
    assert "\nlock-out: the directory shows no threshold" in result.stdout
    assert "\noperators: rl1 is a member of " in check("rl1").stdout


@pytest.mark.parametrize("old, new, told", [
    ('dn-attribute="managedBy"', 'dn-attribute="managdBy"', 'knows no attribute "managdBy" (owner)'),
    ("sAMAccountName=ga.*", "sAMAccountNam=ga.*", 'knows no attribute "sAMAccountNam" (filter of accounts)'),
    ('<operators group="CN=', '<operators group="CN=no-', 'the base "CN=no-'),
    ('prefix="smtp:"', "", "and no prefix is configured for it"),
])
def test_mistake(check, old, new, told):
    result = check("ow1", "direct@example.edu", replace={old: new})
    assert result.returncode == 78
    assert any("mistake: " in line and told in line for line in result.stdout.splitlines()), result.stdout
    count = result.stdout.count("mistake: ")
    assert result.stdout.endswith(f"{count} mistake{'s' if count > 1 else ''} of the set-up\n")


def test_no(check):
    result = check("nb1", "direct@example.edu")
    assert result.returncode == 1 and "mistake" not in result.stdout
    assert "managedBy of cn=ga.direct," in result.stdout
    assert "\nanswer: no-role\n" in result.stdout


@pytest.mark.parametrize("login, password, status, told", [
    ("ow1", "own-one", 0, "sign-in: accepted: right password"), ("ow1", "not-it-7", 1, "sign-in: refused: wrong password"),
    ("ow1", "", 1, "sign-in: refused: empty password"), ("tw1", "twin", 1, "sign-in: refused: more than one entry has that login"),
    ("of1", "off", 1, "sign-in: refused: right password, but not an eligible person"),
    ("no-such-person", "not-it-7", 1, "sign-in: refused: nobody of that login"), ("a@b", "not-it-7", 1, "sign-in: refused: not a login's syntax"),
])
def test_sign_in(check, login, password, status, told):
    result = check(login, "--sign-in", password=password + "\n")
    assert f"\n{told}\n" in result.stdout
    assert result.returncode == status
    assert len(password) < 6 or password not in result.stdout + result.stderr


def test_terminal_does_not_show_the_password(tmp_path):
    leader, follower = pty.openpty()
    process = subprocess.Popen([demo.TOP / "deploy/demo", "exec", "appsmtp-admin", "check-directory", "ow1", "--sign-in"],
                               stdin=follower, stdout=subprocess.PIPE, stderr=follower, text=True, start_new_session=True)
    os.close(follower)
    seen = b""
    while b"Password of ow1: " not in seen:
        seen += os.read(leader, 1000)
    os.write(leader, b"own-one\n")
    output, _ = process.communicate(timeout=60)
    os.set_blocking(leader, False)
    try:
        while more := os.read(leader, 1000):
            seen += more
    except OSError:
        pass
    os.close(leader)
    assert "\nsign-in: accepted: right password\n" in output and process.returncode == 0
    assert b"own-one" not in seen


def test_threshold_of_the_directory(check):
    """The portal's limit has to be below it."""
    def modify(text):
        subprocess.run([demo.TOP / "deploy/demo", "exec", "ldapmodify", "-x", "-H", uri, "-D", "cn=admin,dc=example,dc=edu",
                        "-w", "admin"], input=text, text=True, check=True, capture_output=True, timeout=60,
                       env=os.environ | {"LDAPTLS_CACERT": str(demo.pki("roots.pem"))})
    uri = CONFIG.read_text().split('<server uri="')[1].split('"')[0]
    modify("dn: dc=example,dc=edu\nchangetype: modify\nadd: objectClass\nobjectClass: samDomain\n-\n"
           "add: lockoutThreshold\nlockoutThreshold: 3\n-\n"
           "add: lockOutObservationWindow\nlockOutObservationWindow: -864000000000\n")
    try:
        result = check("ow1")
    finally:
        modify("dn: dc=example,dc=edu\nchangetype: modify\ndelete: lockoutThreshold\n-\n"
               "delete: lockOutObservationWindow\n-\ndelete: objectClass\nobjectClass: samDomain\n")
    assert "lockoutThreshold of dc=example,dc=edu is 3, " in result.stdout
    assert "is not below the directory's 3" in result.stderr
    assert "is shorter than the 1440 minutes within which the directory counts" in result.stderr
