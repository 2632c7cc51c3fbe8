#!/bin/sh
# The command line: what it prints about itself, and how it refuses.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none"

exits "--version says so" 0 $gw --version
has "with its name" "gigawatch 0." "$out"
exits "--help" 0 $gw --help
has "names every task" "--doctor" "$out"
exits "an unknown option is usage" 2 $gw --colour
has "and is named" "unknown option --colour; see --help" "$errors"
exits "so is one that is nearly one" 2 $gw --watchh
has "which is guessed" "unknown option --watchh; did you mean --watch?" "$errors"
exits "a missing argument is usage" 2 $gw -q
needs() { # needs TASKS OPTIONS...: an option that would be ignored is refused, with whose it is
    tap_needs=$1
    shift
    exits "$* is usage" 2 $gw --demo=gpus=8 "$@"
    is "and needs $tap_needs" "gigawatch: $tap_needs" "$errors"
}
needs "-o needs -q or --backtest" -o json --screen 80x24
needs "--horizon needs --check or --backtest" -q gpus --horizon 1h
needs "--step needs --backtest" -q gpus --step 15m
needs "--cap needs --backtest" -q gpus --cap 1MW
needs "--from needs --backtest" -q gpus --from now
needs "--save-state needs --backtest" -q gpus --save-state f
needs "--warm needs --backtest" -q gpus --warm f
needs "--jobs needs --backtest" -q gpus --jobs f
needs "--lead needs --check" -q gpus --lead 1m
needs "--strict needs -q" --strict --doctor
needs "--at needs a console or -q or --screen" --at now --doctor
needs "--keys needs --screen" --keys j --doctor
needs "--view needs a console or --screen" --view gpus -q gpus
needs "--wall needs a console or --screen" --wall -q gpus
needs "--linear needs a console" --linear -q gpus
needs "--max-age needs a console or -q or --check or --doctor" --max-age 1m --collect
needs "--timeout needs a console or -q or --check or --collect or --doctor or --screen" --timeout 1s --list views
needs "--demo needs a console or -q or --check or --collect or --doctor or --screen" --demo --list views
needs "--no-mouse needs a console or --doctor" --no-mouse -q gpus
needs "--record needs a console or -q or --collect" --record f --doctor
needs "-q and --doctor do not go together: one at a time" --doctor -q gpus
needs "-q and --collect do not go together: one at a time" --collect -q gpus
for slip in "overview x: nothing goes behind overview, got \"x\"" "wall x: nothing goes behind wall" "map in: in what?" "map lens hue: no lens"; do
    exits "--view '${slip%%: *}' is usage" 2 $gw --demo=gpus=8 --screen 80x24 --view "${slip%%: *}"
    has "with what is meant" "${slip#*: }" "$errors"
done
exits "a wall of before is none" 2 $gw --demo=gpus=8 --wall --at -1m
has "and says what it shows" "--at goes with no --wall, which shows what is now" "$errors"
exits "lines of before are none" 2 $gw --demo=gpus=8 --linear --at -1m
has "nor is a screen of what is to come" "has not come yet" "$($gw --demo=gpus=8 --screen 80x24 --at 2099-01-01T00:00:00Z 2>&1)"
has "a screen of before is one that looked back" "as it was 13:50:32Z" \
    "$($gw --demo=gpus=8 --now 2026-11-22T14:05:32Z --screen 80x24 --at -15m)"
after="--demo=gpus=8 --now 2026-11-22T00:05:32Z"
has "a time of day that has not come is yesterday's" "as it was 23:50:00Z" "$($gw $after --screen 80x24 --at 23:50)"
has "with a key, too" "as it was 23:50:00Z" "$($gw $after --screen 80x24 --keys '@23:50 Enter')"
hasnt "and in a query" "has not come yet" "$($gw $after --cache none -q 'sites at 23:50' 2>&1)"
has "which asks for the past" "the past is in the cache" "$($gw $after --cache none -q 'sites at 23:50' 2>&1)"
copied=$($gw --demo=gpus=8 --now 2026-11-22T14:05:32Z --view racks --screen 160x20 --at -15m --keys Y | tail -1 | sed 's/^ *gigawatch //')
is "the console of before that Y copies is a demo of before" "--cache none --demo=gpus=8 --now 2026-11-22T13:50:32Z --view 'racks'" \
    "$(printf '%s\n' "$copied" | sed "s/\(.*\) --view \(.*\) --now \(.*\)/\1 --now \3 --view \2/")"
