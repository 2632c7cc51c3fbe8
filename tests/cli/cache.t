#!/bin/sh
# The cache and other bad input: each is said clearly, and the program goes on without.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
export GIGAWATCH_WRITE_EVERY=.2s         # nobody waits five seconds here
umask 022
cat > meters <<'METERS'
cat values
METERS
cat > site.yaml <<YAML
site: lab
cap: 10kW
classes:
  - {tenant: acme, class: training}
targets:
  - {url: "local:", source: exec, name: meters, interval: 1s, options: {command: "sh $tap_folder/meters"}}
YAML
echo 'gpu n1/0 power=412.5 tenant=acme' > values
ask="$GIGAWATCH -c site.yaml -q gpus -o csv"
shows="gpus show name,power"

# remember FILE: a cache that a collector made. It is over when a reader finds it
printf 'site: lab\n' > reader.yaml
remember() {
    rm -f "$1" "$1"-*
    [ -z "${empty-}" ] || : > "$1"
    $GIGAWATCH -c site.yaml --cache "$1" --collect 2> collector.log &
    collector=$!
    for i in $(seq 300); do
        $GIGAWATCH -c reader.yaml --cache "$1" --max-age 1h -q "$shows" -o csv 2> /dev/null | grep -q 'n1/0,412.5' && break
        sleep 0.1
    done
    [ "${2-}" = on ] && return
    kill $collector
    wait $collector
}
goes_on() { # goes_on CLAIM WORDS CACHE
    exits "$1: the answer comes" 0 $GIGAWATCH -c site.yaml --cache "$3" --max-age 0 -q "$shows" -o csv
    has "$1: it is right" "n1/0,412.5" "$out"
    [ -z "$2" ] || has "$1: it is said" "$2" "$errors"
}

remember good.db
verdict "a collector makes a cache" "$([ -s good.db ]; echo $?)" "$(cat collector.log)"
exits "GPUs are chosen from it by their class" 0 $GIGAWATCH -c site.yaml --cache good.db --max-age 1h -q 'gpus where class = training show name,class' -o csv
has "which follows from what it has of their tenants" "n1/0,training" "$out"
goes_on "a good cache" "" good.db
is "and nothing is said" "" "$errors"
for file in good.db*; do cp "$file" "x${file#good}"; done

printf 'gpu n1/0 power=412.5\nnode n2 state=down\ngpu n2/0 util=0\nnode n3 meter=900\n' > values
remember down.db
exits "nodes are put in order by power that the cache remembers" 0 $GIGAWATCH -c reader.yaml --cache down.db --max-age 1h -q 'nodes sort -power show name,power' -o csv
is "and one that is down has none" "n3,900 n1,412.5 n2," "$(printf '%s' "$out" | tr -d '\r' | sed 1d | tr '\n' ' ' | sed 's/ $//')"
echo 'gpu n1/0 power=412.5 tenant=acme' > values

echo "this is no database, but it is long enough to look at: $(seq 200)" > corrupt.db
goes_on "a file that is no database" "corrupt.db: damaged" corrupt.db
has "what to do is said" "move it away and gigawatch makes a new one" "$errors"
head -c 6000 good.db > cut.db
goes_on "a cache cut in the middle" "cut.db" cut.db
exits "a collector does not touch it" 1 $GIGAWATCH -c site.yaml --cache corrupt.db --collect
has "and says why" "corrupt.db: damaged" "$errors"

# ---- the doctor reads all of it ----
exits "the doctor and a good cache" 0 $GIGAWATCH -c site.yaml --cache x.db --doctor
has "which is whole" "x.db: whole" "$out"
# Pages are of 16384 bytes. Each but the first is made nonsense in its turn.
pages=$(($(wc -c < x.db) / 16384))
for page in $(seq $((pages - 1)) -1 1); do
    cp x.db middle.db
    head -c 16384 /dev/zero | tr '\0' '\125' | dd of=middle.db bs=16384 seek="$page" conv=notrunc 2> /dev/null
    exits "the doctor and page $page of it made nonsense" 1 $GIGAWATCH -c site.yaml --cache middle.db --doctor
    has "says so" "middle.db: damaged (" "$out"
    has "and what to do" "move it away and gigawatch makes a new one" "$out"
    has "and closes with it" "something is amiss" "$out"
