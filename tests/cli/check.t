#!/bin/bash
# --check: one line for monitoring, and its four codes.
. "$SRCDIR/tests/lib/tap.sh"
. "$SRCDIR/tests/lib/rig.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none"

# Two calm hours at 70 kW, a climb over the cap of 100 kW within half an hour, ten minutes above it, and two calm hours.
awk 'BEGIN {
    print "unix_seconds,bus"
    for (i = 0; i < 1120; i++) {
        watts = i < 480 ? 70e3 : i < 600 ? 70e3 + (i - 480) * 280 : i < 640 ? 103600 : 70e3
        printf "%d,%.0f\n", 1700000000 + 15 * i, watts + 700 * sin(i * 1.7) + 500 * sin(i * .61)
    }
}' > day.csv
printf 'site: lab\ndomains:\n  bus: {type: busway, cap: 100kW}\n  spare: {type: busway}\n' > site.yaml
until_step() { # until_step STEPS OPTIONS...: what is said after so much of the day
    head -n $(($1 + 1)) day.csv > sofar.csv
    shift
    $gw -c site.yaml --now 2026-11-22T14:05:32Z --replay sofar.csv,speed=max --check "$@"
}

exits "a calm bus is OK" 0 until_step 480 bus
has "in one line" "OK - bus: " "$out"
is "and no more than one" 1 "$(printf '%s\n' "$out" | wc -l | tr -d ' ')"
has "with its power and limits for a graph" "'bus power'=" "$out"
has "in watts" "W;;100000;0;" "$out"
has "and the probability with its own" ";0.1;0.5;0;1" "$out"
racks=$($gw --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z --check racks)
has "of racks that are safe it is 0" " p'=0;0.1;0.5;0;1" "$racks"
is "and never a 1.4e-45" "" "$(printf '%s\n' "$racks" | grep -oE "p'=[0-9.]*e[^;]*")"
exits "a climb is a WARNING before it is there" 1 until_step 565 bus --lead 10s
has "that says why" "of a breach within 1h: " "$out"
has "and when" "'bus ttb'=" "$out"
has "and what it rests on where nobody tells of jobs" "; no job data: from " "$out"
exits "thresholds that are not reached warn of no climb" 0 until_step 565 bus --warn 1 --crit 1
hasnt "and name no time to a breach" "ttb" "$out"
exits "CRITICAL before it is there, when it is nearer than the lead" 2 until_step 580 bus
has "for it is a climb" "free, steadily rising 6" "$out"
exits "above the cap is CRITICAL" 2 until_step 620 bus
has "now, whatever was forecast" "over its cap now: 10" "$out"
exits "when it is over, OK again" 0 until_step 1120 bus
exits "a threshold that is never reached warns of nothing" 0 until_step 480 bus --warn 1 --crit 1
exits "a query is the worst of its domains" 2 until_step 620 'domains where name = bus'
exits "ignorance is UNKNOWN" 3 until_step 480 spare
has "with the reason" "UNKNOWN - spare: has no cap" "$out"
printf 'site: lab\ndomains:\n  bus: {type: busway, cap: 100kW}\ntargets:\n- {url: "http://127.0.0.1:1/metrics", name: dead}\n' > dead.yaml
exits "what cannot be read is UNKNOWN" 3 $gw -c dead.yaml --check bus
is "with what does not answer and why, and without numbers" \
    "UNKNOWN - bus: its power is not known; dead: http://127.0.0.1:1 refuses the connection; does the server run, and at this port?" "$out"
