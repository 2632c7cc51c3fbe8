#!/bin/sh
# Every screen in README.md is what the command below it prints. One that ought to change is written anew with:
# REWRITE=1 tests/screens/readme.t (and then looked at). So is the summary of the backtest, where its recording is at hand:
# GW_SERVERS names a folder with power/series. Its numbers may be off by a twentieth, for forecasts are worked on.
set -u
case ${INSTRUMENT-} in *thread*) echo "1..0 # SKIP a screen is drawn by one thread; tests of the console see several"; exit 0 ;; esac
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

echo "1..$(($(wc -l < "$state/screens") + 1))"
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

number=$((number + 1))
claim="the summary of the backtest in README.md"
series=${GW_SERVERS:-}/power/series
if [ ! -r "$series/lumi_total.csv" ]; then
    echo "ok $number - $claim # skip no power/series/lumi_total.csv in GW_SERVERS"
    exit 0
fi
command=$(grep -e '--backtest lumi_total.csv' "$SRCDIR/README.md" | sed 's/.*gigawatch --backtest lumi_total.csv//; s/>.*//')
eval "\"$GIGAWATCH\" --backtest \"$series/lumi_total.csv\" $command" 2> "$state/printed" > "$state/forecasts"
from=$(grep -n '^lumi_total, cap' "$SRCDIR/README.md" | cut -d: -f1)
to=$((from + $(wc -l < "$state/printed") - 1))
[ -z "${REWRITE:-}" ] || sed -i -e "$((from - 1))r $state/printed" -e "${from},${to}d" "$SRCDIR/README.md"
sed -n "${from},${to}p" "$SRCDIR/README.md" > "$state/said"
if paste -d' ' "$state/said" "$state/printed" | awk '
        { for (i = 1; i <= NF / 2; i++) { off = $i - $(i + NF / 2); wrong += $i !~ /^[0-9]/ ? $i != $(i + NF / 2) : off * off > ($i / 20) ^ 2 } }
        END { exit NR < 4 || wrong > 0 }'; then
    echo "ok $number - $claim"
else
    echo "not ok $number - $claim"
    sed 's/^/# /' "$state/printed"
fi
