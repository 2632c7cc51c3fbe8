#!/bin/sh
# complaints.lines: what is typed after : and /, and what the console says is wrong with it, and where. Each line that begins
# with "# " is typed and followed by Enter; below it stand the last lines of the screen. Written anew with REWRITE=1.
set -u
case ${INSTRUMENT-} in *thread*) echo "1..0 # SKIP a screen is drawn by one thread; tests of the console see several"; exit 0 ;; esac
cd "$SRCDIR/tests/screens" || exit 1
state=$(mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
XDG_CACHE_HOME=$state TZ=UTC
export XDG_CACHE_HOME TZ
number=0
grep '^# ' complaints.lines > "$state/typed"
echo "1..$(wc -l < "$state/typed")"

# What stands above the last lines is in boxes, as of the one site and its next hour.
complain() { # complain TYPED
    printf '# %s\n' "$1"
    "$GIGAWATCH" --demo=gpus=64,seed=1 --now 2026-11-22T14:05:32Z --cache none --view sites --screen 80x24 \
        --keys "$(printf '%s' "$1" | sed 's/ / Space /g') Enter" | tail -n 6 | grep -vE '^(│|╰)'
}
while IFS= read -r line; do
    number=$((number + 1)) typed=${line#\# }
    complain "$typed" > "$state/got"
    cat "$state/got" >> "$state/all"
    awk -v line="$line" '/^# / { is = $0 == line } is' complaints.lines > "$state/wanted"
    if [ -n "${REWRITE:-}" ] || diff -u "$state/wanted" "$state/got" > "$state/diff"; then
        echo "ok $number - $typed"
    else
        echo "not ok $number - $typed"
        sed 's/^/# /' "$state/diff"
    fi
done < "$state/typed"
[ -z "${REWRITE:-}" ] || cp "$state/all" complaints.lines
