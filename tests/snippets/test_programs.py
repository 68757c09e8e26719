# SPDX-License-Identifier: MIT
"""Programs with the page's settings, and the real relay: the message that the page has them send; what is
sent as cron and as a bounce would be when a program is changed to do so; and a message that is refused.

A program has no queue: what is refused ends it with what the relay said, and is not sent again.
"""

import pytest

import programs
from outcome import Watch
from programs import changed

GOOD = ["network", "certificate"]
ELSEWHERE = ["network elsewhere", "certificate elsewhere"]
# Where the text says who sends: what is From:, and what is the envelope's sender.
PROGRAMS = {"Python": programs.send_python, "PHP": programs.send_php, "Java": programs.send_java}
FROM = {"Python": 'message["From"] = "{}"', "PHP": "$mail->setFrom('{}')", "Java": 'message.setFrom("{}")'}
ENVELOPE = {"Python": 'from_addr="{}"', "PHP": "$mail->Sender = '{}'", "Java": 'put("mail.smtp.from", "{}")'}


@pytest.fixture
def folder(tmp_path):
    programs.files(tmp_path)
    return tmp_path


def to(blocks, registration, watch):
    """The page's text, but to this test's own recipient."""
    domain = registration.address.rpartition("@")[2]
    assert any(f"you@{domain}" in block for block in blocks)
    return [block.replace(f"you@{domain}", watch.recipient) for block in blocks]


def written(name, address):
    """The address as the language writes it between its quotation marks."""
    return address.replace("'", "\\'") if name == "PHP" else address


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("name", PROGRAMS)
def test_message_of_the_application(registrations, folder, name, kind):
    registration, watch = registrations[kind], Watch()
    result = PROGRAMS[name](folder, to(registration.settings.blocks[name], registration, watch))
    assert result.returncode == 0, result
    assert watch.delivered(registration.address, "")["Subject"] == "Test"


@pytest.mark.parametrize("name", PROGRAMS)
def test_another_from(registrations, folder, name):
    """The program ends, most with what the relay said; cron's own From: no library takes, as it is no address."""
    registration, watch = registrations["network"], Watch()
    text = changed(to(registration.settings.blocks[name], registration, watch)[0],
                   FROM[name].format(written(name, registration.address)), FROM[name].format("root@web1.example.edu"))
    result = PROGRAMS[name](folder, [text])
    said = {"PHP": "data not accepted"}.get(name, "The From: header has root@web1.example.edu")
    assert result.returncode != 0 and said in result.stdout + result.stderr
    watch.refused(registration.address)


@pytest.mark.parametrize("name", PROGRAMS)
def test_bounce(registrations, folder, name):
    """PHPMailer has none: where the sender is empty it is the address of From:."""
    registration, watch = registrations["network"], Watch()
    text = changed(to(registration.settings.blocks[name], registration, watch)[0],
                   ENVELOPE[name].format(written(name, registration.address)),
                   ENVELOPE[name].format("<>" if name == "Java" else ""))
    result = PROGRAMS[name](folder, [text])
    if name == "PHP":
        assert result.returncode == 0, result
        watch.delivered(registration.address, "")
    else:
        assert result.returncode != 0, result
        watch.refused("")


@pytest.mark.parametrize("kind", ELSEWHERE)
@pytest.mark.parametrize("name", PROGRAMS)
def test_refused(registrations, folder, name, kind):
    registration, watch = registrations[kind], Watch()
    result = PROGRAMS[name](folder, to(registration.settings.blocks[name], registration, watch))
    assert result.returncode != 0 and "is registered, but not for" in result.stdout + result.stderr
    watch.refused(registration.address)


# --- msmtp, and the command that the page prints for it and for sendmail -------------------------------

def msmtp(folder, registration, command, text):
    """The command in a shell, with the settings where msmtp looks for them."""
    path = programs.msmtp_home(folder, registration.settings.blocks["sendmail and msmtp"][0])
    return programs.run(folder, "bash", "-c", command, text=text, PATH=path)


def command_of(registration, watch):
    return to(registration.settings.blocks["sendmail and msmtp"][-1:], registration, watch)[0]


@pytest.mark.parametrize("kind", GOOD)
def test_msmtp_message(registrations, folder, kind):
    registration, watch = registrations[kind], Watch()
    result = msmtp(folder, registration, command_of(registration, watch),
                   f"From: Course evaluation <www-data@web1.example.edu>\nTo: {watch.recipient}\n\nIt works.\n")
    assert result.returncode == 0, result
    watch.delivered(registration.address, "")


@pytest.mark.parametrize("kind", GOOD)
def test_msmtp_cron(registrations, folder, kind):
    """cron names no sender, so the file's has to do; the name beside the address is cron's -F."""
    registration, watch = registrations[kind], Watch()
    result = msmtp(folder, registration, f"sendmail -FCronDaemon -i -B8BITMIME -oem {watch.recipient}",
                   f"From: root (Cron Daemon)\nTo: {watch.recipient}\n\nIt works.\n")
    assert result.returncode == 0, result
    watch.delivered(registration.address, "CronDaemon")


@pytest.mark.parametrize("kind", GOOD)
def test_msmtp_bounce(registrations, folder, kind):
    registration, watch = registrations[kind], Watch()
    result = msmtp(folder, registration, f"sendmail -f '<>' {watch.recipient}", "From: MAILER-DAEMON\n\nx\n")
    assert result.returncode != 0, result
    watch.refused("")


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_msmtp_refused(registrations, folder, kind):
    registration, watch = registrations[kind], Watch()
    result = msmtp(folder, registration, command_of(registration, watch), "From: x\n\nx\n")
    assert result.returncode != 0 and "is registered, but not for" in result.stderr
    watch.refused(registration.address)


# --- Try it -----------------------------------------------------------------------------------------

def lines(registration, watch):
    """The two commands, each as it stands."""
    text = to(registration.settings.blocks["Try it"], registration, watch)[0]
    commands = [one.strip() for one in text.replace(" \\\n", " ").splitlines()]
    assert [one.split()[0] for one in commands] == ["swaks", "openssl"]
    return commands


@pytest.mark.parametrize("kind", GOOD)
def test_try_it(registrations, folder, kind):
    registration, watch = registrations[kind], Watch()
    swaks, openssl = lines(registration, watch)
    result = programs.send_lines(folder, swaks)
    assert result.returncode == 0, result
    watch.delivered(registration.address, "")
    result = programs.run(folder, "bash", "-c", openssl, text="QUIT\r\n")
    assert result.returncode == 0 and "CONNECTION ESTABLISHED" in result.stderr, result


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_try_it_refused(registrations, folder, kind):
    registration, watch = registrations[kind], Watch()
    result = programs.send_lines(folder, lines(registration, watch)[0])
    assert result.returncode != 0 and "is registered, but not for" in result.stdout
    watch.refused(registration.address)
