/* The stand-in as a VMM that takes no descriptors: it calls sockets in its jail, and serves one. */
#ifndef STAND_IN_CALLS_H
#define STAND_IN_CALLS_H

/* Connects to a socket, as Firecracker does for its guest; waits until somebody listens. */
int calls_connect(const char *path);
/* Serves a socket in a child: each connection gets `here` and then its own bytes back. */
void calls_serve(const char *path);
/* Appends a line to a FIFO: PATH, or PATH:LINE. */
void calls_log(char *value);

#endif
