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
done_testing