done

# Whose a file is stands in its first page: the application's number at 68, the version at 60 (sqlite.org/fileformat.html).
stamped() { # stamped FILE OFFSET BYTES: good.db with other bytes there
    cp good.db "$1"
    printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null
}
stamped other.db 68 'soup'
sum=$(cksum < other.db)
goes_on "a database of another program" "other.db: belongs to another program; name another file with --cache" other.db
exits "a collector does not write into it" 1 $GIGAWATCH -c site.yaml --cache other.db --collect
is "it is as it was" "$sum" "$(cksum < other.db)"
stamped newer.db 60 '\0000\0000\0000\0143'
goes_on "a cache of a newer version" "newer.db: made by a newer gigawatch (version 99" newer.db
if command -v sqlite3 > /dev/null; then
    remember busy.db
    { echo 'begin exclusive;'; sleep 6; } | sqlite3 busy.db &
    goes_on "a cache locked by another program" "" busy.db
    wait $!
fi

mkdir -p folder.db
goes_on "a folder" "folder.db" folder.db

# ---- what may not be written, for one who is not root ----
if [ "$(id -u)" = 0 ]; then
    chmod 755 . && cp "$GIGAWATCH" ./gigawatch
    humble="setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=$tap_folder $tap_folder/gigawatch"
else
    humble=$GIGAWATCH
fi
for file in readonly.db secret.db; do cp good.db $file; done
chmod 444 readonly.db; chmod 000 secret.db
mkdir shut; cp good.db shut/; chmod 644 shut/good.db; chmod 555 shut
if $humble --version > /dev/null 2>&1; then
    mine=$GIGAWATCH GIGAWATCH=$humble
    goes_on "a file that may only be read" "" readonly.db
    exits "a collector cannot use it" 1 $GIGAWATCH -c site.yaml --cache readonly.db --collect
    has "and says what that means" "readonly.db: read-only: it is read, and nothing new is kept" "$errors"
    goes_on "a file that may not even be read" "secret.db" secret.db
    goes_on "a folder that may not be written" "" shut/good.db
    exits "a cache in such a folder is read" 0 $GIGAWATCH -c reader.yaml --cache shut/good.db --max-age 1h -q "$shows" -o csv
    has "and tells what it remembers" "n1/0,412.5" "$out"
    GIGAWATCH=$mine
else
    skips "no way to be somebody else here" "what may not be written"
fi
chmod 755 shut
exits "a cache in a place that cannot be" 1 $GIGAWATCH -c site.yaml --cache values/below.db --collect
has "is said" "values/below.db" "$errors"


empty=yes
remember two.db on
is "an empty file that somebody made is taken, and closed to others" 600 "$(stat -c %a two.db)"
exits "a second collector" 1 $GIGAWATCH -c site.yaml --cache two.db --collect
has "is told of the first" "another collector writes it (process" "$errors"
goes_on "beside a collector" "" two.db
kill $collector
wait $collector

# ---- a kill, at any moment ----
begun=$(date +%s)
cat > meters <<METERS
echo gpu n1/0 power=\$((\$(date +%s) - $begun + 1))
METERS
$GIGAWATCH -c site.yaml --cache killed.db --collect 2> /dev/null &
collector=$!
kept() { $GIGAWATCH -c reader.yaml --cache killed.db --max-age 1h -q 'gpus show power' -o value 2> /dev/null; }
for i in $(seq 300); do
    [ "$(kept | cut -d. -f1)" -ge 3 ] 2> /dev/null && break
    sleep 0.1
