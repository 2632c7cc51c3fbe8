#!/bin/sh
# quickstart: what it says about itself, and to somebody who may not install packages.
. "$SRCDIR/tests/lib/tap.sh"
[ -z "$INSTRUMENT" ] || skip_all "a script is the same under instruments"
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

# From another folder, twice, in a clean copy of the tree's top with everything there already: what builds is a stand-in.
mkdir -p copy/tree copy/shared/rigs elsewhere
cp "$SRCDIR/quickstart" copy/tree
touch copy/tree/configure.ac copy/tree/Makefile.am
mkdir copy/tree/src copy/tree/views copy/tree/plugins copy/tree/tests
cat > copy/tree/bootstrap << 'END'
#!/bin/sh
printf '#!/bin/sh\necho all: > Makefile; touch ../configured-once\n' > configure
touch Makefile.in
chmod +x configure
echo bootstrap >> ran
END
printf '#!/bin/sh\nwhile [ "$1" != -C ]; do shift; done\ncd "$2"; echo make >> ../ran\nprintf "#!/bin/sh\\npwd; echo asked: \\"\\$@\\"\\n" > gigawatch; chmod +x gigawatch\n' > bin/make
printf '#!/bin/sh\nprintf installed\n' > bin/dpkg-query
printf '#!/bin/sh\necho "everything $*"; pwd\n' > copy/tree/tests/everything
chmod +x copy/tree/bootstrap copy/tree/tests/everything bin/make
cd elsewhere || exit 1
here() { PATH="$tap_folder/bin:$PATH" "$@"; }
exits "it works from another folder" 0 here ../copy/tree/quickstart -- -q "nodes show name" file
is "which stays that of the arguments" "$tap_folder/elsewhere
asked: -q nodes show name file" "$out"
has "and says in one line what it does" "quickstart: installs what is missing, builds, and opens gigawatch -q" "$errors"
has "and how long the first time takes" "building for the first time, which takes some minutes" "$errors"
exits "a second time" 0 here ../copy/tree/quickstart -- -V
hasnt "is not the first" "first time" "$errors"
is "nothing is configured anew" 1 "$(grep -c bootstrap ../copy/tree/ran)"
exits "without arguments, and without a terminal" 0 here ../copy/tree/quickstart
is "it shows one screen of the simulated site" "asked: --demo --screen 120x36" "$(printf '%s\n' "$out" | tail -n 1)"
if command -v script > /dev/null; then
    opened=$(here script -qec ../copy/tree/quickstart /dev/null < /dev/null | tr -d '\r')
    has "in a terminal it opens the console on it" "asked: --demo" "$opened"
    hasnt "and no single screen" "--screen" "$opened"
else
    skips "no script" "in a terminal it opens the console on it" "and no single screen"
fi
exits "check runs from there, too" 0 here "$tap_folder/copy/tree/quickstart" check
is "all tests, in the tree" "everything 
$tap_folder/copy/tree" "$out"

# A tree that was configured itself, and a configure that fails.
touch ../copy/tree/config.status
rm ../copy/tree/build/configured
exits "in a tree that was configured itself" 1 here ../copy/tree/quickstart -- -V
has "it is said what to do" "run make distclean there" "$errors"
rm ../copy/tree/config.status
cp ../copy/tree/configure ../kept-configure
printf '#!/bin/sh\necho no compiler; exit 77\n' > ../copy/tree/configure
exits "where configure fails" 1 here ../copy/tree/quickstart -- -V
has "it is said why" "no compiler" "$errors"
has "and where all of it is" "failed: configure; all of it is in build/configure.log" "$(printf '%s\n' "$errors" | sed 's/configure ;/configure;/')"
cp ../kept-configure ../copy/tree/configure
exits "mended, it builds" 0 here ../copy/tree/quickstart -- -V

# Root, or sudo without a password: what is missing is installed, nothing is asked, and no server starts meanwhile.
grep -q '^policy=/usr/sbin/policy-rc.d$' "$SRCDIR/quickstart"
verdict "servers are held back by the file that Debian asks" $?
sed "s|^policy=.*|policy=$tap_folder/policy|" "$SRCDIR/quickstart" > ../copy/tree/quickstart
cat > ../bin/dpkg-query << 'END'
#!/bin/sh
for package; do :; done
case $package in libssh-dev | libyaml-dev) ;; *) printf installed ;; esac
END
cat > ../bin/apt-get << END
#!/bin/sh
echo "\${DEBIAN_FRONTEND-} \$*" >> "$tap_folder/apt"
[ "\$1" = update ] || { head -c 99 > "$tap_folder/stdin"; cat "$tap_folder/policy" > "$tap_folder/held"; }
[ ! -e "$tap_folder/fails" ] || exit 100
END
printf '#!/bin/sh\necho 0\n' > ../bin/id
installs() { # installs ARGS...: of quickstart, with nobody to answer a question
    rm -f ../apt ../held
    yes | here ../copy/tree/quickstart "$@"
}
exits "root installs" 0 installs -- -V
is "what is missing, once, and asks for nothing" "noninteractive install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 libssh-dev libyaml-dev" \
    "$(grep install ../apt)"
is "of nobody" "" "$(cat ../stdin)"
is "no server starts meanwhile" "#!/bin/sh
exit 101" "$(cat ../held)"
verdict "and may afterwards" "$([ ! -e ../policy ]; echo $?)"
touch ../fails
exits "what cannot be installed ends it" 100 installs -- -V
verdict "and servers may start again, too" "$([ ! -e ../policy ]; echo $?)"
rm ../fails
echo "its owner's" > ../policy
exits "where the file is there already" 0 installs -- -V
is "it stays its owner's" "its owner's, its owner's" "$(cat ../policy), $(cat ../held)"
rm ../policy
printf '#!/bin/sh\necho 1000\n' > ../bin/id
printf '#!/bin/sh\necho "$*" >> "%s/sudone"\n[ "$1" != -n ] || shift\nexec "$@"\n' "$tap_folder" > ../bin/sudo
exits "sudo without a password installs" 0 installs -- -V
has "in the same way" "noninteractive install -y -qq" "$(cat ../apt)"
has "by sudo" "env DEBIAN_FRONTEND=noninteractive apt-get install" "$(cat ../sudone)"
is "which is asked for no password first" "-n true" "$(head -n 1 ../sudone)"
printf '#!/bin/sh\nexit 1\n' > ../bin/sudo

# What the servers need is said beside the tree.
cat > ../bin/dpkg-query << 'END'
#!/bin/sh
for package; do :; done
case $package in one-of-sshd | another-of-term | of-no-rig-here | extra) ;; *) printf installed ;; esac
END
printf '# comment: extra\nsshd: openssh-client one-of-sshd\nkube: of-no-rig-here\nterm: another-of-term; for more: extra\n' \
    > ../copy/shared/rigs/packages
exits "check --with-servers" 1 here ../copy/tree/quickstart check --with-servers
has "wants the packages of the servers' own list" "install -y --no-install-recommends one-of-sshd another-of-term" "$errors"
rm ../copy/shared/rigs/packages
exits "without servers there" 0 here ../copy/tree/quickstart check --with-servers
done_testing
