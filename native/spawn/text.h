/* Text in a buffer of fixed size, and JSON strings in it. */
#ifndef SPAWN_TEXT_H
#define SPAWN_TEXT_H
#include <stdbool.h>
#include <stddef.h>

/* Always ends in NUL; what does not fit is cut off, and `full` is set. */
struct text {
    char *data;
    size_t size;
    size_t length;
    bool full;
};

/* Begins an empty text in `size` bytes at `data`. */
void text_begin(struct text *text, char *data, size_t size);
/* Appends as printf does. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends `length` bytes of anything as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void text_add_json(struct text *text, const char *bytes, size_t length);

#endif