done
kill -9 $collector
lived=$(($(date +%s) - begun + 1))
wait $collector 2> /dev/null
power=$(kept)
# Asked every second, written every .2 s; the rest is for a machine that is busy.
[ "$power" -ge 3 ] && [ $((lived - power)) -le 5 ]
verdict "kill -9 loses the last seconds alone" $? "of $lived s the cache has $power"
echo 'cat values' > meters
goes_on "and never the file" "" killed.db
hasnt "of which nothing is said" "killed.db" "$errors"

# ---- no more of the cache is read than an answer needs ----
$GIGAWATCH --demo=gpus=256,seed=3 --cache sim.db --collect 2> /dev/null &
collector=$!
for i in $(seq 100); do
    [ "$($GIGAWATCH --set site=demo --cache sim.db -q 'gpus where tenant ~ ""' -o csv 2> /dev/null | wc -l)" -gt 256 ] && break
    sleep 0.1
done
kill $collector
wait $collector
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
from_sim() { $GIGAWATCH --now "$now" --set site=demo --cache sim.db -o csv -q "$1"; }
# Few rows are chosen first and completed then; of many, all that is shown is read at once.
while read -r query; do
    from_sim "$query limit 1000" > few
    from_sim "$query limit 5000" > many
    [ "$(wc -l < few)" -gt 2 ] && cmp -s few many
    verdict "the same answer either way: $query" $? "$(diff few many | head -5)"
done <<'QUERIES'
gpus
gpus sort -power
gpus where power > 0.5power_limit sort -temp,name
gpus where held
gpus where util >= 0 sort idle,name show name,idle,held,age,uuid,energy
gpus where n and age >= 0
gpus where mem_temp is null or mem_temp > 1
nodes sort -power
nodes where temp > 20 sort -gpus,name
nodes where jobs ~ "" or tenants ~ ""
nodes where power >= 0 show name,state,rack,temp,age
QUERIES
total() { # total QUERY FIELD: of all rows, kW
    from_sim "$1 show $2" | awk -F, 'NR > 1 { s += $NF } END { printf "%.2f\n", s / 1000 }'
}
[ "$(from_sim 'gpus by class' | wc -l)" -gt 3 ]
verdict "sums by class have their classes" $? "$(from_sim 'gpus by class')"
is "and add up to what there is" "$(total gpus power)" "$(total 'gpus by class' power)"

# ---- how long a GPU has been idle outlives who saw it begin ----
idle_of() { # idle_of GPU ARGUMENTS: s; "-": nobody knows
    gpu=$1
    shift
    "$@" -q "gpus $gpu show name,idle" -o json 2> /dev/null | sed -n 's/.*"idle_s":\([0-9.nul]*\).*/\1/p' | sed 's/null/-/'
}
waits_for() { # waits_for CONDITION: up to half a minute
    for i in $(seq 300); do
        eval "$1" && return
        sleep 0.1
    done
    return 1
}
collect_idle() {
    $GIGAWATCH -c site.yaml --cache idle.db --collect 2> /dev/null &
    collector=$!
}
last="$GIGAWATCH -c reader.yaml --cache idle.db"
printf 'gpu n1/0 power=412.5 util=.7\ngpu n1/1 power=90 util=0\n' > values
asks_first() {
    idle_of n1/1 $GIGAWATCH -c site.yaml --cache none
}
waits_for '[ "$(asks_first)" = - ]'
verdict "who sees a GPU for the first time does not know how long it has been idle" $? "$(asks_first)"
exits "and counts it as unknown" 0 $GIGAWATCH -c site.yaml --cache none -q 'gpus where idle > 1s' -o table
has "where that is asked for" "1 unknown" "$out$errors"
collect_idle
waits_for '[ "$(idle_of n1/0 $last)" = 0 ]'
printf 'gpu n1/0 power=92 util=0\ngpu n1/1 power=90 util=0\n' > values
waits_for '[ "$(idle_of n1/0 $last | cut -d. -f1)" -ge 3 ] 2> /dev/null'
verdict "who asks the cache is told how long a GPU has been idle" $? "$(idle_of n1/0 $last)"
has "one that never worked is idle that long at least" '"idle_s":"estimated"' "$($last -q 'gpus n1/1 show idle' -o json)"
hasnt "one that did is idle that long" '"idle_s":"estimated"' "$($last -q 'gpus n1/0 show idle' -o json)"
kill $collector
wait $collector
since=$(idle_of n1/0 $last | cut -d. -f1)
collect_idle
waits_for '[ "$(idle_of n1/0 $last | cut -d. -f1)" -gt "$since" ] 2> /dev/null'
verdict "the next collector goes on from there" $? "$(idle_of n1/0 $last), not above $since"
is "and finds who is idle for so long" "n1/0 n1/1 " "$($last -q "gpus where idle > ${since}s show name" -o value | tr '\n' ' ')"
kill $collector
wait $collector

