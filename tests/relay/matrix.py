# SPDX-License-Identifier: MIT
"""The registrations and sessions that every server is tried with, and what each cannot."""

# Sorted by sender, as the database gives them. Certificates: names of the key pairs below.
REGISTRATIONS = [
    ("app@example.edu", "network", "127.0.2.0/24"),
    ("app@example.edu", "network", "::1/128"),
    ("b@example.edu", "network", "127.0.2.128/25"),
    ("broad@example.edu", "network", "127.16.0.0/13"),
    ("host@example.edu", "hostname", "web1.example.edu=127.0.3.1"),
    ("key@example.edu", "certificate", "good"),
    ("list@example.edu", "network", "127.0.5.1/32"),
    ("list@example.edu", "network", "127.0.5.9/32"),
    ("mixed@example.edu", "certificate", "good"),
    ("mixed@example.edu", "network", "127.0.6.0/28"),
    ("nothing@example.edu", "network", "10.9.9.0/24"),
    ("o'b@example.edu", "network", "127.0.7.0/24"),
    ("s/l@example.edu", "network", "127.0.7.0/24"),
    ("tag+x@example.edu", "network", "127.0.4.1/32"),
]

# Source, sender, certificate, whether the pair is registered.
SESSIONS = [
    ("127.0.2.1", "app@example.edu", None, True),
    ("127.0.2.255", "app@example.edu", None, True),
    ("127.0.2.129", "app@example.edu", None, True),
    ("127.0.2.129", "b@example.edu", None, True),
    ("127.0.2.1", "b@example.edu", None, False),
    ("127.0.3.0", "app@example.edu", None, False),
    ("127.0.1.255", "app@example.edu", None, False),
    ("::1", "app@example.edu", None, True),
    ("::1", "b@example.edu", None, False),
    ("::1", "host@example.edu", None, False),
    ("127.16.0.0", "broad@example.edu", None, True),
    ("127.23.255.255", "broad@example.edu", None, True),
    ("127.24.0.0", "broad@example.edu", None, False),
    ("127.15.255.255", "broad@example.edu", None, False),
    ("127.0.3.1", "host@example.edu", None, True),
    ("127.0.3.2", "host@example.edu", None, False),
    ("127.0.3.1", "app@example.edu", None, False),
    ("127.0.2.1", "host@example.edu", None, False),
    ("127.0.9.9", "key@example.edu", "good", True),
    ("127.0.9.9", "key@example.edu", "renewed", True),
    ("127.0.9.9", "key@example.edu", "other", False),
    ("127.0.9.9", "key@example.edu", None, False),
    ("127.0.9.9", "app@example.edu", "good", False),
    ("127.0.2.1", "app@example.edu", "good", True),
    ("127.0.2.1", "app@example.edu", "other", True),
    ("127.0.6.15", "mixed@example.edu", None, True),
    ("127.0.6.16", "mixed@example.edu", None, False),
    ("127.0.6.16", "mixed@example.edu", "good", True),
    ("127.0.5.1", "list@example.edu", None, True),
    ("127.0.5.9", "list@example.edu", None, True),
    ("127.0.5.2", "list@example.edu", None, False),
    ("127.0.4.1", "tag+x@example.edu", None, True),
    ("127.0.4.1", "tag@example.edu", None, False),
    ("127.0.4.1", "tag+y@example.edu", None, False),
    ("127.0.2.1", "app+x@example.edu", None, False),
    ("127.0.2.1", "app|x@example.edu", None, False),
    ("127.0.4.1", "tag+x|y@example.edu", None, False),
    ("127.0.2.1", "App@Example.EDU", None, True),
    ("127.0.2.1", "\"app\"@example.edu", None, None),
    ("127.0.2.1", "@relay.example.edu:app@example.edu", None, None),
    ("127.0.2.1", "", None, False),
    ("127.0.2.1", "unknown@example.edu", None, False),
    ("127.0.2.1", "app@sub.example.edu", None, False),
    ("127.0.2.1", "example.edu", None, False),
    ("127.0.2.1", "nothing@example.edu", None, False),
    ("127.0.7.1", "o'b@example.edu", None, True),
    ("127.0.7.1", "s/l@example.edu", None, True),
    ("127.0.7.1", "x.s/l@example.edu", None, False),
    ("127.0.7.1", "l@example.edu", None, False),
    ("127.0.2.1", "location", None, False),
    ("127.0.99.99", "<location>", None, False),
    ("127.0.2.1", "postmaster", None, False),
    ("127.0.2.1", "app", None, False),
    # Outside every location.
    ("127.130.0.1", "app@example.edu", None, False),
    ("127.130.0.1", "key@example.edu", "good", False),
    ("127.130.0.1", "location", None, False),
]

# What a server cannot: registered pairs that it refuses, in every way. None passes what is not
# registered. (No rates and no From: are another matter; the heads of the files in deploy/ say who has which.)
CANNOT = {
    "exim": lambda s: s[2] == "renewed",
    "opensmtpd": lambda s: s[2] is not None and s[1] in ("key@example.edu", "mixed@example.edu")
    or s[1] in ("o'b@example.edu", "s/l@example.edu"),
    "sendmail": lambda s: s[2] == "renewed",
}


def expected(server, session):
    """True, False, or None where both are right: another way to write a registered address."""
    return False if CANNOT.get(server, lambda s: False)(session) else session[3]
