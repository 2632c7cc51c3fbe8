#!/bin/sh
# A target that falls silent: who asks the cache hears the same as who looks at the console, and the past has a gap.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
export GIGAWATCH_WRITE_EVERY=.2s
cat > site.yaml <<YAML
site: lab
domains:
  feed: {type: feed, cap: 6kW}
  r1: {type: rack, cap: 3kW, fed_by: feed}
  r2: {type: rack, cap: 3kW, fed_by: feed}
nodes: {n1: {rack: r1}, n2: {rack: r2}}
targets:
  - {url: "local:", source: exec, name: n1, interval: 1s, options: {command: "echo gpu n1/0 power=1800"}}
  - {url: "local:", source: exec, name: n2, interval: 1s, timeout: 40s, options: {command: "sh $tap_folder/second"}}
YAML
cat > second <<'SH'
cd "${0%/*}" || exit 1
[ ! -e silent ] || exit 1
[ -e slow ] || { : > slow; sleep 16; } # longer than a step of the past
echo gpu n2/0 power=2500 temp=51
SH
sed '/^targets/,$d' site.yaml > reader.yaml      # so that the answer is the cache's
reads="$GIGAWATCH -c reader.yaml --cache c.db --max-age 1h"
ask() { $reads -q "$1" -o csv 2> /dev/null | tr -d '\r' | sed 1d; }
until_is() { # until_is QUERY ANSWER
    for i in $(seq 200); do
        [ "$(ask "$1")" = "$2" ] && return
        sleep 0.2
    done
}

$GIGAWATCH -c site.yaml --cache c.db --collect 2> collector.log &
collector=$!
until_is "sites show power,coverage" 4300,1
is "two nodes answer, the second later than the first" 4300,1 "$(ask "sites show power,coverage")"
: > silent
for i in $(seq 150); do
    said=$(ask "sites show power,coverage")
    [ "$said" = 4300,1 ] || break
    sleep 0.2
done
is "when the second falls silent its power is missing, and the coverage says so with it" 1800,0.5 "$said"
for what in "domains where name = r2" "nodes where name = n2" "gpus where node = n2"; do
    has "of the $what the power is stale" '"power_w":"stale"' "$($reads -q "$what show power" -o json 2> /dev/null)"
done
has "and all else that its GPUs told, with their age" '"quality":{"temp_c":"stale","age_s":"stale"}' \
    "$($reads -q "gpus where node = n2 show temp,age" -o json 2> /dev/null)"
has "those of the other are fresh" '"quality":{}' "$($reads -q "gpus where node = n1 show power,age" -o json 2> /dev/null)"
age=$(ask "nodes where name = n2 show age")
verdict "and as old as what was heard of it" "$([ "${age%.*}" -ge 8 ]; echo $?)" "$age"
is "which is not called up" n1 "$(ask "nodes where state = up show name")"
has "how many answer is said" '"expected":2,"ok":1,' "$($reads -q nodes -o json 2> /dev/null)"
rm silent
until_is "sites show power,coverage" 4300,1
is "it comes back with its power" 4300,1 "$(ask "sites show power,coverage")"
kill $collector
wait $collector
trend=$(ask "domains where name = feed show trend")
has "the past knows what both drew" 4300 "$trend"
hasnt "and never what one of them did" 1800 "$trend"

# Nothing to tell is not a fault, unless somebody is silent.
printf 'site: lab\ntargets:\n- {url: "local:", source: exec, name: well, options: {command: "echo node n2 meter=100"}}\n' > well.yaml
has "no alerts mean that nothing is wrong" "nothing is wrong" "$($GIGAWATCH -c well.yaml --cache none --screen 80x24 --keys a)"
has "no jobs, that nobody tells of them, and who would" "nobody tells (slurm and kube would)" \
    "$($GIGAWATCH -c well.yaml --cache none --screen 80x24 --keys 7)"
printf -- '- {url: "http://127.0.0.1:1", name: dead}\n' >> well.yaml
has "where somebody is silent, the sources are shown" "no jobs yet; 0 shows the sources" \
    "$($GIGAWATCH -c well.yaml --cache none --screen 80x24 --keys 7)"

# Who is silent is named, in the order of the names.
printf 'site: lab\nracks:\n  r1: {cap: 6kW}\nnodes:\n  n[1-4]: {rack: r1}\ntargets:\n' > dead.yaml
for n in 1 2 3 4; do
    printf -- '- {url: "local:", source: exec, name: n%s, options: {command: "false"}}\n' $n >> dead.yaml
done
screen=$($GIGAWATCH -c dead.yaml --cache none --screen 80x24)
is "at risk are all that do not answer, from the first to the last" "n1 n2 n3 n4" \
    "$(echo "$screen" | sed -n 's/^. . \(n[0-9]\)  .*/\1/p' | tr '\n' ' ' | sed 's/ $//')"
has "under the power graph nodes are named" "n1, n2 and 2 more down" "$screen"

# Power of GPUs alone is an estimate of their rack's, in the overview, too.
printf 'site: lab\nracks:\n  r1: {cap: 6kW}\nnodes:\n  n2: {rack: r1}\ntargets:\n- {url: "local:", source: exec, name: gpus, options: {command: "echo gpu n2/0 power=900"}}\n' > half.yaml
has "a rack's estimate is marked in the overview" "900.0~ " "$($GIGAWATCH -c half.yaml --cache none --screen 80x24 | grep ' r1 ')"
done_testing
