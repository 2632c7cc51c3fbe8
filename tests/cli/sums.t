#!/bin/sh
# Whatever is asked, the parts add up to the meter: of a simulated site, at several moments of its day.
. "$SRCDIR/tests/lib/tap.sh"

sum() { # sum QUERY FIELD: of all rows, W
    $GIGAWATCH --demo=gpus=576,seed="$seed" --now "$now" -q "$1 show $2" -o csv | awk 'NR > 1 { s += $1 } END { printf "%.0f\n", s }'
}
near() { # near CLAIM A B: to the watts that 32 bits round away
    awk -v a="$2" -v b="$3" 'BEGIN { exit !(b > 1e5 && (a - b) ^ 2 < 9) }'
    verdict "$1" $? "$2 W, expected $3 W"
}

for moment in "1 2026-11-22T03:10:00Z" "2 2026-11-22T14:05:32Z" "3 2026-11-24T20:44:44Z"; do
    seed=${moment%% *} now=${moment#* }
    site=$(sum sites power)
    nodes=$(sum nodes power)
    near "tenants draw what the site does ($now)" "$(sum tenants power)" "$site"
    near "classes draw it, too" "$(sum classes power)" "$site"
    near "nodes draw all that is explained" "$(sum 'tenants where name != unexplained' power)" "$nodes"
    near "jobs, and what is unallocated, draw what nodes do" \
        $(($(sum 'jobs where state = running' power) + $(sum 'tenants where name = unallocated' power))) "$nodes"
done

# What has ended holds nothing any more.
moment="--demo=gpus=576,seed=2 --now 2026-11-22T14:05:32Z"
has "there are jobs that have ended" "ended" "$($GIGAWATCH $moment -q 'jobs show state' -o tsv)"
is "GPUs of jobs are of those that run or wait" \
    "$($GIGAWATCH $moment -q 'jobs where state != ended show gpus' -o csv | awk 'NR > 1 { s += $1 } END { print s }')" \
    "$($GIGAWATCH $moment -q 'jobs by tenant show gpus' -o csv | awk -F, 'NR > 1 { s += $NF } END { print s }')"

# Groups sum what adds up.
adds_up() { # adds_up KIND GROUP FIELD
    is "$3 of $1 by $2 are those of all" "$($GIGAWATCH $moment -q "$1 show $3" -o csv | awk 'NR > 1 { s += $1 } END { print s }')" \
        "$($GIGAWATCH $moment -q "$1 by $2 show $3" -o csv | awk -F, 'NR > 1 { s += $NF } END { print s }')"
}
for field in gpus busy idle pending; do adds_up tenants tag $field; done
for field in pending running gpus_pending gpus_running; do adds_up queues state $field; done
done_testing
