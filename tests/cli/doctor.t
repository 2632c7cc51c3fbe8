#!/bin/sh
# --doctor NAME asks as a console would: all at the same time, as long as it was told, by what the configuration says.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none -c site.yaml"

# One begins when the other has, and the other way round.
target() { # target NAME COMMAND
    printf -- '- {name: %s, url: "local:", source: exec, options: {stream: no, command: "%s"}}\n' "$1" "$2"
}
meet() { echo "touch $1; until [ -e $2 ]; do sleep .05; done; echo gpu $1/0 power=100"; }
{ echo targets: && target a "$(meet a b)" && target b "$(meet b a)"; } > site.yaml
exits "all of a source are asked at the same time" 0 $gw --timeout 60s --doctor exec
is "and told in the order of the configuration" "a b" "$(printf '%s\n' "$out" | awk '$2 == "exec" { print $1 }' | paste -sd' ')"
has "with what came" "gpus (1): power" "$out"
{ echo targets: && target mute "sleep 600"; } > site.yaml
exits "who does not answer is amiss" 1 $gw --timeout .5s --doctor mute
has "within the time that was given" "no answer within 0.5 s" "$out"
is "and nothing is empty" 0 "$(printf '%s\n' "$out" | grep -c '^$')"

# ---- a node that two sources call differently ----
two() { # two SUFFIX: what the second target cuts off
    printf 'targets:\n- {name: a, url: "local:", source: exec, interval: 1s, options: {stream: no, command: "echo gpu n1/0 power=100"}}\n'
    printf -- '- {name: b, url: "local:", source: exec, interval: 1s, %soptions: {stream: no, command: "echo gpu n1.dc1.example/0 util=.5; echo node n1.dc1.example meter=900"}}\n' "$1"
}
two "" > site.yaml
echo 'site: site' > reader.yaml         # it has no targets, so what it knows the cache does
$GIGAWATCH -c site.yaml --cache lab.db --set write-every=.2s --collect 2> collector.log &
collector=$!
tries=0
until [ "$($GIGAWATCH -c reader.yaml --cache lab.db --max-age 1h -q nodes -o name 2> /dev/null | wc -l)" = 2 ] || [ $tries = 300 ]; do
    tries=$((tries + 1))
    sleep .2
done
kill $collector
wait $collector
exits "--doctor of what the cache remembers" 0 $GIGAWATCH -c site.yaml --cache lab.db --doctor
has "names nodes that may be one" "n1 and n1.dc1.example may be one node that two sources call differently (1 such pair): give one of them node_suffix: .dc1.example" "$out"
two "node_suffix: .dc1.example, " > site.yaml
exits "with node_suffix" 0 $gw -q 'gpus show name,power,util' -o tsv
is "they are one" "n1/0 100 0.5" "$(printf '%s\n' "$out" | tail -n +2 | tr '\t' ' ')"
is "the node, too" "n1" "$($gw -q nodes -o name)"
two "node_suffix: dc1, " > site.yaml
exits "a suffix that is none" 2 $gw -q gpus
has "is refused" 'expected how its nodes'"' names end, such as .dc1.example, got \"dc1\"" "$errors"
done_testing