# ---- the past says what was estimated then ----
printf 'gpu n1/0 power=412.5\nnode n2 meter=500\n' > values
$GIGAWATCH -c site.yaml --cache past.db --collect 2> /dev/null &
collector=$!
past="$GIGAWATCH -c reader.yaml --cache past.db -q"
for i in $(seq 600); do
    [ "$($past 'nodes show name,power at -1s' -o value 2> /dev/null | sort | tr '\t\n' '= ')" = "n1=412.5 n2=500 " ] && break
    sleep 0.1
done
exits "the past before the beginning" 3 $past 'nodes at -2d'
is "is none, and it is said since when there is one" "gigawatch: nothing was recorded before HH:MM (past.db)" \
    "$(printf '%s\n' "$errors" | sed 's/[0-2][0-9]:[0-5][0-9]/HH:MM/')"
exits "the past of nodes" 0 $past 'nodes show name,power,meter sort name at -1s' -o ndjson
kill $collector
wait $collector
is "a sum of GPUs was estimated, a meter's reading was not, and is no meter's now" \
    '{"name":"n1","power_w":412.5,"meter_w":null,"quality":{"power_w":"estimated"}}
{"name":"n2","power_w":500,"meter_w":null,"quality":{}}' "$out"

exits "of then nobody has kept who answered" 0 $past 'sites show name,power,coverage at -1s' -o csv
is "so its coverage is not known" "" "$(printf '%s\n' "$out" | tail -1 | tr -d '\r' | cut -d, -f3)"
exits "nor what nodes were said to do" 0 $past 'nodes show name,state sort name at -1s' -o ndjson
is "that answered" '{"name":"n1","state":null,"quality":{}}
{"name":"n2","state":null,"quality":{}}' "$out"

# ---- parts of then are of one time ----
awk 'BEGIN { print "unix_seconds,a,b"; for (i = 0; i < 80; i++) printf "%d,%d,%s\n", 1700000000 + 15 * i, 1000 + i, i < 40 ? 500 : "" }' > gap.csv
began=$(date +%s)
$GIGAWATCH -c /dev/null --cache gap.db --set write-every=30s --replay gap.csv,speed=300 --collect 2> /dev/null &
collector=$!
then="$GIGAWATCH -c /dev/null --cache gap.db --max-age 1d --now $(date -u -d @$((began + 7200)) +%Y-%m-%dT%H:%M:%SZ) -q"
gap() { $then "domains show name,power sort name at $(date -u -d @$((began + $1)) +%Y-%m-%dT%H:%M:%SZ)" -o csv 2> /dev/null | tr -d '\r' | tr '\n' ' '; }
for i in $(seq 300); do
    case $(gap 700) in *b,*) break ;; esac
    sleep 0.1