exits "which can be opened" 0 sh -c "$GIGAWATCH $copied --screen 80x24"
drawn="$gw --demo=gpus=576,seed=2 --now 2026-11-22T10:35:32Z --screen 104x30 --view"
has "i explains the forecast that is drawn" "╭─ bus-1A@1h ─" "$($drawn 'forecast bus-1A' --keys i)"
has "y asks for it" "-q 'forecasts \"bus-1A@1h\"'" "$($drawn 'forecast bus-1A' --keys y)"
has "and the path says whose it is" "site › bus-1A › forecast " "$($drawn 'forecast bus-1A@6h')"
has "of then no forecast is kept" "of forecasts of then nothing is kept" "$($drawn 'forecast bus-1A' --at -5m)"
has "who waits has no nodes to show" "waits and has no nodes yet; i explains it" "$($drawn 'jobs where state = pending' --keys Enter)"
has "who runs has" "› nodes" "$($drawn 'jobs where state = running' --keys Enter)"
exits "nothing is replayed for a list" 2 $gw --replay f.csv --list views
has "and is refused" "--replay needs a console or -q or" "$errors"
exits "an option behind forty others is read, too" 2 $gw -q sites --demo="$(printf 'gpus=8,%.0s' $(seq 40))nonsense=1"
exits "a log that cannot be written is usage" 2 $gw --log /none/log -q sites --demo=gpus=8
has "and why is said" "/none/log cannot be written: No such file or directory" "$errors"
exits "of two tasks none is chosen; monitoring is told so" 3 $gw --demo=gpus=8 -q gpus --check demo
has "on standard output" "UNKNOWN - gigawatch: -q and --check do not go together" "$out"
exits "the help is told whatever else is asked" 0 $gw --help -q gpus
# What a newcomer gets wrong is answered with what is right.
for slip in "-Q gpus: did you mean -q (--query)?" "--list: --list needs an argument: --list WHAT (views, kinds, fields KIND" \
    "--list field gpus: nothing is called \"field\"; did you mean fields?" "-q: -q needs an argument: -q QUERY (answer one query" \
    "--demo --view gpu --screen 80x24: unknown view \"gpu\"; did you mean gpus?" "--demo --view nix --screen 80x24: see --list views" \
    "missing.csv: missing.csv: cannot be read: No such file or directory"; do
    exits "${slip%%: *} is usage" 2 $gw ${slip%%: *}
    has "with what was meant" "${slip#*: }" "$errors"
done
echo 'targets: [ssh://n1]' > slip.yaml
exits "a target without url: is usage" 2 $gw -c slip.yaml -q sites
has "with how it is written" 'such as "- url: ssh://n[001-064]", got a value' "$errors"
echo 'nodes: [n1, n2]' > slip.yaml
exits "a list of nodes is usage" 2 $gw -c slip.yaml -q sites
has "with how they are written" 'such as "n[001-064]: {gpus: 8}", got a list' "$errors"
exits "a list of nothing known is usage" 2 $gw --list views gpus
has "and says what was too much" '--list views: nothing goes with it, got "gpus"' "$errors"
exits "an unknown format is usage" 2 $gw -q gpus -o xml --demo=gpus=8
has "and says which there are" "known: " "$errors"
exits "so is one that is nearly one" 2 $gw -q gpus -o jsom --demo=gpus=8
has "which is guessed" "-o jsom: unknown format; did you mean json?" "$errors"
has "the help of a view explains what else is drawn" "½  two feeds" "$($gw --demo=gpus=8 --screen 120x140 --keys '?')"
exits "a key that is none is usage" 2 $gw --demo=gpus=8 --screen 80x24 --keys "j Entr"
has "and is guessed" '--keys: unknown key "Entr"; did you mean Enter?' "$errors"
exits "and so is one that is like none" 2 $gw --demo=gpus=8 --screen 80x24 --keys "Foo"
has "which is named" '--keys: unknown key "Foo"; see --list keys' "$errors"
exits "Enter on an event opens what it is about" 0 $gw --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z --screen 80x24 --keys "9 /answering Enter Enter"
has "a node that is down, too" 'nodes ─ name = "h1-r01-k02-n03"' "$out"
exits "but what is typed may have any letters" 0 $gw --demo=gpus=8 --screen 80x24 --keys "/Foo Enter"
for format in csv tsv; do
    hasnt "-o $format has no place for a trend that nobody asked for" trend "$($gw --demo=gpus=64,seed=1 -q 'racks limit 1' -o $format | head -1)"
    is "and one for who does ($format)" 2 "$($gw --demo=gpus=64,seed=1 -q 'racks limit 1 show trend' -o $format | grep -c '')"
