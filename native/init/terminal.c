/* Pseudo terminals, opened without a name: the guest's /dev/pts may be another one by the time it is looked up. */
#include "terminal.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441 /* asm-generic/ioctls.h */
#endif

bool terminal_open(uint16_t rows, uint16_t columns, int *master, int *slave) {
    int unlock = 0;
    *master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0)
        return false;
    *slave = ioctl(*master, TIOCSPTLCK, &unlock) != 0 ? -1 : ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0) {
        close(*master);
        return false;
    }
    terminal_resize(*master, rows, columns);
    return true;
}

void terminal_resize(int master, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    ioctl(master, TIOCSWINSZ, &size);
}
