# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The export, every few seconds, as root or the caller: so a generation that was
# made by hand with "deploy/demo exec" has the same owner.

EXPORT_SECONDS=3

export_start() {
    if runs_with export "$(declare -f export_loop)"; then
        return
    fi
    mkdir -p "$DIR/export"
    rm -f "$DIR/run/export.round"
    start_program export "$(id -un)" env "${DEMO_ENVIRONMENT[@]}" EXPORT_SECONDS="$EXPORT_SECONDS" \
        "$BASH" -c "$(declare -f export_loop); export_loop"
    ready export 90 export_answers
}

# The first round is over, whatever came of it.
export_answers() {
    [[ -e $DIR/run/export.round ]]
}

# Says something only when the outcome is another than last time.
export_loop() {
    local status last=0 words
    while true; do
        status=0
        words=$(appsmtp-export --output "$APPSMTP_DEMO_DIR/export" --format postfix 2>&1) || status=$?
        if ((status != last)); then
            printf '%s status %d: %s\n' "$(date -u +%FT%TZ)" "$status" "$words"
            last=$status
        fi
        : >"$APPSMTP_DEMO_DIR/run/export.round"
        sleep "$EXPORT_SECONDS"
    done
}

export_runs() {
    runs export
}

export_stop() {
    stop_program export
}

export_where() {
    echo "$DIR/export, every $EXPORT_SECONDS seconds"
}

# One export now; waits while another is under way.
export_once() {
    local status=75 tries
    for tries in {1..20}; do
        ((tries == 1)) || sleep 0.5
        status=0
        demo_exec appsmtp-export --output "$DIR/export" --format postfix || status=$?
        ((status == 75)) || break
    done
    return "$status"
}
