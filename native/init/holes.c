/* An archive has zeros for the holes of a sparse file, which would fill the guest's disk. Whole blocks of zeros are left
 * out; a device or pipe, which seeding may find in an image, gets every byte. */
#include "holes.h"
#include "util.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

static bool is_zero(const uint8_t *bytes, size_t length) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

static size_t block_at(size_t at, size_t length) {
    return length - at < BLOCK ? length - at : BLOCK;
}

/* The length of the run that begins at `at`, all zero or all not. */
static size_t run_at(const uint8_t *bytes, size_t at, size_t length, bool zero) {
    size_t end = at;
    while (end < length && is_zero(bytes + end, block_at(end, length)) == zero)
        end += block_at(end, length);
    return end - at;
}

static bool is_file(int fd) {
    struct stat facts;
    return fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool holes_write(int fd, const uint8_t *bytes, size_t length) {
    if (!is_file(fd))
        return write_all(fd, bytes, length);
    for (size_t at = 0, run; at < length; at += run) {
        bool zero = is_zero(bytes + at, block_at(at, length));
        run = run_at(bytes, at, length, zero);
        if (!(zero ? lseek(fd, (off_t)run, SEEK_CUR) >= 0 : write_all(fd, bytes + at, run)))
            return false;
    }
    return true;
}

bool holes_end(int fd, uint64_t size) {
    return !is_file(fd) || ftruncate(fd, (off_t)size) == 0;
}
