/* Fuzz target: tar headers, extended headers, names, and the users' files, which are texts of the guest. */
#include "../tar.h"
#include "../users.h"
#include <stdlib.h>
#include <string.h>

static void read_archive(const uint8_t *bytes, size_t length) {
    static struct tar_entry entry;
    static struct tar_extended extended;
    static uint8_t blocks[TAR_HEADER_ROOM];
    char component[256];
    memset(&extended, 0, sizeof extended);
    while (length >= TAR_BLOCK && tar_decode(bytes, &entry) == 1) {
        bytes += TAR_BLOCK;
        length -= TAR_BLOCK;
        if (entry.type == 'x' || entry.type == 'L' || entry.type == 'K') {
            if (entry.size > length || !tar_take_extended(&extended, entry.type, bytes, entry.size))
                return;
        } else {
            tar_apply_extended(&extended, &entry);
            for (const char *rest = entry.path; tar_component(&rest, component) == 1;)
                ;
            tar_encode(&entry, blocks);
        }
        uint64_t padded = tar_padded(entry.size);
        if (padded > length)
            return;
        bytes += padded;
        length -= padded;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct tar_extended *extended = calloc(1, sizeof *extended);
    struct user user;
    char *text = malloc(length + 1);
    if (extended == NULL || text == NULL)
        abort();
    tar_take_extended(extended, 'x', bytes, length);
    memcpy(text, bytes, length);
    text[length] = 0;
    users_resolve("alice:wheel", text, text, &user);
    users_resolve("1000", text, text, &user);
    free(text);
    free(extended);
    read_archive(bytes, length);
    return 0;
}
