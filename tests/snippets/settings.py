# SPDX-License-Identifier: MIT
"""What "Set up your application" prints, as a person copies it from the page."""

import html.parser


class Settings(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.blocks = {}  # summary, or heading where it stands in none -> texts of its <pre>
        self.values = {}  # the same -> the list's values by their names
        self.words, self.place, self.key = "", None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("summary", "pre", "dt", "dd", "h2", "h3"):
            self.words = ""

    def handle_data(self, data):
        self.words += data

    def handle_endtag(self, tag):
        if tag in ("summary", "h2", "h3"):
            self.place = self.words.strip()
        elif tag == "pre":
            self.blocks.setdefault(self.place, []).append(self.words)
        elif tag == "dt":
            self.key = self.words.strip()
        elif tag == "dd":
            self.values.setdefault(self.place, {})[self.key] = self.words.strip()
