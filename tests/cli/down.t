#!/bin/sh
# What is said of nodes whose target does not answer.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
cat > site.yaml <<YAML
site: lab
racks:
  r1: {cap: 6kW}
nodes:
  n[1-3]: {rack: r1}
targets:
  - {url: "http://127.0.0.1:1/metrics", node: n1, name: dead}
  - {url: "local:", node: n2, source: exec, options: {command: "echo node n2 meter=100"}}
YAML
asks() { # asks QUERY
    $GIGAWATCH -c site.yaml --cache "$tap_folder/lab.db" -q "$1" -o tsv 2> /dev/null
}

has "a node whose target does not answer is down, with the reason" "n1	down	http://127.0.0.1:1 refuses the connection;" \
    "$(asks 'nodes show name,state,reason')"
is "and is found so; one that nobody is asked about is unknown" "name n1" "$(echo $(asks 'nodes where state = down show name'))"
is "one that answers is up" "name n2" "$(echo $(asks 'nodes where state = up show name'))"
is "its target says which node it is about" "name n1" \
    "$(echo $(asks 'sources where state = down show node' | sed 's/^node/name/'))"

# Hosts that are named and never answered are nodes, too.
cat > hosts.yaml <<YAML
targets:
  - {url: "ssh://127.0.0.1:1", name: one, timeout: 2s}
  - {url: "ssh://127.0.0.1:2", name: two.dc1.example, node_suffix: .dc1.example, timeout: 2s}
  - {url: "http://127.0.0.1:3/metrics", name: page}
YAML
exits "hosts that never answered" 3 $GIGAWATCH -c hosts.yaml --cache none -q 'nodes show name,state,reason' -o tsv
is "are down among nodes, under the name that their answer would have; a page may tell of any" "one down two down" \
    "$(printf '%s\n' "$out" | sed 1d | cut -f1,2 | tr '\t' ' ' | paste -sd' ')"
has "with the reason" "connection refused" "$out"
has "and each is missed once" '"coverage":{"expected":3,"ok":0,"stale":0,"down":3,"never":0}' \
    "$($GIGAWATCH -c hosts.yaml --cache none -q nodes -o json 2> /dev/null)"
has "the screen has them" "two " "$($GIGAWATCH -c hosts.yaml --cache none --screen 80x24 --keys 4 | grep down)"

# Pages that answer, and tell nothing or half.
serve() { # serve LINES: asks for the GPUs of that page
    printf "$1" > page
    python3 "$SRCDIR/tests/lib/exporter.py" 0 page > port 2> /dev/null & server=$!
    for i in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    exits "$2" "$3" $GIGAWATCH -c /dev/null --cache none "http://127.0.0.1:$(cat port)/metrics" -q gpus -o name
    kill $server
    wait $server 2> /dev/null
}
if command -v python3 > /dev/null; then
    serve 'go_threads 7\n' "a page that means nothing here is no data" 3
    has "and that is said" "none of 1 samples means anything here" "$errors"
    serve 'DCGM_FI_DEV_GPU_UTIL{gpu="0",Hostname="n1"} 1\nDCGM_FI_DEV_GPU_UTIL{gpu="1",Host' "half a page is what it tells" 0
    has "and that it is half is said" "the page is cut off in line 2" "$errors"
    is "with what is whole" "n1/0" "$out"
else
    skips "no python3" "a page that means nothing here is no data"
fi

# Several are told in their order.
exits "who does not answer" 3 $GIGAWATCH -c /dev/null --cache none "http://127.0.0.[1-3]:1/metrics" -q gpus -o name
is "is told in the order of names" "127.0.0.1:1 127.0.0.2:1 127.0.0.3:1" \
    "$(printf '%s\n' "$errors" | sed -n 's/^gigawatch: \([0-9.]*:1\): .*/\1/p' | paste -sd' ')"

# While no power is known, caps are in a unit of their own.
printf 'site: lab\nracks:\n  r1: {cap: 600kW}\ntargets:\n- {url: "http://127.0.0.1:1"}\ncap: 600kW\n' > silent.yaml
has "a cap of kilowatts is in kilowatts" "  kW    cap" "$($GIGAWATCH -c silent.yaml --cache none --screen 80x24 | grep domain)"
done_testing
