#!/bin/sh
# Makes dist/cache: what the code of the CLI compiles to, so that a command need not compile it again (Node's compile
# cache, by paths relative to the folder). Node keeps it apart for each user: it serves the one who runs this.
# Usage: warm-cache.sh NODE DIST
set -eu
node=$1
dist=$2

rm -rf "$dist/cache"
mkdir -m 0755 "$dist/cache"
# No daemon is asked: the commands load their code, find nobody at the socket, and end.
for words in --help version ps 'exec x true' 'run x' 'logs x' 'inspect x' 'rm x'; do
  # shellcheck disable=SC2086 # words
  NODE_COMPILE_CACHE="$dist/cache" NODE_COMPILE_CACHE_PORTABLE=1 IGNITE_HOST=/nonexistent/ignited.sock \
    "$node" --no-warnings --min-semi-space-size=16 "$dist/ignite.js" $words > /dev/null 2>&1 < /dev/null || true
done
