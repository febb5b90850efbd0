/* Tar headers: ustar (POSIX.1-1988) with PAX records (POSIX.1-2001) where needed; GNU long names are read. Pure. */
#ifndef IGNITE_TAR_H
#define IGNITE_TAR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK 512u
#define TAR_TEXT 4096u
/* Largest extended header that is taken. */
#define TAR_EXTENDED 65536u

struct tar_entry {
    char type; /* '0' file, '1' hard link, '2' symlink, '3' '4' devices, '5' folder, '6' fifo; 'x' 'g' 'L' 'K' extended */
    char path[TAR_TEXT], link[TAR_TEXT];
    uint64_t size;
    int64_t mtime;
    uint32_t mode, uid, gid, major, minor;
};

/* What extended headers said for the next entry. */
struct tar_extended {
    bool has_path, has_link, has_size, has_uid, has_gid, has_mtime;
    struct tar_entry values;
};

/* 1: an entry; 0: a block of zeros; -1: neither. */
int tar_decode(const uint8_t *block, struct tar_entry *entry);
/* Takes the content of an 'x', 'L' or 'K' entry; false when it is malformed or a name is too long. */
bool tar_take_extended(struct tar_extended *extended, char type, const uint8_t *bytes, size_t length);
/* Puts what was said into the entry and forgets it. */
void tar_apply_extended(struct tar_extended *extended, struct tar_entry *entry);
/* Writes the blocks of a header, PAX first where it is needed; `blocks` holds TAR_HEADER_ROOM. Returns their bytes. */
#define TAR_HEADER_ROOM (3 * TAR_BLOCK + 3 * TAR_TEXT)
size_t tar_encode(const struct tar_entry *entry, uint8_t *blocks);
/* The bytes of a content rounded up to whole blocks. */
uint64_t tar_padded(uint64_t size);
/* The next component of a path in an archive, at most 255 bytes; skips "." and slashes.
 * 1: a component; 0: the end; -1: ".." or too long: not to be followed. */
int tar_component(const char **rest, char *component);
#endif
