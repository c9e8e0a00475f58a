#!/usr/bin/env bash
# Everything that must hold: format, types, layers, then every test on SQLite and on PostgreSQL.
# Without Chromium or PostgreSQL it says what it left out; with CI=true that is a failure.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
left_out=0
failed=()

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

# The databases to copy are migrated while the code is looked at; tests that find none make theirs.
migrate() {
    CLIENTELA_TEST_DATABASE=$1 DJANGO_SETTINGS_MODULE=tests.settings "$bin/python" -m tests.migrated
}
{ migrate sqlite && { [ -z "$CLIENTELA_TEST_POSTGRES_URL" ] || migrate postgres; }; } &
ahead=$!

step "ruff" "$bin/ruff" check --quiet .
step "ruff format" "$bin/ruff" format --quiet --check .
step "mypy" "$bin/mypy"
step "layers" "$bin/lint-imports" --no-cache
wait "$ahead" || true
step "tests on SQLite" run_tests sqlite
if [ -n "$CLIENTELA_TEST_POSTGRES_URL" ]; then
    step "tests on PostgreSQL" run_tests postgres
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
