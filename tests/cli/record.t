#!/bin/sh
# --record writes what --replay reads, the site's power first, and --backtest where a site has no domains.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none"
cat > site.yaml <<YAML
site: lab
interval: 200ms
domains:
  feed-[A,B]: {type: feed, cap: 10kW}
  hall-1: {type: hall, fed_by: feed-A}
targets:
  - {url: "local:", source: exec, name: meters, options: {command: "cat $tap_folder/values"}}
YAML
printf 'feed feed-A meter=4125.5\nhall hall-1 meter=4000\n' > values

record() { # record FILE OPTIONS...: until a few rows are there
    file=$1
    shift
    $GIGAWATCH --cache "$file.db" --record "$file" "$@" --collect 2> log &
    collector=$!
    for i in $(seq 300); do
        [ "$(cat "$file" 2> /dev/null | wc -l)" -gt 3 ] && break
        sleep .1
    done
    kill $collector
    wait $collector
}

record own.csv -c site.yaml
is "the site and its domains are the columns" "unix_seconds,watts,feed-A,feed-B,hall-1" "$(head -n 1 own.csv)"
is "rows hold their power, and gaps where nobody knows it" "4125.5,4125.5,,4000" "$(sed -n 3p own.csv | cut -d, -f2-)"
verdict "times rise" "$(sed 1d own.csv | sort -C -n -t, -k1; echo $?)" "$(cat own.csv)"
ls -l own.csv | grep -q '^-rw-------'
verdict "it is its owner's alone" $?
exits "--replay reads it" 0 $gw --replay own.csv,speed=max -q 'domains show name,power' -o csv
has "with the same power" "feed-A,4125.5" "$out"
exits "without the graph, too, the site draws what it drew" 0 $gw --replay own.csv,speed=max -q 'sites show power' -o csv
is "and not the sum of its columns" "4125.5" "$(printf '%s\n' "$out" | sed -n 2p | tr -d '\r')"
exits "with the graph it is the same" 0 $gw -c site.yaml --replay own.csv,speed=max -q 'sites show power' -o csv
is "site and power" "4125.5" "$(printf '%s\n' "$out" | sed -n 2p | tr -d '\r')"
is "and what is recorded is not mixed with what is live" "replay" \
    "$($gw -c site.yaml --replay own.csv -q 'sources show name' -o value | tr '\n' ' ' | sed 's/ $//')"
sum=$(cksum < own.csv)
exits "a recording is not overwritten" 2 $gw -c site.yaml --record own.csv --collect
has "which is said" "own.csv: is there already" "$errors"
is "and it is as it was" "$sum" "$(cksum < own.csv)"
exits "a place that cannot be" 2 $gw -c site.yaml --record none/own.csv --collect
has "is named" "none/own.csv: No such file" "$errors"
exits "who cannot begin" 1 $gw -c site.yaml --record never.csv --collect
verdict "leaves no file that would be in the way" "$([ ! -e never.csv ]; echo $?)"
exits "a one-shot has nothing to record" 2 $gw -c site.yaml --record once.csv -q sites
verdict "and makes no file" "$([ ! -e once.csv ]; echo $?)"

$gw -c site.yaml --record /dev/full -q 'sites show power' --watch=.2s > watched 2> log &
watcher=$!
for i in $(seq 300); do
    grep -q 'recording ends' log && grep -q 4125.5 watched && break
    sleep .1
done
kill $watcher
wait $watcher
has "a disk that is full ends it under --watch, and that is said" "/dev/full: No space left on device; the recording ends here" "$(cat log)"
has "and the watching goes on" 4125.5 "$(cat watched)"

echo 'node n1 meter=500' > values
sed '/^domains/,/hall-1/d' site.yaml > nodes.yaml
record nodes.csv -c nodes.yaml
is "without domains it is the site's power" "unix_seconds,watts" "$(head -n 1 nodes.csv)"
exits "--backtest reads that" 0 $gw --backtest nodes.csv --cap 505 --step 1s --horizon 5m
has "series by series" "nodes," "$out"

# The first row waits for who answers later.
cat > two.yaml <<YAML
site: lab
interval: 200ms
domains:
  feed-[A,B]: {type: feed, cap: 10kW}
targets:
  - {url: "local:", source: exec, name: quick, options: {stream: no, command: "echo feed feed-A meter=1000"}}
  - {url: "local:", source: exec, name: slow, options: {stream: no, command: "sleep 1.5; echo feed feed-B meter=2000"}}
YAML
record two.csv -c two.yaml
is "the first row is of all who answer, not of who answered first" "1000,2000" "$(sed -n 2p two.csv | cut -d, -f3-)"

# Rows of a thousand domains are longer than a page.
awk 'BEGIN {
    printf "unix_seconds"; for (i = 0; i < 1000; i++) printf ",rack%d", i
    for (t = 0; t < 4; t++) { printf "\n%d", 1795356000 + 15 * t; for (i = 0; i < 1000; i++) printf ",%d", 10000 + i }
    print "" }' > wide.csv
$gw --replay wide.csv,speed=60 -q 'domains where name = rack0 and power is stale show name' -o csv --watch=.2s > aged 2> log &
watcher=$!
for i in $(seq 100); do
    grep -q rack0 aged && break
    sleep .1
done
kill $watcher
wait $watcher
has "a row of many domains stands until the next, and no longer" rack0 "$(cat aged)"

# A recording is laid into the configured site: power may be far above a cap that was meant for another.
printf 'site: lab\ncap: 6kW\n' > small.yaml
first_line() { # first_line WATTS: of a recording of so much
    printf 'unix_seconds,bus\n1700000000,%s\n1700000015,%s\n' "$1" "$1" > bus.csv
    $GIGAWATCH -c small.yaml --cache none --replay bus.csv,speed=60 --screen 80x24 | head -1
}
has "above the cap, the bar keeps away from its number" "40.0/6 kW ██ 666.7%" "$(first_line 40000)"
has "far above it, each has its own unit" "40.0 MW of 6 kW ███ >999%" "$(first_line 40000000)"
has "below it, too" "5.50/6 kW ██▊ 91.7%" "$(first_line 5500)"
done_testing