exits "a domain that a dead target would tell of" 3 $GIGAWATCH -c /dev/null --cache none prom+http://127.0.0.1:1 --check feed-A
has "is UNKNOWN with why it is" 'UNKNOWN - no domain "feed-A"; 127.0.0.1:1: http://127.0.0.1:1 refuses the connection' "$out"
printf -- '- {url: "local:", source: exec, name: meters, options: {command: "echo feed other meter=1"}}\n' >> dead.yaml
exits "where another answers, too" 3 $gw -c dead.yaml --check bus
has "how many do not is said" "; of 2 targets 1 does not answer, dead: http" "$out"
# The fault of another rack's target explains nothing.
cat > racks.yaml <<'YAML'
site: lab
racks: {r1: {cap: 10kW}, r2: {cap: 10kW}}
nodes: {n1: {rack: r1}, n2: {rack: r2}}
targets:
- {url: "http://127.0.0.1:1/metrics", name: dead-1, node: n1}
- {url: "http://127.0.0.1:1/metrics", name: dead-2, node: n2}
YAML
exits "a rack whose target does not answer is UNKNOWN" 3 $gw -c racks.yaml --check r2
has "by its own, not another's" "UNKNOWN - r2: its power is not known; dead-2: http" "$out"
# A site's own targets are not asked while a recording is laid into it.
cat > racks.yaml <<'YAML'
site: lab
racks: {bus: {cap: 100kW}}
nodes: {"n[1-8]": {rack: bus, gpus: 8}}
targets:
- {url: "http://127.0.0.1:1/metrics", name: dead, node: n1}
YAML
replayed="$gw -c racks.yaml --now 2026-11-22T14:05:32Z --replay sofar.csv,speed=max"
exits "with nodes that no recording tells of, a calm bus is OK, too" 0 $replayed --check bus
has "by what its meter reads" "OK - bus: " "$out"
is "none of them is missing" "" "$($replayed -q 'alerts show text' -o value)"
has "on the wall, too" "coverage 100.0%" "$($replayed --screen 120x36 --view wall | sed -n 3p)"
# The past of the one domain that was recorded is that of what feeds it, and of the site.
printf 'site: lab\ncap: 110kW\ndomains:\n  feed: {type: feed, cap: 110kW}\n  bus: {type: busway, fed_by: feed}\n' > fed.yaml
fed="$gw -c fed.yaml --now 2026-11-22T14:05:32Z --replay sofar.csv,speed=max"
exits "what feeds a recorded domain is forecast" 0 $fed --check feed
has "from the same past" "OK - feed: " "$out"
exits "and so is the site" 0 $fed --check lab
has "by its power" "of 110 kW, p " "$out"
exits "two samples are no forecast" 3 until_step 2 bus
has "but none yet" "no forecast yet: " "$out"
printf 'site: lab\ndomains:\n  bus: {type: busway}\n' > capless.yaml
head -n 481 day.csv > sofar.csv
exits "power without a cap is UNKNOWN" 3 $gw -c capless.yaml --now 2026-11-22T14:05:32Z --replay sofar.csv,speed=max --check bus
has "and its limits for a graph are empty" "W;;;0;" "$out"

# Of a site whose nodes nobody hears of, what a few others draw says little; a meter of the whole says all.
check_site() { # check_site NODES COLUMN: of that many declared nodes n1 is measured; of a site, watts
    printf 'site: lab\ncap: 900kW\nnodes:\n  n[1-%s]: {gpus: 8}\ntargets:\n  - {url: one.csv, options: {as: node, speed: max}}\n' "$1" > nodes.yaml
    head -n 481 day.csv | sed "s/bus/$2/; /^[0-9]/s/\$/$3/" > one.csv
    $gw -c nodes.yaml --now 2026-11-22T14:05:32Z --check lab
}
exits "a site of which little is measured is UNKNOWN" 3 check_site 9 n1
has "with how much is" "UNKNOWN - lab: only 11.1% of it is measured" "$out"
hasnt "of one whose only node is measured no such thing is said" "is measured" "$(check_site 1 n1)"
exits "and one with a meter of its own is OK" 0 check_site 9 watts,n1 ,1000

printf 'site: lab\ndomains:\n  bus: {type: busway, cap: 900kW}\nnodes:\n  n[1-9]: {rack: bus, gpus: 8}\ntargets:\n  - {url: one.csv, options: {as: node, speed: max}}\n' > nodes.yaml
head -n 481 day.csv | sed s/bus/n1/ > one.csv
exits "a domain of which little is measured is UNKNOWN, too" 3 $gw -c nodes.yaml --now 2026-11-22T14:05:32Z --check bus
has "with how much is" "UNKNOWN - bus: only 11.1% of it is measured" "$out"
has "and no number of a part for a graph" "| 'bus power'=U;;900000;0; " "$out"

