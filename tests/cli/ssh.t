#!/bin/sh
# Without a word of the user's, ssh's own configuration counts: ~/.ssh/config. A home is put in the place of the user's own.
. "$SRCDIR/tests/lib/tap.sh"
command -v ssh > /dev/null || skip_all "no ssh"
home=$(getent passwd 0 | cut -d: -f6)
case $GIGAWATCH in "$home"/*) skip_all "what is tested lies in $home" ;; esac
unshare -rm mount -t tmpfs none "$home" 2> /dev/null || skip_all "no name space for mounts"

asks() { # asks CONFIGURATION: of a host that no name server knows
    unshare -rm sh -ec 'mount -t tmpfs none "$1"
        mkdir -m 700 "$1/.ssh"
        printf "$2" > "$1/.ssh/config"
        chmod 600 "$1/.ssh/config"
        exec "$3" --cache none -q gpus -o value ssh://gpu7.invalid' - "$home" "$1" "$GIGAWATCH"
}
exits "a host that nobody knows is not reached" 3 asks ""
hasnt "for its name means nothing" "refused" "$errors"
exits "one of ~/.ssh/config is asked for" 3 asks 'Host gpu7.invalid\n  HostName 127.0.0.1\n  Port 9\n'
has "at the address and the port that stand there" "gpu7.invalid: connection refused" "$errors"
exits "with what Match says, too" 3 asks 'Match host gpu7.invalid exec true\n  HostName 127.0.0.1\n  Port 9\n'
has "as ssh understands it" "gpu7.invalid: connection refused" "$errors"
done_testing
