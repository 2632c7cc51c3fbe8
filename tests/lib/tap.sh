# For shell tests: TAP without ceremony. Sourced.
#   is CLAIM EXPECTED ACTUAL     equal texts
#   has CLAIM WORDS TEXT         TEXT holds WORDS (a fixed string)
#   hasnt CLAIM WORDS TEXT
#   exits CLAIM CODE COMMAND...  and leaves what it printed in $out and $errors
#   skips REASON CLAIM...        each is counted as skipped, with the reason
#   skip_all REASON              before any of these
#   refuses CLAIM FILE WORDS TEXT   of a file of the user's, which --list of its folder then refuses: WORDS come after the path
#   done_testing
tap_number=0
tap_folder=$(mktemp -d) || exit 1
tap_clean() { rm -rf "$tap_folder"; }
trap tap_clean EXIT

skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

verdict() { # verdict CLAIM STATUS [DIAGNOSIS]
    tap_number=$((tap_number + 1))
    if [ "$2" = 0 ]; then
        echo "ok $tap_number - $1"
    else
        echo "not ok $tap_number - $1"
        [ -z "${3-}" ] || printf '%s\n' "$3" | head -n 30 | sed 's/^/# /'
    fi
}

skips() {
    tap_why=$1
    shift
    for tap_claim; do
        tap_number=$((tap_number + 1))
        echo "ok $tap_number - $tap_claim # SKIP $tap_why"
    done
}

is() {
    if [ "$2" = "$3" ]; then verdict "$1" 0; else verdict "$1" 1 "expected: $2
got: $3"; fi
}

has() {
    case $3 in
        *"$2"*) verdict "$1" 0 ;;
        *) verdict "$1" 1 "expected to find: $2
in: $3" ;;
    esac
}

hasnt() {
    case $3 in
        *"$2"*) verdict "$1" 1 "did not expect: $2
in: $3" ;;
        *) verdict "$1" 0 ;;
    esac
}

refuses() {
    printf '%s\n' "$4" > "$2"
    $gw --list "$(basename "$(dirname "$2")")" > /dev/null 2> "$tap_folder/said"
    has "$1: exit and words" "2 $3" "$? $(sed "s|^.*/\([^/]*\.yaml\)|\1|" "$tap_folder/said")"
}

exits() {
    tap_claim=$1 tap_code=$2
    shift 2
    "$@" > "$tap_folder/out" 2> "$tap_folder/errors" < /dev/null
    tap_got=$?
    out=$(cat "$tap_folder/out") errors=$(cat "$tap_folder/errors")
    if [ "$tap_got" = "$tap_code" ]; then verdict "$tap_claim" 0; else
        verdict "$tap_claim" 1 "exit $tap_got, expected $tap_code
$errors"
    fi
}

done_testing() {
    echo "1..$tap_number"
}