done
is "as many values as names" 1 "$($gw --demo=gpus=64,seed=1 -q 'racks limit 3' -o tsv | awk -F'\t' '{ print NF }' | sort -u | wc -l)"
exits "-o value prints no trend that nobody asked for" 0 $gw --demo=gpus=64,seed=1 -q 'racks limit 1' -o value
is "a column a field" "$($gw --demo=gpus=64,seed=1 -q 'racks limit 1 show name,power,cap,load,headroom,p,ttb,n1,coverage,age' -o value | awk -F'\t' '{ print NF }')" \
    "$(printf '%s\n' "$out" | awk -F'\t' '{ print NF }')"
for kind in racks domains tenants classes; do
    for format in json csv; do
        has "the past of $kind is in watts, as its name in $format says" "trend_w" \
            "$($gw --demo=gpus=64,seed=1 -q "$kind show name,trend limit 1" -o $format)"
    done
done
hasnt "and on the screen a chart of it has no unit" "trend kW" "$($gw --demo=gpus=64,seed=1 -q 'racks show name,trend' -o table)"
exits "a query with a mistake is usage" 2 $gw -q 'gpus where powr > 5kW' --demo=gpus=8
has "and points at it" "^" "$errors"
exits "a unit that does not fit is usage" 2 $gw -q 'gpus where power > 80C' --demo=gpus=8
exits "nothing to show is usage" 2 $gw --screen 80x24
has "and says what to do" "gigawatch --demo" "$errors"
exits "a cache that nobody made yet is nothing to show, too" 2 "$GIGAWATCH" --cache "$tap_folder/none.db" --screen 80x24
has "and says the same" "gigawatch --demo" "$errors"
exits "nor has a query anything to answer from" 2 "$GIGAWATCH" --cache "$tap_folder/none.db" -q domains
has "and says it, too" "gigawatch --demo" "$errors"
hasnt "without a word of the cache that nobody made" "none.db" "$errors"
exits "so is a configuration" 2 $gw -c missing.yaml -q gpus
has "which says that it was to be one" "-c missing.yaml: the configuration cannot be read: No such file" "$errors"
exits "a time that is none is usage" 2 $gw --timeout x -q gpus
is "and said once" 'gigawatch: --timeout: expected a number with its unit (s m h d), got "x"' "$errors"
for full in --help --doctor --completion=bash '-q sites --demo=gpus=8'; do
    # shellcheck disable=SC2086 # words
    $gw $full > /dev/full 2> errors
    is "$full on a full disk fails" 1 $?
    is "and says so, once" 1 "$(grep -c "could not be written" errors)"
