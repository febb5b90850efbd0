#!/bin/sh
# Makes build/arm64 on a host of another processor: our native programs for arm64, and Debian's arm64 kernel and busybox to
# run them in. Packages come by an apt configuration of its own, so that no foreign architecture is added to the host.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/arm64
sh "$root/scripts/install-packages.sh" build arm64

apt=$out/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$out/debs"
: > "$apt/status"
cat > "$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
CONF
export APT_CONFIG=$apt/apt.conf

# fetch PACKAGE: downloads it once, with apt's signature check, and prints the file.
fetch() {
  set -- "$1" "$out/debs/$1".deb
  if [ ! -e "$2" ]; then
    [ -n "$(ls "$apt/lists" | grep _Packages || true)" ] || apt-get -qq update >&2
    (cd "$apt/cache" && rm -f ./*.deb && apt-get -qq download "$1" >&2 && mv ./*.deb "$2")
  fi
  echo "$2"
}

if [ ! -e "$out/kernel.deb" ]; then
  [ -n "$(ls "$apt/lists" | grep _Packages || true)" ] || apt-get -qq update >&2
  kernel=$(apt-cache depends linux-image-cloud-arm64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
  ln -sfn "debs/$(basename "$(fetch "$kernel")")" "$out/kernel.deb"
fi
ln -sfn "debs/$(basename "$(fetch busybox-static)")" "$out/busybox.deb"
musl=$(fetch musl-dev)
unset APT_CONFIG

# musl-gcc as Debian has it (package musl-tools), with its paths below build/.
sysroot=$out/sysroot
[ -e "$sysroot/usr/lib/aarch64-linux-musl/libc.a" ] || dpkg-deb -x "$musl" "$sysroot"
sed "s#/usr/\(lib\|include\)/aarch64-linux-musl#$sysroot/usr/\1/aarch64-linux-musl#g" \
  "$sysroot/usr/lib/aarch64-linux-musl/musl-gcc.specs" > "$out/musl-gcc.specs"
printf '#!/bin/sh\nexec aarch64-linux-gnu-gcc "$@" -specs "%s"\n' "$out/musl-gcc.specs" > "$out/musl-gcc"
chmod 0755 "$out/musl-gcc"

for program in spawn init; do
  make -s -C "$root/native/$program" CC="$out/musl-gcc" OUT="$out"
done
make -s -C "$root/native/spawn" CC="$out/musl-gcc" OUT="$out" "$out/test-spawn"
make -s -C "$root/native/init" CC="$out/musl-gcc" OUT="$out" "$out/init-units"