# What a collector knew five minutes ago, of a target that is asked as seldom as that.
slow_site() { # slow_site TARGET
    printf 'site: lab\ndomains:\n  bus: {type: busway, cap: 100kW}\ntargets:\n  - {%s, interval: 5m}\n' "$1"
}
head -n 481 day.csv > sofar.csv
slow_site "url: sofar.csv, options: {speed: max}" > slow.yaml
slow_site "url: \"local:\", source: exec, options: {command: \"false\"}" > dead.yaml
printf 'site: lab\n' > reader.yaml
moment=$(date +%s)
at() { date -u -d "@$((moment + $1))" +%Y-%m-%dT%H:%M:%SZ; }
$GIGAWATCH -c slow.yaml --cache lab.db --set write-every=.2s --now "$(at 0)" --collect 2> collector.log &
collector=$!
later() { # later SECONDS OPTIONS...
    tap_moment=$(at "$1")
    shift
    $GIGAWATCH --cache lab.db --now "$tap_moment" --check bus "$@"
}
for i in $(seq 300); do
    $GIGAWATCH -c reader.yaml --cache lab.db --max-age 1h -q 'forecasts where p >= 0' -o name 2> /dev/null | grep -q bus@1h && break
    sleep 0.1
done
kill $collector
wait $collector
exits "a forecast from the cache will do while it is fresh" 0 later 60 -c slow.yaml --max-age 1h
exits "an old one is UNKNOWN" 3 later 300 -c slow.yaml --max-age 1h
has "with its age" "UNKNOWN - bus: its forecast is 5m" "$out"
has "and no p of then for a graph" " 'bus p'=U;0.1;0.5;0;1" "$out"
exits "stale power is UNKNOWN" 3 later 300 -c dead.yaml --max-age 0
has "with its age" "UNKNOWN - bus: its power is stale, 5m" "$out"
has "and no number of then for a graph" "| 'bus power'=U;;100000;0; " "$out"

# Who is refused would make any other command exit with 4.
printf 'site: lab\ncap: 1MW\ntargets:\n  - {url: "http://127.0.0.1:1/metrics", user: op, password: {file: /none}}\n' > refused.yaml
exits "a target that refuses us is 4 to a query" 4 $gw -c refused.yaml -q sites
exits "and UNKNOWN to monitoring" 3 $gw -c refused.yaml --check lab
has "in words" "UNKNOWN - lab: its power is not known" "$out"

# A cap that must hold when the other feed is lost: what the busway draws is not what it would carry.
printf 'site: lab\ndomains:\n  A: {type: busway, cap: {value: 100kW, contingency: n-1}}\n  B: {type: busway}\n  rack: {type: rack, fed_by: [A, B]}\n' > dual.yaml
head -n 481 day.csv | sed 's/bus/rack/' > sofar.csv
$gw -c dual.yaml --now 2026-11-22T14:05:32Z --replay sofar.csv,speed=max --check A > checked
is "power is what is drawn, and power_n1 what the cap is for" "twice" \
    "$(sed -n "s/.*'A power'=\([0-9]*\)W;;;0; 'A power_n1'=\([0-9]*\)W;;100000;0;.*/\1 \2/p" checked | awk '{ print ($2 / $1 > 1.99 && $2 / $1 < 2.01) ? "twice" : $0 }')"