done
kill $collector
wait $collector
for t in $(seq 300 15 1050); do gap $t; echo; done > gaps
has "while both were metered both are known" "b,500 " "$(cat gaps)"
is "and from the moment when one was not, it is not, though the other is" "yes" \
    "$(sed -n 's/.*a,\([0-9]*\)[0-9.]* b, *$/\1/p' gaps | awk '$1 > 1041 { found = 1 } END { print found ? "yes" : "no" }')"
is "none is of an earlier time" "" "$(sed -n 's/.*a,\([0-9]*\)[0-9.]* b,500 .*/\1/p' gaps | awk '$1 > 1041')"

# ---- events of then are those that were told then ----
printf 'domain r1 meter=500\n' > values
for file in site reader; do
    { cat $file.yaml; echo 'domains: {r1: {cap: 400W}}'; } > $file-capped.yaml
done
$GIGAWATCH -c site-capped.yaml --cache then.db --collect 2> /dev/null &
collector=$!
past="$GIGAWATCH -c reader-capped.yaml --max-age 1h --cache then.db -o csv -q"
events='events where subject = r1 show time,text'
for i in $(seq 600); do
    told=$($past "$events" 2> /dev/null)
    case $told in *400*) $past 'sites at -1s' > /dev/null 2>&1 && break ;; esac
    sleep 0.1
done
kill $collector
wait $collector
has "an alert over the cap is an event" "r1: 500 W of 400 W" "$told"
sleep 1.1
exits "events of then" 0 $past "$events at -1s"
is "are the recorded ones" "$told" "$out"
exits "an alert of then" 0 $past 'alerts where subject = r1 show subject,since,text at -1s'
is "began when its event says" "$(printf '%s\n' "$told" | sed -n 2p | cut -d, -f1)" \
    "$(printf '%s\n' "$out" | grep '500 W of 400 W' | cut -d, -f2)"

# ---- values that cannot be ----
printf 'gpu n1/0 power=-50\ngpu n1/1 power=99999999 temp=41\ngpu n1/2 power=nan\ngpu n1/3 power=300\n' > values
exits "negative and impossible watts" 0 $GIGAWATCH -c site.yaml --cache none -q "gpus show name,power sort name" -o csv
is "are unknown, never clamped" "n1/0, n1/1, n1/2, n1/3,300" "$(printf '%s' "$out" | tr -d '\r' | sed 1d | tr '\n' ' ' | sed 's/ $//')"
exits "a sum" 0 $GIGAWATCH -c site.yaml --cache none -q "nodes show power" -o csv
has "is made of what is known" "300" "$out"
exits "with its reason" 0 $GIGAWATCH -c site.yaml --cache none --screen 120x30 --view gpus --keys i
has "on the screen" "out of range" "$out"

printf 'gpu n1/\033]0;owned\007\033[31m power=100\ngpu n1/2 power=200 tenant="a\033[2Jb"\n' > values
for format in table wide json ndjson csv tsv prom name value; do
    $GIGAWATCH -c site.yaml --cache none -q gpus -o $format > shown 2>&1
    ! LC_ALL=C grep -q "$(printf '[\033\007]')" shown
    verdict "escape sequences in a name do not reach the terminal as $format" $? "$(cat -v shown)"
done
$GIGAWATCH -c site.yaml --cache none --screen 120x30 --view gpus > shown 2>&1
! LC_ALL=C grep -q "$(printf '[\033\007]')" shown
verdict "nor on the screen" $? "$(cat -v shown)"

