/* Preloaded into a process: writes down, in order, what it asks of the files of one folder, data included.

   DISK_FOLDER names the folder, DISK_LOG the log. A record: op, length of the path, offset or size, length of the data
   (1 + 4 + 8 + 4 bytes, little endian), then path and data. Ops: C created, W written, T truncated, S synced, U unlinked,
   R renamed (the data is the new path). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;

static int ours(const char *path) {
    const char *folder = getenv("DISK_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    path[length < 0 ? 0 : length] = 0;
    return length > 0 && ours(path);
}

static void put(const void *data, size_t size) {
    while (size) {
        ssize_t done = syscall(SYS_write, log_fd, data, size);
        if (done < 0) abort();
        data = (const char *)data + done;
        size -= done;
    }
}

static void note(char op, const char *path, int64_t offset, const void *data, uint32_t size) {
    if (log_fd < 0) {
        log_fd = syscall(SYS_openat, AT_FDCWD, getenv("DISK_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (log_fd < 0) abort();
    }
    uint32_t length = strlen(path);
    put(&op, 1), put(&length, 4), put(&offset, 8), put(&size, 4), put(path, length), put(data, size);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NOTED(fd, call, ...)                                    \
    char path[4096];                                            \
    pthread_mutex_lock(&lock);                                  \
    int mine = path_of(fd, path);                               \
    __typeof__(call) done = call;                               \
    if (mine && done >= 0) note(__VA_ARGS__);                   \
    pthread_mutex_unlock(&lock);                                \
    return done

ssize_t write(int fd, const void *data, size_t size) {
    off_t at = lseek(fd, 0, SEEK_CUR);
    NOTED(fd, syscall(SYS_write, fd, data, size), 'W', path, at, data, done);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    NOTED(fd, REAL(pwrite64)(fd, data, size, at), 'W', path, at, data, done);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
int ftruncate64(int fd, off64_t size) {
    NOTED(fd, REAL(ftruncate64)(fd, size), 'T', path, size, "", 0);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int fsync(int fd) { NOTED(fd, REAL(fsync)(fd), 'S', path, 0, "", 0); }
int fdatasync(int fd) { NOTED(fd, REAL(fdatasync)(fd), 'S', path, 0, "", 0); }

int unlink(const char *name) {
    pthread_mutex_lock(&lock);
    int done = REAL(unlink)(name);
    if (done == 0 && ours(name)) note('U', name, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *name, const char *other) {
    pthread_mutex_lock(&lock);
    int done = REAL(rename)(name, other);
    if (done == 0 && ours(name)) note('R', name, 0, other, strlen(other));
    pthread_mutex_unlock(&lock);
    return done;
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char path[4096];
    pthread_mutex_lock(&lock);
    int fresh = (flags & O_CREAT) && faccessat(folder, name, F_OK, 0) != 0;
    int fd = syscall(SYS_openat, folder, name, flags, mode);
    if (fd >= 0 && path_of(fd, path)) {
        if (fresh) note('C', path, 0, "", 0);
        else if (flags & O_TRUNC) note('T', path, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags)                     \
    mode_t mode = 0;                    \
    if ((flags) & O_CREAT) {            \
        va_list rest;                   \
        va_start(rest, flags);          \
        mode = va_arg(rest, mode_t);    \
        va_end(rest);                   \
    }
int open(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags) return opened(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags) return opened(folder, name, flags, mode); }
