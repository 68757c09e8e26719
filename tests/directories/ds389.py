# SPDX-License-Identifier: MIT
"""389 DS, arranged as FreeIPA arranges it, with its plugins for memberOf and for names that change."""

import ldap

import servers
from servers import MANY, PASSWORD, dn, password_of

SUFFIX = "dc=example,dc=edu"
ALL_PEOPLE = f"cn=users,cn=accounts,{SUFFIX}"
PEOPLE, MOVED = ALL_PEOPLE, f"ou=Moved,{ALL_PEOPLE}"
GROUPS, ACCOUNTS = f"cn=groups,cn=accounts,{SUFFIX}", f"cn=mailboxes,{SUFFIX}"
PORTAL = f"uid=appsmtp,cn=sysaccounts,cn=etc,{SUFFIX}"

INSTANCE = """\
[general]
full_machine_name = {host}
start = True
selinux = False
strict_host_checking = False
[slapd]
instance_name = {instance}
port = {port}
secure_port = 636
root_password = {secret}
self_sign_cert = False
db_lib = mdb
[backend-userroot]
suffix = {suffix}
create_suffix_entry = True
"""

# nsSizeLimit and the like: what the worked example says.
LIMITS = {"nsSizeLimit": ["-1"], "nsLookThroughLimit": ["-1"], "nsTimeLimit": ["10"]}
ACI = ['(targetattr != "userPassword")(version 3.0; acl "read"; allow (read, search, compare) userdn = "ldap:///all";)']


def switch(plugin, **settings):
    return f"cn={plugin},cn=plugins,cn=config", {"nsslapd-pluginEnabled": "on", **settings}


CONFIGURATION = [
    ("cn=config", {"nsslapd-security": "on", "passwordLockout": "on", "passwordMaxFailure": "6"}),
    # It refuses a login outside ASCII, which other sites allow.
    ("cn=7-bit check,cn=plugins,cn=config", {"nsslapd-pluginEnabled": "off"}),
    switch("MemberOf Plugin", memberofgroupattr="member"),
    switch("referential integrity postoperation", **{"referint-update-delay": "0", "referint-membership-attr": ["member", "owner"]}),
]


# As FreeIPA has it.
EXPIRATION = ("( 2.16.840.1.113719.1.301.4.24.1 NAME 'krbPrincipalExpiration' EQUALITY generalizedTimeMatch "
              "ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )")


class DS389(servers.Server):
    name = "389-ds"
    hosts = ["ipa1.example.edu", "ipa2.example.edu"]
    places = ["127.0.0.21", "127.0.0.22"]
    administrator = "cn=Directory Manager"
    shows_lockout = False  # cn=config is not for the portal's account
    nested = "memberof"
    nested_for_many = ["recursion", "memberof"]
    outside_nested = ("uwe", "sven", "finn")  # whom it cannot find through their groups
    elsewhere = MOVED
    mistakes = {
        "owner": ('dn-attribute="owner"', 'dn-attribute="mistyped"'),
        "address": ('attribute="mail"/>', 'attribute="mistyped"/>'),
        "member": ('member-attribute="member ', 'member-attribute="mistyped '),
        "people": ('<people base="cn=users', '<people base="cn=mistyped,cn=users'),
        "accounts": ('<accounts base="cn=mail', '<accounts base="cn=mistyped,cn=mail'),
        "groups": ('<groups base="cn=groups', '<groups base="cn=mistyped,cn=groups'),
        "eligible": ('(nsAccountLock=', '(mistyped='),
    }

    @property
    def instance(self):
        return self.folder.name

    def dsctl(self, *words):
        servers.run("/usr/sbin/dsctl", self.instance, *words)

    def create(self):
        """An empty instance with TLS, which does not run."""
        answers = self.folder / "instance.inf"
        answers.write_text(INSTANCE.format(host=self.hosts[0], instance=self.instance, port=3890, secret=self.secret, suffix=SUFFIX))
        servers.run("/usr/sbin/dscreate", "from-file", answers)
        self.configure()
        self.dsctl("stop")
        self.dsctl("tls", "import-ca", "/etc/appsmtp/directory-ca.pem", "directory-ca")
        self.dsctl("tls", "import-server-key-cert", self.folder / "tls.pem", self.folder / "tls.key")

    def configure(self):
        """While it listens at its first port, in clear, which never leaves loopback."""
        connection = ldap.initialize("ldap://127.0.0.1:3890")
        connection.simple_bind_s(self.administrator, self.secret)
        connection.modify_s("cn=schema", [(ldap.MOD_ADD, "attributeTypes", EXPIRATION.encode())])
        where = {"nsslapd-listenhost": self.address, "nsslapd-securelistenhost": self.address, "nsslapd-port": "389"}
        for name, settings in [*CONFIGURATION, ("cn=config", where)]:
            connection.modify_s(name, [(ldap.MOD_REPLACE, key, values) for key, values in
                                       servers.as_bytes({k: v if isinstance(v, list) else [v] for k, v in settings.items()}).items()])

    def start(self):
        self.dsctl("start")
        servers.wait_until(self.listens, self.name)

    def stop(self):
        self.dsctl("stop")

    def prepare(self, matrix):
        self.create()
        self.start()
        self.add(entries(matrix))
        self.demand_new_passwords([p.name for p in matrix.people if p.one("state") == "must-change"])

    def refusing(self):
        """Another, which does not know the portal."""
        other = DS389(self.folder.with_name("389-ds-2"), 1)
        other.create()
        return other

    def demand_new_passwords(self, names):
        """Only who is given a password while that is set has to change it: nobody else, the portal least of all."""
        connection = self.as_administrator()
        connection.modify_s("cn=config", [(ldap.MOD_REPLACE, "passwordMustChange", b"on")])
        for name in names:
            connection.modify_s(self.person_dn(name), [(ldap.MOD_REPLACE, "userPassword", password_of(name).encode())])
        connection.modify_s("cn=config", [(ldap.MOD_REPLACE, "passwordMustChange", b"off")])

    def person_dn(self, name):
        return dn(name, PEOPLE, "uid")

    def rename(self, name, new):
        self.as_administrator().rename_s(self.person_dn(name), f"uid={new}")


