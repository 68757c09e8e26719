# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every part of the demo needs: messages, accounts, ports, and programs that
# are started in the background and stopped again. DIR is the demo's folder.

say() {
    printf '%s\n' "$*"
}

# die LINE... ends with a message on standard error.
die() {
    printf '%s\n' "deploy/demo: $1" "${@:2}" >&2
    exit 1
}

# --- accounts -----------------------------------------------------------------
# Root gives each part an account of its own kind; a user runs all as themself. Only
# Postfix has to be started by root, and does its work as the user, because another
# account could not enter a home folder that is closed to others.

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this step needs root, and sudo is not installed: $1"
    fi
}

# account_of PART prints the account that runs this part.
account_of() {
    if ((EUID != 0)); then
        id -un
        return
    fi
    case $1 in
        database) echo postgres ;;
        directory) echo openldap ;;
        web | portal | policy | milter) echo www-data ;;
        dns | mail) echo nobody ;;
        relay) id -un postfix 2>/dev/null || echo uucp ;;
        *) echo root ;;
    esac
}

# run_as ACCOUNT COMMAND... replaces the (sub)shell with the command.
run_as() {
    local account=$1
    shift
    if [[ $account == "$(id -un)" ]]; then
        exec "$@"
    fi
    exec setpriv --reuid="$account" --regid="$(id -gn "$account")" --init-groups -- \
        env HOME=/ USER="$account" LOGNAME="$account" "$@"
}

# own_by PART FOLDER... makes folders that only this part's account may write.
own_by() {
    local account
    account=$(account_of "$1")
    shift
    mkdir -p "$@"
    if ((EUID == 0)); then
        chown "$account:$(id -gn "$account")" "$@"
    fi
}

# --- programs in the background -----------------------------------------------
# One that was started leaves "process-id start-time" in DIR/run/NAME, so that a
# number which another process has by now is not mistaken for it.

# detached COMMAND... runs a command with none of the caller's descriptors.
detached() {
    local descriptor
    exec </dev/null >>"$DIR/log/$1.log" 2>&1
    for descriptor in /proc/self/fd/*; do
        descriptor=${descriptor##*/}
        ((descriptor <= 2)) || eval "exec $descriptor>&-"
    done
    shift
    "$@"
}

