# In a guest with containerd, containernetworking-plugins, ipvsadm and the image of docker.sh: pods as k3s runs them, in containerd with
# overlayfs and on CNI's bridge, and services in front of them as kube-proxy makes them, by iptables and by IPVS.
set -eu
cd "$(mktemp -d -p /run)"
mkdir -p /opt/cni /etc/cni/net.d
ln -sfn /usr/lib/cni /opt/cni/bin
cat >/etc/cni/net.d/10-pods.conflist <<'END'
{ "cniVersion": "0.4.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "hairpinMode": true, "ipMasq": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.42.0.0/24" }]] } } ] }
END
# as flannel does: Docker lets nothing pass that is not its own
iptables -w -I FORWARD -s 10.42.0.0/16 -j ACCEPT
iptables -w -I FORWARD -d 10.42.0.0/16 -j ACCEPT

k() { ctr --namespace k8s.io "$@"; }
docker save -o box.tar box:1
k images import box.tar >/dev/null
for pod in one two; do
  k run --detach --cni --snapshotter overlayfs --memory-limit 67108864 docker.io/library/box:1 $pod \
    /busybox sh -c "echo $pod > /name; exec /busybox httpd -f -p 80 -h /" >/dev/null
  process=$(k tasks list | sed -n "s/^$pod  *\([0-9]*\) .*/\1/p")
  address=$(nsenter --target "$process" --net ip -4 -o addr show eth0 | sed 's/.*inet \([0-9.]*\).*/\1/')
  eval "$pod=$address"
  test "$(cat /sys/fs/cgroup/k8s.io/$pod/memory.max)" = 67108864
  until wget -qO- "http://$address/name" >/dev/null; do sleep 0.2; done
done
k snapshots --snapshotter overlayfs mounts /mnt one | grep -q 'mount -t overlay'
ask() { k tasks exec --exec-id "ask-$1" one /busybox wget -qO- "http://$2/name"; }
echo "pod to pod: $(ask pod "$two")"

iptables -w -t nat -N KUBE-SERVICES
for chain in PREROUTING OUTPUT; do iptables -w -t nat -A $chain -j KUBE-SERVICES; done
s='-t nat -A KUBE-SERVICES -d 10.43.0.10/32 -p tcp -m tcp --dport 80'
iptables -w $s -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination "$one:80"
iptables -w $s -j DNAT --to-destination "$two:80"
iptables -w -t nat -I POSTROUTING -s 10.42.0.0/16 -m conntrack --ctstate DNAT -j MASQUERADE
echo "service by iptables: $(ask a 10.43.0.10) $(ask b 10.43.0.10) $(wget -qO- http://10.43.0.10/name) $(wget -qO- http://10.43.0.10/name)"

ip link add kube-ipvs0 type dummy
ip addr add 10.43.0.11/32 dev kube-ipvs0
ipvsadm -A -t 10.43.0.11:80 -s rr
for address in "$one" "$two"; do ipvsadm -a -t 10.43.0.11:80 -r "$address:80" -m; done
echo "service by IPVS: $(wget -qO- http://10.43.0.11/name) $(wget -qO- http://10.43.0.11/name)"

for pod in one two; do
  k tasks delete --force $pod >/dev/null
  k containers delete $pod
done
