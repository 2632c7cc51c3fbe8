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

# Where jobs are told of, a node or a GPU without one is known to have none.
cat > "$tap_folder/places" <<'EOF'
gpu n1/0 parent=n1 power=100 util=0.9 job=106 tenant=blue
gpu n2/0 parent=n2 power=90 util=0 tenant=unallocated
job 106 tenant=blue state=running gpus=1 nodelist=n1
EOF
sed "s/values/places/" "$tap_folder/site.yaml" > "$tap_folder/places.yaml"
count() { $GIGAWATCH -c "$tap_folder/places.yaml" --cache none -q "$1" -o table | tail -1; }
is "a node without a job is not of an unknown one" "1 of 2 nodes" "$(count 'nodes where jobs = 106')"
is "but one where it does not run" "1 of 2 nodes" "$(count 'nodes where jobs != 106')"
is "a GPU that nobody holds, too" "1 of 2 gpus" "$(count 'gpus where job = 106')"
sed -i '/^job/d; s/ job=106//; s/ tenant=[a-z]*//' "$tap_folder/places"
is "where nobody tells of jobs, nobody knows" "0 of 2 nodes, 2 unknown" "$(count 'nodes where jobs = 106')"

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

# Who asks the cache hears of the same GPUs and jobs as who asks the targets.
cd "$tap_folder" || exit 1
cat > held.yaml <<YAML
site: lab
targets:
- {url: "local:", source: exec, name: all, interval: 1s, options: {command: "cat held"}}
YAML
cat > held <<'ROWS'
gpu n1/0 power=700 util=0.9 tenant=acme job=7
gpu n1/1 power=90 util=0 tenant=acme job=7
gpu n1/2 power=80 util=0
job 7 tenant=acme state=running gpus=2 queue=train
job 8 tenant=acme state=pending gpus=4 queue=train
ROWS
sed '/^targets/,$d' held.yaml > reader.yaml # so that the answer is the cache's
held() { $GIGAWATCH "$@" -o csv 2> /dev/null | tr -d '\r'; }
of_tenants="tenants where name != unexplained show name,gpus,busy,idle,jobs,pending,gpus_pending,power sort name"
of_queues="queues show name,running,gpus_running,pending,gpus_pending"
told=$(held -c held.yaml --cache none -q "$of_tenants")
has "a tenant holds GPUs, busy and idle, and has jobs that run and wait" "acme,2,1,1,1,1,4," "$told"
$GIGAWATCH -c held.yaml --cache held.db --set write-every=.2s --collect 2> collector.log &
collector=$!
for i in $(seq 100); do
    read=$(held -c reader.yaml --cache held.db --max-age 1h -q "$of_tenants")
    [ "$read" != "$told" ] || break
    sleep 0.2
done
is "the cache says the same" "$told" "$read"
is "of queues, too" "$(held -c held.yaml --cache none -q "$of_queues")" \
    "$(held -c reader.yaml --cache held.db --max-age 1h -q "$of_queues")"
is "and of classes" "$(held -c held.yaml --cache none -q "classes show name,gpus,busy,idle")" \
    "$(held -c reader.yaml --cache held.db --max-age 1h -q "classes show name,gpus,busy,idle")"
kill $collector
wait $collector
done_testing