done
printf 'targets:\n  - {url: "ssh://n[1-9]", options: {mode: bla}}\n' > option.yaml
exits "an option's value that its source does not take is usage" 2 $gw -c option.yaml -q gpus
is "with its place" 'gigawatch: option.yaml:2:43: mode: expected auto, csv or xml, got "bla"' "$errors"
refuses() { # refuses URL OPTION VALUE WORDS: before anything is asked of it
    printf 'targets:\n- {url: "%s", options: {%s: "%s"}}\n' "$1" "$2" "$3" > bad.yaml
    $gw -c bad.yaml -q gpus > /dev/null 2> errors
    has "${1%%:*}: $2: $3 is refused at the start, with its place" "bad.yaml:2:$((${#1} + ${#2} + 25)): $4" "$(cat errors)"
}
prom=prom+http://127.0.0.1:1 slurm=slurm+http://127.0.0.1:1
refuses $prom detail all 'detail: expected auto, gpus, nodes or racks, got "all"'
refuses $prom history soon 'history: expected a time up to 2h, which is what a chart holds, or 0, got "soon"'
refuses $prom history 48h 'history: expected a time up to 2h, which is what a chart holds, or 0, got "48h"'
refuses $prom gpu_limit many 'gpu_limit: expected a number, got "many"'
refuses $prom sets 'dcgm vlm' 'sets: there is none called "vlm"'
refuses $prom queries up 'queries: line 1: expected QUERY -> KIND.METRIC'
refuses $slurm gpus none 'gpus: expected yes or no, got "none"'
refuses $prom window 2x 'window: expected a time such as 2m, got "2x"'
refuses $slurm seldom often 'seldom: expected a time such as 5m, or seconds, got "often"'
refuses $slurm version 23.02 'version: expected one such as v0.0.40, got "23.02"'
printf 'targets:\n- {url: "http://127.0.0.1:1", source: grid, options: {shape: round}}\n' > bad.yaml
$gw -c bad.yaml -q gpus > /dev/null 2> errors
has "grid: so is a shape that it does not know" 'bad.yaml:2:62: shape: expected auto, electricitymaps, watttime, kpx or csv, got "round"' "$(cat errors)"
$gw -c option.yaml --doctor > /dev/full 2> errors
is "what fails for another reason keeps its status on a full disk" 1 $?
has "and says that, too" "could not be written" "$(cat errors)"
exits "the doctor says the same" 1 $gw -c option.yaml --doctor
has "in its place" 'option.yaml:2:43: mode: expected auto, csv or xml, got "bla"' "$out"
printf 'ssh: {config: /none}\ntargets: [{url: "ssh://n1", identity: /nope}]\n' > files.yaml
exits "the doctor looks for files" 1 env GIGAWATCH_REFESH=4s $gw -c files.yaml --doctor
has "that of ssh" "files.yaml:1:7: /none cannot be read: No such file" "$out"
has "those of targets" "files.yaml:2:11: /nope cannot be read: No such file" "$out"
has "and for variables that look like settings" "GIGAWATCH_REFESH: no setting is called so" "$out"
printf 'targets: [{url: "http://n1/metrics", token: {environment: GIGAWATCH_TOKEN}}]\n' > token.yaml
hasnt "that a target's secret is in one is no slip" "GIGAWATCH_TOKEN: no setting" "$(GIGAWATCH_TOKEN=x $gw -c token.yaml --doctor)"
mkfifo pipe.csv
printf 'targets: [{url: pipe.csv, source: csv, options: {speed: max}}]\n' > pipe.yaml
timeout 60 $gw -c pipe.yaml -q sources > out 2>&1
has "a pipe without a writer is no recording, and holds nobody up" "a recording is a file" "$(cat out)"
timeout 60 $gw --backtest pipe.csv > out 2>&1
has "nor is it a series to score" "pipe.csv:1: expected the header line" "$(cat out)"
timeout 60 $gw -c pipe.csv -q sites > out 2>&1
[ $? -ne 124 ]
verdict "as a configuration it is empty, and holds nobody up either" $? "$(cat out)"
printf 'site: iad\ntargets: [{url: "sim:", options: {gpus: 64}}]\n' > named.yaml
exits "a simulated target of a named site" 0 $gw -c named.yaml -q sites -o name
is "is that site" iad "$out"
exits "a table follows the locale" 0 env LC_ALL=C $gw --demo=gpus=64 -q 'racks show name,trend,p' -o table
is "down to ASCII" 0 "$(printf '%s' "$out" | LC_ALL=C grep -c '[^ -~]')"
exits "and so does a screen" 0 env LC_ALL=C $gw --demo=gpus=64 --screen 80x24
is "down to ASCII, too" 0 "$(printf '%s' "$out" | LC_ALL=C grep -c '[^ -~]')"
echo watts > bad.csv
exits "a recording that is none" 3 $gw -q sites bad.csv
is "names itself once" 1 "$(printf '%s' "$errors" | grep -o bad.csv | wc -l)"
exits "a recording that is missing is usage" 2 $gw --replay missing.csv --screen 80x24
has "and is named" "--replay: missing.csv: cannot be read" "$errors"
exits "a demo of no number is usage" 2 $gw --demo=gpus=abc --screen 80x24
has "and says what was expected" "--demo: gpus: expected a number" "$errors"
exits "a target that is none is usage" 2 $gw -q gpus n14
has "and says what one looks like" "ssh://host" "$errors"
exits "a setting nobody reads is usage" 2 $gw --set refesh=5s -q gpus
exits "a password on the command line is refused" 2 $gw -q gpus https://op:hunter2@h/metrics
hasnt "and not repeated" "hunter2" "$errors"
exits "there is nothing to write: refused" 5 $gw --write -q gpus --demo=gpus=8
has "in words" "--write: this version only reads" "$errors"
exits "read-only it is anyway" 0 $gw --read-only -q gpus --demo=gpus=8
exits "a time that is none is usage" 2 $gw --timeout soon -q gpus --demo=gpus=8
has "and names the flag" "--timeout" "$errors"
exits "at now is no past" 0 $gw -q 'gpus limit 1 at now' --demo=gpus=8 -o name
is "and is answered as without it" "h1-r01-k01-n01/0" "$out"
exits "a demo that looks back copies" 0 $gw --demo=gpus=8 --now 2026-11-22T14:05:32Z --screen 120x24 --view racks --at -2m --keys y
has "a query of the site as it was" "--now 2026-11-22T14:03:32Z -q 'racks" "$out"
exits "the past needs a cache" 3 $gw -q 'gpus at -15m' --demo=gpus=8
has "and says so" "the past is in the cache" "$errors"
exits "the future is usage" 2 $gw --cache "$tap_folder/c.db" -q 'gpus at 2199-01-01T00:00:00Z' --demo=gpus=8
exits "a bad screen size is usage" 2 $gw --demo=gpus=8 --screen huge
printf 'site: a\ncolour: yes\n' > bad.yaml
exits "jobs without a backtest are usage" 2 $gw --jobs jobs.csv -q gpus --demo=gpus=8
printf 'unix_seconds,watts\n1,2\n' > power.csv
exits "a backtest needs the log of jobs it was given" 1 $gw --backtest power.csv --jobs jobs.csv
has "and names the file" "jobs.csv: No such file" "$errors"
exits "a bad configuration is usage" 2 $gw -c bad.yaml -q gpus
has "and says file, line and column" "bad.yaml:2:1: unknown key" "$errors"

