# SPDX-License-Identifier: MIT
"""A mail server that takes nothing: why not stands in the log, in the metrics and before the operators at once."""

import re
import threading

import pytest

from conftest import BIN, run
from test_delivery import NOW, later, queue, register, states

OVER = threading.Event()


def hang_up():
    raise ConnectionError


def say_nothing():
    OVER.wait(60)
    raise ConnectionError


def nowhere(site):
    site.config = site.write_config("nowhere.xml", lambda text: re.sub(r'smtp="[^"]*"', 'smtp="127.0.0.1:9"', text))


def through(words):
    return rf"could not send mail through 127\.0\.0\.1:\d+: {words}"


# what the mail server does, the reason, and its label in the metrics
TROUBLES = {
    "refuses the recipient for good": (
        {"refuse": lambda recipient: "550 5.1.1 nobody of that name"}, r"550 5\.1\.1 nobody of that name", r"550 5\.1\.1"),
    "refuses the recipient for now": ({"refuse": lambda recipient: "451 \"busy\", so busy"}, r'451 "busy", so busy', "451"),
    "refuses the sender": ({"refuse_sender": lambda: "550 5.7.1 not from here"}, *[through(r"550 5\.7\.1 not from here")] * 2),
    "refuses us": ({"greet": lambda: "554 5.3.2 not now"}, *[through(r"554 5\.3\.2 not now")] * 2),
    "goes down": ({"refuse": lambda recipient: "421 4.3.0 going down"}, *[through(r"421 4\.3\.0 going down")] * 2),
    "closes the connection": ({"greet": hang_up}, *[through("it closed the connection")] * 2),
    "closes it before its answer": ({"before_taken": hang_up}, *[through("it closed the connection")] * 2),
    "is silent": ({"greet": say_nothing}, *[through("no answer in time")] * 2),
    "is not there": (nowhere, *[through("Connection refused")] * 2),
}


@pytest.fixture
def metrics(site):
    return site.folder / "notify.prom"


@pytest.fixture(autouse=True)
def over():
    OVER.clear()
    yield
    OVER.set()


def value(metrics, name):
    return float(re.search(rf"^appsmtp_notify_{name} (\S+)$", metrics.read_text(), re.M)[1])


def overview(site):
    done = run(BIN / "appsmtp-admin", "--config", site.config, "overview")
    return " ".join(done.stdout.split())


def test_reason_is_told(site, metrics):
    which = register(site, "ow1")
    site.config = site.write_config("short.xml", lambda text: re.sub(
        r'(smtp=")', r'deadline-seconds="1" \1', re.sub(r' deadline-seconds="[^"]*"(?=[^>]*relay-team)', "", text)))
    good = site.config
    for name, (trouble, reason, label) in TROUBLES.items():
        site.sql("DELETE FROM notice")
        queue(site, which, "ow1")
        before = dict(vars(site.sink))
        trouble(site) if callable(trouble) else vars(site.sink).update(trouble)
        done = site.notify(NOW, "--metrics", metrics, check=False)
        assert done.returncode == 69, (name, done.stderr)
        assert re.fullmatch('appsmtp-notify: 0 sent, 0 skipped, 1 not sent yet, 1 waiting in all: '
                            f'"{reason}" \\(1\\)\n', done.stderr), (name, done.stderr)
        assert re.fullmatch(reason, states(site)[0][2]), name
        assert re.search(rf'^appsmtp_notify_failing{{reason="{label}"}} 1$', metrics.read_text(), re.M), (name, metrics.read_text())
        assert value(metrics, "last_run_exit_status") == 69 and value(metrics, "not_sent") == 1
        words = overview(site)
        assert "Could not be sent so far 1" in words and re.search(reason, words), (name, words)
        site.config = good
        vars(site.sink).update(before)
        assert site.notify(later(minutes=70), "--metrics", metrics).stderr == "appsmtp-notify: 1 sent, 0 skipped, 0 not sent yet\n"
        assert "failing{reason=\"others\"} 0\n" in metrics.read_text() and metrics.read_text().count("failing{") == 1
        assert value(metrics, "last_run_exit_status") == value(metrics, "waiting") == 0
        assert value(metrics, "last_success_timestamp_seconds") == value(metrics, "last_run_timestamp_seconds")
        assert "Could not be sent" not in overview(site)


def test_many_reasons_are_one_line(site, metrics):
    which = register(site, "ow1")
    for number in range(8):
        queue(site, which, f"team{number}@example.edu", 1 + (number == 0))
    site.sink.refuse = lambda recipient: f"55{recipient[4]} no {recipient}"
    done = site.notify(NOW, "--metrics", metrics, check=False)
    assert done.stderr.count("\n") == 1 and "9 not sent yet" in done.stderr, done.stderr
    assert '"550 no team0@example.edu" (2); "551 no team1@example.edu" (1); ' in done.stderr
    assert done.stderr.endswith('"554 no team4@example.edu" (1); and 3 other reasons\n')
    assert metrics.read_text().count("failing{") == 6 and 'failing{reason="550"} 2\n' in metrics.read_text()
    assert 'failing{reason="others"} 3\n' in metrics.read_text()


def test_a_long_reason_is_cut(site):
    queue(site, register(site, "ow1"), "ow1")
    site.sink.refuse = lambda recipient: "550 " + "x" * 400
    assert len(site.notify(NOW, check=False).stderr) < 300


def test_recipient_that_the_directory_does_not_know(site, metrics):
    """Told, too; but that is a definite answer: nobody who could be asked has failed."""
    queue(site, register(site, "ow1"), "away")
    done = site.notify(NOW, "--metrics", metrics)
    assert '1 not sent yet, 1 waiting in all: "the directory does not know this login" (1)\n' in done.stderr
    assert 'failing{reason="the directory does not know this login"} 1\n' in metrics.read_text()
    assert "the directory does not know this login" in overview(site)


def test_nothing_to_do(site, metrics):
    done = site.notify(NOW, "--metrics", metrics)
    assert done.stderr == "" and value(metrics, "waiting") == 0
    assert oct(metrics.stat().st_mode & 0o777) == "0o644"


def test_outages_are_in_the_metrics(site, metrics):
    which = register(site, "ow1")
    queue(site, which, "ow1")
    site.notify(NOW, "--metrics", metrics)
    well = value(metrics, "last_success_timestamp_seconds")
    queue(site, which, "ow1")
    site.notify(later(5), "--metrics", metrics, outage=True, check=False)
    assert value(metrics, "last_run_exit_status") == 69 and value(metrics, "waiting") == 1
    assert value(metrics, "last_success_timestamp_seconds") == well
    away = site.write_config("away.xml", lambda text: text.replace("dbname=", "port=1 dbname="))
    run(BIN / "appsmtp-notify", "--config", away, "--metrics", metrics, check=False)
    assert value(metrics, "last_run_exit_status") == 69 and "waiting" not in metrics.read_text()
    assert value(metrics, "last_success_timestamp_seconds") == well


def test_metrics_that_cannot_be_written(site):
    done = site.notify(NOW, "--metrics", site.folder / "nowhere/notify.prom", check=False)
    assert done.returncode == 74 and "nowhere" in done.stderr


def test_help_tells_the_exit_status():
    words = " ".join(run(BIN / "appsmtp-notify", "--help").stdout.split())
    assert "69 the mail server refused a notice, or it, the database or the directory could not be asked" in words
