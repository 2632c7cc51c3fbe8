#!/bin/sh
# The manual is whole: every option, setting, field, key, source, variable and exit status that the program has stands in it.
. "$SRCDIR/tests/lib/tap.sh"
gw="$GIGAWATCH --cache none"
cd "$SRCDIR/man" || exit 1
fields=$BUILDDIR/man/gigawatch-fields.7 keys=$BUILDDIR/man/gigawatch-keys.7

lacks() { # lacks PAGE PATTERN-WITH-%: the words on standard input for which the pattern matches no line of the page
    awk -v pattern="$2" 'NR == FNR { lines[NR] = $0; next }
        { for (i = 1; i <= NF; i++) {
            wanted = pattern
            gsub(/[.]/, "[.]", $i)
            sub(/%/, $i, wanted)
            found = 0
            for (n in lines)
                found += lines[n] ~ wanted
            if (!found)
                printf "%s ", $i
        } }' "$1" -
}

is "every option is in gigawatch(1)" "" \
    "$($gw --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p' | lacks gigawatch.1 '(Fl|,|;) -%( |$)')"
is "every exit status of --help, too" "" "$($gw --help | grep '^Exit' | grep -oE '[0-9]' | lacks gigawatch.1 '^[.]It %$')"
is "every setting is in gigawatch.yaml(5)" "" "$($gw --doctor |
    sed -n '/^configuration/,/^$/s/^  \([a-z_.-]*\)  .*/\1/p' | lacks gigawatch.yaml.5 'Li .*%( |$)')"
is "every source is named there or in gigawatch(1)" "" "$(cat gigawatch.1 gigawatch.yaml.5 gigawatch-source.7 > "$tap_folder/all"
    $gw --list sources | sed -n 's/^\([a-z]\{2,\}\) .*/\1/p' | lacks "$tap_folder/all" '%')"
is "every variable that is read is in gigawatch(1)" "" "$(grep -rhoE '(getenv\(|file_under\([a-z>-]*, )"[A-Z_]+"' "$SRCDIR"/src "$SRCDIR"/plugins --include='*.c' |
    cut -d'"' -f2 | sort -u | lacks gigawatch.1 '(Ev|,) %( |$)')"
is "every kind is in gigawatch-query(7)" "" \
    "$($gw --list kinds | sed 's/ .*//' | lacks gigawatch-query.7 '(^| )%(,|[.]| and|$)')"

for kind in $($gw --list kinds | sed 's/ .*//'); do
    $gw --list fields "$kind" | sed "s/ .*//; s/^/$kind./"
done > "$tap_folder/told"
is "every field of every kind is in gigawatch-fields(7), and no other" "" "$(awk '
    /^[.]Sh [A-Z]+$/ { kind = tolower($2) }
    /^[.]It Li / { print kind "." $3 }' "$fields" | diff "$tap_folder/told" -)"
is "every key is in gigawatch-keys(7), and every command" "" "$(sed 's/\\&//g; s/\\e/\\/g; s/$/ /' "$keys" > "$tap_folder/told"
    $gw --list keys | awk -v page="$tap_folder/told" '
    BEGIN { while ((getline line < page) > 0) told = told " " line }
    { command = substr($0, 21, 20); gsub(/ /, "", command)
      if (!index(told, " " $1 " ") || (command != "" && !index(told, ".Pq Li " command " "))) print $1 }')"
if command -v mandoc > /dev/null; then
    mandoc -T lint -W warning "$fields" "$keys" > "$tap_folder/lint" 2>&1
    verdict "which are manual pages" $? "$(cat "$tap_folder/lint")"
else
    verdict "which are manual pages # SKIP no mandoc" 0
fi
is "pages that are pointed at are there" "" "$(for page in $(sed -n 's/^\.Xr \(gigawatch[a-z.-]*\) \([0-9]\).*/\1.\2/p' ./*.[157] "$fields" "$keys" | sort -u); do
    [ -e "$page" ] || [ -e "$BUILDDIR/man/$page" ] || echo "$page"; done)"
done_testing