# ---- again and again ----
exits "--watch without a pause is usage" 2 $gw --demo=gpus=8 --watch=0 -q gpus
has "and says what would do" "--watch: expected 0.1s or more" "$errors"
exits "--watch without a query is usage" 2 $gw --demo=gpus=8 --watch --screen 80x24
$gw --demo=gpus=8 --watch=1h -q 'sites show name' -o value > watched 2>&1 &
watching=$!
for i in $(seq 300); do [ -s watched ] && break; sleep .1; done
is "who asks for every hour hears at once" "demo" "$(cat watched)"
kill $watching
wait $watching 2> /dev/null
$gw --demo=gpus=8 --watch=.1 -q 'sites show name' -o ndjson 2> watch.err | head -n 3 > watched
is "and again, until the reader goes away" 3 "$(grep -c '"name":"demo"' watched)"
is "without a complaint" "" "$(cat watch.err)"
$gw --demo=gpus=8 --watch=.1 -q 'sites show name' -o csv 2> /dev/null | head -n 3 | tr -d '\r' > watched
is "a table of several moments has one header" "at,name" "$(head -n 1 watched)"
is "and rows with their times" 2 "$(grep -cE '^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z,demo$' watched)"

printf 'targets:\n  - {url: "gopher://op:hunter2@h"}\n' > secret.yaml

