#!/bin/sh
# Sources in .so files: used like those built in, and refused in words where they do not fit.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
gw="$GIGAWATCH --cache none"

plugin() { # plugin FOLDER NAME HEAD: a source that says how many watts a file on the target holds
    mkdir -p "$1"
    cat > plugin.c << END
#include <stdlib.h>
#include "gigawatch/source.h"
static const struct gw_metric metrics[] = {
    { "meter", GW_NODE, GW_GAUGE, "kW", 0, 1000, "what the file says" }, { 0 }
};
static const struct gw_option options[] = { { "file", NULL, "where the watts stand" }, { 0 } };
static int ask(const struct gw_api *api, const struct gw_target *t, struct gw_ask *ask, struct gw_out *out)
{
    (void)out;
    ask->how = GW_RUN;
    ask->command = api->print(t, "cat %s", api->option(t, "file"));
    return GW_DONE;
}
static int parse(const struct gw_api *api, const struct gw_target *t, const char *text, size_t len,
                 struct gw_out *out)
{
    (void)len;
    api->number(out, api->entity(out, GW_NODE, t->name, 3, GW_NONE), 0, strtod(text, NULL));
    return GW_DONE;
}
const struct gw_source $2_source = {
    $3, .name = "$2", .summary = "watts of a file", .metrics = metrics, .options = options,
    .ask = ask, .parse = parse,
};
END
    ${CC:-cc} -shared -fPIC -I"$SRCDIR/include" -o "$1/$2.so" plugin.c
}

plugin good paper GW_SOURCE_HEAD
verdict "a plugin is one file and one line of cc" $?
echo 2.5 > watts
printf 'plugins: good\ntargets:\n- {name: n01, url: "local:", source: paper, options: {file: watts}}\n' > site.yaml
exits "a plugin is used like any source" 0 $gw -c site.yaml -q 'nodes show power' -o json
has "and its kilowatts arrive as watts" '"power_w":2500' "$out"
exits "--list sources with plugins" 0 $gw --set plugins=good --list sources
has "lists it" "watts of a file" "$out"
has "with its options" "where the watts stand" "$out"
exits "--doctor with plugins" 0 $gw -c site.yaml --doctor
has "finds it, too" "paper" "$out"

refused() { # refused CLAIM WORDS FOLDER
    exits "$1" 1 $gw --set plugins="$3" -q nodes local:
    has "and it is said why" "$2" "$errors"
    has "with its path" "$3/" "$errors"
    exits "--doctor finds it" 1 $gw --set plugins="$3" --doctor
    has "and goes on" "something is amiss" "$out"
}
plugin older ink ".abi = 7, .size = sizeof(struct gw_source), .metric_size = 48, .option_size = 24"
refused "a plugin of another version is refused" "was built for version 7 of the plugin interface" older
plugin odd ink ".abi = GW_SOURCE_ABI, .size = 16, .metric_size = 48, .option_size = 24"
refused "a plugin of an impossible size is refused" "struct gw_source has 16 bytes" odd
plugin newer ink "GW_SOURCE_HEAD, .api_size = sizeof(struct gw_api) + sizeof(void *)"
refused "a plugin that may call what is not offered is refused" "was built for a newer gigawatch and may call what this one does not offer" newer
plugin less paper "GW_SOURCE_HEAD, .api_size = offsetof(struct gw_api, note)"
exits "one that calls less is not" 0 $gw --set plugins=less --list sources
plugin lacking paper 'GW_SOURCE_HEAD, .missing = "libtrout"'
exits "one whose library is missing stays in sight" 0 $gw --set plugins=lacking --list sources
has "and says it" "does not work here: libtrout" "$(printf '%s\n' "$out" | grep -A 1 '^paper ')"
sed 's/^plugins: .*/plugins: lacking/' site.yaml > lacking.yaml
exits "the doctor finds that amiss" 1 $gw -c lacking.yaml --doctor
has "and names what is missing" "lacks libtrout" "$(printf '%s\n' "$out" | grep '^  paper ')"
exits "nothing can be asked of it" 1 $gw -c lacking.yaml -q nodes
has "and it is said why" "source paper: this build lacks libtrout" "$errors"

