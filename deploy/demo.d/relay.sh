# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The policy daemon, the milter and a Postfix of its own that asks both. The system's Postfix,
# configured, running or neither, has no part in it.

# relay_program PART PROGRAM [OPTION...] starts one that Postfix asks, at a socket in its queue folder.
relay_program() {
    local part=$1 folder=$DIR/postfix/queue/appsmtp
    if runs_with "$part" "$(state_of "$DIR/install/bin" "$DIR/appsmtp.xml")"; then
        return
    fi
    # Postfix comes to the socket as another account: by the folder's group bit it may.
    as_root install -d -o "$(account_of "$part")" -g "$(id -gn "$(account_of relay)")" -m 2750 "$folder"
    : >>"$DIR/log/$part.log"
    start_program "$part" "$(account_of "$part")" "$DIR/install/bin/$2" \
        --snapshot "$DIR/export" --socket "$folder/$part" "${@:3}"
    ready "$part" 10 relay_program_answers "$part"
}

# relay_program_answers PART tells whether the program that was started does, and no other.
relay_program_answers() {
    answers "$1" "$DIR/postfix/queue/appsmtp/$1" "$(process_of "$1")"
}

policy_start() {
    own_by policy "$DIR/export/uses"
    relay_program policy appsmtp-policyd
}

policy_runs() {
    runs policy
}

policy_stop() {
    stop_program policy
}

policy_answers() {
    relay_program_answers policy
}

policy_where() {
    echo "unix:$DIR/postfix/queue/appsmtp/policy"
}

milter_start() {
    relay_program milter appsmtp-milter --policy "$DIR/postfix/queue/appsmtp/policy"
}

milter_runs() {
    runs milter
}

milter_stop() {
    stop_program milter
}

milter_answers() {
    relay_program_answers milter
}

milter_where() {
    echo "unix:$DIR/postfix/queue/appsmtp/milter"
}

# Also before the first export: postmap reads this configuration.
relay_prepare() {
    relay_folders
    relay_settings
}

relay_folders() {
    as_root install -d -o root -m 0755 "$DIR/postfix" "$DIR/postfix/config" "$DIR/postfix/queue"
    as_root install -d -o "$(account_of relay)" -m 0700 "$DIR/postfix/data"
    own_by mail "$DIR/mail" "$DIR/mail/notices" "$DIR/mail/new" "$DIR/mail/cur" "$DIR/mail/tmp"
}

relay_settings() {
    local account protocols=ipv4 listen="127.0.0.1:$RELAY_PORT"
    account=$(account_of mail)
    if loopback_has_ipv6; then
        protocols=all
    fi
    {
        relay_common "$(relay_bytes)"
        fill "$HERE/main.cf.in" DIR="$DIR" PROTOCOLS="$protocols" \
            OWNER="$(account_of relay)" MAIL_UID="$(id -u "$account")" MAIL_GID="$(id -g "$account")"
        postfix_apart
    } | put_config main.cf
    {
        # Each session opens the maps anew: nothing has to be reloaded, which takes root.
        sed "s/^smtp      inet \(.*\)/$listen inet \1 -o max_use=1/" "$TOP/deploy/postfix/master.cf"
        if [[ $protocols == all ]]; then
            echo "[::1]:$RELAY_PORT inet n - n - - smtpd -o max_use=1"
        fi
        echo "virtual unix - n n - - virtual"
        notices_services
    } | put_config master.cf
    cat "$DIR/pki/localhost.key" "$DIR/pki/localhost.pem" | put_config relay.pem 0600
}

# relay_common BYTES prints a real relay's main.cf without what the demo has in its own way, which
# goes with the lines that continue it: a parameter that stands there twice is a warning.
relay_common() {
    awk 'NR == FNR { if (/^[a-z]/) own[$1]; next }
         /^[^ \t]/ { gone = $1 in own }
         !gone' "$HERE/main.cf.in" "$TOP/deploy/postfix/main.cf" |
        sed "s|/var/lib/appsmtp/export|$DIR/export|; s|^message_size_limit =.*|message_size_limit = $1|"
}

# The largest message, from the configuration, where people read of it.
relay_bytes() {
    local megabytes
    megabytes=$(sed -n 's/.*<relay .*message-megabytes="\([0-9]*\)".*/\1/p' "$DIR/appsmtp.xml")
    echo $((${megabytes:-25} * 1024 * 1024))
}

# notices_port prints the port where Postfix takes the portal's own notices: the relay
# itself takes mail of registered senders only. It has no process of its own.
notices_port() {
    local port=$DIR/port/notices
    if [[ ! -s $port ]] || { ! relay_runs && port_taken "$(<"$port")"; }; then
        port_free >"$port.new"
        mv -f "$port.new" "$port"
    fi
    cat "$port"
}

# Notices become files in mail/notices/new, whoever they are for.
notices_services() {
    cat <<CF
127.0.0.1:$(notices_port) inet n - n - - smtpd
    -o mynetworks=127.0.0.0/8 -o content_filter=notices:all
    -o smtpd_sender_restrictions= -o smtpd_relay_restrictions=permit_mynetworks,reject
    -o smtpd_recipient_restrictions= -o smtpd_data_restrictions=
    -o smtpd_end_of_data_restrictions= -o smtpd_milters=
notices unix - n n - - virtual -o virtual_mailbox_maps=static:mail/notices/
CF
}

# put_config FILE [MODE] writes standard input; what Postfix reads has to be root's.
put_config() {
    as_root install -o root -m "${2:-0644}" /dev/stdin "$DIR/postfix/config/$1"
}

relay_start() {
    if runs_with relay "$(relay_state)"; then
        return
    fi
    ! port_taken "$RELAY_PORT" || die "relay: port $RELAY_PORT is taken by another program" \
        "  Choose another with APPSMTP_DEMO_RELAY_PORT."
    : >>"$DIR/log/relay.log"
    postfix_command start || die "relay: could not be started; the end of $DIR/log/relay-command.log:" \
        "$(tail -n 5 "$DIR/log/relay-command.log" "$DIR/log/relay.log")"
    { wait_for 10 relay_answers && relay_runs; } || die "relay: does not answer; the end of $DIR/log/relay.log:" \
        "$(tail -n 5 "$DIR/log/relay.log")"
    say "relay: started"
}

relay_state() {
    state_of "$DIR"/postfix/config/*.cf "$DIR/pki/localhost.pem"
}

relay_answers() {
    local banner
    { IFS= read -r -t 5 banner <"/dev/tcp/127.0.0.1/$RELAY_PORT"; } 2>/dev/null && [[ $banner == 220* ]]
}

# Postfix locks its process file as long as it runs.
relay_runs() {
    [[ -d $DIR/postfix/queue/pid ]] && postfix_command status
}

relay_process() {
    as_root cat "$DIR/postfix/queue/pid/master.pid" 2>/dev/null | tr -d ' '
}

relay_stop() {
    local id
    if relay_runs; then
        id=$(relay_process)
        # shellcheck disable=SC2016  # the inner shell fills it in; not everywhere is kill a program
        as_root "$BASH" -c 'kill -TERM "$1"' bash "$id" || true
        wait_for 20 session_gone "$id" || die "relay: process $id cannot be stopped"
        say "relay: stopped"
    fi
}

relay_where() {
    echo "localhost port $RELAY_PORT, mail goes to $DIR/mail/new"
}
