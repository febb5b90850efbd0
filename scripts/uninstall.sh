#!/bin/sh
# Removes what install.sh put below DESTDIR/PREFIX. State (/var/lib/ignite) and running VMs are left alone.
# Usage: uninstall.sh DESTDIR PREFIX
set -eu
destdir=$1
prefix=$2
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
  systemctl disable --now ignited.service ignited.socket 2>/dev/null || true
fi
rm -f "$destdir$prefix/bin/ignite" "$destdir$prefix/bin/ignited"
rm -rf "$destdir$prefix/lib/ignite" "$destdir$prefix/lib/ignite.new" "$destdir$prefix/lib/ignite.old" "$destdir$prefix/share/doc/ignite"
for unit in ignited.socket ignited.service ignite-vms.service ignite-halt.service; do
  rm -f "$destdir/etc/systemd/system/$unit"
done
echo "Removed from $destdir$prefix. VMs and images are still in /var/lib/ignite."
