# SPDX-License-Identifier: MIT
"""Samba as a domain controller of Active Directory, its schema extended as a site with Exchange has it."""

import base64
import shutil

import ldap

import servers
from servers import MANY, PASSWORD, dn, password_of

SUFFIX = "DC=ad,DC=example,DC=edu"
STAFF, MOVED = f"OU=Staff,{SUFFIX}", f"OU=Moved,{SUFFIX}"
GROUPS, ACCOUNTS = f"OU=Groups,{SUFFIX}", f"OU=Mailboxes,{SUFFIX}"
SCHEMA = f"CN=Schema,CN=Configuration,{SUFFIX}"

NORMAL, DISABLED = 512, 514  # userAccountControl
SECURITY, DISTRIBUTION = -2147483640, 8  # groupType, both universal
LONG_AGO = 132000000000000000  # accountExpires, in the year 2019
SHARED, REMOVED = 4, 1  # msExchRecipientTypeDetails

# Of Exchange's own schema, as far as the worked example names it.
EXCHANGE = {
    "msExchRecipientTypeDetails": {"attributeID": ["1.3.6.1.4.1.4203.666.77.2.3"], "attributeSyntax": ["2.5.5.16"],
                                   "oMSyntax": ["65"], "isSingleValued": ["TRUE"], "searchFlags": ["1"]},
    "msExchCoManagedByLink": {"attributeID": ["1.3.6.1.4.1.4203.666.77.2.1"], "attributeSyntax": ["2.5.5.1"],
                              "oMSyntax": ["127"], "oMObjectClass": [base64.b64decode("KwwCh3McAIVK")],
                              "isSingleValued": ["FALSE"], "linkID": ["42420"]},
}


def schema():
    """And what a site has to add to own mailboxes by managedBy: see the worked example."""
    for name, attributes in EXCHANGE.items():
        yield f"CN={name},{SCHEMA}", {"objectClass": ["attributeSchema"], "lDAPDisplayName": [name], **attributes}


class ActiveDirectory(servers.Server):
    name = "active-directory"
    hosts = ["dc1.ad.example.edu", "dc2.ad.example.edu"]
    places = ["127.0.0.11", "127.0.0.12"]
    administrator = "administrator@ad.example.edu"
    nested = "chain"
    nested_for_many = ["chain"]  # level by level takes Samba longer than the worked example allows
    outside_nested = ()  # whom it cannot find through their groups
    elsewhere = MOVED
    mistakes = {
        "owner": ('dn-attribute="managedBy"', 'dn-attribute="mistyped"'),
        "address": ('attribute="proxyAddresses"', 'attribute="mistyped"'),
        "member": ('member-attribute="member"', 'member-attribute="mistyped"'),
        "people": ('<people base="DC=ad', '<people base="OU=mistyped,DC=ad'),
        "accounts": ('<accounts base="OU=Mail', '<accounts base="OU=mistyped,OU=Mail'),
        "groups": ('<groups base="DC=ad', '<groups base="OU=mistyped,DC=ad'),
        "eligible": ('(msExchRecipientTypeDetails=4)', '(mistyped=4)'),
    }

    @property
    def settings(self):
        return {
            "interfaces": self.address, "bind interfaces only": "yes", "server services": "ldap",
            "tls cafile": "/etc/appsmtp/directory-ca.pem", "tls certfile": self.folder / "tls.pem",
            "tls keyfile": self.folder / "tls.key", "posix:eadb": self.folder / "eadb.tdb",
            "pid directory": self.folder, "ncalrpc dir": self.folder / "ncalrpc",
            "dsdb:schema update allowed": "yes", "log level": "0", "ldap server require strong auth": "yes",
        }

    @property
    def options(self):
        return [f"--option={name}={value}" for name, value in self.settings.items()]

    def provision(self):
        servers.run("samba-tool", "domain", "provision", "--quiet", f"--targetdir={self.folder}", "--realm=AD.EXAMPLE.EDU",
                    "--domain=EXAMPLE", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", f"--host-ip={self.address}",
                    f"--adminpass={self.secret}", *self.options)
        self.tool("domain", "passwordsettings", "set", "--account-lockout-threshold=6")

    def start(self):
        self.spawn("/usr/sbin/samba", "--interactive", "--model=single", "--no-process-group",
                   f"--configfile={self.folder}/etc/smb.conf", *self.options)

    def tool(self, *words):
        servers.run("samba-tool", *words, f"--configfile={self.folder}/etc/smb.conf", "-H", self.folder / "private/sam.ldb")

    def prepare(self, _matrix):
        self.provision()
        servers.run("/usr/bin/python3", "-B", servers.HERE / "load_samba.py", self.folder)
        shutil.copytree(self.folder, self.copy)

    @property
    def copy(self):
        return self.folder.with_name("copy")

    def refusing(self):
        """The same domain, but the portal has another password there: as if it had just been changed."""
        other = ActiveDirectory(self.folder.with_name("active-directory-2"), 1)
        shutil.copytree(self.copy, other.folder, dirs_exist_ok=True)
        settings = other.folder / "etc/smb.conf"
        settings.write_text(settings.read_text().replace(f"{self.folder}/", f"{other.folder}/"))
        # The last password but one: the last is good for another hour.
        for number in (1, 2):
            other.tool("user", "setpassword", "svc-appsmtp", f"--newpassword=Another-secret-{number}")
        return other

    def person_dn(self, name):
        return dn(name, STAFF)

    def rename(self, name, new):
        """The login is one attribute of several: the entry keeps its name."""
        self.as_administrator().modify_s(self.person_dn(name), [
            (ldap.MOD_REPLACE, "sAMAccountName", new.encode()),
            (ldap.MOD_REPLACE, "userPrincipalName", f"{new}@ad.example.edu".encode())])


