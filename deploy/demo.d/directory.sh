# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The sample directory: an OpenLDAP that looks like Active Directory with Exchange.
# It is called 127.0.0.1, because libldap looks for the machine's own name in the
# certificate when it is told "localhost".

directory_prepare() {
    local folder=$DIR/directory
    own_by directory "$folder" "$folder/tls" "$folder/db"
    chmod 0700 "$folder/db"
    cp "$TOP/deploy/directory/sample.schema" "$folder/sample.schema"
    cp "$DIR/pki/roots.pem" "$folder/tls/ca.pem"
    cp "$DIR/pki/localhost.pem" "$folder/tls/server.pem"
    secret_copy directory "$DIR/pki/localhost.key" "$folder/tls/server.key"
    fill "$TOP/deploy/directory/slapd.conf.in" DIR="$folder" | put "$folder/slapd.conf"
}

# Filled again when the sample changed, and from an empty folder, so that one that
# was interrupted leaves nothing behind.
directory_fill() {
    local folder=$DIR/directory
    python3 "$TOP/deploy/directory/make-ldif" >"$folder/sample.ldif.new"
    if cmp -s "$folder/sample.ldif.new" "$folder/sample.ldif" &&
        cmp -s "$folder/sample.schema" "$folder/filled.schema"; then
        rm "$folder/sample.ldif.new"
        return
    fi
    say "directory: filling"
    find "$folder/db" -type f -delete
    logged directory run_as "$(account_of directory)" \
        slapadd -q -f "$folder/slapd.conf" -l "$folder/sample.ldif.new"
    cp "$folder/sample.schema" "$folder/filled.schema"
    mv "$folder/sample.ldif.new" "$folder/sample.ldif"
}

directory_start() {
    local port
    port=$(port_for directory)
    directory_prepare
    if runs_with directory "$(state_of "$DIR/directory"/slapd.conf "$TOP/deploy/directory" "$DIR/pki/localhost.pem")"; then
        return
    fi
    directory_fill
    start_program directory "$(account_of directory)" slapd -d none -4 \
        -h "ldaps://127.0.0.1:$port/" -f "$DIR/directory/slapd.conf"
    ready directory 20 directory_answers
}

directory_answers() {
    LDAPTLS_CACERT=$DIR/pki/roots.pem ldapwhoami -x -H "$(directory_where)/" -o nettimeout=2
}

directory_runs() {
    runs directory
}

directory_stop() {
    stop_program directory
}

directory_where() {
    echo "ldaps://127.0.0.1:$(<"$DIR/port/directory")"
}
