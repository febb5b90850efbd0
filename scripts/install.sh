#!/bin/sh
# Installs below DESTDIR/PREFIX: one folder of programs, two launchers in bin, the systemd units, the documents.
# Usage: install.sh DESTDIR PREFIX [SOURCE]; SOURCE is a checkout that was built or an unpacked distribution.
set -eu
destdir=$1
prefix=$2
source=${3:-$(dirname "$0")/..}
lib=$destdir$prefix/lib/ignite

case $(uname -m) in
  aarch64) cpu=arm64 ;;
  *) cpu=x64 ;;
esac
node=$source/lib/ignite/node
[ -x "$node" ] || node=$source/node_modules/node-linux-$cpu/bin/node
built=$source/lib/ignite/dist
[ -d "$built" ] || built=$source/dist
native=$source/lib/ignite/dist/native
[ -d "$native" ] || native=$source/build/native

# A new version is put next to the old one and replaces it by a rename: a running daemon keeps its files.
new=$lib.new
rm -rf "$new"
mkdir -p "$new/dist/native" "$destdir$prefix/bin"
cp -R "$built/." "$new/dist/"
rm -f "$new/dist/.stamp"
install -m 0755 "$native/ignite-spawn" "$native/ignite-init" "$new/dist/native/"
install -m 0755 "$node" "$new/node"
cp -R "$source/packaging/systemd" "$new/systemd" # for `ignite system install`
rm -rf "$lib.old"
[ ! -d "$lib" ] || mv "$lib" "$lib.old"
mv "$new" "$lib"
rm -rf "$lib.old"
install -m 0755 "$source/bin/ignite" "$source/bin/ignited" "$destdir$prefix/bin/"
sh "$source/scripts/warm-cache.sh" "$lib/node" "$lib/dist"

units=$destdir/etc/systemd/system
if [ -n "$destdir" ] || [ -d /run/systemd/system ]; then
  mkdir -p "$units"
  for unit in ignited.socket ignited.service ignite-vms.service ignite-halt.service; do
    sed "s#@PREFIX@#$prefix#g" "$source/packaging/systemd/$unit" > "$units/$unit"
  done
fi
doc=$destdir$prefix/share/doc/ignite
mkdir -p "$doc"
for page in README.md CHANGELOG.md LICENSE; do cp "$source/$page" "$doc/"; done
if [ -d "$source/docs" ]; then cp -R "$source/docs/." "$doc/"; fi
echo "Installed in $destdir$prefix. Try: ignite doctor"
if [ -z "$destdir" ] && "$prefix/bin/ignite" system status >/dev/null 2>&1; then
  restart='ignite system stop'
  [ ! -d /run/systemd/system ] || ! systemctl --quiet is-active ignited.service || restart='systemctl restart ignited.service'
  echo "The daemon that runs is still the one before. Type: $restart (VMs run on; the next command finds the new one)"
fi
