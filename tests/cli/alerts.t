#!/bin/sh
# What a collector warns of is in its cache: readers see it, and a new start goes on with it.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
cat > site.yaml <<YAML
site: lab
domains:
  feed-A: {type: feed, cap: 1kW}
targets:
  - {url: "local:", source: exec, name: meters, interval: 1s, options: {command: "cat $tap_folder/values"}}
YAML
printf 'site: lab\n' > reader.yaml
echo 'feed feed-A meter=1500' > values

reads() { # reads QUERY: from the cache alone
    $GIGAWATCH -c reader.yaml --cache lab.db --max-age 1h -q "$1" -o csv 2> /dev/null
}
collect_until() { # collect_until QUERY WORDS
    $GIGAWATCH -c site.yaml --cache lab.db --set thresholds.hold=1s --set write-every=.2s --collect 2> collector.log &
    collector=$!
    for i in $(seq 300); do
        reads "$1" | grep -q "$2" && break
        sleep 0.1
    done
    kill $collector
    wait $collector
}

collect_until "alerts show subject,level" "feed-A,critical"
has "a breach is an alert that readers see" "feed-A,critical" "$(reads 'alerts show subject,level')"
has "and an event" "feed-A: 1.50 kW of 1 kW" "$(reads 'events show text')"
before=$(reads "events show text" | grep -c "1.50 kW of 1 kW")
# Who knows the caps, too, does not raise it once more, at the moment of asking.
knows_caps() { $GIGAWATCH -c site.yaml --cache lab.db --max-age 1h -q "$1" -o csv 2> /dev/null; }
is "who asks the cache for events makes none" "$(reads 'events show time,level,text')" "$(knows_caps 'events show time,level,text')"
is "a cap that is passed is certain, and first" "feed-A,1" "$(knows_caps 'alerts show subject,p' | tr -d '\r' | sed -n 2p)"
echo 'feed feed-A meter=500' > values
# One that is held for a while says so where it is seen, however little room there is.
$GIGAWATCH -c site.yaml --cache lab.db --set thresholds.hold=10m --set write-every=.2s --collect 2> collector.log &
collector=$!
for i in $(seq 300); do
    knows_caps "alerts show text" | grep -q "500 W" && break
    sleep 0.1
done
has "an alert that is held says that it clears" "clearing; 500 W of 1 kW" "$(knows_caps 'alerts show text')"
has "at 80 columns, too" "feed-A   clearing; 500 W of 1 kW, 50.0% of its cap" "$($GIGAWATCH -c site.yaml --cache lab.db --view alerts --screen 80x24 | sed 's/◐/ /g')"
kill $collector
wait $collector
collect_until "events show text,level" "cleared"
is "a new start does not raise it again" "$before" "$(reads 'events show text' | grep -c '1.50 kW of 1 kW')"
hasnt "and clears it when it is over" "feed-A" "$(reads 'alerts show subject,level')"

# What is lacking is known when all were asked, and who asks once does not come again.
cat > half.yaml <<YAML
site: lab
nodes: {"n[1-4]": {}}
targets:
  - {url: "local:", source: exec, name: meters, interval: 1s, options: {command: "cat $tap_folder/half"}}
YAML
printf 'node n1 meter=100\nnode n2 meter=100\n' > half
lacking='lab,attention,"2 of 4 answer: 0 stale, 0 down, 2 never seen"'
asks_half() { $GIGAWATCH -c half.yaml --cache "$1" -q 'alerts show subject,level,text' -o csv 2> /dev/null | tr -d '\r' | sed 1d; }
is "who asks once is told that nodes are missing" "$lacking" "$(asks_half none)"
$GIGAWATCH -c half.yaml --cache half.db --set write-every=.2s --collect 2> /dev/null &
collector=$!
for i in $(seq 100); do
    reads_half=$($GIGAWATCH -c reader.yaml --cache half.db --max-age 1h -q 'nodes show name' -o value 2> /dev/null | wc -l)
    [ "$reads_half" -ge 2 ] && break
    sleep 0.1
done
is "so is who reads the cache, before the collector calls it lasting" "$lacking" "$(asks_half half.db)"
kill $collector
wait $collector
printf 'node n3 meter=100\nnode n4 meter=100\n' >> half
is "nothing is missed where all is there" "" "$(asks_half none)"

# An alert has one text, whoever tells it: who reads it from the cache without GPUs, and who asks once more.
cat > gpus.yaml <<YAML
site: lab
nodes: {n1: {gpus: 2}, n2: {gpus: 2}}
targets:
  - {url: "local:", source: exec, name: meters, interval: 1s, options: {command: "cat $tap_folder/gpus"}}
YAML
printf 'gpu n1/0 power=100\ngpu n1/1 power=100\ngpu n2/0 power=100\ngpu n2/1 power=100\n' > gpus
tells_gpus() { # tells_gpus QUERY [OPTION...]
    query=$1
    shift
    $GIGAWATCH -c gpus.yaml --cache gpus.db "$@" -q "$query" -o csv 2> /dev/null | tr -d '\r' | sed 1d
}
$GIGAWATCH -c gpus.yaml --cache gpus.db --set write-every=.2s --collect 2> /dev/null &
collector=$!
for i in $(seq 100); do
    [ "$($GIGAWATCH -c reader.yaml --cache gpus.db --max-age 1h -q 'gpus where power > 0 show name' -o value 2> /dev/null | wc -l)" = 4 ] && break
    sleep 0.1
done
grep -v n1/1 gpus > fewer
cp fewer gpus
gone='n1,GPU n1/1 is told of no more; others of the node are'
for i in $(seq 150); do
    [ "$($GIGAWATCH -c reader.yaml --cache gpus.db --max-age 1h -q 'alerts show subject,text' -o csv 2> /dev/null | tr -d '\r' | sed 1d)" = "$gone" ] && break
    sleep 0.1
done
is "a GPU that is told of no more is in the cache's words" "$gone" "$(tells_gpus 'alerts show subject,text' --max-age 1h)"
kill $collector
wait $collector
sleep 1.5
is "and in those of who asks once more" "$gone" "$(tells_gpus 'alerts show subject,text' --max-age 1s)"
is "which are of now" 0 "$($GIGAWATCH -c gpus.yaml --cache gpus.db --max-age 1s -q alerts -o json 2> /dev/null | grep -c ':"stale"')"
done_testing
