# For shell tests against real servers, after tap.sh. Sourced by bash.
#   wait_for SECONDS COMMAND...     until it succeeds; fails when it never does
#   answer EXPRESSION               of the JSON on standard input, in Python: d is the answer, v["n1/0"] a row
#   began PID...                    processes to be ended when the test ends
#   at_end COMMAND                  to be run then

began_pids= end_commands=
began() { began_pids="$began_pids $*"; }
at_end() { end_commands="$1; $end_commands"; }
finish_test() {
    [ -z "$began_pids" ] || kill $began_pids 2> /dev/null
    [ -z "$began_pids" ] || wait $began_pids 2> /dev/null
    eval "$end_commands" > /dev/null 2>&1
    tap_clean
}
trap finish_test EXIT

wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2         # what is asked costs more than the wait
    done
}

answer() {
    python3 -c '
import json, sys
d = json.load(sys.stdin)
v = {i["name"]: i for i in d["items"]}
e = {i["target"]: i["error"] for i in d["errors"]}
r = eval(sys.argv[1])
print(r if isinstance(r, str) else json.dumps(r))' "$1"
}
