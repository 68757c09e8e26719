# SPDX-License-Identifier: MIT
"""load_samba.py FOLDER: loads the matrix into the domain in that folder while Samba does not run.

A program of its own, since Samba's libraries keep the domain's files open as long as it lives.
"""

import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

import active_directory
import matrix
import servers


def open_domain(folder):
    settings = LoadParm()
    settings.load(f"{folder}/etc/smb.conf")
    settings.set("dsdb:schema update allowed", "yes")
    return SamDB(url=f"{folder}/private/sam.ldb", session_info=system_session(), lp=settings)


def message(domain, name, attributes, flag):
    made = ldb.Message(ldb.Dn(domain, name))
    for attribute, values in servers.as_bytes(attributes).items():
        made[attribute] = ldb.MessageElement(values, flag, attribute)
    return made


def add(domain, name, attributes):
    domain.add(message(domain, name, attributes, ldb.FLAG_MOD_ADD))


def modify(domain, name, attributes, flag=ldb.FLAG_MOD_ADD):
    if any(attributes.values()):
        domain.modify(message(domain, name, attributes, flag))


def extend_schema(domain):
    for name, attributes in active_directory.schema():
        add(domain, name, attributes)
    domain.set_schema_update_now()
    modify(domain, f"CN=User,{active_directory.SCHEMA}", {"mayContain": [*active_directory.EXCHANGE, "managedBy"]})
    domain.set_schema_update_now()


def set_primary_group(domain, person, group):
    """The person leaves the members by it, as everywhere in Active Directory."""
    sid = domain.schema_format_value("objectSid", domain.search(group, ldb.SCOPE_BASE, attrs=["objectSid"])[0]["objectSid"][0])
    modify(domain, group, {"member": [person]})
    modify(domain, person, {"primaryGroupID": [sid.decode().rsplit("-", 1)[1]]}, ldb.FLAG_MOD_REPLACE)


def load(domain, loaded):
    domain.transaction_start()
    for name, attributes in active_directory.entries(loaded):
        add(domain, name, attributes)
    for name, values in active_directory.members(loaded):
        modify(domain, name, {"member": values})
    for person, group in active_directory.primary_groups(loaded):
        set_primary_group(domain, person, group)
    domain.transaction_commit()


def main(folder):
    extend_schema(open_domain(folder))
    load(open_domain(folder), matrix.Matrix())


main(sys.argv[1])
