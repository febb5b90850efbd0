/* What the unit tests of ignite-spawn share. */
#ifndef SPAWN_TEST_H
#define SPAWN_TEST_H

#include <stdio.h>

extern int failures;

#define CHECK(fact)                                                                                                    \
    do {                                                                                                               \
        if (fact) break;                                                                                               \
        fprintf(stderr, "%s:%d: %s\n", __func__, __LINE__, #fact);                                                     \
        failures++;                                                                                                    \
    } while (0)

/* What comes in: the launch file, and a guest's frames on their way to a user network. */
void test_input(void);
/* What goes out: facts, the ring, logs, text. Makes and removes a folder below /tmp. */
void test_output(void);
/* What guests are answered that ask for their address. */
void test_dhcp(void);
/* What the lines of a VMM's metrics add up to. */
void test_counters(void);
/* What the runner is asked, and what it does. Starts programs of its own. */
void test_runner(void);

#endif
