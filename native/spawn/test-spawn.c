/* Runs the unit tests of ignite-spawn. */
#include "test.h"

int failures;

int main(void) {
    test_input();
    test_output();
    test_dhcp();
    test_counters();
    test_runner();
    printf(failures == 0 ? "spawn: all tests passed\n" : "spawn: %d checks failed\n", failures);
    return failures != 0;
}
