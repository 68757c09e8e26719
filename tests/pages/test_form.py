# SPDX-License-Identifier: MIT
"""Create Registration ... Register Application: what is refused, what is kept, what is stored."""

import subprocess
import time

import pytest

import demo
from browser import Browser, Page, certificate_file
from demo import pki

ODD = "\n\n  <script>alert(1)</script> \"double\" 'single' {{X}} {{>ADDRESS}} &amp; ${x} %s %n </textarea>\n\tlast\n"


def details(browser, identity):
    return Page(browser.get(f"/registrations/{identity}").text)


# --- the empty form ---------------------------------------------------------------------------

def test_form_offers_own_addresses_and_has_no_errors():
    answer = Browser("ow2").get("/registrations/new")
    page = Page(answer.text)
    for address in "comanaged@example.edu", "netid@example.edu", "dup2@example.edu":
        assert f'value="{address}"' in answer.text
    assert 'value="direct@example.edu"' not in answer.text
    assert not page.summary and not page.errors and "Register Application" in page.words
    assert len(page.ids) == len(set(page.ids))


def test_who_owns_nothing_sees_the_form_too(nb1):
    page = nb1.page("/registrations/new")
    assert "The directory lists none for you" in page.words and "Register Application" in page.words


def test_address_of_a_link_is_filled_in(ow1):
    assert ow1.page("/registrations/new?address=many%40example.edu").value("address") == "many@example.edu"


# --- refused ----------------------------------------------------------------------------------------

def check_refused(answer, *fields):
    """422, the summary first, each text once there and once at its field, each link to an id of the page."""
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "govuk-error-summary" in page.first_in_main
    assert page.title.startswith("Error: ")
    assert [one[0] for one in page.summary] == list(fields)
    assert all(one[0] in page.ids for one in page.summary)
    at_fields = [[field, text] for field, texts in page.codes_at_fields().items() for text in texts]
    assert sorted(at_fields) == sorted(page.summary)
    assert len(page.ids) == len(set(page.ids))
    return page


def test_all_fields_at_once(ow1, unchanged):
    answer = ow1.submit("", application_name=None, application_type=None, location=None, method=None, networks=None,
                        owners="no-such-person", note="x" * 2001)
    page = check_refused(answer, "address", "application_name", "application_type", "location", "method", "owners", "note")
    assert page.value("note") == "x" * 2001


@pytest.mark.parametrize("field, values", [
    ("address", {"address": "direct"}), ("address", {"address": "bulk-00001@example.edu"}),
    ("application_name", {"application_name": " "}), ("application_name", {"application_name": "x" * 101}),
    ("application_type", {"application_type": "toaster"}), ("location", {"location": ["campus", "moon"]}),
    ("method", {"method": "telepathy"}), ("networks", {"networks": "10.1.2.3/24"}), ("networks", {"networks": ""}),
    ("hostnames", {"method": "hostname", "hostnames": "gone.example.edu"}),
    ("hostnames", {"method": "hostname", "hostnames": "outside.example.edu"}),
    ("hostnames", {"method": "hostname"}),
    ("certificate", {"method": "certificate"}),
    ("certificate", {"method": "certificate", "certificate_text": "-----BEGIN NONSENSE-----"}),
    ("owners", {"owners": "ow2 o@w"}), ("owners", {"owners": "of1"}), ("note", {"note": "bell \a"}),
])
def test_each_field(ow1, unchanged, field, values):
    check_refused(ow1.submit(values.pop("address", "bulk-00016@example.edu"), **values), field)


def test_everything_typed_is_there_again(ow1, unchanged):
    typed = {"application_name": "  " + ODD.replace("\n", " ").replace("\t", " "), "application_type": "scanner",
             "location": ["campus", "azure"], "method": "hostname", "hostnames": ODD, "networks": ODD + "10.1.2.3/24",
             "owners": ODD, "note": ODD, "certificate_text": ODD}
    address = "<b>\"x\"' {{Y}}"
    page = Page(ow1.submit(address, **typed).text)
    assert page.value("address") == address
    for name, value in typed.items():
        assert page.fields[name] == (value if isinstance(value, list) else [value]), name
    assert "<script>" not in ow1.submit(address, **typed).text


def test_leading_newlines_stay_after_many_rounds(ow1):
    typed = {"hostnames": "\n\nweb1.example.edu\n", "networks": "bad", "note": "\nfirst"}
    for _ in range(3):
        page = Page(ow1.submit("bulk-00016@example.edu", **typed).text)
        assert {name: page.value(name) for name in typed} == typed
        typed = {name: page.value(name).replace("\n", "\r\n") for name in typed}
        typed = {name: page.value(name) for name in typed}


