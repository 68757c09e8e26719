# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A PostgreSQL of its own, reached through a socket in the folder and by no port.

DATABASE_ROLES=(owner portal export notify)

# database_program NAME prints the path of one of PostgreSQL's programs: of the version that
# made the cluster or, before there is one, of the newest that is installed.
database_program() {
    local version
    version=$(cat "$DIR/database/data/PG_VERSION" 2>/dev/null) ||
        version=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | cut -d / -f 5 | sort -V | tail -n 1)
    [[ -x /usr/lib/postgresql/$version/bin/initdb ]] || die \
        "database: PostgreSQL $version, which $DIR/database is of, is not installed" \
        "  Install it, or throw the data away: deploy/demo reset"
    echo "/usr/lib/postgresql/$version/bin/$1"
}

database_start() {
    local server
    if runs database; then
        say "database: running"
    else
        database_create
        server=$(database_program postgres)
        start_program database "$(account_of database)" "$server" -D "$DIR/database/data"
        ready database 30 database_answers
    fi
    database_roles
}

# The cluster appears whole or not at all.
database_create() {
    local folder=$DIR/database maker
    maker=$(database_program initdb)
    own_by database "$folder" "$folder/socket"
    chmod 0755 "$folder/socket"
    if [[ ! -e $folder/data ]]; then
        say "database: creating"
        rm -rf "$folder/new"
        logged database run_as "$(account_of database)" "$maker" \
            --no-sync --encoding=UTF8 --locale=C.UTF-8 --auth=peer -D "$folder/new"
        mv "$folder/new" "$folder/data"
    fi
    database_settings
}

database_settings() {
    put_as database "$DIR/database/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$DIR/database/socket'
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = 64MB
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
CONF
    put_as database "$DIR/database/data/pg_hba.conf" <<CONF
local all "$(account_of database)" peer
local all all scram-sha-256
CONF
}

database_answers() {
    "$(database_program pg_isready)" -q -h "$DIR/database/socket"
}

# database_ask DATABASE runs the SQL on standard input as the superuser.
database_ask() {
    (run_as "$(account_of database)" "$(database_program psql)" -X -q -v ON_ERROR_STOP=1 \
        -h "$DIR/database/socket" -d "$1") 2>>"$DIR/log/database.log" ||
        die "database: a statement failed; the end of $DIR/log/database.log:" \
            "$(tail -n 5 "$DIR/log/database.log")"
}

# The programs' roles, which reach no other database; the tables are made by the project's own program.
database_roles() {
    local role
    {
        for role in "${DATABASE_ROLES[@]}"; do
            cat <<SQL
SELECT 'CREATE ROLE appsmtp_$role' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'appsmtp_$role')
\\gexec
ALTER ROLE appsmtp_$role LOGIN PASSWORD '$(<"$DIR/secrets/$role.password")';
SQL
        done
        cat <<'SQL'
SELECT 'CREATE DATABASE appsmtp OWNER appsmtp_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'appsmtp')
\gexec
REVOKE CONNECT, TEMPORARY ON DATABASE appsmtp, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE appsmtp TO appsmtp_portal, appsmtp_export, appsmtp_notify;
SQL
    } | database_ask postgres
}

# Makes the tables, or brings them up to the version of the program.
database_tables() {
    logged tables "$DIR/install/bin/appsmtp-admin" --config "$DIR/appsmtp.xml" init
    say "database: tables are up to date"
}

database_stop() {
    stop_program database INT
}

database_where() {
    echo "host=$DIR/database/socket dbname=appsmtp"
}
