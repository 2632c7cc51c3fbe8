#!/bin/sh
# Themes that people make: a file is a theme, and what is wrong in it is said by file, line and column.
. "$SRCDIR/tests/lib/tap.sh"
XDG_CONFIG_HOME=$tap_folder
export XDG_CONFIG_HOME
themes=$tap_folder/gigawatch/themes
mkdir -p "$themes"
gw="$GIGAWATCH --cache none"

cat > "$themes/night.yaml" << 'END'
like: default
help: red on black, for eyes that are used to the dark
text: 174
strong: "#ffafaf bold"
chip: black on red bold
fan: ["#5f0000", bright-red, 124]
END
exits "a file is a theme" 0 $gw --list themes
has "and listed with its help" "night               red on black, for eyes that are used to the dark" "$out"
exits "--theme takes it" 0 $gw --theme night --list views
exits "so does the configuration" 0 env GIGAWATCH_THEME=night $GIGAWATCH --cache none --list views
exits "one that is no file is none" 2 $gw --theme nacht --list views
has "and is said" 'unknown theme "nacht"; see --list themes' "$errors"
exits "the palette knows it" 0 $gw --demo=gpus=144,seed=1 --screen 80x16 --keys ":theme Space night Enter"
hasnt "by name" "no theme" "$out"

refuses "a colour that is none" "$themes/bad.yaml" 'bad.yaml:2:7: "purpleish" is no colour: a name (red, bright-red, default), 0 to 255 or "#rrggbb"' 'like: light
text: purpleish'
refuses "a number beyond 255" "$themes/bad.yaml" 'bad.yaml:1:7: "256" is no colour' 'text: 256'
refuses "too few colours" "$themes/bad.yaml" 'bad.yaml:1:7: heat wants a list of 10 colours' 'heat: [red]'
refuses "a role that is none" "$themes/bad.yaml" 'bad.yaml:1:1: unknown key "txt" of a theme' 'txt: red'
refuses "words that are no look" "$themes/bad.yaml" 'bad.yaml:1:7: expected a colour, and bold behind it' 'text: red and blue'
refuses "paper where there is none" "$themes/bad.yaml" 'bad.yaml:1:7: one colour is enough: what it is written on' 'text: red on blue'
refuses "ink where there is none" "$themes/bad.yaml" 'bad.yaml:1:7: one colour is enough: what is written on it' 'band: red on blue'
refuses "a theme to begin with that is none" "$themes/bad.yaml" 'bad.yaml:1:7: unknown theme "dark"' 'like: dark'
refuses "one without colours" "$themes/bad.yaml" 'bad.yaml:1:7: mono has no colours to begin with' 'like: mono'
refuses "nothing at all" "$themes/bad.yaml" 'bad.yaml:1:1: an empty file is no theme' ''
exits "a bad theme that nobody uses stops nobody" 0 $gw --theme night --list views
exits "it stops who uses it" 2 $gw --theme bad --list views
has "and is told" "bad.yaml:1:1: an empty file is no theme" "$errors"
exits "it is told of beside the good ones" 2 $gw --list themes
has "which are listed" "night               red on black" "$out"
mv "$themes/bad.yaml" "$themes/mono.yaml"
exits "a name of ours" 2 $gw --list themes
has "is ours" '"mono" is a theme of gigawatch'\''s own; choose another name' "$errors"

# Only files are read, in the order of their names, and no more than so many.
rm -f "$themes"/*
mkfifo "$themes/pipe.yaml"
exits "a pipe is no file" 2 timeout 10 $gw --list themes
has "and is said" "pipe.yaml: no file; a theme is one" "$errors"
rm "$themes/pipe.yaml"
for i in $(seq 10 58); do echo 'text: 174' > "$themes/t$i.yaml"; done
exits "of too many files" 2 $gw --list themes
has "the last by name is left out, and said" "t58.yaml is one too many; 48 files of themes are read" "$errors"
has "the others are there" "t57 " "$out"
hasnt "but not that" "t58 " "$out"

# ---- --no-color and --no-mouse ----
exits "without colours, the screen" 0 $gw --demo=gpus=144,seed=1 --now 2026-11-22T14:05:32Z --view map --screen 80x24 --no-color
plain=$out
is "is that of the theme that has none" "$($gw --demo=gpus=144,seed=1 --now 2026-11-22T14:05:32Z --view map --screen 80x24 --theme mono)" "$plain"
verdict "and says by shape what colour says elsewhere" \
    "$([ "$plain" != "$($gw --demo=gpus=144,seed=1 --now 2026-11-22T14:05:32Z --view map --screen 80x24)" ]; echo $?)"
if command -v script > /dev/null; then
    escape=$(printf '\033')
    counts() { # counts OPTIONS...: which of colours and the mouse a terminal is asked for
        printf q | script -qec "$gw --demo=gpus=8 $*" /dev/null > "$tap_folder/terminal"
        grep -qE "$escape\\[[0-9;]*(3[0-8]|4[0-8])" "$tap_folder/terminal" && echo colour
        grep -qE "$escape\\[\?[0-9;]*100[0-6][0-9;]*h" "$tap_folder/terminal" && echo mouse
    }
    is "a terminal is asked for colours and the mouse" "colour
mouse" "$(counts)"
    is "--no-color: not for colours" mouse "$(counts --no-color)"
    is "nor where NO_COLOR is set" mouse "$(NO_COLOR=1 counts)"
    is "an empty NO_COLOR says nothing" "colour
mouse" "$(NO_COLOR= counts)"
    is "--no-mouse: not for the mouse" colour "$(counts --no-mouse)"
else
    skips "no script" "a terminal is asked for colours and the mouse" "--no-color: not for colours" \
        "nor where NO_COLOR is set" "an empty NO_COLOR says nothing" "--no-mouse: not for the mouse"
fi
done_testing