# start_time PROCESS prints when it was started, in ticks since boot; nothing
# where there is none, or only its remains.
start_time() {
    local line
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
    line=${line##*) }
    # shellcheck disable=SC2086  # the line is a list of words
    set -- $line
    [[ $1 == Z ]] || echo "${20}"
}

# logged NAME COMMAND... runs a command, or function, with its messages in
# DIR/log/NAME.log; ends with the last of them when it fails. It is waited for as
# a job, because bash forgets "set -e" in what stands before "||".
logged() {
    local name=$1
    shift
    (detached "$name" "$@") &
    wait $! || die "$name: failed; the end of $DIR/log/$name.log:" "$(tail -n 10 "$DIR/log/$name.log")"
}

# process_of NAME prints the process id when it runs.
process_of() {
    local id started
    { read -r id started <"$DIR/run/$1"; } 2>/dev/null || return 1
    [[ $started && $started == "$(start_time "$id")" ]] && echo "$id"
}

runs() {
    process_of "$1" >/dev/null
}

# start_program NAME ACCOUNT COMMAND... starts one in a session of its own; its
# messages go to DIR/log/NAME.log.
start_program() {
    local name=$1 account=$2 id
    shift 2
    (detached "$name" run_as "$account" setsid "$@") &
    id=$!
    echo "$id $(start_time "$id")" >"$DIR/run/$name"
}

# state_of PATH... prints a digest of these files and of what is in these folders.
state_of() {
    find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

# runs_with NAME STATE tells whether it runs, answers, and was started in this state; where
# not, it is stopped and the state is noted for the start that follows.
runs_with() {
    local note=$DIR/run/$1.state
    if "${1}_runs" && [[ $(cat "$note" 2>/dev/null) == "$2" ]] && "${1}_answers" >/dev/null 2>&1; then
        say "$1: running"
        return
    fi
    "${1}_stop"
    echo "$2" >"$note"
    return 1
}

# stop_program NAME [SIGNAL] returns when it is gone; after 10 seconds it is killed.
stop_program() {
    local name=$1 signal=${2:-TERM} id
    if id=$(process_of "$name"); then
        kill -"$signal" "$id" 2>/dev/null || true
        if ! wait_for 10 session_gone "$id"; then
            kill -KILL -- -"$id" 2>/dev/null || true
            wait_for 5 session_gone "$id" || die "$name: process $id cannot be stopped"
        fi
        say "$name: stopped"
    fi
    rm -f "$DIR/run/$name"
}

# session_gone PROCESS tells whether it and all that it started are gone; what
# only waits to be reaped is. By what is printed, and not by a status: cat fails
# whenever any process at all ends meanwhile.
session_gone() {
    local left
    left=$(cat /proc/[0-9]*/stat 2>/dev/null |
        awk -v session="$1" '{ sub(/^.*\) /, "") } $4 == session && $1 != "Z"') || true
    [[ -z $left ]]
}

# wait_for SECONDS COMMAND... tries until it succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    while ! "$@"; do
        ((SECONDS <= until)) || return 1
        sleep 0.05
    done
}

# ready NAME SECONDS COMMAND... waits until a started part answers, or ends with its last words.
ready() {
    local name=$1 seconds=$2
    shift 2
    if ! wait_for "$seconds" answers_or_gone "$name" "$@" || ! runs "$name"; then
        die "$name: does not answer; the end of $DIR/log/$name.log:" "$(tail -n 5 "$DIR/log/$name.log")"
    fi
    say "$name: started"
}

answers_or_gone() {
    local name=$1
    shift
    ! runs "$name" || "$@" >/dev/null 2>&1
}

# answers PART SOCKET|PORT [PROCESS] asks a question of this part's own kind.
answers() {
    python3 -B "$HERE/answers" "$@"
}

# --- ports --------------------------------------------------------------------

# port_taken PORT tells whether a TCP or UDP socket is bound to it.
port_taken() {
    local hex
    local -a tables=(/proc/net/tcp /proc/net/udp)
    [[ ! -r /proc/net/tcp6 ]] || tables+=(/proc/net/tcp6 /proc/net/udp6)
    hex=$(printf ':%04X' "$1")
    awk -v port="$hex" '
        FNR > 1 && substr($2, length($2) - 4) == port && ($4 == "0A" || FILENAME ~ /udp/) { found = 1 }
        END { exit !found }' "${tables[@]}"
}

# port_for NAME prints the port of a part inside the demo. It is chosen once, and
# again only when another program has taken it meanwhile.
port_for() {
    local name=$1 port=
    if [[ -r $DIR/port/$name ]]; then
        port=$(<"$DIR/port/$name")
    fi
    if [[ -z $port ]] || { ! runs "$name" && port_taken "$port"; }; then
        port=$(port_free)
        echo "$port" >"$DIR/port/$name"
    fi
    echo "$port"
}

# shellcheck disable=SC2153  # PORT and RELAY_PORT are the demo's settings
# Below the range from which Linux takes the ports of outgoing connections.
port_free() {
    local port
    while port=$((RANDOM % 10000 + 20000)); do
        if [[ $port != "$PORT" && $port != "$RELAY_PORT" ]] && ! port_taken "$port" &&
            ! grep -qx "$port" "$DIR"/port/* 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# --- files --------------------------------------------------------------------

# fill TEMPLATE NAME=VALUE... prints a template with each @NAME@ filled in.
fill() {
    local text pair
    text=$(<"$1")
    shift
    for pair in "$@"; do
        text=${text//"@${pair%%=*}@"/"${pair#*=}"}
    done
    printf '%s\n' "$text"
}

# put FILE writes standard input to it, whole or not at all.
put() {
    cat >"$1.new"
    mv -f "$1.new" "$1"
}
