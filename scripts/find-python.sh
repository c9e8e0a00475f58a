#!/bin/sh
# Prints the first Python on the path that is 3.11 or newer and can make environments.
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Clientela needs Python 3.11 or newer with its venv module (on Debian: apt install python3 python3-venv)." >&2
exit 1
