# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A CA that stands in for a common root, one that nobody knows, and the sample
# certificates; keys are here to be tried with, so they protect nothing.

PKI_DAYS=180

pki() {
    if pki_is_good; then
        say "pki: up to date"
        return
    fi
    say "pki: making certificates"
    rm -rf "$DIR/pki.new"
    mkdir -p "$DIR/pki.new/ca"
    logged pki pki_make
    rm -rf "$DIR/pki"
    mv "$DIR/pki.new" "$DIR/pki"
}

# Made again two weeks before they end, or when the clock was set back.
pki_is_good() {
    [[ -e $DIR/pki/complete ]] &&
        openssl x509 -in "$DIR/pki/good.pem" -noout -checkend $((14 * 86400)) >/dev/null &&
        openssl verify -CAfile "$DIR/pki/roots.pem" -untrusted "$DIR/pki/good.pem" \
            "$DIR/pki/good.pem" >/dev/null 2>&1
}

pki_make() {
    cd "$DIR/pki.new" || return
    pki_settings >ca/openssl.cnf
    touch ca/index.txt
    pki_authority common-root common-root "AppSMTP Demo Common Root"
    pki_authority common-intermediate common-root "AppSMTP Demo Common Intermediate"
    pki_authority other-root other-root "AppSMTP Demo Unknown Root"
    pki_authority other-intermediate other-root "AppSMTP Demo Unknown Intermediate"
    cp ca/common-root.pem roots.pem
    cp ca/other-root.pem other-roots.pem

    pki_key good
    pki_leaf good good.example.edu common-intermediate
    cp good.key renewed.key
    pki_leaf renewed good.example.edu common-intermediate
    pki_key next
    pki_leaf next good.example.edu common-intermediate
    pki_key selfsigned
    pki_leaf selfsigned selfsigned.example.edu selfsigned
    pki_key expired
    pki_leaf expired expired.example.edu common-intermediate -200 -20
    pki_key otherca
    pki_leaf otherca otherca.example.edu other-intermediate
    # With its root, so that the chain is whole and only the root is not a common one.
    cat ca/other-root.pem >>otherca.pem
    pki_key missing-intermediate
    pki_leaf missing-intermediate missing.example.edu common-intermediate
    openssl x509 -in missing-intermediate.pem -out alone.pem
    mv alone.pem missing-intermediate.pem
    pki_key localhost
    pki_leaf localhost localhost common-intermediate
    touch complete
}

pki_settings() {
    cat <<'CNF'
[ca]
default_ca = demo
[demo]
database = ca/index.txt
new_certs_dir = ca
unique_subject = no
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
copy_extensions = none
[any]
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
CNF
}

pki_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

# pki_time DAYS prints a time that many days from now, as openssl ca takes it.
pki_time() {
    date -u -d "$1 days -1 hour" +%Y%m%d%H%M%SZ
}

# pki_sign REQUEST ISSUER OUTPUT FROM TO OPTION... ; ISSUER is a file name without
# .pem and .key. One that is its own issuer has only a key so far.
pki_sign() {
    local request=$1 issuer=$2 output=$3 from=$4 to=$5
    shift 5
    local -a signer=(-cert "$issuer.pem" -keyfile "$issuer.key")
    if [[ $output == "$issuer.pem" ]]; then
        signer=(-selfsign -keyfile "$issuer.key")
    fi
    openssl ca -batch -notext -config ca/openssl.cnf "${signer[@]}" \
        -startdate "$(pki_time "$from")" -enddate "$(pki_time "$to")" \
        -in "$request" -out "$output" "$@"
}

# pki_authority NAME ISSUER WORDS
pki_authority() {
    local extensions=intermediate
    if [[ $1 == "$2" ]]; then
        extensions=root
    fi
    pki_key "ca/$1"
    openssl req -new -config ca/openssl.cnf -key "ca/$1.key" -subj "/O=AppSMTP Demo/CN=$3" -out ca/request.pem
    pki_sign ca/request.pem "ca/$2" "ca/$1.pem" -1 3650 -extensions "$extensions"
}

# pki_leaf NAME HOST ISSUER [FROM TO] makes NAME.pem for NAME.key: the leaf, then
# the intermediate that signed it.
pki_leaf() {
    local name=$1 host=$2 issuer=$3 from=${4:-0} to=${5:-$PKI_DAYS}
    pki_leaf_extensions "$host" >ca/leaf.ext
    openssl req -new -config ca/openssl.cnf -key "$name.key" -subj "/CN=$host" -out ca/request.pem
    if [[ $issuer == "$name" ]]; then
        pki_sign ca/request.pem "$name" "$name.pem" "$from" "$to" -extfile ca/leaf.ext
    else
        pki_sign ca/request.pem "ca/$issuer" ca/leaf.pem "$from" "$to" -extfile ca/leaf.ext
        cat ca/leaf.pem "ca/$issuer.pem" >"$name.pem"
    fi
}

# serverAuth alone, as public authorities give it since 2026.
pki_leaf_extensions() {
    local names=DNS:$1
    if [[ $1 == localhost ]]; then
        names=DNS:localhost,IP:127.0.0.1,IP:::1
    fi
    printf '%s\n' 'basicConstraints = critical, CA:false' 'keyUsage = critical, digitalSignature' \
        'extendedKeyUsage = serverAuth' 'subjectKeyIdentifier = hash' \
        'authorityKeyIdentifier = keyid:always' "subjectAltName = $names"
}
