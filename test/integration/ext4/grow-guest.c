/* PID 1 of the test of growing: mounts /dev/vda, grows it to its device, writes, and says what happened. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t)

static void end(const char *what) {
  printf("GROW %s: %s\n", what, strerror(errno));
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

/* The modules of the kernel's own archive, in the order of its list. */
static void load_modules(void) {
  char name[128], path[192];
  FILE *list = fopen("/ignite/modules", "r");
  if (list == NULL) end("list of modules");
  while (fscanf(list, "%127s", name) == 1) {
    snprintf(path, sizeof path, "/ignite/mod/%s", name);
    int fd = open(path, O_RDONLY);
    if (fd < 0) end(path);
    syscall(SYS_finit_module, fd, "", 0);
    close(fd);
  }
  fclose(list);
}

int main(void) {
  char path[64];
  mount("dev", "/dev", "devtmpfs", 0, "");
  load_modules();
  if (mount("/dev/vda", "/disk", "ext4", 0, "") != 0) end("mount");
  int device = open("/dev/vda", O_RDONLY);
  uint64_t bytes = 0;
  if (ioctl(device, BLKGETSIZE64, &bytes) != 0) end("size");
  close(device);
  uint64_t blocks = bytes / 4096;
  int root = open("/disk", O_RDONLY);
  if (ioctl(root, EXT4_IOC_RESIZE_FS, &blocks) != 0) end("resize");
  close(root);
  struct statfs facts;
  if (statfs("/disk", &facts) != 0) end("statfs");
  char data[4096];
  memset(data, 'g', sizeof data);
  for (int i = 0; i < 2000; i++) {
    snprintf(path, sizeof path, "/disk/new-%d", i);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || write(fd, data, sizeof data) != sizeof data) end(path);
    close(fd);
  }
  if (umount("/disk") != 0) end("umount");
  printf("GROWN to %llu\n", (unsigned long long)facts.f_blocks);
  errno = 0;
  end("done");
}