# What is built in is a plugin like any other: of the same file, called otherwise, it is loaded and used beside it.
twin() { # twin FILE NAME [OPTIONS]: the source of plugins/FILE.c as NAME
    mkdir -p "$2"
    sed "s/$1_source/$2_source/; s/\.name = \"$1\"/.name = \"$2\"/" "$SRCDIR/plugins/$1.c" > "$2/$2.c"
    shift
    tap_twin=$1
    shift
    ${CC:-cc} -shared -fPIC -I"$SRCDIR/include" -I"$SRCDIR/plugins" -I"$SRCDIR" "$@" -o "$tap_twin/$tap_twin.so" "$tap_twin/$tap_twin.c" -lm
}
twin csv sheet && twin exec errand
verdict "sources that are built in can be built as plugins" $?
printf 'unix_seconds,hall-1\n1700000000,1500\n' > power.csv
printf 'plugins: sheet\ntargets:\n- {url: power.csv, source: sheet, options: {speed: max}}\n' > twin.yaml
exits "a conversation" 0 $gw -c twin.yaml -q 'domains show power' -o value
is "works as a plugin" 1500 "$out"
printf 'plugins: errand\ntargets:\n- {url: "local:", source: errand, options: {command: "echo node n1 meter=700"}}\n' > twin.yaml
exits "and so does what asks and parses" 0 $gw -c twin.yaml -q 'nodes show power' -o value
is "with all that it calls" 700 "$out"
if [ -z "$INSTRUMENT" ] && ls "$BUILDDIR"/plugins/*.so > /dev/null 2>&1; then
    nm --defined-only "$BUILDDIR/libgigawatch.a" 2> /dev/null | awk '$2 == "T" || $2 == "R" || $2 == "D" || $2 == "B" { print $3 }' | sort -u > ours
    nm -D --undefined-only "$BUILDDIR"/plugins/*.so | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u > wanted
    verdict "there are symbols of ours, and such as plugins want" "$([ -s ours ] && [ -s wanted ]; echo $?)"
    is "no module wants one of ours" "" "$(comm -12 ours wanted)"
    (cd "$BUILDDIR/plugins" && ls ./*.so) | sed 's|^\./||; s|\.so$||' | sort > modules
    is "every source is a module" "$(cd "$SRCDIR/plugins" && ls ./*.c | sed 's|^\./||; s|\.c$||' | sort)" "$(cat modules)"
fi

# Without expat what needs it says so, and the rest goes on.
mkdir without
echo '#define PACKAGE_VERSION "0"' > without/config.h
twin nvsmi plain -D_GNU_SOURCE -DHAVE_CONFIG_H -Iwithout -Wall -Wextra -Werror
verdict "nvidia-smi's source builds without expat" $?
exits "and is listed" 0 $gw --set plugins=plain --list sources
has "with what it cannot read" "CSV only: no expat for XML and MIG" "$(printf '%s\n' "$out" | grep '^plain ')"
printf 'plugins: plain\ntargets:\n- {url: "local:", source: plain, options: {mode: xml}}\n' > plain.yaml
exits "who asks for XML" 2 $gw -c plain.yaml -q gpus
has "hears it" "this build has no expat to read XML; use csv" "$errors"

mkdir junk
echo junk > junk/ink.so
refused "what is no library is refused" "cannot be loaded" junk
mkdir named
cp good/paper.so named/pen.so
refused "a file of another name than its source is refused" "has no pen_source" named
exits "a folder that is not there is said" 1 $gw --set plugins=/nowhere -q nodes local:
has "with its name" "/nowhere cannot be read" "$errors"
done_testing
