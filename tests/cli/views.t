#!/bin/sh
# Views that people make: a file is a view, and what is wrong in it is said by file, line and column.
. "$SRCDIR/tests/lib/tap.sh"
XDG_CONFIG_HOME=$tap_folder
export XDG_CONFIG_HOME
views=$tap_folder/gigawatch/views
mkdir -p "$views"
gw="$GIGAWATCH --cache none"
demo="--demo=gpus=144,seed=1"

# A view is one file: nobody has to draw it. What is drawn is a view, or what may lie over any, and stands in doc/README.md.
missing=
for picture in "$SRCDIR"/doc/*.png; do
    view=$(basename "$picture" .png)
    case $view in palette | past) over=yes ;; *) over=no ;; esac
    [ $over = yes -o -e "$SRCDIR/views/$view.c" ] && grep -q "($view.png)" "$SRCDIR/doc/README.md" || missing="$missing $view"
done
is "every picture in doc/ is of a view, and shown" "" "$missing"

cat > "$views/waste.yaml" << 'END'
# what is paid for and does nothing
kind: gpus
title: paid and idle
help: GPUs that somebody holds and that do nothing.
key: w
columns: [name, tenant, util]
sort: [-power, name]
filter: util < 2
enter: gpus where node = "%s"
bars: util
END
exits "a file is a view" 0 $gw --list views
has "and listed with its help" "waste               GPUs that somebody holds and that do nothing." "$out"
exits "it answers -q" 0 $gw $demo -q waste -o csv
has "with its columns" "name,tenant,util" "$out"
then="--now 2026-11-22T14:05:32Z"
exits "and more of it" 0 $gw $demo $then -q "waste where util < 1% sort name limit 3" -o csv
is "with clauses of its own, and its columns" "name,tenant,util 4" \
    "$(printf '%s\n' "$out" | tr -d '\r' | head -1) $(printf '%s\n' "$out" | wc -l)"
exits "summed" 0 $gw $demo $then -q "waste by tenant" -o csv
has "it has the columns of sums" "tenant,count,coverage" "$out"
exits "these can be named" 0 $gw $demo $then -q "gpus by tenant show tenant, count, power" -o csv
is "and nothing else is shown" "tenant,count,coverage,power_w" "$(printf '%s\n' "$out" | tr -d '\r' | head -1)"
exits "and is a screen" 0 $gw $demo --screen 80x16 --keys w
has "with its title" " paid and idle " "$out"
has "its bars" "━" "$out"
exits "its help is that of the screen" 0 $gw $demo --screen 100x30 --keys "w ?"
has "too" "help: paid and idle" "$out"
exits "the palette knows it" 0 $gw $demo --screen 80x16 --keys ":waste Enter"
has "by name" " paid and idle " "$out"

# The example of the manual, as it stands there.
awk '/^# .*views\/waste.yaml$/ { on = 1 } on && /^\.Ed/ { exit } on' "$SRCDIR/man/gigawatch.yaml.5" > "$views/waste.yaml"
then="--now 2026-11-22T15:00:00Z" # somebody holds idle ones
row=$($gw $demo $then -q "waste show name limit 1" -o csv | tr -d '\r' | sed 1d)
exits "the manual's example is a view" 0 $gw $demo $then --screen 100x16 --keys "w Enter"
is "and Enter opens the row of its first" "${row:-nothing}" "$(echo "$out" | sed -n 's/^│▌. \([^ ]*\) .*/\1/p')"
has "alone" " 1 of " "$out"

exits "a star stands for itself" 0 $gw $demo $then -q "racks where name = h1*" -o csv
has "and who meant a pattern hears how one is written" "name =~ ^h2 a pattern" "$errors"
exits "where rows are found nothing is said of it" 0 $gw $demo $then -q 'racks where name =~ "^h1" or name = x*' -o csv
is "to nobody" "" "$errors"
exits "a filter that finds none says it on the screen" 0 $gw $demo $then --screen 80x24 --view racks --keys "/h1* Enter"
has "at 80 columns, too" "name =~ ^h2 a pattern" "$out"

