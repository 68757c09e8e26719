# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The upkeep of the registrations and the sending of notices, every few seconds.

NOTIFY_SECONDS=3

notify_start() {
    if runs_with notify "$(declare -f notify_loop)"; then
        return
    fi
    rm -f "$DIR/run/notify.round"
    start_program notify "$(id -un)" env "${DEMO_ENVIRONMENT[@]}" NOTIFY_SECONDS="$NOTIFY_SECONDS" \
        "$BASH" -c "$(declare -f notify_loop); notify_loop"
    ready notify 90 notify_answers
}

# The first round is over, whatever came of it.
notify_answers() {
    [[ -e $DIR/run/notify.round ]]
}

notify_loop() {
    while true; do
        appsmtp-notify 2>&1 | sed "s/^/$(date -u +%FT%TZ) /"
        : >"$APPSMTP_DEMO_DIR/run/notify.round"
        sleep "$NOTIFY_SECONDS"
    done
}

notify_runs() {
    runs notify
}

notify_stop() {
    stop_program notify
}

notify_where() {
    echo "$DIR/mail/notices/new, every $NOTIFY_SECONDS seconds"
}
