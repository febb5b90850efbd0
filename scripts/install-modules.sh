#!/bin/sh
# Brings what package-lock.json names into node_modules, our own Node among it.
set -eu

version=$(node --version 2>/dev/null || true)
case $version in
  v[2-9][0-9]* | v1[0-9][0-9]*) ;;
  *)
    echo "Node 20 or newer is needed to fetch Ignite's own; this is ${version:-none}." >&2
    echo "Debian 12 and Ubuntu 24.04 have Node 18. Take Node from https://nodejs.org/en/download, then type make again." >&2
    exit 1
    ;;
esac

# Node knows none but its own authorities; those that the host trusts, a company's proxy's for example, count as well.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r $authorities ]; then
  export NODE_EXTRA_CA_CERTS=$authorities
fi

install() {
  # Not `npm ci`: it wants every platform's optional tools in the registry, which mirrors need not have.
  # Its warnings are of the Node it runs on, which is not ours.
  npm install --no-save --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
  # The npm of Debian 12 leaves this link out; `npm run` finds our Node by it.
  for node in node_modules/node-linux-*/bin/node; do
    [ ! -x "$node" ] || ln -sfn "../${node#node_modules/}" node_modules/.bin/node
  done
}

echo 'Fetching the Node packages that package-lock.json names, Node itself among them; this takes a minute.'
install
# npm leaves out optional packages that the Node it runs on is too old for; ours is new enough for all of them.
if ! node_modules/.bin/node -e 'import("rolldown")' >/dev/null 2>&1; then
  npm_node=$(mktemp -d)
  trap 'rm -rf "$npm_node"' EXIT
  cp "$(readlink -f node_modules/.bin/node)" "$npm_node/node" # npm may replace the one it runs on
  PATH=$npm_node:$PATH
  install
fi
