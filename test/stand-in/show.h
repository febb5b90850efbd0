/* The stand-in's view of itself. */
#ifndef STAND_IN_SHOW_H
#define STAND_IN_SHOW_H

/* Prints `uid`, `fds`, `status` or `root` of this process on stdout, for tests of what it was given. */
void show(const char *what);

#endif
