/* How the VM ends. */
#ifndef IGNITE_ENDING_H
#define IGNITE_ENDING_H
#include <stdint.h>
/* Ends every process, unmounts what can be, makes the rest read-only, sends the intent and ends the VM. */
_Noreturn void ending_finish(uint8_t intent, uint8_t power_off);
/* Main of the copy at /run/initramfs/shutdown: systemd-shutdown's last act (systemd-shutdown(8), "initrd"). */
_Noreturn void ending_systemd(const char *verb);
/* Puts the copy and what it must know into place. */
void ending_install(const char *program, uint8_t power_off);
#endif
