# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The portal's workers and the web server in front of them.

portal_start() {
    if runs_with portal "$(state_of "$DIR/install/bin" "$DIR/install/share" "$DIR/appsmtp.xml")"; then
        return
    fi
    own_by portal "$DIR/portal"
    # A worker that is about to end may still answer there, which spawn-fcgi takes for another portal.
    rm -f "$DIR/portal/socket"
    start_program portal "$(account_of portal)" env APPSMTP_CONFIG="$DIR/appsmtp.xml" \
        spawn-fcgi -n -s "$DIR/portal/socket" -M 0660 -- "$(command -v multiwatch)" -f 4 -t 5000 -- \
        "$DIR/install/bin/appsmtp-portal" --config "$DIR/appsmtp.xml"
    ready portal 10 portal_answers
}

portal_answers() {
    answers portal "$DIR/portal/socket" "$(process_of portal)"
}

portal_runs() {
    runs portal
}

portal_stop() {
    stop_program portal
}

portal_where() {
    echo "unix:$DIR/portal/socket"
}

web_settings() {
    local file ipv6=''
    own_by web "$DIR/web"
    for file in common.conf fastcgi-params; do
        cp "$TOP/deploy/nginx/$file" "$DIR/web/$file"
    done
    sed "s|unix:/run/appsmtp/portal.socket|unix:$DIR/portal/socket|" \
        "$TOP/deploy/nginx/http.conf" | put "$DIR/web/http.conf"
    if loopback_has_ipv6; then
        ipv6="listen [::1]:$PORT;"
    fi
    fill "$HERE/nginx.conf.in" DIR="$DIR" PORT="$PORT" LISTEN_IPV6="$ipv6" | put "$DIR/web/nginx.conf"
}

web_start() {
    web_settings
    if runs_with web "$(state_of "$DIR"/web/{http.conf,common.conf,fastcgi-params,nginx.conf})"; then
        return
    fi
    ! port_taken "$PORT" || die "web: port $PORT is taken by another program" \
        "  Choose another with APPSMTP_DEMO_PORT."
    : >>"$DIR/log/web-access.log"
    if ((EUID == 0)); then
        chown "$(account_of web)" "$DIR/log/web-access.log"
    fi
    start_program web "$(account_of web)" nginx -p "$DIR/web" -e stderr -c "$DIR/web/nginx.conf"
    ready web 10 web_answers
}

# An answer of the web server's own counts, too: the portal is another part.
web_answers() {
    curl -sS --noproxy '*' --max-time 10 -o /dev/null "http://localhost:$PORT/portal.css"
}

loopback_has_ipv6() {
    grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null
}

web_runs() {
    runs web
}

web_stop() {
    stop_program web
}

web_where() {
    echo "http://localhost:$PORT/"
}

# web_page tells whether a page came back through all of it.
web_page() {
    curl -fsS --noproxy '*' --max-time 10 -o /dev/null "http://localhost:$PORT/"
}

web_ready() {
    wait_for 20 web_page >>"$DIR/log/web.log" 2>&1 ||
        die "web: the portal does not answer; the end of $DIR/log/portal.log:" \
            "$(tail -n 5 "$DIR/log/portal.log")"
}
