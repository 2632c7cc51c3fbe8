#!/bin/sh
# The console as lines, and the test card.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none --demo=gpus=144,seed=1 --now 2026-11-22T14:05:32Z"
lines() { printf '%s\n' "$@" | $gw --linear > said 2>&1; }

lines quit
code=$?
is "it ends well" 0 "$code"
has "the status is a sentence" "demo: power " "$(cat said)"
has "with how much answers" " answer, " "$(cat said)"
has "the overview says who draws it" "who draws it: 1 to " "$(cat said)"
is "nothing is drawn" "" "$(grep -c '[│─█▀]' said | grep -v '^0$')"
lines 'racks where load > 0 limit 2' 'gpus' next 'next' quit
has "a query is answered, a row a line" "h1-r01-k01: " "$(cat said)"
has "numbers carry their unit" " kW, cap " "$(cat said)"
lines '?' q gpus
has "? is the help, as in the console" "explain: every field" "$(cat said)"
hasnt "and q leaves" "gpus: 1 to" "$(cat said)"
lines 'domains limit 3' quit
has "a probability is one" "p(1h) " "$(cat said)"
hasnt "and a guess by its nature" "estimated" "$(grep 'p(1h)' said)"
lines 'racks where load > 0 limit 2' 'gpus' next 'next' quit
has "next goes on" "gpus: 21 to 40 of 140." "$(cat said)"
has "and on" "gpus: 41 to 60 of 140." "$(cat said)"
lines 'racks where lod > 3' 'explain domains hall-1' 'map' quit
has "a mistake is pointed at" "did you mean load?" "$(cat said)"
has "explain tells every field" "
coverage " "$(cat said)"
has "and what it means" "its meter where fresh, else the sum of its parts." "$(cat said)"
has "a picture is told by queries" "racks, the closest to their caps first: 1 to " "$(cat said)"
lines power next quit
has "a view's name is one though its rows are called otherwise" "power: 1 to 6 of 6." "$(cat said)"
hasnt "and no unknown kind" "unknown kind" "$(cat said)"
lines 'power flat limit 2' quit
has "its list, too" "power: 1 to 2 of 2." "$(cat said)"
hasnt "is no unknown word" "expected" "$(cat said)"
lines 'forecast bus-1A' 'forecast bus-1A@6h' quit
has "a drawn view of one is that one's rows" "forecasts: 1 to 6 of 6." "$(cat said)"
has "or the row itself" "forecasts: 1 to 1 of 1." "$(cat said)"
lines 'forecast say "no"' quit
has "a name is that, whatever is in it" "forecasts: none of " "$(cat said)"
lines queue 'job where state = running limit 1' 'map lens tenant' 'overview flat' quit
has "one of many is a name, too" "queues: 1 to " "$(cat said)"
has "with what follows it" "jobs: 1 to 1 of 1." "$(cat said)"
has "words that only colour a picture change no number" "racks, the closest to their caps first: 1 to " "$(cat said)"
has "what goes behind nothing is said" 'nothing goes behind overview, got "flat"' "$(cat said)"
hasnt "and nothing of it is an unknown kind" "unknown kind" "$(cat said)"
exits "and -q takes that name" 0 $gw -q 'power limit 2' -o csv
is "for the rows of that view" "$($gw -q 'domains limit 2' -o csv)" "$out"
lines 'tenants where tokens > 1'
has "what is not known is counted" "could not be judged" "$(cat said)"
# On a terminal the first page waits for all targets, not for the first of them.
cat > two.yaml <<EOF
site: two
domains: {A: {type: busway}, B: {type: busway}}
targets:
  - {url: "local:", name: quick, source: exec, options: {command: "echo domain A meter=1000", stream: no}}
  - {url: "local:", name: slow, source: exec, options: {command: "sleep .7; echo domain B meter=2000", stream: no}}
EOF
if command -v python3 > none; then
    python3 "$SRCDIR/tests/lib/type.py" 'never seen' 0 quit "$GIGAWATCH" --cache none -c two.yaml --linear > said 2>&1
    has "the first page on a terminal is of all targets" "2 answer, 0 stale, 0 down, 0 never seen" "$(cat said)"
    has "with the power of all" "two: power 3 kW, no cap." "$(cat said)"
    # The simulated site tells its past first.
    python3 "$SRCDIR/tests/lib/type.py" 'never seen' 0 quit "$GIGAWATCH" --cache none --demo=gpus=144,seed=1 --linear > said 2>&1
    has "nor is it of the past alone" "Newest sum 0s old" "$(cat said)"
    # Nor of the part that it told first.
    python3 "$SRCDIR/tests/lib/type.py" 'never seen' 0 quit "$GIGAWATCH" --cache none --demo=gpus=3456,seed=1 --linear > said 2>&1
    is "nor of a part of the nodes" 648 \
        "$(grep -o '[0-9]* answer, [^.]*' said | head -n 1 | awk '{ print $1 + $3 + $5 + $7 }')"
    # Of whom only the cache knows it waits for nothing: it would be ten minutes.
    grep -v slow two.yaml > one.yaml
    type() { timeout 60 python3 "$SRCDIR/tests/lib/type.py" 'never seen' 0 quit "$GIGAWATCH" --cache both.db --timeout 10m "$@" --linear 2>&1; }
    type -c two.yaml > none
    has "the cache knows both" "slow," "$("$GIGAWATCH" --cache both.db -c one.yaml -q 'sources show name,state' -o csv)"
    has "and who is configured no more is not waited for" "two: power 1 kW" "$(type -c one.yaml)"
else
    skips "no python3, which opens a terminal" "the first page on a terminal is of all targets" "with the power of all" \
        "the cache knows both" "and who is configured no more is not waited for"
fi
exits "it is no wall" 2 $gw --linear --wall

exits "the test card is text where there is no terminal" 0 "$GIGAWATCH" --doctor terminal
has "with all that screens are made of" "braille" "$out"
exits "in ASCII, too" 0 "$GIGAWATCH" --set ascii=yes --doctor terminal
is "with nothing else" "" "$(printf '%s' "$out" | LC_ALL=C grep -c '[^ -~]' | grep -v '^0$')"
# A rack's watts keep their digits below a bus's, and what compares has one unit.
$GIGAWATCH --cache none --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z -q 'domains where load > 80% show name,power,cap limit 12' -o table > said
has "a table has one unit for what compares" "name        power kW  cap kW" "$(cat said)"
is "and two digits of the least" "" "$(awk 'NF == 3 && $2 ~ /^0?\.[0-9]/' said)"
is "a probability is said to a millionth" "" \
    "$($GIGAWATCH --cache none --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z -q 'forecasts show p' -o csv | awk '$1 + 0 > 0 && $1 < 9e-7')"
has "of two domains of which one is well, the other is no plural" ", the other is well " \
    "$($GIGAWATCH --cache none --demo=gpus=2304,seed=1 --now 2026-11-22T14:05:32Z --check 'domains where name in (hall-1, h4-r01-k03)')"
# What is not known is not one more that is critical.
said=$($GIGAWATCH --cache none --demo=gpus=2304,seed=2 --now 2026-11-22T10:35:32Z --check domains | cut -d'|' -f1)
is "of several each verdict has its count" "$(echo "$said" | sed 's/.*; of \([0-9]*\): .*/\1/')" \
    "$(echo "$said" | sed 's/.*; of [0-9]*: //' | tr ',' '\n' | awk '/WARNING|UNKNOWN|OK/ { sum += $1; n++ } END { print (n == 3 ? sum : said) }')"
done_testing
