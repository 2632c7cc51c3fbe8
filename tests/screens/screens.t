#!/bin/sh
# Every tests/screens/NAME.txt is a screen as a person sees it; its first line holds the options that make it. A screen
# that ought to change is written anew with: REWRITE=1 tests/screens/screens.t (and then looked at, line by line).
set -u
case ${INSTRUMENT-} in *thread*) echo "1..0 # SKIP a screen is drawn by one thread; tests of the console see several"; exit 0 ;; esac
cd "$SRCDIR/tests/screens" || exit 1
state=$(mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
XDG_CACHE_HOME=$state TZ=UTC
export XDG_CACHE_HOME TZ

set -- *.txt
echo "1..$#"
number=0
for screen; do
    number=$((number + 1))
    options=$(sed -n '1s/^# //p' "$screen")
    {
        echo "# $options"
        eval "\"$GIGAWATCH\" --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z $options"
    } > "$state/got" 2> "$state/err"
    if [ -n "${REWRITE:-}" ]; then
        cp "$state/got" "$screen"
    fi
    if diff -u "$screen" "$state/got" > "$state/diff"; then
        echo "ok $number - ${screen%.txt}"
    else
        echo "not ok $number - ${screen%.txt}"
        sed 's/^/# /' "$state/diff" "$state/err"
    fi
done
