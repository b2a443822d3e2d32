#!/bin/sh
# The official image's entry point, in short: options and .conf files are redis-server's, and it
# does not stay root.
set -eu

case ${1:-} in
-* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    chown -R redis .
    exec setpriv --reuid redis --regid redis --init-groups "$0" "$@"
fi
exec "$@"
