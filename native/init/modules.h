/* Loads the kernel modules that the initrd carries. */
#ifndef IGNITE_MODULES_H
#define IGNITE_MODULES_H
/* In the order of the list. One that cannot be loaded is reported as a note; the boot goes on. */
void modules_load(const char *list_file);
/* Removes modules that are not needed here: the memory of an initramfs is never given back otherwise. */
void modules_drop(const char *list_file);
/* Loads a module of /lib/modules, named as below `kernel` and without suffix; one that is built in or missing is passed over. */
void modules_load_later(const char *name);
#endif