exits "a drawn view of one that is not there is none" 0 $gw $demo $then --screen 100x30 --keys ":forecast Space nobody Enter"
has "and tells what there is" 'nothing is called "nobody"; of ' "$out"
exits "a drawn view can be asked of one" 0 $gw $demo $then --screen 100x30 --keys ":forecast Space hall-1 Enter"
has "by its name" "feed-A / hall-1 " "$out"

refuses "a kind that is none" "$views/bad.yaml" 'bad.yaml:1:7: unknown kind "lamps"' 'kind: lamps'
refuses "no kind" "$views/bad.yaml" 'bad.yaml:1:1: of which kind?' 'title: x'
refuses "a field that is none" "$views/bad.yaml" 'bad.yaml:2:17: no field "teh" of gpus' 'kind: gpus
columns: [name, teh]'
refuses "a mistake in the filter" "$views/bad.yaml" 'bad.yaml:2:16: expected a value for idle' 'kind: gpus
filter: idle > 15q'
refuses "in a quoted one, too" "$views/bad.yaml" 'bad.yaml:2:17: expected a value for idle' 'kind: gpus
filter: "idle > 15q"'
refuses "a key nobody reads" "$views/bad.yaml" 'bad.yaml:2:1: unknown key "colour" in a view' 'kind: gpus
colour: red'
refuses "a bar of what is no share" "$views/bad.yaml" 'bad.yaml:2:7: power cannot be a bar' 'kind: gpus
bars: power'
refuses "an order by nothing" "$views/bad.yaml" 'bad.yaml:2:7: no field "-powr" of gpus' 'kind: gpus
sort: -powr'
refuses "a drill-down that is no query" "$views/bad.yaml" 'bad.yaml:2:19: unknown field' 'kind: gpus
enter: gpus where nod = "%s"'
refuses "a letter that is taken" "$views/bad.yaml" 'bad.yaml:2:6: the key q has a meaning already' 'kind: gpus
key: q'
refuses "another view's letter" "$views/bad.yaml" 'bad.yaml:2:6: the key 5 is that of the view gpus' 'kind: gpus
key: 5'
refuses "something twice" "$views/bad.yaml" 'bad.yaml:2:1: "kind" stands twice' 'kind: gpus
kind: gpus'
refuses "what is no YAML" "$views/bad.yaml" 'bad.yaml:2:1: not YAML' 'kind: [gpus'
refuses "nothing at all" "$views/bad.yaml" 'bad.yaml:1:1: an empty file is no view' ''
# What is wrong with one stops nobody else.
printf 'kind: gpus\ncolour: red\n' > "$views/bad.yaml"
exits "a query of another goes on" 0 $gw $demo -q "waste limit 1"
is "and says nothing of it" "" "$errors"
$gw $demo $then --check sites > "$tap_folder/said" 2>&1
has "so does a check" "of a breach" "$(cat "$tap_folder/said")"
hasnt "in silence, too" "bad.yaml" "$(cat "$tap_folder/said")"
exits "who asks for it" 2 $gw $demo -q "bad limit 1"
has "is told" 'bad.yaml:2:1: unknown key "colour" in a view' "$errors"
exits "who opens it, too" 2 $gw $demo --view bad --screen 80x16
has "by the same words" 'bad.yaml:2:1: unknown key "colour" in a view' "$errors"
exits "the list has the others" 2 $gw --list views
has "as ever" "waste " "$out"
exits "--doctor fails" 2 $gw --doctor
has "and names the mistake" 'bad.yaml:2:1: unknown key "colour" in a view' "$out"
if command -v script > /dev/null; then
    opened=$(printf q | script -qec "stty cols 300 rows 24; $gw $demo" /dev/null)
    has "the console opens, and names it" "a view is left out: $views/bad.yaml:2:1:" "$opened"
else
    skips "no script" "the console opens, and names it"
fi
rm "$views/bad.yaml"
printf 'kind: gpus\n' > "$views/racks.yaml"
exits "the name of a view of ours is refused" 2 $gw --list views
has "in words" '"racks" is a view of gigawatch'"'"'s own' "$errors"
done_testing
