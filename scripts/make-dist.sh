#!/bin/sh
# One tarball with Node, CLI, daemon and native programs; `sh install.sh` in it needs neither npm nor a compiler.
# Usage: make-dist.sh VERSION
set -eu
version=$1
root=$(cd "$(dirname "$0")/.." && pwd)
case $(uname -m) in
  aarch64) arch=arm64 ;;
  *) arch=x64 ;;
esac
name=ignite-$version-linux-$arch
stage=$root/build/stage/$name
rm -rf "$root/build/stage"
mkdir -p "$stage/lib/ignite/dist/native" "$stage/bin" "$stage/packaging"
cp -R "$root/dist/." "$stage/lib/ignite/dist/"
rm -rf "$stage/lib/ignite/dist/.stamp" "$stage/lib/ignite/dist/cache"
cp "$root/build/native/ignite-spawn" "$root/build/native/ignite-init" "$stage/lib/ignite/dist/native/"
cp "$root/node_modules/node-linux-$arch/bin/node" "$stage/lib/ignite/node"
cp "$root/bin/ignite" "$root/bin/ignited" "$stage/bin/"
cp -R "$root/packaging/systemd" "$stage/packaging/"
cp -R "$root/docs" "$stage/docs"
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE" "$stage/"
cat > "$stage/install.sh" <<'EOF'
#!/bin/sh
# Installs this distribution below PREFIX (default /usr/local).
exec sh "$(dirname "$0")/scripts/install.sh" "${DESTDIR:-}" "${PREFIX:-/usr/local}" "$(dirname "$0")"
EOF
mkdir -p "$stage/scripts"
cp "$root/scripts/install.sh" "$root/scripts/uninstall.sh" "$root/scripts/warm-cache.sh" "$stage/scripts/"
tar -C "$root/build/stage" --owner=0 --group=0 -czf "$root/build/$name.tar.gz" "$name"
rm -rf "$root/build/stage"
ls -l "$root/build/$name.tar.gz"
