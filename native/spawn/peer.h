#ifndef IGNITE_PEER_H
#define IGNITE_PEER_H

/* ignite-spawn --peer: prints `pid uid gid` of who connected the socket that is descriptor 3; the exit status. */
int tell_peer(void);

#endif
