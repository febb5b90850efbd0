/* The daemon's runner: starts its short programs for it. See runner.c. */
#ifndef SPAWN_RUNNER_H
#define SPAWN_RUNNER_H

/* Serves the daemon on descriptor 3 until it is gone; the exit status. */
int runner_main(void);

/* The same on any connected socket, for tests. */
int runner_serve(int socket);

#endif
