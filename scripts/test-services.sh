#!/usr/bin/env bash
# Finds or sets up what the tests need from the system: a Chromium and a PostgreSQL server.
# Prints assignments for the caller to evaluate; explanations go to standard error.
#   CLIENTELA_TEST_CHROMIUM=path          empty when there is none
#   CLIENTELA_TEST_POSTGRES_URL=url       empty when there is none
set -u

say() { echo "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

apt_updated=
install_packages() {
    command -v apt-get >/dev/null || return 1
    if [ -z "$apt_updated" ]; then
        as_root apt-get update -qq >&2 || return 1
        apt_updated=1
    fi
    say "Installing $* from the system's packages"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

find_chromium() {
    for name in ${CLIENTELA_TEST_CHROMIUM:-} chromium chromium-browser google-chrome; do
        command -v "$name" && return 0
    done
    return 1
}

# A URL that may create databases, or nothing.
find_postgres() {
    for url in ${CLIENTELA_TEST_POSTGRES_URL:-} \
        "postgres://postgres@127.0.0.1:5432/clientela" \
        "postgres://$(id -un)@127.0.0.1:5432/clientela"; do
        if .venv/bin/python scripts/probe_postgres.py "$url" 2>/dev/null; then
            echo "$url"
            return 0
        fi
    done
    return 1
}

# A cluster of our own on 127.0.0.1, kept for the next run; needs the server's programs only.
start_postgres() {
    local programs folder port=54329 url
    programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    [ -x "$programs/initdb" ] || return 1
    folder=${TMPDIR:-/tmp}/clientela-postgres-$(id -u)
    url="postgres://clientela@127.0.0.1:$port/clientela"
    if ! .venv/bin/python scripts/probe_postgres.py "$url" 2>/dev/null; then
        mkdir -p "$folder"
        local run=()
        if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
            chown postgres "$folder"
            run=(setpriv --reuid=postgres --regid=postgres --clear-groups)
        fi
        [ -d "$folder/data" ] ||
            "${run[@]}" "$programs/initdb" -D "$folder/data" -U clientela -A trust -E UTF8 --no-sync >/dev/null || return 1
        "${run[@]}" "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" start \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off" >/dev/null ||
            return 1
    fi
    .venv/bin/python scripts/probe_postgres.py "$url" && echo "$url"
}

chromium=$(find_chromium) || { install_packages chromium && chromium=$(find_chromium); } || chromium=
[ -n "$chromium" ] || say "LEFT OUT: the browser tests. Install Chromium (Debian: apt install chromium)."

postgres=$(find_postgres) || postgres=$(start_postgres) ||
    { install_packages postgresql postgresql-contrib && { postgres=$(find_postgres) || postgres=$(start_postgres); }; } ||
    postgres=
[ -n "$postgres" ] || say "LEFT OUT: the run on PostgreSQL. Start one on 127.0.0.1:5432 or set CLIENTELA_TEST_POSTGRES_URL."

printf 'CLIENTELA_TEST_CHROMIUM=%q\nCLIENTELA_TEST_POSTGRES_URL=%q\n' "$chromium" "$postgres"
