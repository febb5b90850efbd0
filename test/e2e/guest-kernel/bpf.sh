# In a guest with bpftool: eBPF programs that are loaded, translated by the JIT and run.
set -eu
mount | grep -q ' /sys/fs/bpf ' || mount -t bpf bpf /sys/fs/bpf
# systemd filters the addresses of a unit with a program on its control group: it holds while the unit lives
systemd-run -q --unit bpf-try -p IPAddressDeny=any sleep 1000
group=/sys/fs/cgroup/system.slice/bpf-try.service
program=$(bpftool -j cgroup show "$group" | sed -n 's/.*"id":\([0-9]*\).*/\1/p' | head -n 1)
bpftool prog show id "$program" | tee /run/program
grep -q 'jited [1-9]' /run/program
systemctl stop bpf-try
# maps
bpftool map create /sys/fs/bpf/try type hash key 4 value 4 entries 8 name try
bpftool map update pinned /sys/fs/bpf/try key 1 0 0 0 value 42 0 0 0
bpftool map lookup pinned /sys/fs/bpf/try key 1 0 0 0
rm /sys/fs/bpf/try
# a program of tc, which counts nothing and lets all through: what CNI plugins attach
ip link add b0 type dummy
tc qdisc add dev b0 clsact
tc filter add dev b0 egress bpf da bytecode '1,6 0 0 4294967295,'
tc filter show dev b0 egress | grep -m1 bpf
ip link del b0
bpftool feature probe kernel 2>/dev/null | grep -E '^(bpf\(\) syscall|JIT compiler)|program_type (kprobe|tracepoint|xdp|sched_cls|cgroup_skb|cgroup_device) ' || true
