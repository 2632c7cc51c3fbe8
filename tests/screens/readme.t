#!/bin/sh
# Every screen in README.md is what the command below it prints. One that ought to change is written anew with:
# REWRITE=1 tests/screens/readme.t (and then looked at).
set -u
state=$(mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
XDG_CACHE_HOME=$state TZ=UTC
export XDG_CACHE_HOME TZ

# A block that is a screen is kept until a block with the command that makes it comes.
awk -v state="$state" '
    /^```/ { inside = !inside; if (inside) { first = 1; from = NR + 1 } else if (screen) { shown = from ":" NR - 1; screen = 0 } next }
    inside && first { first = 0; screen = /^ demo / }
    inside && !screen && / --screen / && shown { split(shown, at, ":"); print at[1], at[2], $0; shown = "" }
    END { if (shown) { split(shown, at, ":"); print at[1], at[2], "gigawatch --screen-whose-command-is-missing" } }' "$SRCDIR/README.md" > "$state/screens"

echo "1..$(wc -l < "$state/screens")"
number=0
# From the last on, so that what is written anew moves no other.
sort -rn "$state/screens" > "$state/sorted"
while read -r from to command; do
    number=$((number + 1))
    sed -n "${from},${to}p" "$SRCDIR/README.md" | sed 's/ *$//' > "$state/said"
    eval "\"$GIGAWATCH\" ${command#*gigawatch}" 2>&1 < /dev/null | sed 's/ *$//' > "$state/printed"
    [ -z "${REWRITE:-}" ] || {
        sed -i -e "$((from - 1))r $state/printed" -e "${from},${to}d" "$SRCDIR/README.md"
        cp "$state/printed" "$state/said"
    }
    if diff "$state/said" "$state/printed" > "$state/diff"; then
        echo "ok $number - the screen in README.md's line $from"
    else
        echo "not ok $number - the screen in README.md's line $from"
        sed 's/^/# /' "$state/diff"
    fi
done < "$state/sorted"
