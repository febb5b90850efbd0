# In a guest with docker.io and busybox-static: a container of an image that is one file, on Docker's bridge, with a published port,
# limits and a build. Prints what it found; fails with the first thing that does not work.
set -eu
until docker info >/run/docker-info 2>&1; do
  systemctl is-failed --quiet docker.service && { journalctl -u docker.service -n 40 >&2; exit 1; }
  sleep 1
done
docker info --format 'docker {{.ServerVersion}}: {{.Driver}}, cgroups v{{.CgroupVersion}}, {{.CgroupDriver}}'

cd "$(mktemp -d)"
mkdir rootfs
cp /bin/busybox rootfs/busybox
echo 'hello from a container' >rootfs/index.html
tar -C rootfs -c . | docker import - box:1 >/dev/null
docker run -d --name web -p 8080:80 box:1 /busybox httpd -f -p 80 -h / >/dev/null

id=$(docker run -d --memory 64m --cpus 0.5 --pids-limit 50 box:1 /busybox sleep 1000)
group=/sys/fs/cgroup/system.slice/docker-$id.scope
echo "limits: memory $(cat "$group/memory.max"), cpu $(cat "$group/cpu.max"), pids $(cat "$group/pids.max")"
test "$(cat "$group/memory.max")" = 67108864
docker rm -f "$id" >/dev/null

docker network create inner >/dev/null
docker run -d --name named --network inner box:1 /busybox httpd -f -p 80 -h / >/dev/null
# A container is there before its server listens.
within() { for _ in $(seq 120); do "$@" 2>/dev/null && return; sleep 1; done; "$@"; }
echo "by name: $(within docker run --rm --network inner box:1 /busybox wget -qO- http://named/index.html)"

printf 'FROM box:1\nCOPY index.html /copied\nRUN ["/busybox", "cp", "/copied", "/built"]\n' >Dockerfile
cp rootfs/index.html .
docker build -q -t built:1 . >/dev/null
echo "built: $(docker run --rm built:1 /busybox cat /built)"
echo "published: $(within busybox wget -qO- "http://$(hostname -I | cut -d' ' -f1):8080/index.html")"
