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
done_testing
