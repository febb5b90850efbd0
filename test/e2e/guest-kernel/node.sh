# In a guest: what a Kubernetes node (k3s, kubeadm) needs of its kernel, used and not only looked up. Each line that fails is told
# as `lacks: …` on stdout.
check() { what=$1; shift; sh -ec "$*" >/run/check.log 2>&1 || { echo "lacks: $what"; cat /run/check.log >&2; }; }

check 'IPVS: a virtual server with round robin' 'ipvsadm -A -t 10.255.0.1:80 -s rr
  ipvsadm -a -t 10.255.0.1:80 -r 127.0.0.1:8080 -m; ipvsadm -Ln | grep -q 127.0.0.1:8080; ipvsadm -C'
check 'IPVS: Maglev hashing' 'ipvsadm -A -t 10.255.0.1:80 -s mh; ipvsadm -C'
check 'ipset matched by iptables' 'ipset create pods hash:ip,port; ipset add pods 10.255.0.2,tcp:80
  iptables -A INPUT -m set --match-set pods dst,dst -j ACCEPT; iptables -D INPUT -m set --match-set pods dst,dst -j ACCEPT
  ipset destroy pods'
for tables in iptables-nft iptables-legacy ip6tables-nft; do
  check "$tables: the rules of kube-proxy" "t='$tables -w'
    \$t -t nat -N KUBE-SVC
    \$t -t nat -A KUBE-SVC -m comment --comment services -m statistic --mode random --probability 0.5 -j RETURN
    \$t -t nat -A KUBE-SVC -m addrtype --dst-type LOCAL -j RETURN
    \$t -t nat -A KUBE-SVC -m recent --name AFFINITY --rcheck --seconds 10 --reap -j RETURN
    \$t -t nat -A KUBE-SVC -p tcp -m multiport --dports 80,443 -j RETURN
    \$t -t nat -A KUBE-SVC -p tcp -j DNAT --to-destination $([ $tables = ip6tables-nft ] && echo '[fd00::1]:80' || echo 10.255.0.1:80)
    \$t -t nat -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully
    \$t -t nat -D POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully
    \$t -t mangle -A OUTPUT -j MARK --set-xmark 0x0/0x4000; \$t -t mangle -D OUTPUT -j MARK --set-xmark 0x0/0x4000
    \$t -A FORWARD -m conntrack --ctstate INVALID -j DROP; \$t -D FORWARD -m conntrack --ctstate INVALID -j DROP
    \$t -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT; \$t -D FORWARD -m physdev --physdev-is-bridged -j ACCEPT
    \$t -A INPUT -m limit --limit 1/s -j LOG; \$t -D INPUT -m limit --limit 1/s -j LOG
    \$t -A INPUT -j NFLOG --nflog-group 100; \$t -D INPUT -j NFLOG --nflog-group 100
    \$t -t nat -F KUBE-SVC; \$t -t nat -X KUBE-SVC"
done
check 'flannel: frames over VXLAN between two namespaces, through bridges and veths' '
  cleanup() { ip netns del va; ip netns del vb; }
  ip netns add va; ip netns add vb; trap cleanup EXIT
  ip link add ua netns va type veth peer name ub netns vb
  ip -n va addr add 10.254.0.1/24 dev ua; ip -n vb addr add 10.254.0.2/24 dev ub
  ip -n va link set ua up; ip -n vb link set ub up
  ip -n va link add flannel.1 type vxlan id 1 dstport 8472 local 10.254.0.1 remote 10.254.0.2
  ip -n vb link add flannel.1 type vxlan id 1 dstport 8472 local 10.254.0.2 remote 10.254.0.1
  for n in va vb; do ip -n $n link add cni0 type bridge; ip -n $n link set flannel.1 master cni0; ip -n $n link set flannel.1 up
    ip -n $n link set cni0 up; done
  ip -n va addr add 10.253.0.1/24 dev cni0; ip -n vb addr add 10.253.0.2/24 dev cni0
  ip netns exec va ping -qc2 -W20 10.253.0.2'
check 'bridged frames seen by iptables' 'modprobe br_netfilter; test -e /proc/sys/net/bridge/bridge-nf-call-iptables'
check 'macvlan, ipvlan, dummy, bonding' 'for kind in macvlan ipvlan; do ip link add t0 link eth0 type $kind; ip link del t0; done
  for kind in dummy bond; do ip link add t0 type $kind; ip link del t0; done'
check 'shaping: htb, tbf, ingress, ifb' 'ip link add t0 type dummy; ip link add t1 type ifb; tc qdisc add dev t0 root handle 1: htb
  tc qdisc add dev t1 root tbf rate 1mbit burst 32k latency 400ms; tc qdisc add dev t0 ingress; ip link del t0; ip link del t1'
check 'control groups v2: cpu cpuset io memory pids hugetlb' 'for c in cpu cpuset io memory pids; do
  grep -qw $c /sys/fs/cgroup/cgroup.controllers; done'
check 'a control group that freezes and kills' 'g=/sys/fs/cgroup/t$$; mkdir $g; sleep 100 & echo $! >$g/cgroup.procs
  echo 1 >$g/cgroup.freeze; grep -q 1 $g/cgroup.freeze; echo 1 >$g/cgroup.kill; until rmdir $g 2>/dev/null; do sleep 0.1; done'
check 'overlay with a work folder, fuse, squashfs known' 'd=$(mktemp -d -p /run); cd $d; mkdir l u w m; echo x >l/f
  mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m; echo y >m/f; rm m/f; umount m; test -c u/f
  modprobe fuse; grep -qw fuse /proc/filesystems'
check 'namespaces: all of them, user namespaces too' 'unshare -Urpfmniu --mount-proc true; unshare -C true; test -e /proc/self/ns/time'
check 'seccomp with filters, AppArmor, Landlock' 'grep -q errno /proc/sys/kernel/seccomp/actions_avail
  grep -q apparmor /sys/kernel/security/lsm || { mount -t securityfs s /sys/kernel/security; grep -q apparmor /sys/kernel/security/lsm; }'
check 'keys, huge pages, message queues' 'test -e /proc/keys; test -d /sys/kernel/mm/hugepages; test -e /proc/sys/fs/mqueue'
echo 'checked'