cat > values <<'FORMULAS'
gpu n1/0 power=100 tenant="=HYPERLINK(1)"
gpu n1/1 power=100 tenant="+1"
gpu n1/2 power=100 tenant="-2+3,x"
gpu n1/3 power=100 tenant="@SUM(1)"
gpu n1/4 power=100 tenant="a=b"
domain r1 meter=500
FORMULAS
exits "texts that a spreadsheet would run" 0 $GIGAWATCH -c site.yaml --cache none -q "gpus show name,tenant sort name" -o csv
is "are texts to it as csv" "n1/0,'=HYPERLINK(1) n1/1,'+1 n1/2,\"'-2+3,x\" n1/3,'@SUM(1) n1/4,a=b" "$(printf '%s' "$out" | tr -d '\r' | sed 1d | tr '\n' ' ' | sed 's/ $//')"
{ cat site.yaml; echo 'domains: {r1: {cap: 400W}}'; } > over.yaml
exits "a number below zero" 0 $GIGAWATCH -c over.yaml --cache none -q "domains r1 show name,headroom" -o csv
has "is a number as csv" "r1,-100" "$out"
exits "and as tsv" 0 $GIGAWATCH -c site.yaml --cache none -q "gpus show tenant sort name" -o tsv
has "texts are as they are" "
=HYPERLINK(1)" "$out"

# What turns the letters that follow round, or is seen by nobody: U+202E, U+2066, U+200B, U+061C, U+FEFF, a tag
turned() { LC_ALL=C grep -q "$(printf '\342\200\256\\|\342\201\246\\|\342\200\213\\|\330\234\\|\357\273\277\\|\363\240\201\241')" "$1"; }
printf 'gpu n1/\342\200\256gpj power=100 tenant="a\342\201\246b\330\234"\ngpu n1/\342\200\2131 power=1 tenant="\357\273\277\363\240\201\241"\n' > values
turned values
verdict "a source whose texts turn others round" $?
for how in "-o table" "-o json" "-o csv" "-o tsv" "-o prom" "-o name" "-o value"; do
    $GIGAWATCH -c site.yaml --cache none -q gpus $how > shown 2>&1
    LC_ALL=C grep -q "$(printf 'n1/\357\277\275')" shown && ! turned shown
    verdict "is shown with U+FFFD in their place as ${how#-o }" $? "$(cat -v shown)"
done
echo 'gpu n1/XYZ power=412.5 tenant=acme' > values
rm -f made.db*
$GIGAWATCH -c site.yaml --cache made.db --collect 2> collector.log &
collector=$!
for i in $(seq 300); do
    $GIGAWATCH -c reader.yaml --cache made.db --max-age 1h -q "$shows" -o csv 2> /dev/null | grep -q 'n1/XYZ' && break
    sleep 0.1
done
kill $collector
wait $collector
LC_ALL=C sed "s/XYZ/$(printf '\342\200\256')/g" made.db > up.db
turned up.db
verdict "a cache that somebody made up, of the same" $?
for how in "-q gpus -o table" "-q gpus -o csv" "-q gpus -o json" "--screen 120x30 --view gpus"; do
    $GIGAWATCH -c reader.yaml --cache up.db --max-age 1h $how > shown 2>&1
    ! turned shown
    verdict "reaches no terminal with $how" $? "$(cat -v shown)"
done
has "but is called damaged" damaged "$($GIGAWATCH -c reader.yaml --cache up.db --max-age 1h -q gpus 2>&1)"

printf 'site: "\\e5m"\ntargets: [{url: "local:", name: "\\e6n", source: exec, options: {command: "cat %s/values"}}]\n' "$tap_folder" > loud.yaml
for how in "-q sites -o table" --doctor "--check loud" --linear; do
    $GIGAWATCH -c loud.yaml --cache none $how < /dev/null > shown 2>&1
    ! LC_ALL=C grep -q "$(printf '[\033\007]')" shown
    verdict "nor do those in names of the configuration with $how" $? "$(cat -v shown)"
done

