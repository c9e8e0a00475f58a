#!/usr/bin/env bash
# Everything that must hold: format, types, layers, then every test on SQLite and on PostgreSQL.
# Without Chromium or PostgreSQL it says what it left out; with CI=true that is a failure.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
left_out=0
failed=()

# What is compiled once is kept: the second run and every program that a test starts begin at once.
unset PYTHONDONTWRITEBYTECODE

services=$(scripts/test-services.sh) || exit 1
eval "$services"
export CLIENTELA_TEST_CHROMIUM CLIENTELA_TEST_POSTGRES_URL

step() {
    local title=$1
    shift
    echo "── $title"
    "$@" || failed+=("$title")
}

run_tests() {
    local database=$1 selection=()
    [ -n "$CLIENTELA_TEST_CHROMIUM" ] || selection=(-m "not browser")
    CLIENTELA_TEST_DATABASE=$database "$bin/pytest" -q -n "${CLIENTELA_TEST_PROCESSES:-auto}" "${selection[@]}"
}

# While the code is looked at, the other core compiles the tests and migrates the databases to copy.
# Whatever is missing after it, the tests make themselves and say what is wrong.
migrate() {
    CLIENTELA_TEST_DATABASE=$1 DJANGO_SETTINGS_MODULE=tests.settings "$bin/python" -m tests.migrated
}
prepare() {
    migrate sqlite
    [ -z "$CLIENTELA_TEST_POSTGRES_URL" ] || migrate postgres
    "$bin/pytest" -q -n0 --collect-only -p no:cacheprovider
}
prepare >/dev/null 2>&1 &
ahead=$!

step "ruff" "$bin/ruff" check --quiet .
step "ruff format" "$bin/ruff" format --quiet --check .
step "mypy" "$bin/mypy"
step "layers" "$bin/lint-imports" --no-cache
wait "$ahead"
step "tests on SQLite" run_tests sqlite
if [ -n "$CLIENTELA_TEST_POSTGRES_URL" ]; then
    # What asks no database was tried a minute ago.
    CLIENTELA_TEST_ONCE=1 step "tests on PostgreSQL" run_tests postgres
else
    left_out=1
fi
[ -n "$CLIENTELA_TEST_CHROMIUM" ] || left_out=1

if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
if [ "$left_out" = 1 ] && [ "${CI:-}" = true ]; then
    echo "FAILED: something was left out (see above), and in CI nothing may be."
    exit 1
fi
echo "All well."
