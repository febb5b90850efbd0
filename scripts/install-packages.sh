#!/bin/sh
# Installs the Debian packages that a list names and the machine lacks. Usage: install-packages.sh build|kernel|arm64|run|demo|test …
set -eu

# To compile the two native programs.
build='gcc make musl-tools'
# In addition, to build our kernel.
kernel='flex bison bc libelf-dev xz-utils kmod'
# To compile for arm64 on another processor, and to emulate it.
arm64='gcc-aarch64-linux-gnu qemu-system-arm'
# To run VMs, and to make machine images from Debian's packages.
case $(dpkg --print-architecture) in arm64) qemu=qemu-system-arm ;; *) qemu=qemu-system-x86 ;; esac
run="$qemu qemu-utils iproute2 nftables xz-utils ca-certificates openssh-client mmdebstrap"
# For the demo: a registry, and who fills and asks it.
demo='docker-registry skopeo curl'
# For the tests: real servers and the tools they are compared with.
test='umoci e2fsprogs git cpio busybox-static linux-libc-dev apache2-utils openssl iptables passt xz-utils zstd lz4 kmod procps docker.io containerd containernetworking-plugins ufw buildah openssh-server nginx-light fcgiwrap prometheus iperf3 xfsprogs btrfs-progs'

wanted=
for list in "$@"; do
  case $list in
    build) wanted="$wanted $build" ;;
    kernel) wanted="$wanted $kernel" ;;
    arm64) [ "$(dpkg --print-architecture)" = arm64 ] || wanted="$wanted $arm64" ;;
    run) wanted="$wanted $run" ;;
    demo) wanted="$wanted $demo" ;;
    test) wanted="$wanted $demo $test" ;;
    *) echo "install-packages.sh: there is no list $list" >&2; exit 2 ;;
  esac
done

missing=
for package in $wanted; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "These Debian packages are missing and only root can install them:$missing" >&2
  echo "Type: sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=600 -qq update
# shellcheck disable=SC2086 # a list of words
# Servers that Debian would start at once are started and stopped by the tests themselves.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod 0755 $policy
  made=yes
fi
trap '[ -z "$made" ] || rm -f $policy' EXIT
apt-get -o DPkg::Lock::Timeout=600 -qq install -y --no-install-recommends $missing >/dev/null
