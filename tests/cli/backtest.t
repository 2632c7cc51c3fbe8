#!/bin/sh
# --backtest of power as it should not be: a message that names the line, or a forecast that makes sense.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1

# power COUNT TIME WATTS: a series, TIME and WATTS as awk's arithmetic on the minute i.
power() {
    awk "BEGIN { print \"unix_seconds,watts\"; for (i = 0; i < $1; i++) printf \"%d,%d\\n\", $2, $3 }" > power.csv
}

backtest() { # backtest CLAIM CODE CAPS
    exits "$1" "$2" "$GIGAWATCH" --backtest power.csv --cap "$3" --step 15m --horizon 5m,1h
}

# Rows that say something: finite, rising quantiles, p within 0 and 1. Then the condition, on the cells $1, $2, ...
sane() { # sane CLAIM [CONDITION]
    verdict "$1" "$(echo "$out" | awk -F, "
        NR == 1 || \$9 == \"\" { next }
        { said++; bad = \$5 == \"\" || \$5 < 0 || \$5 > 1 || \$14 + 0 > \$15 + 0 || \$15 + 0 > \$16 + 0 || \$16 + 0 > \$17 + 0 }
        { for (c = 6; c <= 17; c++) bad = bad || \$c !~ /^[0-9]+\\.[0-9]+\$/ || c > 6 && c < 14 && \$c + 0 < \$(c - 1) + 0 }
        bad || !(${2-1}) { wrong++ }
        END { print (!said || wrong) }")" "$out"
}

power 0 1 1
backtest "a series without a sample is no data" 3 505
has "and says so" "power.csv: there is no sample: expected" "$errors"
is "before anything is written" "" "$out"
exits "rows are csv" 2 "$GIGAWATCH" --backtest power.csv -o table
has "and nothing else" '-o: --backtest writes csv, not "table"' "$errors"

steady='500 + i * 7919 % 13' minutes='1000000 + 60 * i'

power 1 "$minutes" "$steady"
backtest "one row is a series" 0 505
is "of which nothing is known yet" "power,1000000,300,505.00,,,,,,,,,,,,,,,,,,,
power,1000000,3600,505.00,,,,,,,,,,,,,,,,,,," "$(echo "$out" | tail -n +2)"

power 200 "$minutes" 500
backtest "power that never changes is forecast" 0 600,400
sane "as itself" '$9 == 500'
sane "the cap above it is safe, the one below is breached" '$4 == 400 ? $5 == 1 : $5 < .05'
is "and the band held it each time" "100 100" "$(echo "$errors" | awk '/[0-9]s / && NR < 5 { printf "%s%s", (n++ ? " " : ""), $3 }')"

power 200 "$minutes" "$steady"
backtest "a cap below the present" 0 400
sane "is breached already" '$5 == 1 && $18 == 0 && $20 == 0'
has "and the summary asks whether a unit was meant" "cap 400 W, below all samples (the least is " "$errors"

power 200 "$minutes + (i > 100 ? 5 * 86400 : 0)" "$steady"
backtest "a gap of five days" 0 505
sane "leaves forecasts near what was ever measured" '$6 > 450 && $13 < 560'
is "and what nobody measured unknown" 1 "$(echo "$out" | awk -F, '$2 == 1005400 && $3 == 3600 { print $21 == "" && $22 == "" || $23 == 1 }')"

power 200 "$minutes + (i >= 100 ? 3600 : 0)" "$steady"
backtest "a local clock that jumps forward is a gap" 0 505
sane "and forecasts go on" '$6 > 450 && $13 < 560'
power 200 "$minutes - (i >= 100 ? 3600 : 0)" "$steady"
backtest "one that jumps back is refused" 1 505
has "with its line" "power.csv:102: expected a later time than in the line before, got \"1002400," "$errors"
printf 'unix_seconds,watts\n2026-10-25T02:59:00+02:00,500\n2026-10-25T02:00:00+01:00,501\n' > power.csv
backtest "a time of day is refused" 1 505
has "with what was expected" 'power.csv:2: expected seconds,watts, got "2026-10-25T02:59:00' "$errors"

power 200 "$minutes + (i == 100 ? 3600 : 0)" "$steady"
backtest "a sample dated an hour ahead is refused with the next one" 1 505
has "and its line" "power.csv:103: expected a later time" "$errors"
power 200 "$minutes + (i == 199 ? 3600 : 0)" "$steady"
backtest "as the last one it is a gap" 0 505
sane "and is forecast from" '$6 > 450 && $13 < 560'
power 200 "1000000 + 60 * (i * 7 % 200)" "$steady"
backtest "samples in no order are refused" 1 505
has "where the order ends" "power.csv:31: expected a later time" "$errors"

power 200 "$minutes" "i % 2 ? -5 : $steady"
backtest "less than nothing is not measured" 0 505
sane "and not forecast; that p is likely means that the highest is above" '$6 > 450 && ($5 < .6 || $15 > 505)'
has "and how much was left out is said" "power: 100 samples left out: less than 0 W" "$errors"
power 200 "$minutes" "i == 100 ? 1e38 : $steady"
backtest "nor is more than any meter can mean" 0 505
sane "which leaves no trace" '$6 > 450 && $13 < 560'
has "and is said" "power: 1 sample left out:" "$errors"

power 200 "$minutes" "$steady"
sed -i 1d power.csv
backtest "a series without its header is refused" 1 505
has "for what its columns are nobody knows" "power.csv:1: expected the header line unix_seconds,watts" "$errors"
is "and nothing is written" "" "$out"
for how in milliseconds:1000:0 nanoseconds:1000000000:0; do
    factor=${how#*:}
    power 200 "(1700000000 + 60 * i) * ${factor%:*}" "$steady"
    backtest "a time in ${how%%:*} is refused" 1 505
    has "with what was expected" "power.csv:2: expected seconds since 1970, not a fraction of them, got \"17" "$errors"
done
power 200 "$minutes" "$steady"
printf '\357\273\277' | cat - power.csv > power.new
mv power.new power.csv
backtest "a spreadsheet's byte order mark is no part of the header" 0 505
exits "a folder is no series" 1 "$GIGAWATCH" --backtest . --cap 505
has "and it says so" ".: Is a directory" "$errors"
power 200 "$minutes" "$steady"
exits "where nothing is left from --from on" 0 "$GIGAWATCH" --backtest power.csv --cap 505 --from 1012000
is "that is said instead of scores" "power.csv: no samples from --from on: the last is at 1011940" "$errors"
for unknown in nan ''; do
    power 200 "$minutes" "$steady"
    awk -F, -v unknown="$unknown" 'NR % 10 == 3 { $2 = unknown } { print $1 "," $2 }' power.csv > power.new
    mv power.new power.csv
    backtest "what nobody measured (\"$unknown\") is a gap" 0 505
    sane "and forecasts go on" '$6 > 450 && $13 < 560'
done

# What was learnt of the first ten hours, kept in a file.
waves="400 + 50 * sin(i / 7) + 30 * sin(i / 1.3) + i % 97"
power 900 "$minutes" "$waves"
backtest "fifteen hours" 0 505
whole=$out
power 600 "$minutes" "$waves"
exits "what was learnt is saved" 0 "$GIGAWATCH" --backtest power.csv --cap 505 --step 15m --horizon 5m,1h --save-state learnt
power 300 "$minutes + 36000" "400 + 50 * sin((i + 600) / 7) + 30 * sin((i + 600) / 1.3) + (i + 600) % 97"
exits "and started from" 0 "$GIGAWATCH" --backtest power.csv --cap 505 --step 15m --horizon 5m,1h --warm learnt
is "a warm start forecasts to the digit what would have been forecast without a stop" \
    "$(echo "$whole" | tail -n 40)" "$(echo "$out" | tail -n 40)"
hasnt "and nothing is said of a cold one" "cold" "$errors"
cp power.csv other.csv
exits "a series that has no state among them starts cold" 0 "$GIGAWATCH" --backtest power.csv other.csv --cap 505 --step 15m --horizon 5m,1h --warm learnt
has "and it is said" "learnt: no state of other: it starts cold" "$errors"
hasnt "of that one alone" "no state of power" "$errors"
exits "where what was learnt cannot be saved, nothing is forecast first" 1 "$GIGAWATCH" --backtest power.csv --cap 505 --step 15m --horizon 5m,1h --save-state nowhere/learnt
is "nothing" "" "$out"
has "and it says why" "nowhere/learnt: No such file or directory" "$errors"
cp learnt kept
exits "a run that fails" 1 "$GIGAWATCH" --backtest none.csv --cap 505 --save-state learnt
cmp learnt kept
verdict "leaves what was saved before" $?
exits "and one that fails" 1 "$GIGAWATCH" --backtest none.csv --cap 505 --save-state fresh
verdict "leaves no file" "$([ -e fresh ]; echo $((1 - $?)))"
exits "it is saved again" 0 "$GIGAWATCH" --backtest power.csv --cap 505 --step 15m --horizon 5m,1h --save-state later
exits "states of other horizons are refused" 1 "$GIGAWATCH" --backtest power.csv --cap 505 --horizon 5m,2h --warm learnt
has "and it says what to do" "the state of power is of another version, step or --horizon; save it again" "$errors"
exits "what was learnt of the same time or later is refused" 1 "$GIGAWATCH" --backtest power.csv --cap 505 --step 15m --horizon 5m,1h --warm later
has "with both times" "later: the state of power is of a time up to 1053940, and power.csv begins at 1036000: expected later samples" "$errors"
echo junk > learnt
exits "a file that holds no states is refused" 1 "$GIGAWATCH" --backtest power.csv --cap 505 --warm learnt
has "with its name" "learnt: expected states that --save-state wrote" "$errors"
done_testing
