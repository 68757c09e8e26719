# SPDX-License-Identifier: MIT
"""One part at a time is stopped, or accepts and hangs: an answer within 10 seconds, nothing lost."""

import contextlib
import socket
import threading

import pytest

import demo
from browser import Browser, Page
from demo import hanging, stopped
from test_table import code_of
from relay import send

WORDS = {"database": "The database of registrations could not be asked", "directory": "directory could not be asked",
         "dns": "DNS could not be asked"}
FIELDS = {"address": "bulk-00100@example.edu", "application_name": "Kept <name>", "application_type": "scanner",
          "location": ["campus", "aws"], "method": "hostname", "hostnames": "\nweb1.example.edu", "networks": "10.1.2.3/24",
          "owners": "ow2", "note": "a note"}


@pytest.fixture(params=[(how, part) for part in ("database", "directory", "dns") for how in (stopped, hanging)],
                ids=lambda one: f"{one[1]}-{one[0].__name__}")
def outage(request):
    """The part that is out, with two people who are signed in, and the rows of before."""
    how, part = request.param
    people = Browser("ow1"), Browser("ow2")
    assert all(one.token for one in people)
    demo.free(FIELDS["address"])
    before = demo.counts()
    with how(part):
        yield part, people
    assert demo.wait_until(lambda: people[0].get("/readyz").status_code == 200, 10)
    assert demo.counts() == before
    # The same workers, without anything having been started anew.
    for person in people * 2:
        assert person.get("/registrations/new").status_code == 200
    demo.free(FIELDS["address"])
    assert people[0].submit(**FIELDS).status_code == 303
    demo.free(FIELDS["address"])


def check_outage(answer, part):
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert answer.elapsed.total_seconds() < 10
    page = Page(answer.text)
    assert WORDS[part] in page.words and "Nothing was saved" in page.words
    return page


def test_strangers_names_hold_one_worker():
    """DNS is silent, and strangers ask for names: others do not notice."""
    others = Browser()
    with hanging("dns"):
        answers = at_once(*[lambda: Browser().post("/check", {"sender": "direct@example.edu", "client": "web1.example.edu"})
                            for _ in range(8)], *[lambda: others.get("/")] * 4)
    questions, pages = answers[:8], answers[8:]
    assert all(one.status_code == 200 for one in pages)
    said = [code_of(text) for one in questions for _, text in Page(one.text).summary]
    assert all(one.status_code == 503 for one in questions)
    assert len(said) == 8 and set(said) == {"check.client-busy", "check.client-unavailable"}
    # All workers together waited for the one, and no longer than strangers' names may take.
    assert said.count("check.client-unavailable") <= 3
    assert max(one.elapsed.total_seconds() for one in answers) < 4.5


def waits(answers):
    """How many of them waited for DNS; all others were told that there is no place."""
    assert all(one.status_code == 503 and int(one.headers["Retry-After"]) > 0 for one in answers)
    said = [code_of(text) for one in answers for _, text in Page(one.text).summary]
    assert len(said) == len(answers)
    assert set(said) <= {"hostname.busy", "hostname.unavailable", "check.client-busy", "check.client-unavailable"}
    return len([one for one in said if one.endswith("unavailable")])


def are_quick(pages, questions):
    """Others' pages did not wait for the five seconds of whoever asked first."""
    first = min(one.elapsed.total_seconds() for one in questions if waits([one]))
    return all(one.status_code == 200 and one.elapsed.total_seconds() < first for one in pages)


def test_names_of_one_person_do_not_take_all_places(ow1):
    ow2 = Browser("ow2")
    assert ow1.token and ow2.token
    demo.free("bulk-00120@example.edu")
    form = lambda: ow1.submit(address="bulk-00120@example.edu", method="hostname", hostnames="web1.example.edu")
    with hanging("dns"):
        answers = at_once(*[form] * 8, *[lambda: ow2.get("/registrations/new")] * 4)
    # One at a time, and the next one only after the five seconds of the one before.
    assert 1 <= waits(answers[:8]) <= 1 + max(one.elapsed.total_seconds() for one in answers[:8]) // 5
    assert are_quick(answers[8:], answers[:8])