# ---- configurations that cannot be ----
printf 'domains:\n  a: {fed_by: b}\n  b: {fed_by: a}\n' > circle.yaml
exits "domains in a circle" 2 $GIGAWATCH -c circle.yaml -q sites
has "are refused with their place" 'circle.yaml:2:3: "a" feeds itself, through b: the domains must not form a circle' "$errors"
printf 'cap: 6kw\n' > unit.yaml
exits "a unit in the wrong case" 2 $GIGAWATCH -c unit.yaml -q sites
has "is guessed" 'got "6kw"; did you mean 6kW?' "$errors"
printf 'racks:\n\tr1: {}\n' > unit.yaml
exits "a tab" 2 $GIGAWATCH -c unit.yaml -q sites
has "is called that" 'unit.yaml:2:1: not YAML: a tab; YAML indents with blanks' "$errors"
exits "a query in the wrong case" 2 $GIGAWATCH --demo=gpus=64 -q 'racks where power > 6kw'
has "is guessed, too" 'got "6kw"; did you mean 6kW?' "$errors"
for guess in "racks where power > 6 kw: 6kW" "racks where power > 2 mw: 2MW" "racks where power > 6w: 6W" "racks where power > 6 w: 6W" \
    "gpus where temp > 80 c: 80C" "gpus where idle > 5 Min: 5min" "gpus where idle > 5 H: 5h" "gpus where mem_used > 10 gib: 10GiB"; do
    exits "${guess%%:*}" 2 $GIGAWATCH --demo=gpus=64 -q "${guess%%:*}"
    has "is guessed" "; did you mean ${guess#*: }?" "$errors"
done
exits "what is no unit in any case" 2 $GIGAWATCH --demo=gpus=64 -q 'racks where power > 6 lux'
has "is no unit" 'expected and, or, by, show, sort, limit or at, got "lux"' "$errors"
printf 'cap: 110lux\n' > unit.yaml
exits "an unknown unit" 2 $GIGAWATCH -c unit.yaml -q sites
has "is refused with what was expected" 'unit.yaml:1:6: cap: expected a number with its unit (W kW MW GW), got "110lux"' "$errors"

# A console that cannot have its cache goes on, says so, and has it as soon as it can.
echo 'gpu n1/0 power=412.5' > values
echo 'what another program wrote, and keeps there for a while' > other.db
(sleep 4; rm other.db) &
TERM=xterm timeout 60 python3 "$SRCDIR/tests/lib/type.py" lab 16 q $GIGAWATCH -c site.yaml --cache other.db > console
wait
has "a cache that cannot be opened is told of when it can be" "could be opened now" "$(cat console)"
has "and is filled when it can be" "n1/0" "$($ask --cache other.db --max-age 1h)"

# What is impossible says so to who reads the cache, too: it is neither nothing nor a number.
printf 'gpu n1/0 power=-5\ngpu n1/1 power=100\n' > impossible
printf 'site: lab\ntargets:\n  - {url: "local:", source: exec, name: meters, options: {command: "cat %s/impossible"}}\n' "$PWD" > impossible.yaml
$GIGAWATCH -c impossible.yaml --cache impossible.db --set write-every=.2s --collect 2> /dev/null &
collector=$!
printf 'site: lab\n' > only-reads.yaml
tells_impossible() { $GIGAWATCH -c only-reads.yaml --cache impossible.db --max-age 1h -q 'gpus show name,power' -o json 2> /dev/null; }
for i in $(seq 100); do
    tells_impossible | grep -q 100 && break
    sleep 0.1
done
kill $collector
wait $collector
explained() { # as one line, wherever the page breaks it
    $GIGAWATCH -c impossible.yaml --cache none --screen 80x40 --keys 5i | sed 's/│//g' | tr '\n' ' ' | tr -s ' '
}
has "what is possible is said of it" "0 W to 5 kW are possible" "$(explained)"
is "and it is an alert" "n1,GPU n1/0 tells a power that is impossible: left out" \
    "$($GIGAWATCH -c impossible.yaml --cache none -q 'alerts show subject,text' -o csv | tail -1 | tr -d '\r')"
has "an impossible number is remembered as that" '"power_w":null,"quality":{"power_w":"out-of-range"}' "$(tells_impossible)"
done_testing