STATES = {
    "disabled": {"userAccountControl": [DISABLED]},
    "expired": {"accountExpires": [LONG_AGO]},
    "must-change": {"pwdLastSet": [0]},
}


def password(name):
    return [f'"{password_of(name)}"'.encode("utf-16-le")]


def user(name):
    return {"objectClass": ["user"], "sAMAccountName": [name], "userPrincipalName": [f"{name}@ad.example.edu"],
            "userAccountControl": [NORMAL]}


def person(thing):
    return dn(thing.cn, STAFF), {
        **user(thing.name), "displayName": [thing.name.capitalize()], "unicodePwd": password(thing.name),
        "mail": thing.all("mail") or [servers.mail_of(thing)], **STATES.get(thing.one("state"), {})}


def holder(matrix, name):
    return dn(matrix.person(name).cn, STAFF) if matrix.is_person(name) else dn(name, GROUPS)


def sam_name(name):
    """Some signs are not for sAMAccountName."""
    return "".join("-" if c in '"/\\[]:;|=,+*?<>()# ' else c for c in name).strip("-")


def group(matrix, thing):
    members = [holder(matrix, name) for name in thing.all("member")]
    members += [dn(f"{MANY}{i}", STAFF) for i in range(int(thing.one("many", 0)))]
    return dn(thing.name, GROUPS), {
        "objectClass": ["group"], "sAMAccountName": [sam_name(thing.name)], "member": members,
        "groupType": [DISTRIBUTION if thing.one("kind") == "list" else SECURITY],
        "managedBy": [holder(matrix, name) for name in thing.all("manager")], **holding(thing)}


def holding(thing):
    """The addresses of what is no account."""
    return {"proxyAddresses": [f"SMTP:{a}" for a in thing.all("address")], "mail": thing.all("address")}


def contact(thing):
    return dn(thing.cn, STAFF), {"objectClass": ["contact"], "displayName": [thing.cn], **holding(thing)}


def account(matrix, thing):
    addresses = thing.all("address")
    return dn(thing.cn, ACCOUNTS), {
        **user(thing.name), "userAccountControl": [DISABLED], "displayName": [thing.cn],
        "proxyAddresses": [f"SMTP:{addresses[0]}", *(f"smtp:{a}" for a in addresses[1:]), "X500:/o=Example/cn=x"],
        "mail": addresses[:1], "managedBy": [holder(matrix, name) for name in thing.all("owner")],
        "msExchCoManagedByLink": [holder(matrix, name) for name in thing.all("administrator")],
        "msExchRecipientTypeDetails": [REMOVED if thing.one("state") == "off" else SHARED]}


def frame():
    for base in (STAFF, MOVED, GROUPS, ACCOUNTS):
        yield base, {"objectClass": ["organizationalUnit"]}
    yield f"CN=svc-appsmtp,{STAFF}", {**user("svc-appsmtp"), "unicodePwd": [f'"{PASSWORD}"'.encode("utf-16-le")]}


def groups_in_order(matrix):
    """A group without its members, and then all members: a circle has no beginning."""
    entries = [group(matrix, thing) for thing in matrix.groups]
    yield from ((name, {**attributes, "member": []}) for name, attributes in entries)


def entries(matrix):
    yield from frame()
    yield from map(person, matrix.people)
    for i in range(3000):
        yield dn(f"{MANY}{i}", STAFF), {"objectClass": ["contact"]}
    yield from groups_in_order(matrix)
    yield from map(contact, matrix.contacts)
    yield from (account(matrix, thing) for thing in matrix.accounts)


def members(matrix):
    for thing in matrix.groups:
        name, attributes = group(matrix, thing)
        yield name, attributes["member"]


def primary_groups(matrix):
    """Of a person and the group, which has to be a group of theirs already."""
    for thing in matrix.people:
        if thing.one("primary-group"):
            yield dn(thing.cn, STAFF), dn(thing.one("primary-group"), GROUPS)
