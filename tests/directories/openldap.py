# SPDX-License-Identifier: MIT
"""OpenLDAP with the schemas that come with it."""

import servers
from servers import MANY, PASSWORD, dn, password_of

SUFFIX = "dc=example,dc=edu"
PEOPLE, MOVED = f"ou=Staff,ou=People,{SUFFIX}", f"ou=Moved,ou=People,{SUFFIX}"
GROUPS, ACCOUNTS = f"ou=Groups,{SUFFIX}", f"ou=Mailboxes,{SUFFIX}"
NEVER = "000001010000Z"  # pwdAccountLockedTime: until somebody unlocks it

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/dyngroup.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload refint
moduleload dynlist
pidfile {folder}/slapd.pid
TLSCACertificateFile /etc/appsmtp/directory-ca.pem
TLSCertificateFile {folder}/tls.pem
TLSCertificateKeyFile {folder}/tls.key

database mdb
maxsize 1073741824
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
rootpw {secret}
directory {folder}/db
dbnosync
index objectClass,uid,mail,owner,member,memberUid eq
limits dn.exact="cn=appsmtp,ou=Services,{suffix}" size.soft=unlimited size.hard=unlimited size.pr=1000 size.prtotal=unlimited time=10
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous none
overlay refint
refint_attributes member owner uniqueMember
overlay ppolicy
ppolicy_default "cn=policy,{suffix}"
overlay dynlist
dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames*
"""

STATES = {
    "disabled": {"pwdAccountLockedTime": [NEVER]},
    "expired": {"pwdEndTime": ["20200101000000Z"]},
    "must-change": {"pwdReset": ["TRUE"]},
}


class OpenLDAP(servers.Server):
    name = "openldap"
    hosts = ["ldap1.example.edu", "ldap2.example.edu"]
    places = ["127.0.0.31", "127.0.0.32"]
    administrator = f"cn=admin,{SUFFIX}"
    nested = "memberof"
    nested_for_many = ["recursion", "memberof"]
    outside_nested = ("uwe", "sven", "finn")  # whom it cannot find through their groups
    elsewhere = MOVED
    mistakes = {
        "owner": ('dn-attribute="owner"', 'dn-attribute="mistyped"'),
        "address": ('attribute="mail"/>', 'attribute="mistyped"/>'),
        "member": ('member-attribute="member ', 'member-attribute="mistyped '),
        "people": ('<people base="ou=People', '<people base="ou=mistyped,ou=People'),
        "accounts": ('<accounts base="ou=Mail', '<accounts base="ou=mistyped,ou=Mail'),
        "groups": ('<groups base="ou=Groups', '<groups base="ou=mistyped,ou=Groups'),
        "eligible": ('(pwdAccountLockedTime=', '(mistyped='),
    }

    def start(self):
        self.spawn("/usr/sbin/slapd", "-d", "0", "-f", self.folder / "slapd.conf",
                   "-h", f"ldap://{self.address} ldaps://{self.address}")

    def load(self, entries_):
        """While it does not run."""
        (self.folder / "db").mkdir()
        (self.folder / "slapd.conf").write_text(
            CONFIGURATION.format(folder=self.folder, suffix=SUFFIX, secret=self.secret))
        ldif = self.folder / "matrix.ldif"
        ldif.write_text("\n".join(map(as_ldif, entries_)))
        servers.run("/usr/sbin/slapadd", "-q", "-f", self.folder / "slapd.conf", "-l", ldif)

    def prepare(self, matrix):
        self.load(entries(matrix))

    def refusing(self):
        """Another, which does not know the portal."""
        other = OpenLDAP(self.folder.with_name("openldap-2"), 1)
        other.load(entry for entry in frame() if "appsmtp" not in entry[0])
        return other

    def person_dn(self, name):
        return dn(name, PEOPLE, "uid")

    def rename(self, name, new):
        self.as_administrator().rename_s(self.person_dn(name), f"uid={new}")


def as_ldif(entry):
    name, attributes = entry
    lines = [servers.ldif_line("dn", name)]
    for attribute, values in attributes.items():
        lines += [servers.ldif_line(attribute, value) for value in values]
    return "\n".join(lines) + "\n"


def person(thing):
    attributes = {
        "objectClass": ["inetOrgPerson", "posixAccount"], "cn": [thing.cn], "sn": [thing.name],
        "uid": [thing.name, *thing.all("login")], "displayName": [thing.name.capitalize()],
        "mail": thing.all("mail") or [servers.mail_of(thing)], "userPassword": [password_of(thing.name)],
        "uidNumber": ["1000"], "gidNumber": [servers.gid(thing.one("primary-group", "users"))],
        "homeDirectory": ["/nonexistent"],
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
        "logins": {"objectClass": ["posixGroup"], "gidNumber": [servers.gid(thing.name)], "memberUid": thing.all("member")},
    }
    names = {"objectClass": ["groupOfNames"], "member": members,
             "owner": [holder(matrix, name) for name in thing.all("manager")]}
    if thing.all("address"):
        names = {**names, "objectClass": [*names["objectClass"], "extensibleObject"], "mail": thing.all("address")}
    return dn(thing.name, GROUPS), {"cn": [thing.name], **shapes.get(thing.one("kind"), names)}


def contact(thing):
    """Among the groups: not where people are."""
    return dn(thing.cn, GROUPS), {"objectClass": ["inetOrgPerson"], "cn": [thing.cn], "sn": [thing.cn], "mail": thing.all("address")}


def account(matrix, thing):
    return dn(thing.name, ACCOUNTS, "uid"), {
        "objectClass": ["account", "extensibleObject"], "uid": [thing.name], "description": [thing.cn],
        "mail": thing.all("address"), "owner": [holder(matrix, name) for name in thing.all("owner")],
        "memberUid": thing.all("administrator"),
        "pwdAccountLockedTime": [NEVER] if thing.one("state") == "off" else [],
    }


def frame():
    yield SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": ["example"], "o": ["Example"]}
    for base in (f"ou=People,{SUFFIX}", PEOPLE, MOVED, GROUPS, ACCOUNTS, f"ou=Services,{SUFFIX}"):
        yield base, {"objectClass": ["organizationalUnit"], "ou": [base.split(",")[0][3:]]}
    yield f"cn=appsmtp,ou=Services,{SUFFIX}", {"objectClass": ["organizationalRole", "simpleSecurityObject"],
                                               "cn": ["appsmtp"], "userPassword": [PASSWORD]}
    yield f"cn=policy,{SUFFIX}", {"objectClass": ["device", "pwdPolicy"], "cn": ["policy"], "pwdAttribute": ["userPassword"],
                                  "pwdLockout": ["TRUE"], "pwdMaxFailure": ["6"], "pwdMustChange": ["TRUE"]}


def entries(matrix):
    yield from frame()
    yield from map(person, matrix.people)
    yield from map(further, matrix.further)
    for i in range(3000):
        yield dn(f"{MANY}{i}", PEOPLE, "uid"), {"objectClass": ["account"], "uid": [f"{MANY}{i}"]}
    yield from (group(matrix, thing) for thing in matrix.groups)
    yield from map(contact, matrix.contacts)
    yield from (account(matrix, thing) for thing in matrix.accounts)