exits "a domain that nobody knows is UNKNOWN" 3 until_step 480 nobody
exits "and so is a mistake" 3 until_step 480 bus --warn 7
has "on standard output" "UNKNOWN - gigawatch: --warn: expected a probability" "$out"
exits "--check of nothing is UNKNOWN, for 2 is CRITICAL" 3 $GIGAWATCH --check
has "on standard output" "UNKNOWN - gigawatch: --check needs an argument" "$out"
exits "and so is an option before it that nobody knows" 3 $GIGAWATCH --nonsense --check bus
exits "a warning that comes after what is critical" 3 until_step 480 bus --warn .9 --crit .1
has "is refused" "--warn: expected no more than what is critical (--crit), 0.1, got 0.9" "$out"
exits "a horizon that is not made" 3 until_step 480 bus --horizon 7m
exits "GPUs have no cap to check" 3 $gw --demo=gpus=8 --check gpus
exits "limits without a check are usage" 2 $gw --demo=gpus=8 -q gpus --warn .5
exits "the simulated site can be checked" 0 $gw --demo=gpus=512,seed=1 --timeout 60s --check demo --warn 1 --crit 1

# A quarter of an hour of calm, then peaks of one step, each a tenth higher than the one before: the 99 % quantile is passed
# every time. As live, ten minutes a second, so that what was said is scored when its minute has passed.
awk 'BEGIN {
    print "unix_seconds,bus"
    for (i = 0; i < 600; i++) {
        peak = i > 60 && i * 7919 % 9 < 1
        high = peak ? high ? high * 1.09 : 100 : high
        printf "%d,%.0f\n", 1700000000 + 15 * i, 70e3 + 10 * (i * 7919 % 1000 / 500 - 1) + (peak ? high : 0)
    }
}' > growing.csv
$GIGAWATCH -c site.yaml --cache c.db --set write-every=.2s --replay growing.csv,speed=600 --collect > collector.log 2>&1 &
began $!
asked() { out=$($GIGAWATCH -c site.yaml --cache c.db --check bus --horizon 1m); code=$?; }
comes() { asked; case $out in "$1 - bus: $2"*) ;; *) false ;; esac; }
wait_for 60 comes OK "70.0 kW of 100 kW, p "
verdict "while its record is good it is OK" $? "$out"
wait_for 90 comes UNKNOWN "its forecasts are not trusted: their record is bad"
verdict "where it is bad, nobody knows" $? "$out"
is "and that is UNKNOWN to monitoring" 3 "$code"
wait_for 60 comes UNKNOWN "no forecast: its power was last known "
verdict "where the recording has ended nothing is said of its record" $? "$out"

# Far more domains with a cap than forecasters: nobody is left out.
awk 'BEGIN {
    printf "site: large\ndomains:\n" > "large.yaml"
    printf "unix_seconds"
    for (d = 1; d <= 2000; d++) {
        printf "  rack-%d: {type: rack, cap: 41kW}\n", d > "large.yaml"
        printf ",rack-%d", d
    }
    for (i = 0; i < 240; i++) {
        printf "\n%d", 1700000000 + 15 * i
        for (d = 1; d <= 2000; d++)
            printf ",%.0f", 30000 + 5 * d + 300 * sin(i * 1.7 + d) + 200 * sin(i * .61 + 2 * d)
    }
    print ""
}' > large.csv
$gw -c large.yaml --timeout 60s --now 2026-11-22T14:05:32Z --replay large.csv,speed=max -q forecasts -o csv > forecasts.csv
is "2,000 domains and their site are forecast at every horizon" "12007" "$(wc -l < forecasts.csv | tr -d ' ')"
is "with a probability, but for what an hour tells nothing of" "8004 of 8004" \
    "$(awk -F, 'NR > 1 && $2 <= 14400 { n++; known += $4 != "" } NR > 1 && $2 > 14400 { n += $4 != "" }
                END { print known " of " n }' forecasts.csv)"
is "as of a fleet, but for the nearest to their caps" "11538" "$(grep -c ",power,fleet," forecasts.csv)"
for slip in 'hal-1: no domain "hal-1"; did you mean hall-1?' "nix: no domain \"nix\"; -q 'domains show name' names them" \
    '--demo: --check: of which domain? got "--demo"'; do
    exits "--check ${slip%%: *} is UNKNOWN" 3 $gw --demo=gpus=64 --check "${slip%%: *}"
    has "with what may be meant" "${slip#*: }" "$out"
done
done_testing
