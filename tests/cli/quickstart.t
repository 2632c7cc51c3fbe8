#!/bin/sh
# quickstart: what it says about itself, and to somebody who may not install packages.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1

exits "--help" 0 "$SRCDIR/quickstart" --help
has "names both uses" "quickstart check" "$out"
exits "an unknown word is usage" 2 "$SRCDIR/quickstart" chekc
exits "an unknown option of check is usage" 2 "$SRCDIR/quickstart" check --fast

# A machine of somebody without root and sudo, on which two packages are missing.
mkdir bin
cat > bin/dpkg-query << 'END'
#!/bin/sh
for package; do :; done
case $package in libssh-dev) ;; libyaml-dev) printf config-files ;; *) printf installed ;; esac
END
printf '#!/bin/sh\necho 1000\n' > bin/id
printf '#!/bin/sh\necho "a password is required" >&2; exit 1\n' > bin/sudo
printf '#!/bin/sh\necho ran >> "%s/ran"\n' "$tap_folder" > bin/apt-get
chmod +x bin/*
exits "without root and sudo nothing is installed" 1 env PATH="$tap_folder/bin:$PATH" "$SRCDIR/quickstart"
has "and the command to run is said" \
    "  sudo apt-get install -y --no-install-recommends libssh-dev libyaml-dev" "$errors"
verdict "and apt-get was not run" "$([ ! -e ran ]; echo $?)"
exits "the tests ask in the same way" 1 env PATH="$tap_folder/bin:$PATH" "$SRCDIR/quickstart" check
done_testing