def test_text_of_a_refusal_is_escaped(ow1):
    answer = ow1.submit("bulk-00016@example.edu", networks="<img/src=x>", owners="<i>")
    assert "<img/src" not in answer.text and "<i>" not in answer.text
    assert "<img/src=x>" in Page(answer.text).summary[0][1]


def test_many_faulty_entries_are_answered_soon(ow1, unchanged):
    words = "\n".join(f"a{number:x}" for number in range(30000))
    for name in "owners", "networks", "hostnames":
        answer = ow1.submit("bulk-00016@example.edu", **{"method": "hostname" if name == "hostnames" else "network",
                                                         name: words})
        assert answer.status_code == 422 and answer.elapsed.total_seconds() < 5 and len(answer.text) < 2_000_000


# --- certificates ----------------------------------------------------------------------------------

def as_der(name):
    return subprocess.run(["openssl", "x509", "-in", pki(name), "-outform", "DER"], capture_output=True, check=True).stdout


def as_pkcs7(name, form):
    return subprocess.run(["openssl", "crl2pkcs7", "-nocrl", "-certfile", pki(name), "-outform", form],
                          capture_output=True, check=True).stdout


def certificate_of(identity):
    return demo.sql("SELECT encode(certificate, 'hex') FROM source WHERE registration_id = :'id'", id=identity)[0][0]


def test_upload_is_kept_and_accepted_without_the_file(ow1):
    demo.free("bulk-00020@example.edu")
    refused = ow1.submit("bulk-00020@example.edu", certificate_file("good.pem"), method="certificate", application_name="")
    page = check_refused(refused, "application_name")
    kept = page.value("certificate_text")
    assert kept.count("BEGIN CERTIFICATE") == 2 and "kept" in page.texts["certificate_text-hint"]
    identity = ow1.register("bulk-00020@example.edu", method="certificate", certificate_text=kept)
    assert certificate_of(identity) == as_der("good.pem").hex()
    words = details(ow1, identity).words
    assert "good.example.edu" in words and "AppSMTP Demo Common Intermediate" in words


@pytest.mark.parametrize("name, data", [
    ("c.der", lambda: as_der("good.pem")), ("c.p7b", lambda: as_pkcs7("good.pem", "DER")),
    ("c.p7c", lambda: as_pkcs7("good.pem", "PEM")),
    ("c.pem", lambda: pki("good.pem").read_bytes().replace(b"\n", b"\r\n")),
    ("../../../../etc/passwd", lambda: pki("good.pem").read_bytes()),
    ("ünïcode \" name.pem", lambda: b"\xef\xbb\xbf" + pki("good.pem").read_bytes()),
])
def test_every_container(ow1, name, data):
    data = data()
    files = {"certificate": (name, data, "application/octet-stream")}
    demo.free("bulk-00024@example.edu")
    answer = ow1.submit("bulk-00024@example.edu", files, method="certificate")
    if name == "c.der":  # the leaf alone: its intermediate is missing
        page = check_refused(answer, "certificate")
        assert "missing" in page.summary[0][1]
        chain = page.value("certificate_text") + pki("good.pem").read_text().partition("-----END CERTIFICATE-----\n")[2]
        answer = ow1.submit("bulk-00024@example.edu", method="certificate", certificate_text=chain)
    assert answer.status_code == 303
    assert certificate_of(answer.headers["Location"].rpartition("/")[2]) == as_der("good.pem").hex()


def test_a_new_file_wins_over_the_kept_text(ow1):
    identity = ow1.register("bulk-00028@example.edu", certificate_file("next.pem"), method="certificate",
                            certificate_text=pki("good.pem").read_text())
    assert certificate_of(identity) == as_der("next.pem").hex()


