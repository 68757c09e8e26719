# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Which Postfix the relay is: the installed one or, where the machine has another
# mail server, one that is unpacked into the folder with its libraries; two accounts
# that every Debian has stand in for its own then.

POSTFIX_ROOT=
POSTFIX_ENVIRONMENT=()

postfix_find() {
    local libraries
    if ! packages_has_rival; then
        return
    fi
    POSTFIX_ROOT=$DIR/packages
    libraries=$(printf '%s:' "$POSTFIX_ROOT"/usr/lib/postfix "$POSTFIX_ROOT"{/usr,}/lib/*-linux-gnu*)
    POSTFIX_ENVIRONMENT=("LD_LIBRARY_PATH=${libraries%:}")
}

postfix_unpack() {
    if packages_has_rival; then
        packages_unpack "$DIR/packages" postfix postfix-lmdb
        postfix_find
        printf '%s\n' '#!/bin/sh' "${POSTFIX_ENVIRONMENT[0]} exec '$POSTFIX_ROOT/usr/sbin/postmap' \"\$@\"" |
            install -m 0755 /dev/stdin "$POSTFIX_ROOT/postmap"
        echo 'lmdb postfix-lmdb.so dict_lmdb_open mkmap_lmdb_open' >"$POSTFIX_ROOT/etc/postfix/dynamicmaps.cf"
    fi
}

# postfix_apart prints the settings of one that was unpacked.
postfix_apart() {
    if [[ $POSTFIX_ROOT ]]; then
        cat <<CF
daemon_directory = $POSTFIX_ROOT/usr/lib/postfix/sbin
command_directory = $POSTFIX_ROOT/usr/sbin
shlib_directory = $POSTFIX_ROOT/usr/lib/postfix
meta_directory = $POSTFIX_ROOT/etc/postfix
sendmail_path = $POSTFIX_ROOT/usr/sbin/sendmail
mailq_path = $POSTFIX_ROOT/usr/bin/mailq
newaliases_path = $POSTFIX_ROOT/usr/bin/newaliases
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C ${POSTFIX_ENVIRONMENT[*]}
setgid_group = news
CF
    fi
}

postmap_path() {
    if [[ $POSTFIX_ROOT ]]; then
        echo "$POSTFIX_ROOT/postmap"
    else
        command -v postmap
    fi
}

# postfix_command WORD runs Postfix's own command on this instance, and on no other.
postfix_command() {
    (detached relay-command as_root env "${POSTFIX_ENVIRONMENT[@]}" \
        "$POSTFIX_ROOT/usr/sbin/postfix" -c "$DIR/postfix/config" "$1")
}
