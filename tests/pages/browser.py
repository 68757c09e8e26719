# SPDX-License-Identifier: MIT
"""A browser without a screen: sessions, forms, and what a page says."""

import html.parser
import itertools
import re

import requests
import requests.adapters

from demo import PASSWORDS, PORT, free, pki, session_of

BASE = f"http://localhost:{PORT}"
FORM = {"application_name": "Course evaluation", "application_type": "web-application", "location": ["campus"],
        "method": "network", "networks": "127.0.0.21/32"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(html.parser.HTMLParser):
    """What a page says: texts by id, the error summary, the fields as a browser would send them."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack = []  # (tag, id, class)
        self.ids = []
        self.texts = {}  # id -> text
        self.summary = []  # (field, text)
        self.errors = {}  # field -> texts; advice apart
        self.advice = []
        self.done = []  # what was changed, and what to know about it
        self.fields = {}  # name -> list of values
        self.headings = []
        self.title = ""
        self.links = []
        self.text = []
        self.first_in_main = None
        self.feed(text)
        for name, value in self.fields.items():
            self.fields[name] = [self.newlines(one) for one in value]

    # The standard: one newline right after <textarea> is left out; sent are CRLF.
    @staticmethod
    def newlines(value):
        return value.replace("\r\n", "\n")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name = attributes.get("name")
        if attributes.get("id"):
            self.ids.append(attributes["id"])
        inside = [one[0] for one in self.stack]
        if "main" in inside and self.first_in_main is None:
            self.first_in_main = attributes.get("class", "")
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        if tag == "input" and name and attributes.get("type") not in ("radio", "checkbox", "file"):
            self.fields.setdefault(name, []).append(attributes.get("value", ""))
        if tag == "input" and attributes.get("type") in ("radio", "checkbox") and "checked" in attributes:
            self.fields.setdefault(name, []).append(attributes["value"])
        if tag == "textarea":
            self.fields.setdefault(name, []).append(None)
        if tag not in VOID:
            self.stack.append((tag, attributes.get("id"), attributes.get("class", ""), attributes))
            if "govuk-error-message" in attributes.get("class", ""):
                self.errors.setdefault(self.field_of_errors(), []).append("")
            if tag == "a" and self.within("govuk-error-summary__list"):
                self.summary.append([attributes["href"].removeprefix("#"), ""])
            if tag == "p" and "done-title" in [one[3].get("aria-labelledby") for one in self.stack]:
                self.done.append("")
            if "app-advice" in attributes.get("class", ""):
                self.advice.append("")
            if tag in ("h1", "h2"):
                self.headings.append("")

    def within(self, word):
        return any(word in one[2].split() for one in self.stack)

    def field_of_errors(self):
        return next(one[1] for one in reversed(self.stack) if one[1]).removesuffix("-error")

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags = [one[0] for one in self.stack]
        for _, one, _, _ in self.stack:
            if one:
                self.texts[one] = self.texts.get(one, "") + data
        if tags[-1:] == ["textarea"]:
            name = self.stack[-1][3]["name"]
            before = self.fields[name][-1]
            self.fields[name][-1] = data.removeprefix("\n") if before is None else before + data
        if "title" in tags:
            self.title += data
        if self.within("govuk-error-message") and not self.within("govuk-visually-hidden"):
            self.errors[self.field_of_errors()][-1] += data
        if "a" in tags and self.within("govuk-error-summary__list"):
            self.summary[-1][1] += data
        if self.within("app-advice"):
            self.advice[-1] += data
        if "p" in tags and "done-title" in [one[3].get("aria-labelledby") for one in self.stack]:
            self.done[-1] += data
        if tags and tags[-1] in ("h1", "h2"):
            self.headings[-1] += data
        if "body" in tags:
            self.text.append(data)

    @property
    def words(self):
        return re.sub(r"\s+", " ", "".join(self.text))

    def value(self, name):
        values = self.fields.get(name) or [""]
        return values[0] or ""

    def codes_at_fields(self):
        return {field: [text.strip() for text in texts] for field, texts in self.errors.items()}


class FromAddress(requests.adapters.HTTPAdapter):
    """Connections that come from another address of loopback than everybody else's."""

    def __init__(self, source):
        self.source = source
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.source, 0), **options)


_addresses = itertools.count(1)


def new_address():
    """An address of loopback that no other test comes from."""
    number = next(_addresses)
    return f"127.{1 + number // 65536}.{number // 256 % 256}.{number % 256}"


class Browser:
    """One person at one machine. Redirects are not followed but where a test says so."""

    def __init__(self, login=None, source=None):
        self.source = source or new_address()
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.mount("http://", FromAddress(self.source))
        self._token = None
        if login:
            value, self._token = session_of(login)
            self.http.cookies.set("appsmtp-session", value, domain="localhost.local", path="/")

    def request(self, method, path, **options):
        options.setdefault("timeout", 30)
        return self.http.request(method, BASE + path, allow_redirects=False, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, data=None, **options):
        return self.request("POST", path, data=data, **options)

    def page(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def sign_in(self, login, password=None, **fields):
        self._token = None
        return self.post("/sign-in", {"login": login, "password": PASSWORDS.get(login) if password is None else password}
                         | fields)

    @property
    def token(self):
        if self._token is None:
            self._token = self.page("/registrations").value("csrf_token")
        return self._token

    def submit(self, address, files=None, **fields):
        """POST /registrations as it is filled in: FORM, the address, and these fields."""
        values = FORM | {"address": address} | fields
        if "csrf_token" not in values:
            values["csrf_token"] = self.token
        return self.post("/registrations", {k: v for k, v in values.items() if v is not None}, files=files)

    def register(self, address, files=None, **fields):
        """As submit; the address is made free first, and the form has to be accepted. The id."""
        free(address)
        answer = self.submit(address, files, **fields)
        assert answer.status_code == 303, Page(answer.text).summary
        return answer.headers["Location"].removeprefix("/registrations/")


def certificate_file(name):
    return {"certificate": (name, pki(name).read_bytes(), "application/octet-stream")}
