# SPDX-License-Identifier: MIT
"""Senders made of a map's own words, and whose addresses a reader could take one for."""

import re

SEPARATORS = ["", ".", ".", "/", "/", ":", "@", "@", "%", "!", "|", "$|", " ", "\t", ",", ";", "=", "+", "-", "..", "\\",
              "/location", ":location", "<", ">", "()", "OK", "?"]


def words_of(lines):
    """What the keys of the map are made of, and those themselves: the few that are no numbers, and all."""
    keys = [line.split("\t")[0] for line in lines]
    words = {part for key in keys for part in re.split(r"[/@:.]", key)} | set(keys)
    words |= {part for key in keys for part in (key.partition("/")[0], key.partition("/")[2])}
    words = sorted(words | {"location", "locations", "OK", "NO", "?"} - {""})
    return [word for word in words if not re.match(r"\d+[./]|\d+$|ipv6", word)], words


def case_of(text, random):
    return random.choice([text, text, text.lower(), text.upper(), text.swapcase(), text.capitalize()])


def wrapped(text, random):
    """As it is, or in one of the ways in which SMTP and sendmail let an address be written."""
    local, _, domain = text.rpartition("@")
    return random.choice([
        text, text, text, f'"{text}"', f'"{local}"@{domain}', f"@example.edu:{text}", f"@a.example,@b.example:{text}",
        f" {text}", f"{text} ", f"{text}.", f"({text}){text}", f"{text}(x)", f"x <{text}>", f"<{text}>", f"{text}@example.edu",
        f"{text}@relay.example.edu", f"{text}%example.edu", f"relay.example.edu!{text}", f"{text}:", f"/{text}", f"x/{text}",
        f"x.y/{text}", f"x:y/{text}", f"{text}/", f"$f{text}", f"{text}\\", f"\\{text}"])


def random_sender(words, random):
    count = random.choice([1, 1, 2, 2, 3, 4])
    text = random.choice(words[0])
    for _ in range(count - 1):
        parts = [text, random.choice(SEPARATORS), random.choice(random.choice(words))]
        text = "".join(random.choice([parts, reversed(parts)]))
    return wrapped(case_of(text, random), random)


def readings(sender):
    """The plain addresses that a liberal reader could take the sender for: no quotes, comments,
    blanks or route, the last in a list, the part in brackets, a percent sign or a bang as an at sign."""
    found = set()
    for text in {sender, sender.rpartition("<")[2].partition(">")[0]}:
        plain = re.sub(r"\([^()]*\)|[\"\\\s]", "", text.lower())
        plain = plain.strip("<>").rstrip(".:")
        for start in {plain, plain.rpartition(":")[2], plain.rpartition(",")[2]}:
            found.add(start)
            for host in ("relay.example.edu", "example.edu"):
                found.add(start.removesuffix(f"@{host}").replace("%", "@"))
                found.add(start.removesuffix(f"@{host}"))
                found.add(start.removeprefix(f"{host}!"))
                found.add(f"{start}@{host}")
            head, bang, tail = start.rpartition("!")
            if bang:
                found.add(f"{tail}@{head}")
    return {address.rstrip(".") for address in found}
