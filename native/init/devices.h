/* Finds drives by serial and channel ports by name, and waits for them. */
#ifndef IGNITE_DEVICES_H
#define IGNITE_DEVICES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins to listen for the kernel's device events; before modules are loaded. */
void devices_watch(void);
void devices_unwatch(void);
/* Opens the channel `name` (org.ignite.…) non-blocking; waits up to `wait_ms`. -1: there is none. */
int devices_open_channel(const char *name, int wait_ms);
/* Path of the drive with that index, waiting up to `wait_ms`; false: there is none. */
bool devices_find_drive(uint32_t index, char *path, size_t size, int wait_ms);
#endif
