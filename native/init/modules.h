/* Loads the kernel modules that the initrd carries. */
#ifndef IGNITE_MODULES_H
#define IGNITE_MODULES_H
/* In the order of /ignite/modules. One that cannot be loaded is told as a note; the boot goes on. */
void modules_load(void);
#endif