for what in views kinds "fields gpus" sources formats keys themes; do
    exits "--list $what" 0 $gw --list $what
    verdict "--list $what is not empty" "$([ -n "$out" ]; echo $?)"
done
for what in --help --doctor "--doctor terminal" "--list views" "--list fields gpus" "--list sources"; do
    plain=$(LC_ALL=C $gw -c /dev/null $what 2>&1)
    is "$what is plain where the locale is" "" "$(printf '%s' "$plain" | LC_ALL=C tr -d ' -~\n')"
    verdict "and all there" "$([ ${#plain} -gt 100 ]; echo $?)" "$plain"
done
has "what was cut ends in three dots" '--cap POWER|qN,...          with' "$(LC_ALL=C $gw --help)"
hasnt "--ascii asks for that, too" — "$($gw --ascii --doctor)"
exits "a full disk is told of plain text, too" 1 sh -c "LC_ALL=C $gw --help > /dev/full"
has "each word that a field may have is explained" "; over: it went over with one before" "$($gw --list fields jobs)"
exits "--list fields needs a kind that exists" 2 $gw --list fields lamps
for name in name node index uuid model tenant job state util mem_used mem_total temp mem_temp power \
    power_limit energy throttle xid idle held age; do
    $gw --list fields gpus | grep -q "^$name " || missing="${missing-} $name"
done
is "every field of gpus that the design names" "" "${missing-}"

exits "--completion bash" 0 $gw --completion bash
printf '%s\n' "$out" > completion.bash
bash -n completion.bash
verdict "is bash" $?
completes() { # completes CLAIM WORDS LINE...
    tap_claim=$1 tap_words=$2
    shift 2
    has "$tap_claim" "$tap_words" "$(bash -c '. ./completion.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _gigawatch; echo "${COMPREPLY[*]}"' - "$@")"
}
completes "options are completed" "--list" gigawatch --li
completes "formats" "json" gigawatch -o js
completes "views, whatever file they stand in" "tenants" gigawatch --view te
completes "themes, after = too" "light" gigawatch --theme = l
completes "kinds of fields" "gpus" gigawatch --list fields gp
completes "kinds of queries" "forecasts" gigawatch -q fore
completes "what --doctor can be asked about" "terminal" gigawatch --doctor term
completes "sources, too" "nvsmi" gigawatch --doctor nv
completes "settings" "refresh=" gigawatch --set refr
exits "--completion zsh" 0 $gw --completion zsh
has "knows every option" "--doctor" "$out"
if command -v zsh > /dev/null; then
    printf '%s\n' "$out" > _gigawatch
    errors=$(zsh -n _gigawatch 2>&1)
    verdict "and zsh reads it" $? "$errors"
else
    verdict "and zsh reads it # SKIP no zsh" 0
fi
exits "--doctor finds nothing amiss" 0 $gw --doctor local:
has "and says who was not asked" "nothing amiss; nobody was asked: --doctor $(hostname) does that" "$out"
mkdir -p folder
printf 'site: lab\ntargets:\n- url: ssh://n[001-064]\n- url: http://m[1-4]:9400/metrics\n- url: http://o[1-5]:9400/metrics\n' > folder/many.yaml
exits "--doctor of many targets" 0 $gw -c folder/many.yaml --doctor
is "has a line for the first of each declaration" "n001 n002 n003 … m1:9400 m2:9400 m3:9400 m4:9400 o1:9400 o2:9400 o3:9400 …" \
    "$(printf '%s\n' "$out" | sed '1,/^targets/d; /^$/,$d' | awk '{ print $1 }' | paste -sd' ')"