def test_names_of_many_people_leave_half_of_the_workers():
    """Five people and strangers ask for names that nobody answers for: others do not notice."""
    people = [Browser(login) for login in ("ow1", "ow2", "ad1", "sd1", "rl1")]
    other = Browser("zo9")
    assert other.token and all(one.token for one in people)
    ask = lambda one: lambda: one.post("/check", {"sender": "direct@example.edu", "client": "web1.example.edu"})
    with hanging("dns"):
        answers = at_once(*[ask(one) for one in people] * 3, *[ask(Browser()) for _ in range(3)],
                          *[lambda: other.get("/registrations")] * 8)
    # Two at a time: of people for five seconds, of strangers for one.
    assert 2 <= waits(answers[:18]) <= 9
    assert are_quick(answers[18:], answers[:15])


def at_once(*calls):
    """The answers of requests that are made at the same time."""
    answers = [None] * len(calls)

    def make(number):
        answers[number] = calls[number]()

    threads = [threading.Thread(target=make, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_outage(outage):
    part, (ow1, ow2) = outage
    form = lambda: ow1.submit(**FIELDS)
    if part == "dns":
        answers = at_once(form, lambda: ow2.get("/registrations/new"), lambda: ow2.get("/readyz"))
        assert [one.status_code for one in answers[1:]] == [200, 200]
    else:
        answers = at_once(form, lambda: ow2.get("/registrations/new"), lambda: ow2.get("/readyz"),
                          lambda: Browser().sign_in("ow2"))
        check_outage(answers[1], part)
        check_outage(answers[3], part)
        assert answers[2].status_code == 503 and part in answers[2].text
        assert answers[2].elapsed.total_seconds() < 10
    page = check_outage(answers[0], part)
    if part != "database":  # who it is can be said, so the form is there again
        for name, value in FIELDS.items():
            assert page.fields[name] == (value if isinstance(value, list) else [value]), name
    alive = Browser().get("/healthz")
    assert alive.status_code == 200 and alive.elapsed.total_seconds() < 2
    assert Browser().get("/").status_code == 200


def test_list_of_registrations_without_the_directory(ow1):
    identity = ow1.register("bulk-00104@example.edu")
    for how in stopped, hanging:
        with how("directory"):
            answer = ow1.get("/registrations")
            assert answer.status_code == 200 and answer.elapsed.total_seconds() < 10
            assert "bulk-00104@example.edu" in answer.text and "directory could not be asked" in Page(answer.text).words
            assert ow1.get(f"/registrations/{identity}").status_code == 200


def test_kept_form_outlives_an_outage_of_the_directory(stranger):
    stranger.submit(**FIELDS, csrf_token="x")
    stranger.sign_in("ow1")
    with stopped("directory"):
        assert stranger.get("/registrations/new").status_code == 503
    assert demo.wait_until(lambda: stranger.get("/readyz").status_code == 200, 10)
    assert stranger.page("/registrations/new").value("note") == "a note"


def test_failed_sign_ins_of_an_outage_do_not_count(stranger):
    with stopped("directory"):
        for _ in range(11):
            assert stranger.sign_in("ow2").status_code == 503
    assert demo.wait_until(lambda: stranger.sign_in("ow2").status_code == 303, 10)


@pytest.mark.parametrize("how", [stopped, hanging])
def test_export_without_the_database(ow1, how):
    ow1.register("bulk-00108@example.edu", networks="127.0.0.108")
    accepted = lambda: send("bulk-00108@example.edu", "127.0.0.108")[0] == "accept"
    assert demo.wait_until(accepted, 15)
    current = (demo.DIR / "export/current").resolve()
    with how("database"):
        # 75: the one that runs every few seconds is at it, and waits as well.
        status = demo.wait_until(lambda: (lambda s: s != 75 and s)(export().returncode), 40, 1)
        assert status == 69
        assert (demo.DIR / "export/current").resolve() == current and accepted()
    demo.wait_until(lambda: export().returncode == 0, 20, 1)
    demo.free("bulk-00108@example.edu")


def export():
    return demo.run("appsmtp-export", "--output", demo.DIR / "export", "--format", "postfix")


@contextlib.contextmanager
def deaf_server():
    """Accepts at the directory's own port and says nothing, as a directory behind a dead load balancer."""
    port = int((demo.DIR / "port/directory").read_text())
    server = socket.create_server(("127.0.0.1", port))
    taken = []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                taken.append(server.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for one in taken:
            one.close()


def test_directory_that_accepts_and_hangs(ow1, unchanged):
    assert ow1.token
    with stopped("directory"), deaf_server():
        answers = at_once(lambda: ow1.submit(**FIELDS), lambda: Browser().sign_in("ow2"))
        for answer in answers:
            check_outage(answer, "directory")
        assert Page(answers[0].text).value("note") == "a note"
    assert demo.wait_until(lambda: ow1.get("/registrations/new").status_code == 200, 10)