STATES = {
    "disabled": {"nsAccountLock": ["TRUE"]},
    # FreeIPA's attribute; 389 DS by itself has none for a person's end.
    "expired": {"krbPrincipalExpiration": ["20200101000000Z"]},
}


def person(thing):
    attributes = {
        "objectClass": ["inetOrgPerson", "posixAccount", "nsMemberOf", "extensibleObject"], "cn": [thing.cn], "sn": [thing.name],
        "uid": [thing.name, *thing.all("login")], "displayName": [thing.name.capitalize()],
        "mail": thing.all("mail") or [servers.mail_of(thing)], "userPassword": [password_of(thing.name)],
        "uidNumber": ["1000"], "gidNumber": [servers.gid(thing.one("primary-group", "users"))], "homeDirectory": ["/nonexistent"],
    }
    return dn(thing.name, PEOPLE, "uid"), {**attributes, **STATES.get(thing.one("state"), {})}


def further(thing):
    return dn(thing.cn, PEOPLE), {"objectClass": ["inetOrgPerson"], "cn": [thing.cn], "sn": [thing.name], "uid": [thing.name],
                                  "userPassword": [password_of(thing.name)]}


def holder(matrix, name):
    return dn(name, PEOPLE, "uid") if matrix.is_person(name) else dn(name, GROUPS)


def group(matrix, thing):
    members = [holder(matrix, name) for name in thing.all("member")]
    members += [dn(f"{MANY}{i}", PEOPLE, "uid") for i in range(int(thing.one("many", 0)))]
    shapes = {
        "unique": {"objectClass": ["groupOfUniqueNames"], "uniqueMember": members},
        "logins": {"objectClass": ["groupOfNames", "posixGroup"], "gidNumber": [servers.gid(thing.name)], "memberUid": thing.all("member")},
    }
    names = {"objectClass": ["groupOfNames", "nsMemberOf"], "member": members,
             "owner": [holder(matrix, name) for name in thing.all("manager")]}
    if thing.all("address"):
        names = {**names, "objectClass": [*names["objectClass"], "extensibleObject"], "mail": thing.all("address")}
    return dn(thing.name, GROUPS), {"cn": [thing.name], **shapes.get(thing.one("kind"), names)}


def contact(thing):
    """Among the groups: not where people are."""
    return dn(thing.cn, GROUPS), {"objectClass": ["inetOrgPerson"], "cn": [thing.cn], "sn": [thing.cn], "mail": thing.all("address")}


def account(matrix, thing):
    return dn(thing.name, ACCOUNTS, "uid"), {
        "objectClass": ["account", "mailRecipient", "mailGroup"], "uid": [thing.name], "description": [thing.cn],
        "mail": thing.all("address")[:1], "mailAlternateAddress": thing.all("address")[1:],
        "owner": [holder(matrix, name) for name in thing.all("owner")],
        "nsAccountLock": ["TRUE"] if thing.one("state") == "off" else [],
    }


def administrators(matrix, thing):
    members = [holder(matrix, name) for name in thing.all("administrator")]
    return dn(f"{thing.name}-adm", GROUPS), {"objectClass": ["groupOfNames", "nsMemberOf"], "cn": [f"{thing.name}-adm"], "member": members}


def frame():
    for base in (f"cn=accounts,{SUFFIX}", ALL_PEOPLE, GROUPS, ACCOUNTS, f"cn=etc,{SUFFIX}", f"cn=sysaccounts,cn=etc,{SUFFIX}"):
        yield base, {"objectClass": ["nsContainer"], "cn": [base.split(",")[0][3:]], "aci": ACI}
    yield MOVED, {"objectClass": ["organizationalUnit"], "ou": ["Moved"]}
    yield PORTAL, {"objectClass": ["account", "simpleSecurityObject", "extensibleObject"], "uid": ["appsmtp"], "userPassword": [PASSWORD], **LIMITS}


def entries(matrix):
    yield from frame()
    yield from map(person, matrix.people)
    yield from map(further, matrix.further)
    for i in range(3000):
        yield dn(f"{MANY}{i}", PEOPLE, "uid"), {"objectClass": ["account", "nsMemberOf"], "uid": [f"{MANY}{i}"]}
    yield from (group(matrix, thing) for thing in matrix.groups)
    yield from map(contact, matrix.contacts)
    yield from (account(matrix, thing) for thing in matrix.accounts)
    yield from (administrators(matrix, thing) for thing in matrix.accounts if thing.all("administrator"))
