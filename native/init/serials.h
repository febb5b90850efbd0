/* The serials of drives: ign<index>, or what the guest configuration says where a VMM chooses them by itself. */
#ifndef IGNITE_SERIALS_H
#define IGNITE_SERIALS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Remembers a serial; false when there are too many, or it is too long. */
bool serials_know(uint32_t index, const char *serial);
/* The serial of a drive, into `text`. */
void serials_of(uint32_t index, char *text, size_t size);
/* All that were remembered, for another process: `0=text,1=text,`; to be freed. */
char *serials_text(void);
void serials_take(const char *text);
#endif
