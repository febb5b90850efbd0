/* Pseudo terminals. */
#ifndef IGNITE_TERMINAL_H
#define IGNITE_TERMINAL_H
#include <stdbool.h>
#include <stdint.h>
/* Opens a pair of that size, both close-on-exec. */
bool terminal_open(uint16_t rows, uint16_t columns, int *master, int *slave);
void terminal_resize(int master, uint16_t rows, uint16_t columns);
#endif
