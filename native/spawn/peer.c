#include "peer.h"

#include <stdio.h>
#include <sys/socket.h>

#define SOCKET_FD 3

/* The kernel's word (unix(7), SO_PEERCRED): the ids that the peer had when it connected. */
int tell_peer(void) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(SOCKET_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return 1;
    printf("%d %u %u\n", (int)peer.pid, (unsigned)peer.uid, (unsigned)peer.gid);
    return fflush(stdout) == 0 ? 0 : 1;
}
