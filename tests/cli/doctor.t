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

# ---- mistakes: all of them, and who can be asked is asked ----
cat > site.yaml <<'YAML'
refesh: 3s
racks:
  r[1-2]: {fed_by: nix}
  r3: {fed_by: far}
  r4: {fed_by: r5, cap: 40 kW}
  r5: {fed_by: r4, cap: 2 boxes}
targets:
- {name: well, url: "local:", source: exec, options: {stream: no, command: "echo gpu n1/0 power=100"}}
- {name: late, url: "local:", timeout: 5, tokn: x}
- {url: "ftp://n[1-3]"}
- {name: mode, url: "local:", options: {mode: bla}}
- {name: shape, url: "http://127.0.0.1:1", source: grid, options: {shape: round}}
YAML
exits "--doctor of a configuration with mistakes ends as any command would" 2 env GIGAWATCH_INTERVAL=never $gw --doctor
for mistake in 'site.yaml:1:1: unknown key "refesh"; did you mean refresh?' 'site.yaml:9:40: 5 of what? write the unit: 5s' \
    'site.yaml:9:43: unknown key "tokn" in a target' 'GIGAWATCH_INTERVAL: interval: expected a number' \
    'site.yaml:10:3: n1: no source reads "ftp://n1"' 'site.yaml:11:47: mode: expected auto, csv or xml, got "bla"' \
    'site.yaml:12:75: shape: expected' \
    '"r1" is fed by "nix", which is not declared' '"r3" is fed by "far", which is not declared' \
    '"r4" feeds itself, through r5' 'site.yaml:6:25: expected a limit with its unit'; do
    has "and says all of them" "$mistake" "$out"
done
hasnt "those of a declaration once" "n2: no source reads" "$out"
has "with what is right" "well                  local:" "$out"
exits "--doctor NAME asks all the same" 2 $gw --doctor exec
has "and tells what came" "gpus (1): power" "$out"
has "and what is wrong" 'unknown key "refesh"' "$out"
sed -i '/refesh/d; /late/d' site.yaml
exits "who feeds is looked for in what can be read" 2 $gw --doctor
has "and all are said that nobody declared" '"r1" is fed by "nix", which is not declared' "$out"
has "each declaration once" '"r3" is fed by "far", which is not declared' "$out"
hasnt "and no more" '"r2"' "$out"
sed -i '/racks/d; /fed_by/d' site.yaml
exits "what only targets have amiss is amiss" 1 $gw --doctor

# ---- how often each is asked, and who says so ----
cat > site.yaml <<'YAML'
interval: 20s
targets:
- {name: page, url: "http://127.0.0.1:1/metrics"}
- {name: batch, url: "slurm+http://127.0.0.1:1", user: x, interval: 2m}
- {name: meters, url: "local:", source: exec, options: {stream: no, command: "echo gpu n1/0 power=100"}}
YAML
every() { # every NAME: what --doctor says of it
    printf '%s\n' "$out" | sed -n "s/^  $1 .*  every \(.*)\)  .*/\1/p"
}
exits "--doctor with an interval in the file" 0 $gw --doctor
is "what the file says counts for who has none, before the source's own" "20 s (site.yaml:1:1)" "$(every page)"
is "for whatever source" "20 s (site.yaml:1:1)" "$(every meters)"
is "its own stands above it" "120 s (site.yaml:4:69)" "$(every batch)"
is "and so each is asked" "batch 120,page 20,meters 20," \
    "$($gw --timeout 9s -q 'sources show name,interval' -o tsv 2> /dev/null | tail -n +2 | tr '\t\n' ' ,')"
has "--doctor NAME says it, too" "asked       every 20 s (site.yaml:1:1)" "$($gw --doctor meters)"
exits "a flag is a setting" 0 $gw --set interval=30s --doctor
is "above the file" "30 s (--set)" "$(every page)"
sed -i 1d site.yaml
exits "--doctor without" 0 $gw --doctor
is "then the source's own counts" "15 s (default of prom)" "$(every page)"
is "each its own" "10 s (default of exec)" "$(every meters)"

# ---- whose ssh_config ----
own=$(for file in "$(getent passwd "$(id -u)" | cut -d: -f6)/.ssh/config" /etc/ssh/ssh_config; do [ -r "$file" ] && echo "$file"; done | paste -sd' ' | sed 's/ /, /')
own=${own:-none: no $(getent passwd "$(id -u)" | cut -d: -f6)/.ssh/config}
has "--doctor says which ssh_config is read where none is named" "  $own  " "$($gw --doctor | grep '^  ssh.config' | tr -s ' ' | sed 's/ssh.config /ssh.config  /; s/ default/  default/')"
echo > own_config
has "and the one that is named" " own_config " "$($gw --set ssh.config=own_config --doctor | grep '^ *ssh.config')"

# ---- nodes that nobody declares ----
printf 'nodes:\n  n[01-02]: {}\ntargets:\n- {url: "http://127.0.0.[1-2]:1/metrics", node: "node-[1-2]"}\n- {url: "local:", source: exec, node: n01}\n' > site.yaml
exits "a target about a node that is not declared is amiss" 1 $gw --doctor
has "and said with its place, once" "site.yaml:4:3: node: node-1 is none of the nodes declared" "$out"
is "once a declaration" 1 "$(printf '%s\n' "$out" | grep -c 'none of the nodes declared')"
sed -i 's/node-\[1/n0[1/' site.yaml
$gw --doctor > out
is "one that is declared is not" 0 "$(grep -c 'none of the nodes declared' out)"

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
is "who is asked about stands before the targets or behind" \
    "$($GIGAWATCH -c /dev/null --cache none --doctor promql prom+http://127.0.0.1:1 2>&1)" \
    "$($GIGAWATCH -c /dev/null --cache none prom+http://127.0.0.1:1 --doctor promql 2>&1)"
has "and is asked" "refuses the connection" "$($GIGAWATCH -c /dev/null --cache none prom+http://127.0.0.1:1 --doctor promql 2>&1)"
done_testing
