#!/bin/sh
# Nodes that are kept out of use on purpose are found, and told from those that are not, or of which nobody knows.
. "$SRCDIR/tests/lib/tap.sh"

cat > "$tap_folder/values" <<'EOF'
node n1 meter=900 state=up maintenance=no
node n2 meter=100 state=drain maintenance=psu-swap
node n3 meter=800 state=up
EOF
cat > "$tap_folder/site.yaml" <<EOF
targets: [{url: "local:", source: exec, name: scheduler, options: {command: "cat $tap_folder/values"}}]
EOF
ask() { # ask QUERY: the names, in one line
    $GIGAWATCH -c "$tap_folder/site.yaml" -q "$1" -o name | paste -sd' '
}

is "who is in maintenance is found by that alone" "n2" "$(ask 'nodes where maintenance')"
is "and who is not, as far as that is known" "n1" "$(ask 'nodes where not maintenance')"
is "why is told" "psu-swap" "$($GIGAWATCH -c "$tap_folder/site.yaml" -q 'nodes where maintenance show maintenance' -o value)"
is "and summed" "no 1 1 900 psu-swap 1 1 100" "$($GIGAWATCH -c "$tap_folder/site.yaml" -q 'nodes where maintenance is not null by maintenance show power' -o tsv |
    sed 1d | LC_ALL=C sort | tr '\t' ' ' | paste -sd' ')"

done_testing
