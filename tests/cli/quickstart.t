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
has "and says in one line what it does" "quickstart: installing what is missing, building, and opening gigawatch -q" "$errors"
exits "a second time" 0 here ../copy/tree/quickstart -- -V
is "nothing is configured anew" 1 "$(grep -c bootstrap ../copy/tree/ran)"
exits "check runs from there, too" 0 here "$tap_folder/copy/tree/quickstart" check
is "all tests, in the tree" "everything 
$tap_folder/copy/tree" "$out"

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