@pytest.mark.parametrize("name", ["selfsigned.pem", "expired.pem", "otherca.pem", "missing-intermediate.pem"])
def test_certificates_that_are_refused_are_kept_too(ow1, unchanged, name):
    page = check_refused(ow1.submit("bulk-00032@example.edu", certificate_file(name), method="certificate"), "certificate")
    assert "BEGIN CERTIFICATE" in page.value("certificate_text")


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def leaf_below(folder, subject, identifier):
    """A certificate whose issuer has that name, of printable strings, and key identifier."""
    (folder / "req.cnf").write_text("[req]\nstring_mask = nombstr\ndistinguished_name = name\n[name]\n")
    key = ["-newkey", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    openssl("req", "-x509", "-config", folder / "req.cnf", *key, "-subj", subject, "-addext", f"subjectKeyIdentifier={identifier}",
            "-keyout", folder / "root.key", "-out", folder / "root.pem")
    (folder / "leaf.ext").write_text("basicConstraints=CA:false\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                                     "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:app.example.edu\n")
    openssl("req", *key, "-new", "-subj", "/CN=app.example.edu", "-keyout", folder / "leaf.key", "-out", folder / "leaf.csr")
    openssl("x509", "-req", "-in", folder / "leaf.csr", "-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-days", "90",
            "-extfile", folder / "leaf.ext", "-out", folder / "leaf.pem")
    return (folder / "leaf.pem").read_text()


def test_a_root_that_the_site_lacks_is_no_missing_intermediate(ow1, unchanged, tmp_path):
    """The list of roots here is short; the names are those of a common root, and of nobody's."""
    x1 = "/C=US/O=Internet Security Research Group/CN=ISRG Root X1", "79B459E67BB6E5E40173800888C81A58F6E99B6E"
    page = check_refused(ow1.submit("bulk-00032@example.edu", method="certificate", certificate_text=leaf_below(tmp_path, *x1)),
                         "certificate")
    text = page.summary[0][1]
    assert "leads to the root \"CN=ISRG Root X1,O=Internet Security Research Group,C=US\"" in text and "help desk" in text
    assert f"({pki('roots.pem')}, written on " in text and "intermediate" not in text
    again = leaf_below(tmp_path, x1[0], "00" * 20)
    page = check_refused(ow1.submit("bulk-00032@example.edu", method="certificate", certificate_text=again), "certificate")
    assert "is missing from the file" in page.summary[0][1]


def keys():
    pem = pki("good.key").read_text()
    both = pki("good.pem").read_text() + pem
    body = "".join(pem.splitlines()[1:-1])
    return {"key": pem, "certificate and key": both, "base64 alone": body, "crlf": both.replace("\n", "\r\n"),
            "short of its last line": both[:-30]}


@pytest.mark.parametrize("which", list(keys()))
@pytest.mark.parametrize("how", ["file", "text"])
@pytest.mark.parametrize("method", ["certificate", "network"])
def test_private_key_is_refused_and_forgotten(ow1, unchanged, which, how, method):
    key = keys()[which]
    secret = pki("good.key").read_text().splitlines()[1][10:50]
    files = {"certificate": ("c.pem", key.encode(), "text/plain")} if how == "file" else None
    text = None if how == "file" else key
    answer = ow1.submit("bulk-00036@example.edu", files, method=method, certificate_text=text,
                        networks="bad")
    page = Page(answer.text)
    assert answer.status_code == 422 and secret not in answer.text
    if method == "certificate":
        assert "private key" in page.summary[0][1] and "remove it from each registration" in page.summary[0][1]
        assert "/help/stolen-keys" in page.links
    assert secret not in demo.dump() and secret not in demo.logs()


@pytest.mark.parametrize("how", ["file", "text"])
def test_private_key_of_an_ended_session_is_not_kept(how):
    browser = Browser("ow1")
    secret = pki("good.key").read_text().splitlines()[1][10:50]
    both = pki("good.pem").read_text() + pki("good.key").read_text()
    token = browser.token
    browser.http.cookies.clear()
    files = {"certificate": ("c.pem", both.encode(), "text/plain")} if how == "file" else None
    answer = browser.submit("bulk-00036@example.edu", files, method="certificate", csrf_token=token,
                            certificate_text=both if how == "text" else None)
    assert answer.status_code == 422 and "private key" in Page(answer.text).words
    assert secret not in demo.dump() and secret not in demo.logs()


def test_private_key_in_another_field_is_not_sent_back(ow1, unchanged):
    secret = pki("good.key").read_text().splitlines()[1][10:50]
    answer = ow1.submit("bulk-00036@example.edu", note=pki("good.key").read_text(), networks="bad")
    assert answer.status_code == 422 and secret not in answer.text


# --- accepted --------------------------------------------------------------------------------------

def sources(identity):
    return [row[0] for row in demo.sql("SELECT kind || ' ' || coalesce(network::text, hostname, '') FROM source"
                                       " WHERE registration_id = :'id' ORDER BY 1", id=identity)]


def test_several_networks_at_once(ow1):
    identity = ow1.register("bulk-00040@example.edu", location=["campus", "aws"],
                            networks="10.1.2.3, 10.1.2.0/24;127.128.0.5\r\n2001:db8:c0::/64 ::ffff:10.9.9.9")
    assert sources(identity) == ["network 10.1.2.0/24", "network 10.9.9.9/32", "network 127.128.0.5/32",
                                 "network 2001:db8:c0::/64"]
    words = details(ow1, identity).words
    assert all(text in words for text in ("10.1.2.0/24", "10.9.9.9", "127.128.0.5", "2001:db8:c0::/64",
                                          "AWS, Campus networks"))


def test_several_hostnames_at_once(ow1):
    identity = ow1.register("bulk-00044@example.edu", method="hostname", location=["campus", "aws"],
                            hostnames="WEB1.example.edu.\nweb2.example.edu cloud1.example.edu,web1.example.edu")
    assert sources(identity) == ["hostname cloud1.example.edu", "hostname web1.example.edu", "hostname web2.example.edu"]


def test_hostname_of_too_many_addresses(ow1, unchanged):
    """Whoever runs a zone gets no more past the largest network that may be registered."""
    demo.free("bulk-00044@example.edu")
    page = check_refused(ow1.submit("bulk-00044@example.edu", method="hostname", hostnames="crowd.example.edu"), "hostnames")
    assert "crowd.example.edu has 17 addresses in DNS, and one hostname may bring 16 at most" in page.words
    assert page.words.count("127.0.2.") == 0
    checked = demo.run("appsmtp-check", "hostname", "crowd.example.edu")
    assert checked.returncode == 1 and checked.stdout.startswith("hostname.too-many-addresses"), checked.stdout
    assert checked.stdout.count("\n") == 1


@pytest.mark.parametrize("method, kept", [("network", "network 127.0.0.21/32"), ("hostname", "hostname web1.example.edu"),
                                          ("certificate", "certificate ")])
def test_only_the_chosen_method_is_read(ow1, method, kept):
    values = {"networks": "nonsense", "hostnames": "nonsense", "certificate_text": "nonsense", "method": method}
    values |= {"network": {"networks": "127.0.0.21"}, "hostname": {"hostnames": "web1.example.edu"},
               "certificate": {"certificate_text": pki("good.pem").read_text()}}[method]
    assert sources(ow1.register("bulk-00048@example.edu", **values)) == [kept]


def test_warnings_do_not_block_and_are_shown_once(ow1):
    identity = ow1.register("bulk-00052@example.edu", method="hostname", hostnames="noptr.example.edu")
    page = details(ow1, identity)
    assert "is registered" in page.words and "Advice: The address 127.0.0.23 of noptr.example.edu has no name" in page.words
    assert "Advice" not in details(ow1, identity).words


def test_warnings_stand_at_the_field_when_something_else_is_refused(ow1, unchanged):
    demo.free("bulk-00052@example.edu")
    page = check_refused(ow1.submit("bulk-00052@example.edu", method="hostname", hostnames="noptr.example.edu",
                                    application_name=""), "application_name")
    assert len(page.advice) == 1


def test_co_owners(ow1):
    identity = ow1.register("bulk-00056@example.edu", owners="OW2\nnb1, ow2 ow1")
    rows = demo.sql("SELECT login FROM registration_owner WHERE registration_id = :'id' ORDER BY 1", id=identity)
    assert rows == [["nb1"], ["ow1"], ["ow2"]]
    assert "bulk-00056@example.edu" in Browser("nb1").page("/registrations").words
    assert Browser("nb1").get(f"/registrations/{identity}").status_code == 200
    assert Browser("nb1").get(f"/registrations/{identity}/history").status_code == 200
    assert Browser("rl1").get(f"/registrations/{identity}").status_code == 404


def test_history_shows_what_was_created(ow1):
    identity = ow1.register("bulk-00060@example.edu", owners="ow2", note="why <b>", networks="127.0.0.21 10.1.2.0/24",
                            application_name="Printers {{X}}", application_type="scanner")
    page = Page(ow1.get(f"/registrations/{identity}/history").text)
    assert "Created by ow1" in page.words and ow1.source in page.words
    for text in ("bulk-00060@example.edu", "ow1, ow2", "why <b>", "network 127.0.0.21/32", "network 10.1.2.0/24",
                 "Printers {{X}}", "Scanner", "Campus networks"):
        assert text in page.words, text


def test_stored_texts_are_texts_on_every_page(ow1):
    identity = ow1.register("bulk-00064@example.edu", application_name="<script>a</script>{{X}}\"'", note=ODD)
    for path in "/registrations", f"/registrations/{identity}", f"/registrations/{identity}/history":
        text = ow1.get(path).text
        assert "<script>" not in text and "</textarea>" not in text
    assert "<script>a</script>{{X}}\"'" in ow1.page("/registrations").words
    assert "{{>ADDRESS}}" in details(ow1, identity).words


@pytest.mark.parametrize("name", ["x" * 100, "ü" * 100, "\U0001f4e7" * 100, "a\u2028b", "a\u202eb", "\ufffd", "%s%n",
                                  "\\", "'; DROP TABLE registration; --"])
def test_names_that_are_just_allowed(ow1, name):
    identity = ow1.register("bulk-00068@example.edu", application_name=name)
    assert demo.sql("SELECT application_name = :'name' FROM registration WHERE id = :'id'",
                    name=name, id=identity) == [["t"]]


@pytest.mark.parametrize("note", ["x" * 2000, "ü" * 2000, "line\r\n" * 285, "\ttab", "\u2028", ""])
def test_notes_that_are_just_allowed(ow1, note):
    ow1.register("bulk-00072@example.edu", note=note)


@pytest.mark.parametrize("typed, stored", [("  BULK-00076@Example.EDU. ", "bulk-00076@example.edu"),
                                           ("<bulk-00076@example.edu>", "bulk-00076@example.edu")])
def test_address_as_people_type_it(ow1, typed, stored):
    demo.free(stored)
    answer = ow1.submit(typed)
    assert answer.status_code == 303
    assert demo.sql("SELECT address FROM registration WHERE id = :'id'",
                    id=answer.headers["Location"].rpartition("/")[2]) == [[stored]]


def test_address_is_registered_once(ow1):
    identity = ow1.register("bulk-00080@example.edu")
    page = check_refused(ow1.submit("BULK-00080@example.edu"), "address")
    assert "registered already" in page.summary[0][1] and "managed by ow1" in page.summary[0][1]
    assert f"/registrations/{identity}" in page.links


# --- the sign-in ended meanwhile --------------------------------------------------------------------

def test_form_of_an_ended_session_is_there_again(stranger):
    stranger.sign_in("ow1")
    demo.free("bulk-00084@example.edu")
    token = stranger.token
    demo.sql("DELETE FROM session WHERE csrf_token = :'token'", token=token)
    typed = {"application_name": ODD.strip().replace("\n", " ").replace("\t", " "), "application_type": "device-monitor",
             "location": ["campus", "aws"], "method": "certificate", "networks": "\n10.1.2.3/24", "hostnames": ODD,
             "owners": "ow2\nnb1", "note": ODD}
    answer = stranger.submit("bulk-00084@example.edu", certificate_file("good.pem"), **typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fregistrations%2Fnew")
    page = Page(stranger.get(answer.headers["Location"]).text)
    assert "What you typed is kept" in page.words
    answer = stranger.sign_in("ow1", next=page.value("next"))
    page = Page(stranger.get(answer.headers["Location"]).text)
    assert "Here is what you had typed" in page.words and page.value("address") == "bulk-00084@example.edu"
    for name, value in typed.items():
        assert page.fields[name] == (value if isinstance(value, list) else [value]), name
    assert page.value("csrf_token") not in ("", token)
    fields = {name: values for name, values in page.fields.items() if name not in ("address", "csrf_token", "location")}
    fields = {name: values[0] for name, values in fields.items()} | {"application_name": "Now shorter"}
    answer = stranger.submit("bulk-00084@example.edu", location=page.fields["location"], **fields)
    assert answer.status_code == 303
    assert certificate_of(answer.headers["Location"].rpartition("/")[2]) == as_der("good.pem").hex()
    assert "Here is what you had typed" not in stranger.page("/registrations/new").words


def test_kept_form_is_only_for_who_typed_it(stranger):
    assert stranger.submit("bulk-00088@example.edu", csrf_token="x", note="mine alone").status_code == 303
    other = Browser("ow1")
    assert "mine alone" not in other.get("/registrations/new").text


@pytest.mark.parametrize("field", ["networks", "hostnames", "owners", "note", "application_name"])
@pytest.mark.parametrize("text", ["-" * 250000, "a - " * 40000, " - " * 60000, "\u2013" * 28000, "1." + "a" * 240000 + "!",
                                  " ".join(["1." + "a" * 4500 + "!"] * 50)],
                         ids=["dashes", "lone dashes", "nothing between", "en dashes", "long", "long ones"])
def test_what_is_long_is_answered_soon(field, text):
    """By somebody of few accounts: the form offers the addresses of all."""
    ow2 = Browser("ow2")
    method = {"networks": "network", "hostnames": "hostname"}.get(field, "network")
    start = time.monotonic()
    answer = ow2.submit("direct@example.edu", **{"method": method, field: text})
    assert answer.status_code == 422 and time.monotonic() - start < 5, time.monotonic() - start
