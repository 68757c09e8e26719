# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# With APPSMTP_DEMO_POOLER=pgbouncer the programs reach the database through pgbouncer in
# transaction mode, otherwise with the settings that it has by itself.

# shellcheck disable=SC2153  # the caller's environment
pooler_wanted() {
    [[ ${APPSMTP_DEMO_POOLER-} ]]
}

# shellcheck disable=SC2034  # PARTS is the demo's
pooler_settings() {
    pooler_wanted || return 0
    [[ $APPSMTP_DEMO_POOLER == pgbouncer ]] || die "APPSMTP_DEMO_POOLER knows pgbouncer only: $APPSMTP_DEMO_POOLER"
    command -v pgbouncer >/dev/null || die "APPSMTP_DEMO_POOLER needs the package pgbouncer"
    PARTS=("${PARTS[@]/#database/database pooler}")
    read -r -a PARTS <<<"${PARTS[*]}"
}

# pooler_host prints libpq's words for where the programs find the database.
pooler_host() {
    if pooler_wanted; then
        echo "host=$DIR/pooler port=6432"
    else
        echo "host=$DIR/database/socket"
    fi
}

pooler_start() {
    pooler_wanted || return 0
    own_by database "$DIR/pooler"
    chmod 0755 "$DIR/pooler"
    pooler_files
    if runs_with pooler "$(state_of "$DIR/pooler/pgbouncer.ini" "$DIR/pooler/users")"; then
        return
    fi
    start_program pooler "$(account_of database)" pgbouncer "$DIR/pooler/pgbouncer.ini"
    ready pooler 10 pooler_answers
}

pooler_files() {
    local role
    put_as database "$DIR/pooler/pgbouncer.ini" <<INI
[databases]
* = host=$DIR/database/socket
[pgbouncer]
pool_mode = transaction
unix_socket_dir = $DIR/pooler
auth_type = scram-sha-256
auth_file = $DIR/pooler/users
INI
    for role in "${DATABASE_ROLES[@]}"; do
        printf '"appsmtp_%s" "%s"\n' "$role" "$(<"$DIR/secrets/$role.password")"
    done | put_as database "$DIR/pooler/users"
}

pooler_runs() {
    runs pooler
}

pooler_answers() {
    "$(database_program pg_isready)" -q -h "$DIR/pooler" -p 6432
}

pooler_stop() {
    stop_program pooler INT
}

pooler_where() {
    pooler_host
}
