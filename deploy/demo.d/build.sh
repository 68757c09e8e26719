# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Builds from a copy of the sources, so that a checkout that cannot be written,
# belongs to somebody else or was configured by hand does not matter.

# source_files prints what stands in the checkout, as Git would commit it.
source_files() {
    (
        cd "$TOP" || exit
        git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null ||
            find . -name .git -prune -o -name node_modules -prune -o -type f -printf '%P\n'
    )
}

# source_state prints name, time, size and mode of each source, sorted.
source_state() {
    (
        cd "$TOP" || exit
        source_files | sort -u | tr '\n' '\0' |
            xargs -0 -r stat -c $'%n\t%y\t%s\t%a' 2>/dev/null || true
    )
}

# build_copy brings the copy up to date. Only what changed gets a new time, so
# make builds no more than it has to.
build_copy() {
    local copy=$DIR/source state=$DIR/source.state changed vanished
    mkdir -p "$copy"
    [[ -e $state ]] || : >"$state"
    source_state >"$state.new"
    changed=$(comm -13 "$state" "$state.new" | cut -f 1)
    vanished=$(comm -23 <(cut -f 1 "$state" | sort) <(cut -f 1 "$state.new" | sort))
    # Changed ones go too: cp --parents, where it has just made a folder, takes every
    # later file for a new one, and fails over those that are there.
    (cd "$copy" && tr '\n' '\0' <<<"$changed"$'\n'"$vanished" | sed -z '/^$/d' | xargs -0 -r rm -f)
    if [[ $vanished ]]; then
        rm -rf "$DIR/install"
    fi
    if [[ $changed ]]; then
        (cd "$TOP" && tr '\n' '\0' <<<"$changed" | sed -z '/^$/d' | xargs -0 cp --parents -t "$copy")
    fi
    if grep -qE '(^|/)(configure\.ac|Makefile\.am|[^/]*\.mk)$' <<<"$changed"$'\n'"$vanished"; then
        rm -f "$copy/configure"
    fi
    if cmp -s "$state.new" "$state"; then
        rm "$state.new"
    else
        mv "$state.new" "$state"
    fi
}

# build_step WORDS COMMAND... says what it does and, every few seconds, how far it
# is; shows the end of the log where it fails.
build_step() {
    local words=$1 log=$DIR/log/build.log job started=$SECONDS
    shift
    say "build: $words"
    (cd "$DIR/build" && exec "$@") >>"$log" 2>&1 </dev/null &
    job=$!
    # A background job does not hear Ctrl-C by itself.
    trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
    while ! wait_for 5 build_ended "$job"; do
        say "build: $words, $((SECONDS - started)) s: $(tail -n 1 "$log" | cut -c 1-60)"
    done
    trap - INT TERM
    wait "$job" || die "build: failed; the end of $log:" "$(tail -n 20 "$log")"
}

build_ended() {
    [[ -z $(start_time "$1") ]]
}

# The folder of the installed program is complete when it says so.
build() {
    local complete=$DIR/install/complete
    # Objects that were made with other options do not fit.
    if [[ ${APPSMTP_DEMO_CONFIGURE-} != "$(cat "$DIR/build.options" 2>/dev/null)" ]]; then
        rm -rf "$DIR/build" "$complete"
        printf '%s' "${APPSMTP_DEMO_CONFIGURE-}" >"$DIR/build.options"
    fi
    mkdir -p "$DIR/build"
    : >"$DIR/log/build.log"
    build_copy
    if [[ ! -e $DIR/source/configure ]]; then
        build_step "making configure" autoreconf --install "$DIR/source"
    fi
    if [[ ! $DIR/build/config.status -nt $DIR/source/configure ]]; then
        rm -f "$complete"
        # shellcheck disable=SC2086  # options of configure, as a list of words
        build_step "configuring" "$DIR/source/configure" --prefix="$DIR/install" \
            --sysconfdir="$DIR" CFLAGS="-O2 -g" CXXFLAGS="-O2 -g" ${APPSMTP_DEMO_CONFIGURE-}
    fi
    if [[ -e $complete && ! $DIR/source.state -nt $complete ]]; then
        say "build: up to date"
        return
    fi
    rm -f "$complete"
    build_step "compiling" make -j"$(nproc)"
    build_step "installing" make install
    touch "$complete"
}
