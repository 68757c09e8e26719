# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Debian packages: which are missing, and to install them without starting,
# replacing or removing anything that the machine has. Sourced by deploy/demo
# and by tests/run after common.sh.

# packages_of FILE SECTION... prints the names in these sections of deploy/packages,
# without those whose command is here already.
packages_of() {
    local file=$1 package command
    shift
    awk -v wanted=" $* " '
        /^\[/ { section = substr($1, 2, length($1) - 2); next }
        { sub(/#.*/, "") }
        NF && index(wanted, " " section " ") { print $1 }' "$file" |
        while IFS=/ read -r package command; do
            [[ $command ]] && command -v "$command" >/dev/null || echo "$package"
        done
}

# packages_missing NAME... prints those that neither are installed nor are
# provided by something that is.
packages_missing() {
    local present
    # shellcheck disable=SC2016  # these are dpkg-query's fields
    present=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
        sed -n 's/^installed //p' | sed 's/([^)]*)//g; s/,/ /g' | tr -s ' ' '\n' | sort -u)
    printf '%s\n' "$@" | sort -u | comm -23 - <(printf '%s\n' "$present")
}

# packages_need FILE SECTION... installs what is missing, or ends with what to do.
packages_need() {
    local -a wanted missing
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(packages_missing "${wanted[@]}" | packages_without_rival)
    if ((${#missing[@]} == 0)); then
        return
    fi
    say "packages: installing ${missing[*]}"
    as_root apt-get -qq update </dev/null ||
        say "packages: the lists of packages could not be renewed; trying with those that are here"
    packages_install "${missing[@]}"
    mapfile -t missing < <(packages_missing "${missing[@]}")
    ((${#missing[@]} == 0)) || die "packages: could not install: ${missing[*]}"
}

# packages_has_rival tells whether the machine has another mail server, which
# installing Postfix would remove.
packages_has_rival() {
    local providers
    [[ ! -x /usr/sbin/postfix ]] || return 1
    # shellcheck disable=SC2016  # these are dpkg-query's fields
    providers=$(dpkg-query -W -f '${db:Status-Status} ${Provides}\n' | grep '^installed .*mail-transport-agent')
    [[ $providers ]]
}

packages_without_rival() {
    if packages_has_rival; then
        grep -v '^postfix'
    else
        cat
    fi || true
}

# packages_libraries NAME... prints the libraries that these would bring in.
packages_libraries() {
    apt-get -qq --simulate --no-install-recommends install "$@" </dev/null |
        sed -n 's/^Inst \(lib[^ ]*\) .*/\1/p'
}

# What is downloaded to be unpacked stays here: the next time needs no network.
PACKAGES_KEPT=/var/cache/appsmtp-packages

# packages_unpack FOLDER NAME... unpacks packages, and the libraries that they need and the
# machine has not, into a folder, beside what is installed.
packages_unpack() {
    local folder=$1 kept=$PACKAGES_KEPT/${1##*/}
    local -a libraries
    shift
    if [[ -e $folder/complete ]]; then
        return
    fi
    say "packages: unpacking $* into $folder, beside what is installed"
    as_root apt-get -qq update </dev/null || true
    rm -rf "$folder"
    mkdir -p "$folder"
    as_root install -d -m 0755 "$PACKAGES_KEPT" "$kept"
    mapfile -t libraries < <(packages_libraries "$@")
    # It takes no file that is here and whole already.
    (cd "$kept" && as_root flock "$kept" apt-get -qq -o APT::Sandbox::User=root download "$@" "${libraries[@]}" </dev/null >&2) ||
        die "packages: could not download: $*"
    # A newer version comes after an older one, and goes over it.
    find "$kept" -name '*.deb' -print0 | sort -zV | xargs -0 -I '{}' dpkg-deb -x '{}' "$folder"
    touch "$folder/complete"
}

# packages_service NAME prints the services that come with a package.
packages_service() {
    case $1 in
        fcgiwrap | nginx | postfix | postgresql | slapd | winbind) echo "$1" ;;
        samba) printf '%s\n' smbd nmbd samba-ad-dc ;;
    esac
}

# The services of packages that come in now are not started, neither now nor at
# the next boot, and PostgreSQL makes no cluster of its own. Every file that
# says so is taken away again.
packages_install() {
    (
        trap packages_allow_services EXIT
        packages_refuse_services
        printf '%s\n' 'postfix postfix/main_mailer_type select No configuration' \
            'slapd slapd/no_configuration boolean true' | as_root debconf-set-selections
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
            -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends --no-remove "$@" </dev/null >&2
    ) || die "packages: could not install: $*" \
        "  Install them yourself (apt-get install), or see the messages above."
    packages_disable_services "$@"
}

PACKAGES_POLICY=/usr/sbin/policy-rc.d
PACKAGES_CLUSTER=/etc/postgresql-common/createcluster.d/appsmtp-demo.conf

packages_refuse_services() {
    if [[ -e $PACKAGES_POLICY || -L $PACKAGES_POLICY ]]; then
        as_root mv "$PACKAGES_POLICY" "$PACKAGES_POLICY.appsmtp-kept"
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 0755 /dev/stdin "$PACKAGES_POLICY"
    as_root mkdir -p "${PACKAGES_CLUSTER%/*}"
    echo 'create_main_cluster = off' | as_root install -m 0644 /dev/stdin "$PACKAGES_CLUSTER"
}

packages_allow_services() {
    as_root rm -f "$PACKAGES_POLICY" "$PACKAGES_CLUSTER"
    if [[ -e $PACKAGES_POLICY.appsmtp-kept || -L $PACKAGES_POLICY.appsmtp-kept ]]; then
        as_root mv "$PACKAGES_POLICY.appsmtp-kept" "$PACKAGES_POLICY"
    fi
}

packages_disable_services() {
    local package service
    for package in "$@"; do
        for service in $(packages_service "$package"); do
            as_root update-rc.d "$service" disable >/dev/null 2>&1 ||
                say "packages: could not disable the service $service at boot"
        done
    done
}
