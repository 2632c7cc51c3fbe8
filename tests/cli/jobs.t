#!/bin/sh
# Jobs are found by whatever they are a part of: the queues they were submitted to, those above these, a heterogeneous job.
. "$SRCDIR/tests/lib/tap.sh"

cat > "$tap_folder/values" <<'EOF'
queue site parent=everything
queue acme/train parent=site
queue acme/serve parent=site
queue everything parent=site
queue other
tenant blue jobs=4 pending=9 gpus_pending=72
tenant acme jobs=99 pending=99 gpus_pending=99
job acme/a tenant=acme state=running gpus=8 queue=acme/train
job acme/b tenant=acme state=pending gpus=8 tasks=3 queue=acme/serve
job 106 state=running gpus=4 queue=train,serve het=106
job 107 state=running gpus=2 queue=train het=106
job 108 state=pending gpus=1 queue=serve
EOF
cat > "$tap_folder/site.yaml" <<EOF
targets: [{url: "local:", source: exec, name: scheduler, options: {command: "cat $tap_folder/values"}}]
EOF
ask() { # ask QUERY: the first field of each row, in one line
    $GIGAWATCH -c "$tap_folder/site.yaml" -q "$1" -o csv | sed 1d | cut -d, -f1 | paste -sd' '
}

is "a job of several partitions is found by one of them" "106 108" "$(ask 'jobs where queue = serve sort id')"
is "and by the other" "106 107" "$(ask 'jobs where queue = train sort id')"
is "and as it was submitted" "106" "$(ask 'jobs where queue = "train,serve"')"
is "who asks for all but one partition does not get it" "107 acme/a acme/b" "$(ask 'jobs where queue != serve sort id')"
is "a queue above has the jobs of all that are parts of it" "acme/a acme/b" "$(ask 'jobs where queue = site sort id')"
is "also where queues are told to be parts of each other" "acme/a acme/b" "$(ask 'jobs where queue = everything sort id')"
is "and nobody else's" "" "$(ask 'jobs where queue = other')"
is "parts of a heterogeneous job are found by it" "106 107" "$(ask 'jobs where het = 106 sort id')"
is "several partitions are no queue of their own" "acme/serve acme/train everything other serve site train" \
    "$(ask 'queues sort name' | tr ' ' '\n' | LC_ALL=C sort | paste -sd' ')"
is "no job counts in two queues" "3" "$($GIGAWATCH -c "$tap_folder/site.yaml" -q 'queues show running' -o csv | awk 'NR > 1 { s += $1 } END { print s }')"
is "jobs of a tenant are counted, and of whom none is told, as the scheduler counts" "acme 1 3 24 blue 4 9 72" \
    "$($GIGAWATCH -c "$tap_folder/site.yaml" -q 'tenants where name in (acme, blue) show name,jobs,pending,gpus_pending sort name' -o tsv | sed 1d | tr '\t' ' ' | paste -sd' ')"

done_testing
