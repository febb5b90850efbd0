# In a guest with wireguard-tools, its key in /root/key: one end of a tunnel. Arguments: own address in it, the other's, the other's public
# key, the other's endpoint.
set -eu
ip link add wg0 type wireguard
wg set wg0 listen-port 51820 private-key /root/key peer "$3" allowed-ips "$2/32" endpoint "$4:51820"
ip addr add "$1/24" dev wg0
ip link set wg0 up
