# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The portal's configuration and the secrets that it names.

# secret_copy PART FROM TO copies a secret so that only this part's account reads it.
secret_copy() {
    put_as "$1" "$3" <"$2"
}

# put_as PART FILE writes standard input to a file that only this part's account
# reads, whole or not at all.
put_as() {
    local account
    account=$(account_of "$1")
    (umask 077 && cat >"$2.new")
    if ((EUID == 0)); then
        chown "$account:$(id -gn "$account")" "$2.new"
    fi
    mv -f "$2.new" "$2"
}

# secret PART NAME [VALUE] makes a secret once; without a value it is random.
secret() {
    local file=$DIR/secrets/$2
    if [[ ! -s $file ]]; then
        printf '%s\n' "${3:-$(openssl rand -hex 24)}" | put_as "$1" "$file"
    fi
}

config() {
    mkdir -p "$DIR/secrets"
    secret portal directory.password portal-secret
    secret portal portal.password
    secret caller export.password
    secret caller notify.password
    secret caller owner.password
    fill "$HERE/appsmtp.xml.in" DIR="$DIR" PORT="$PORT" RELAY_PORT="$RELAY_PORT" \
        DATABASE="$(pooler_host)" DNS_PORT="$(port_for dns)" DIRECTORY_PORT="$(port_for directory)" \
        NOTICES_PORT="$(notices_port)" POSTMAP="$(postmap_path)" | put "$DIR/appsmtp.xml"
}
