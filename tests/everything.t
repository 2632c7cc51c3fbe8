#!/bin/bash
# The script that runs all suites counts rightly, tries once more what failed, and says so.
. "$SRCDIR/tests/lib/tap.sh"
[ -z "$INSTRUMENT" ] || skip_all "a script is the same under instruments"
unset MAKEFLAGS MAKEOVERRIDES       # of the make that runs this test, which would name its tests to that of the suite

# A suite of its own: what "make check" leaves behind, of tests that do what their names say.
mkdir -p "$tap_folder/tests" "$tap_folder/build/tests"
cp "$SRCDIR/tests/everything" "$tap_folder/tests/"
cat > "$tap_folder/build/Makefile" <<'EOF'
TESTS = $(ALL)
check:
	@echo "$(TESTS)" >> runs
	@for test in $(TESTS); do ./play $$test || exit 1; done
	@touch test-suite.log
EOF
cat > "$tap_folder/build/play" <<'EOF'
#!/bin/sh
# play TEST: two results each, as automake's TAP driver leaves them.
name=${1%.t} second=FAIL
case $1 in
    *hangs*) : > "$name.log"; exit 1 ;;
    *sleeps*) : > "$name.log"; sleep 60 ;;
    *passes*) second=PASS ;;
    *skips*) second=SKIP ;;
    *once*) [ ! -e "$name.failed" ] || second=PASS; : > "$name.failed" ;;
esac
rm -f "$name.trs"
for word in PASS $second; do
    echo "$word: $1 1 - a claim"
    echo ":test-result: $word 1 - a claim" >> "$name.trs"
done
[ $second != FAIL ] || { echo "ERROR: $1 - exited with status 1"; echo ":test-result: ERROR - exited" >> "$name.trs"; }
# VERBOSE: the log comes below its name without the extension, which is no test's.
[ $second != FAIL ] || printf 'FAIL: %s\n====\n' "$name"
EOF
chmod +x "$tap_folder/build/play"

everything() { # everything CLAIM CODE TEST...
    claim=$1 code=$2
    shift 2
    find "$tap_folder/build" -name '*.failed' -delete
    rm -f "$tap_folder/build/runs"
    exits "$claim" "$code" env ALL="$*" "$tap_folder/tests/everything"
    last=$(printf '%s\n' "$out" | tail -n 1)
}

everything "all pass" 0 tests/passes_a tests/passes.t
is "and are counted" "4 passed, 0 failed, 0 skipped" "$last"
is "once" "tests/passes_a tests/passes.t" "$(cat "$tap_folder/build/runs")"
everything "what is skipped is no failure" 0 tests/passes_a tests/skips.t
is "but counted" "3 passed, 0 failed, 1 skipped" "$last"
everything "a test that failed once" 0 tests/passes_a tests/once.t
is "counts as it came out alone" "4 passed, 0 failed, 0 skipped" "$last"
has "which is said" "PASSED WHEN TRIED AGAIN, alone: tests/once.t" "$out"
is "and only it is tried again" "tests/passes_a tests/once.t
tests/once.t " "$(cat "$tap_folder/build/runs")"
everything "a program, too" 0 tests/once_b tests/once.t
is "and several" "4 passed, 0 failed, 0 skipped" "$last"
everything "a test that fails twice" 1 tests/passes_a tests/fails.t tests/once.t
is "has failed" "5 passed, 2 failed, 0 skipped" "$last"
has "which is said, too" "FAILED TWICE: tests/fails.t" "$out"
everything "a suite that does not come to its end" 1 tests/passes_a tests/hangs.t tests/passes.t
is "fails, whatever passed before" "2 passed, 1 failed, 0 skipped" "$last"
has "and names where it was" "without a result are: tests/hangs.log" "$out"
export TOTAL_SECONDS=1
everything "a suite for which there is no time left" 1 tests/sleeps.t
is "fails" "0 passed, 1 failed, 0 skipped" "$last"
has "the time of a suite is told" "tests: 1 tests in " "$out"
done_testing
