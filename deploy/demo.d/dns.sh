# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The sample zone, forward and reverse. Nothing is asked of other servers: what is
# not in the zone does not exist.

dns_start() {
    local port
    port=$(port_for dns)
    fill "$HERE/dnsmasq.conf.in" PORT="$port" | put "$DIR/dnsmasq.conf"
    if runs_with dns "$(state_of "$DIR/dnsmasq.conf")"; then
        return
    fi
    start_program dns "$(account_of dns)" dnsmasq --keep-in-foreground \
        --conf-file="$DIR/dnsmasq.conf" --pid-file= --log-facility=-
    ready dns 10 dns_answers
}

dns_answers() {
    answers dns "$(<"$DIR/port/dns")"
}

dns_runs() {
    runs dns
}

dns_stop() {
    stop_program dns
}

dns_where() {
    echo "127.0.0.1 port $(<"$DIR/port/dns")"
}
