/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looks at the program that an exec would start. Trusts nothing in the file; no state.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SCRIPTS 5    /* as the kernel: script of a script ... (fs/exec.c, exec_binprm) */
#define HEAD_SIZE   1024 /* ELF header, program headers and loader's name of an ordinary program */
#define MAX_HEADERS 64

/* The ELF header of the library (or test) that this is linked into: what fits us. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* The beginning of a file. */
struct head {
    int fd;
    size_t size;
    char bytes[HEAD_SIZE];
};

enum verdict {
    FITS,
    FOREIGN,
    SCRIPT,
};

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Reads `size` bytes at `offset`, from the head if they lie in it. */
static bool read_at(const struct head *head, uint64_t offset, void *bytes, size_t size)
{
    if (offset <= head->size && size <= head->size - offset) {
        memcpy(bytes, head->bytes + offset, size);
        return true;
    }
    return offset <= INT64_MAX - size &&
           pread(head->fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

/* Reads the loader's path that a PT_INTERP names; "" if it cannot be. */
static void read_loader(const struct head *head, const ElfW(Phdr) * header, char *loader)
{
    size_t size = header->p_filesz < PATH_MAX ? (size_t)header->p_filesz : 0;

    if (!size || !read_at(head, header->p_offset, loader, size))
        size = 0;
    loader[size ? size - 1 : 0] = '\0';
}

/* Finds the dynamic loader. False: the program has none, or its headers make no sense. */
static bool find_loader(const struct head *head, const ElfW(Ehdr) * elf, char *loader)
{
    for (size_t i = 0; i < elf->e_phnum && i < MAX_HEADERS; i++) {
        ElfW(Phdr) header;

        if (!read_at(head, elf->e_phoff + i * sizeof(header), &header, sizeof(header)))
            return false;
        if (header.p_type == PT_INTERP) {
            read_loader(head, &header, loader);
            return true;
        }
    }
    return false;
}

/*
 * A program without a loader is static (harmless), or a loader itself, which would read LD_PRELOAD:
 * another than ours must not.
 */
static enum verdict judge_loaderless(const char *path, const char *our_loader)
{
    const char *name = file_name(path);

    return strncmp(name, "ld-musl", 7) == 0 && strcmp(name, our_loader) != 0 ? FOREIGN : FITS;
}

static enum verdict judge_elf(const struct head *head, const char *path, const char *our_loader)
{
    char loader[PATH_MAX];
    ElfW(Ehdr) elf;

    memcpy(&elf, head->bytes, sizeof(elf));
    if (elf.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        elf.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
        elf.e_machine != __ehdr_start.e_machine)
        return FOREIGN;
    if (elf.e_phentsize != sizeof(ElfW(Phdr)))
        return FITS;
    if (!find_loader(head, &elf, loader))
        return judge_loaderless(path, our_loader);
    return strcmp(file_name(loader), our_loader) == 0 ? FITS : FOREIGN;
}

/* The interpreter in a first line "#! /path argument"; false if there is none in the head. */
static bool script_interpreter(const struct head *head, char *ret_path)
{
    const char *at = head->bytes + 2, *end = head->bytes + head->size;
    size_t size = 0;

    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at + size < end && !strchr(" \t\n", at[size]))
        size++; /* strchr finds the NUL too */
    if (size == 0 || at + size == end)
        return false;
    memcpy(ret_path, at, size);
    ret_path[size] = '\0';
    return true;
}

static enum verdict judge(struct head *head, const char *path, const char *our_loader)
{
    ssize_t size = pread(head->fd, head->bytes, sizeof(head->bytes), 0);

    head->size = size > 0 ? (size_t)size : 0;
    if (head->size >= 2 && memcmp(head->bytes, "#!", 2) == 0)
        return SCRIPT;
    if (head->size < sizeof(ElfW(Ehdr)) || memcmp(head->bytes, ELFMAG, SELFMAG) != 0)
        return FITS;
    return judge_elf(head, path, our_loader);
}

static int open_target(int dir_fd, const char *path, int flags)
{
    int open_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    if (flags & AT_SYMLINK_NOFOLLOW)
        open_flags |= O_NOFOLLOW;
    return openat(dir_fd, path, open_flags);
}

/* Judges one file. A script's interpreter replaces `path` (PATH_MAX bytes). */
static enum verdict judge_file(int dir_fd, char *path, int flags, const char *our_loader)
{
    bool given = (flags & AT_EMPTY_PATH) && !*path;
    struct head head = {.fd = given ? dir_fd : open_target(dir_fd, path, flags)};
    enum verdict verdict;

    if (head.fd < 0)
        return FITS;
    verdict = judge(&head, path, our_loader);
    if (verdict == SCRIPT && !script_interpreter(&head, path))
        verdict = FITS;
    if (!given)
        close(head.fd);
    return verdict;
}

bool target_preloads(int dir_fd, const char *path, int flags, const char *loader)
{
    const char *our_loader = file_name(loader);
    enum verdict verdict = SCRIPT;
    char current[PATH_MAX];
    int found = errno;

    if (!*our_loader || strlen(path) >= sizeof(current))
        return true;
    strcpy(current, path);
    for (int depth = 0; verdict == SCRIPT && depth <= MAX_SCRIPTS; depth++) {
        verdict = judge_file(dir_fd, current, flags, our_loader);
        dir_fd = AT_FDCWD;
        flags = 0;
    }
    errno = found;
    return verdict != FOREIGN;
}

/* Whether execve would take this file. */
static bool is_program(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* Writes DIRECTORY/FILE; an empty directory is the current one. False if it is too long. */
static bool join(const char *directory, size_t size, const char *file, char *ret_path)
{
    size_t file_size = strlen(file) + 1;

    if (size + 1 + file_size > PATH_MAX)
        return false;
    memcpy(ret_path, directory, size);
    if (size)
        ret_path[size++] = '/';
    memcpy(ret_path + size, file, file_size);
    return true;
}

static bool search(const char *file, const char *directory, char *ret_path)
{
    for (;;) {
        size_t size = strcspn(directory, ":");

        if (join(directory, size, file, ret_path) && is_program(ret_path))
            return true;
        directory += size;
        if (!*directory++)
            return false;
    }
}

bool target_find(const char *file, const char *search_path, char *ret_path)
{
    int error = errno;
    bool found = *file && !strchr(file, '/') &&
                 search(file, search_path ? search_path : "/bin:/usr/bin", ret_path);
    size_t size;

    errno = error;
    if (found)
        return true;
    size = strnlen(file, PATH_MAX - 1);
    memcpy(ret_path, file, size);
    ret_path[size] = '\0';
    return strchr(file, '/') != NULL;
}