has "and says how many are like them" "  … and 61 more like these, to n064" "$out"
has "places are in the file that stands above" "  lab                     many.yaml:1:1" "$out"
has "and says where a value comes from" "default" "$out"
exits "with nothing to show, that is amiss" 1 $gw --doctor
exits "a simulated site is none that was declared" 0 "$GIGAWATCH" --doctor --demo
has "and says so" "simulated: it brings" "$out"
has "and that it leaves no cache" "a simulated site leaves no trace" "$out"
if command -v script > /dev/null; then
    narrow=$(script -qec "stty cols 80; $gw --demo=gpus=64 -q 'gpus limit 3'" /dev/null < /dev/null | tr -d '\r')
    is "on a terminal a table is as wide as that at most" 0 "$(printf '%s\n' "$narrow" | awk 'length > 80' | wc -l)"
    has "and says what it leaves out" "fields had no room: -o wide has all" "$narrow"
    has "which is not what matters most" "power" "$narrow"
    for what in "--list views" "--list fields jobs" "--list keys" "--list sources" --help; do
        listed=$(script -qec "stty cols 80; $gw $what" /dev/null < /dev/null | tr -d '\r')
        is "so is $what" 0 "$(printf '%s\n' "$listed" | LC_ALL=C.UTF-8 awk 'length > 80' | wc -l)"
        is "without a word less" "$($gw $what | tr -s ' \n' ' ')" "$(printf '%s\n' "$listed" | tr -s ' \n' ' ')"
    done
    listed=$(script -qec "stty cols 0; $gw --list fields jobs" /dev/null < /dev/null | tr -d '\r')
    is "to 80 columns where nobody says how many there are" 0 "$(printf '%s\n' "$listed" | LC_ALL=C.UTF-8 awk 'length > 80' | wc -l)"
    named=$(script -qec "stty cols 40; $gw --demo=gpus=64 -q 'gpus limit 3 show name,uuid,power'" /dev/null < /dev/null | tr -d '\r')
    has "what is named is there" "uuid" "$named"
else
    skips "no script" "on a terminal a table is as wide as that at most"
fi
wide=$($gw --demo=gpus=64 -q 'gpus limit 3' -o table)
hasnt "in a pipe nothing is left out" "no room" "$wide"
exits "two questions are one too many" 2 $gw --demo=gpus=64 -q gpus -q nodes
is "and that is said" "gigawatch: -q is given twice; expected one" "$errors"
exits "a scheme with a slip" 2 $gw shs://n1 -q gpus
has "is guessed" 'no source reads "shs://n1"; did you mean ssh? or give source:' "$errors"
exits "a scheme that is like none" 2 $gw gopher://n1 -q gpus
has "has all told that there are" 'slurm+ssh' "$errors"
exits "a target that no source reads is amiss" 1 $gw --doctor ftp://n1
is "and said in one sentence" 1 "$(printf '%s\n' "$out" | grep -c "no source reads\|see --list sources")"
printf 'thresholds: {breach: {attention: 50%%, critical: 10%%}}\n' > levels.yaml
exits "attention above critical is usage" 2 $gw -c levels.yaml --doctor
has "with its place" "levels.yaml:1:23: thresholds.breach.attention, 50%, is above thresholds.breach.critical, 10%: expected" "$out"
exits "that of power, too, in any place" 2 $gw --set thresholds.power.critical=90% -q sites
has "which is named" "--set: thresholds.power.attention, 95%" "$errors"
printf 'site: lab\ntheme: purple\n' > purple.yaml
exits "a theme that is none is usage" 2 $gw -c purple.yaml -q sites
has "with its place" 'purple.yaml:2:1: unknown theme "purple"' "$errors"
GIGAWATCH_REFRESH=3s exits "--doctor with the environment" 0 $gw --doctor local:
has "names the variable" "GIGAWATCH_REFRESH" "$out"
XDG_CONFIG_HOME=$tap_folder/xdg
export XDG_CONFIG_HOME
mkdir -p xdg/gigawatch
printf 'refresh: 2s\ninterval: 7s\ntheme: light\n' > xdg/gigawatch/gigawatch.yaml
GIGAWATCH_REFRESH=3s GIGAWATCH_INTERVAL=8s exits "flag, environment, file, default: each has its turn" 0 \
    $gw --doctor --set interval=9s --timeout 4s local:
origin() { printf '%s\n' "$out" | awk -v key="$1" '$1 == key { print $2, $3, $NF }'; }
is "the flag wins" "9 s --set" "$(origin interval)"
is "whatever its form" "4 s --timeout" "$(origin timeout)"
is "then the environment" "3 s GIGAWATCH_REFRESH" "$(origin refresh)"
has "then the file, with its line" " gigawatch.yaml:3:1" "$(origin theme)"
has "in the folder that is said once" "/xdg/gigawatch/gigawatch.yaml" "$(origin file:)"
is "then the default" "15 s default" "$(origin max-age)"

# Without a user's own file, that of the machine: of the folder that configure was told, then of /etc. Both are empty ones here.
machine() { # machine FOLDER...: there is such a file in each
    unshare -rm sh -ec 'gw=$1; shift
        for folder; do
            mount -t tmpfs none "$folder"
            mkdir "$folder/gigawatch"
            echo "refresh: 6s" > "$folder/gigawatch/gigawatch.yaml"
        done
        XDG_CONFIG_HOME=/none exec $gw --doctor local:' - "$gw" "$@"
}
if [ "$SYSCONFDIR" != /etc ] && [ -d "$SYSCONFDIR" ] && unshare -rm mount -t tmpfs none "$SYSCONFDIR" 2> /dev/null; then
    exits "the machine's file is read" 0 machine /etc "$SYSCONFDIR"
    is "that of configure's folder first" "$SYSCONFDIR/gigawatch/gigawatch.yaml  6 s gigawatch.yaml:1:1" "$(printf '%s\n' "$out" | awk '$1 == "file:" { print $2 "  " }' | tr -d '\n')$(origin refresh)"
else
    skips "no name space for mounts, or no folder of configure's beside /etc" "the machine's file is read" "that of configure's folder first"
fi
if unshare -rm mount -t tmpfs none /etc 2> /dev/null; then
    exits "that of /etc is read" 0 machine /etc
    is "where there is no other" "/etc/gigawatch/gigawatch.yaml  6 s gigawatch.yaml:1:1" "$(printf '%s\n' "$out" | awk '$1 == "file:" { print $2 "  " }' | tr -d '\n')$(origin refresh)"
else
    skips "no name space for mounts" "that of /etc is read" "where there is no other"
fi
exits "--doctor of a source asks its targets" 0 $gw --doctor sim --demo=gpus=16 --now 2026-11-22T14:05:32Z
has "and counts what came" "gpus (16): uuid, model" "$out"
has "and names what did not" "not told    xid" "$out"
exits "--doctor of a source without targets" 1 $gw --doctor promql
has "says how to have one" "give url: with one of the schemes prom+http" "$out"
exits "--doctor of nothing known is usage" 2 $gw --doctor nix
exits "--doctor of a demo" 0 $gw --doctor --demo
has "shows what is polled then" "sim:" "$out"
exits "--doctor with a target nobody reads" 1 $gw --doctor gopher://h
exits "--doctor with a token in a URL" 0 $gw --doctor 'http://h/metrics?access_token=hunter2'
has "shows the target" "http://h/metrics?access_token=…" "$out"
exits "a password in a URL of the configuration is usage" 2 $gw -c secret.yaml --doctor
is "and in no message" "0" "$(printf '%s' "$out $errors" | grep -c hunter2)"
printf 'targets: [{url: "http://h/metrics", ca: "/x\\e[31m"}]\n' > escapes.yaml
exits "--doctor of paths with escapes" 1 "$GIGAWATCH" -c escapes.yaml --cache "x$(printf '\033[31m\tred')" --doctor
is "sends none to a terminal" "0" "$(printf '%s' "$out $errors" | grep -c "$(printf '\033')")"
for page in gigawatch.1 gigawatch.yaml.5 gigawatch-query.7 gigawatch-forecast.7 gigawatch-source.7; do
    [ -z "$(command -v mandoc)" ] || mandoc -T lint -W warning "$SRCDIR/man/$page" > lint 2>&1
    verdict "$page is a manual page" $? "$(cat lint 2> /dev/null)"
done
done_testing
