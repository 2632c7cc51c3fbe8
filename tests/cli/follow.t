#!/bin/bash
# Many consoles and a collector on one site: only one of them polls.
. "$SRCDIR/tests/lib/tap.sh"
. "$SRCDIR/tests/lib/rig.sh"
command -v tmux > /dev/null || skip_all "no tmux here"
cd "$tap_folder" || exit 1
mkdir -m 700 tmp
export TMUX_TMPDIR=$tap_folder/tmp
tmux() { command tmux -L follow -f /dev/null "$@"; }
at_end "tmux kill-server"

# What is polled says who asked.
cat > meters <<'METERS'
echo "$WHO" >> asked
cat values
METERS
cat > site.yaml <<YAML
site: lab
targets:
  - {url: "local:", source: exec, name: meters, interval: 1s, options: {command: "cd $tap_folder && sh meters"}}
YAML
echo 'gpu n1/0 power=411' > values

console() { # console WHO
    tmux new-session -d -s "$1" -x 120 -y 30 "WHO=$1 exec '$GIGAWATCH' -c site.yaml --cache c.db --view gpus 2> $1.log"
}
screen() { tmux capture-pane -p -t "$1"; }
shows() { screen "$1" | grep -qF -- "$2"; }
asked() { grep -cx "$1" asked; }
asks_more() { [ "$(asked "$1")" -gt "$2" ]; }
comes() { # comes CLAIM COMMAND...: within a minute
    local claim=$1
    shift
    wait_for 60 "$@"
    verdict "$claim" $? "$(for s in first second; do screen $s; done 2>&1; tail -n 5 ./*.log)"
}
only() { # only CLAIM WHO: while it asks three times more, nobody else asks
    local before=$(grep -vcx "$2" asked) own=$(asked "$2")
    wait_for 60 asks_more "$2" $((own + 3))
    is "$1" "$before" "$(grep -vcx "$2" asked)"
}

console first
comes "a console that is alone polls" asks_more first 1
comes "and shows what it is told" shows first 411
console second
comes "a second one shows the same" shows second 411
comes "for it follows the first" shows second "following the console"
only "and asks nobody" first

WHO=collector $GIGAWATCH -c site.yaml --cache c.db --set write-every=1s --collect 2> collector.log &
collector=$!
began $collector
comes "a collector begins though a console writes" asks_more collector 1
comes "the console follows it" shows first "following the collector (process $collector)"
only "and only the collector asks" collector
echo 'gpu n1/0 power=522' > values
comes "what it hears is on the first screen" shows first 522
comes "and on the second" shows second 522
tmux send-keys -t first Escape 0
comes "where the sources are, it is said" shows first "as another gigawatch polls them"
exits "a second collector" 1 $GIGAWATCH -c site.yaml --cache c.db --collect
has "is told of the first" "another collector writes it (process $collector); end it" "$errors"

$GIGAWATCH --set site=lab --cache c.db --watch=1 -q 'gpus show power' -o value > watched 2> /dev/null &
began $!
comes "a one-shot without targets of its own that goes on reads the collector's cache" grep -q 522 watched
echo 'gpu n1/0 power=544' > values
comes "and reads it again and again" grep -q 544 watched

# What is summed up is as young as what it is the sum of: for longer than a step of the history.
oldest=0
for _ in $(seq 18); do
    age=$($GIGAWATCH -c site.yaml --cache c.db -q 'sites show age' -o value 2> /dev/null)
    [ "${age:-99}" -le $oldest ] || oldest=${age:-99}
    sleep 1
done
verdict "sums in the cache are no older than its parts" $((oldest > 9)) "$oldest s, of what is polled every second"

kill -9 $collector
wait $collector 2> /dev/null
before=$(asked first)$(asked second)
asks_again() { [ "$(asked first)$(asked second)" != "$before" ]; }
comes "when the collector is gone, a console polls again" asks_again
follows_a_console() { shows first "following the console" || shows second "following the console"; }
comes "and the other says whom it follows now" follows_a_console
echo 'gpu n1/0 power=633' > values
comes "and the first shows what is new" shows first meters
tmux send-keys -t first 5
comes "on its screen" shows first 633
comes "as does the other" shows second 633
done_testing
