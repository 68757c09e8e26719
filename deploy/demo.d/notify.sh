# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The upkeep of the registrations and the sending of notices, every few seconds.

NOTIFY_SECONDS=3

notify_start() {
    if runs notify; then
        say "notify: running"
        return
    fi
    start_program notify "$(id -un)" env "${DEMO_ENVIRONMENT[@]}" NOTIFY_SECONDS="$NOTIFY_SECONDS" \
        "$BASH" -c "$(declare -f notify_loop); notify_loop"
    ready notify 5 true
}

notify_loop() {
    while true; do
        appsmtp-notify 2>&1 | sed "s/^/$(date -u +%FT%TZ) /"
        sleep "$NOTIFY_SECONDS"
    done
}

notify_stop() {
    stop_program notify
}

notify_where() {
    echo "$DIR/mail/notices/new, every $NOTIFY_SECONDS seconds"
}
