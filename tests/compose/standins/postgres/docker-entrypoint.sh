#!/bin/bash
# The official image's entry point, in short: as postgres; a new cluster is made, gets its password
# and its database from a server that listens on no network, and is served then.
set -euo pipefail

value_of() { # NAME, or what stands in the file that NAME_FILE names
    local file=${1}_FILE
    if [ -n "${!1:-}" ] && [ -n "${!file:-}" ]; then
        echo "error: both $1 and $file are set" >&2
        exit 1
    fi
    if [ -n "${!file:-}" ]; then
        cat "${!file}"
    else
        echo "${!1:-$2}"
    fi
}

make_cluster() {
    local user password database options
    user=$(value_of POSTGRES_USER postgres)
    password=$(value_of POSTGRES_PASSWORD '')
    database=$(value_of POSTGRES_DB "$user")
    if [ -z "$password" ]; then
        echo "error: the superuser needs a password: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE" >&2
        exit 1
    fi
    read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb -D "$PGDATA" --username="$user" --pwfile=<(echo "$password") "${options[@]}"
    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
    pg_ctl -D "$PGDATA" -w start -o "-c listen_addresses='' -p 5432"
    if [ "$database" != postgres ]; then
        psql -v ON_ERROR_STOP=1 -U "$user" -d postgres --no-password --no-psqlrc \
            -v database="$database" <<<'CREATE DATABASE :"database";'
    fi
    pg_ctl -D "$PGDATA" -m fast -w stop
    echo "PostgreSQL init process complete; ready for start up."
}

if [ "${1:-postgres}" = postgres ]; then
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$PGDATA"
        chown -R postgres "$PGDATA"
        chmod 700 "$PGDATA"
        exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
    fi
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        make_cluster
    fi
fi
exec "$@"
