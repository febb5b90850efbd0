/*
 * The rate of the time stamp counter. An emulated guest reads the host's counter as its own. If it knows the rate, it need not
  * measure it against emulated timers, which on a busy host is wrong by up to a factor of six, and its clock with it.
 */
#include "tsc.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#if defined(__x86_64__)

#define SAMPLES 64
#define APART_NS 30000000

struct moment {
    uint64_t ticks, ns;
};

static uint64_t read_ticks(void) {
    uint32_t low, high;
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/* Counter and clock at the same moment: of many tries the one that was least interrupted. */
static struct moment look(void) {
    struct moment best = {0, 0};
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < SAMPLES; i++) {
        struct timespec now;
        uint64_t before = read_ticks();
        clock_gettime(CLOCK_MONOTONIC, &now);
        uint64_t taken = read_ticks() - before;
        if (taken >= least) continue;
        least = taken;
        best = (struct moment){before + taken / 2, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec};
    }
    return best;
}

int tell_tsc(void) {
    struct timespec apart = {0, APART_NS};
    struct moment first = look();
    nanosleep(&apart, NULL);
    struct moment last = look();
    if (last.ns <= first.ns || last.ticks <= first.ticks) return 1;
    double khz = (double)(last.ticks - first.ticks) * 1e6 / (double)(last.ns - first.ns);
    return printf("%.0f\n", khz) < 0;
}

#else

int tell_tsc(void) { return 1; }

#endif
