# SPDX-License-Identifier: MIT
"""People whom a test puts into the directory, renames, switches off and takes out again."""

import itertools
import time

import demo
from browser import Browser

PEOPLE = "ou=People,dc=example,dc=edu"
numbers = itertools.count(int(time.time()) % 100000 * 100)


class Person:
    """Somebody whom the test has put into the directory."""

    def __init__(self, login):
        self.cn, self.login = f"t{next(numbers)}", login
        self.add()

    @property
    def dn(self):
        return f"CN={self.cn},{PEOPLE}"

    def add(self):
        demo.ldap("ldapadd", f"dn: {self.dn}\nobjectClass: user\nobjectClass: mailRecipient\ncn: {self.cn}\nsn: {self.cn}\n"
                  f"objectCategory: person\nsAMAccountName: {self.login}\nuserAccountControl: 512\n"
                  f"mail: {self.cn}@example.edu\ndisplayName: Name {self.cn}\nuserPassword: right\n")
        found = demo.ldap("ldapsearch", "", "-LLL", "-b", self.dn, "-s", "base", "entryUUID")
        self.id = found.split("entryUUID: ")[1].strip()

    def change(self, attribute, value):
        demo.ldap("ldapmodify", f"dn: {self.dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")

    def rename(self, login):
        self.change("sAMAccountName", login)
        self.login = login

    def switch(self, on):
        self.change("userAccountControl", 512 if on else 514)

    def remove(self):
        demo.ldap("ldapdelete", self.dn + "\n")

    def browser(self):
        """One in which this person has signed in."""
        browser = Browser()
        assert browser.sign_in(self.login, "right").status_code == 303
        assert browser.token
        return browser


def sessions(person):
    """How many live ones the person has."""
    return demo.sql("SELECT count(*) FROM session WHERE person_id = :'id' AND ended_at IS NULL", id=person.id)[0][0]
