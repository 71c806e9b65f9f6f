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

#define MAX_SCRIPTS     5    /* as the kernel: script of a script ... (fs/exec.c, exec_binprm) */
#define HEAD_SIZE       1024 /* ELF header, program headers and loader's name of an ordinary program */
#define MAX_HEADERS     64
#define MAX_LOADS       16  /* mapped parts of a program; four is usual */
#define MAX_DYNAMIC     128 /* entries of the dynamic section that are looked at */
#define DYNAMIC_AT_ONCE 32  /* of them: there may be little stack */
#define MAX_NEEDED      64  /* libraries of a program that are looked at */
#define NAMES_SIZE      512 /* bytes of their names, which mostly lie together */
/*
 * Of a first line the kernel reads no more (linux/binfmts.h, BINPRM_BUF_SIZE), and no file's name
 * is longer. Room for whole paths is more than a signal handler's stack may have.
 */
#define NAME_SIZE       256

/* The ELF header of the library (or test) that this is linked into: what fits us. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* The beginning of a file. */
struct head {
    int fd;
    size_t size;
    char bytes[HEAD_SIZE];
};

/* Where a mapped part of the program lies in the file. */
struct load {
    uint64_t address;
    uint64_t offset;
    uint64_t size;
};

/* What the program headers say. */
struct layout {
    bool is_readable; /* all of them */
    bool has_loader;
    uint64_t dynamic_offset;
    uint64_t dynamic_size; /* 0 none */
    size_t n_loads;
    struct load loads[MAX_LOADS];
    char loader[NAME_SIZE];
};

/* What is asked. */
struct question {
    const char *loader; /* file name of ours */
    bool wants_needed;
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

/* Reads the end of the loader's path that a PT_INTERP names; "" if it cannot be. */
static void read_loader(const struct head *head, const ElfW(Phdr) * header, char loader[NAME_SIZE])
{
    size_t size = header->p_filesz < PATH_MAX ? (size_t)header->p_filesz : 0;
    size_t skipped = size > NAME_SIZE ? size - NAME_SIZE : 0;

    size -= skipped;
    if (!size || !read_at(head, header->p_offset + skipped, loader, size))
        size = 0;
    loader[size ? size - 1 : 0] = '\0';
}

/* Go marks its programs by a note whose owner is "Go". */
static bool is_go_note(const struct head *head, const ElfW(Phdr) * header)
{
    struct {
        ElfW(Nhdr) head;
        char owner[4];
    } note;

    return header->p_filesz >= sizeof(note) &&
           read_at(head, header->p_offset, &note, sizeof(note)) &&
           note.head.n_namesz == sizeof(note.owner) && memcmp(note.owner, "Go", 3) == 0;
}

static void take_header(const struct head *head, const ElfW(Phdr) * header, struct layout *layout)
{
    if (header->p_type == PT_INTERP && !layout->has_loader) {
        read_loader(head, header, layout->loader);
        layout->has_loader = true;
    } else if (header->p_type == PT_DYNAMIC) {
        layout->dynamic_offset = header->p_offset;
        layout->dynamic_size = header->p_filesz;
    } else if (header->p_type == PT_LOAD && layout->n_loads < MAX_LOADS) {
        layout->loads[layout->n_loads++] =
            (struct load){header->p_vaddr, header->p_offset, header->p_filesz};
    }
}

static void read_layout(const struct head *head, const ElfW(Ehdr) * elf, struct layout *layout)
{
    layout->is_readable = false;
    layout->has_loader = false;
    layout->dynamic_size = 0;
    layout->n_loads = 0;
    for (size_t i = 0; i < elf->e_phnum && i < MAX_HEADERS; i++) {
        ElfW(Phdr) header;

        if (!read_at(head, elf->e_phoff + i * sizeof(header), &header, sizeof(header)))
            return;
        take_header(head, &header, layout);
    }
    layout->is_readable = true;
}

/* Only of a program without a loader: others are not built so. */
static bool is_go(const struct head *head, const ElfW(Ehdr) * elf)
{
    for (size_t i = 0; i < elf->e_phnum && i < MAX_HEADERS; i++) {
        ElfW(Phdr) header;

        if (!read_at(head, elf->e_phoff + i * sizeof(header), &header, sizeof(header)))
            return false;
        if (header.p_type == PT_NOTE && is_go_note(head, &header))
            return true;
    }
    return false;
}

/* --- Libraries that a program is linked with ---------------------------------------------------
 */

static bool is_rerun_c(const char *name)
{
    static const char rerun_c[] = "librerun_c.so";
    char after = name[sizeof(rerun_c) - 1];

    return memcmp(name, rerun_c, sizeof(rerun_c) - 1) == 0 && (!after || after == '.');
}

#define NEEDED_SIZE 14 /* bytes that is_rerun_c looks at */

/* Where an address of the program lies in its file; UINT64_MAX: nowhere. */
static uint64_t offset_of(const struct layout *layout, uint64_t address)
{
    for (size_t i = 0; i < layout->n_loads; i++) {
        const struct load *load = &layout->loads[i];

        if (address >= load->address && address - load->address < load->size)
            return load->offset + (address - load->address);
    }
    return UINT64_MAX;
}

/* The names that a program is linked with: where the texts lie, and where in them each begins. */
struct needed {
    uint64_t texts; /* address */
    size_t n;
    uint64_t first, last; /* of the names, in the texts */
    uint64_t names[MAX_NEEDED];
};

/* Takes in entries of the dynamic section; false at its end. */
static bool take_entries(const ElfW(Dyn) * entries, size_t n, struct needed *needed)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value = entries[i].d_un.d_val;

        if (entries[i].d_tag == DT_NULL)
            return false;
        if (entries[i].d_tag == DT_STRTAB)
            needed->texts = value;
        if (entries[i].d_tag != DT_NEEDED || needed->n == MAX_NEEDED)
            continue;
        needed->names[needed->n++] = value;
        needed->first = value < needed->first ? value : needed->first;
        needed->last = value > needed->last ? value : needed->last;
    }
    return true;
}

static void read_needed(const struct head *head, const struct layout *layout, struct needed *needed)
{
    size_t n = (size_t)layout->dynamic_size / sizeof(ElfW(Dyn));

    needed->n = 0;
    needed->texts = 0;
    needed->first = UINT64_MAX;
    needed->last = 0;
    for (size_t i = 0; i < n && i < MAX_DYNAMIC; i += DYNAMIC_AT_ONCE) {
        ElfW(Dyn) entries[DYNAMIC_AT_ONCE];
        size_t n_here = n - i < DYNAMIC_AT_ONCE ? n - i : DYNAMIC_AT_ONCE;

        if (!read_at(head, layout->dynamic_offset + i * sizeof(*entries), entries,
                     n_here * sizeof(*entries)) ||
            !take_entries(entries, n_here, needed))
            return;
    }
}

static bool needs_rerun_c(const struct head *head, const struct layout *layout)
{
    char names[NAMES_SIZE];
    struct needed needed;
    uint64_t texts;
    bool lie_together;

    read_needed(head, layout, &needed);
    texts = needed.n ? offset_of(layout, needed.texts) : UINT64_MAX;
    if (texts == UINT64_MAX || needed.last > INT64_MAX - texts - sizeof(names))
        return false;
    lie_together = needed.last - needed.first <= sizeof(names) - NEEDED_SIZE &&
                   read_at(head, texts + needed.first, names,
                           (size_t)(needed.last - needed.first) + NEEDED_SIZE);
    for (size_t i = 0; i < needed.n; i++) {
        uint64_t at = needed.names[i] - needed.first;

        if (!lie_together && !read_at(head, texts + needed.names[i], names, NEEDED_SIZE))
            return false;
        if (is_rerun_c(names + (lie_together ? at : 0)))
            return true;
    }
    return false;
}

/* --- Judging -----------------------------------------------------------------------------------
 */

/* Whether the kernel gives the program other rights than ours: its loader is careful then. */
static bool changes_rights(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return false;
    return ((status.st_mode & S_ISUID) && status.st_uid != geteuid()) ||
           ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getegid());
}

/*
 * A program without a loader is static (harmless), or a loader itself, which would read LD_PRELOAD:
 * another than ours must not.
 */
static struct target judge_loaderless(const struct head *head, const ElfW(Ehdr) * elf,
                                      const char *path, const char *our_loader)
{
    const char *name = file_name(path);

    if (strcmp(name, our_loader) == 0)
        return (struct target){.preloads = true};
    if (strncmp(name, "ld-musl", 7) == 0)
        return (struct target){.reason = UNCOVERED_LOADER};
    return (struct target){
        .reason = is_go(head, elf) ? UNCOVERED_GO : UNCOVERED_STATIC,
        .preloads = true,
    };
}

static struct target judge_elf(const struct head *head, const char *path,
                               const struct question *question)
{
    struct layout layout;
    ElfW(Ehdr) elf;

    memcpy(&elf, head->bytes, sizeof(elf));
    if (elf.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        elf.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
        elf.e_machine != __ehdr_start.e_machine)
        return (struct target){.reason = UNCOVERED_MACHINE};
    if (elf.e_phentsize != sizeof(ElfW(Phdr)))
        return (struct target){.preloads = true};
    read_layout(head, &elf, &layout);
    if (!layout.has_loader && layout.is_readable)
        return judge_loaderless(head, &elf, path, question->loader);
    if (!layout.has_loader)
        return (struct target){.preloads = true};
    if (strcmp(file_name(layout.loader), question->loader) != 0)
        return (struct target){.reason = UNCOVERED_LOADER};
    if (changes_rights(head->fd))
        return (struct target){.reason = UNCOVERED_SETUID, .preloads = true};
    return (struct target){
        .preloads = true,
        .needs_rerun_c = question->wants_needed && needs_rerun_c(head, &layout),
    };
}

/* The interpreter in a first line "#! /path argument"; false if there is none in the head. */
static bool script_interpreter(const struct head *head, char ret_path[NAME_SIZE])
{
    const char *at = head->bytes + 2, *end = head->bytes + head->size;
    size_t size = 0;

    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at + size < end && !strchr(" \t\n", at[size]))
        size++; /* strchr finds the NUL too */
    if (size == 0 || size >= NAME_SIZE || at + size == end)
        return false;
    memcpy(ret_path, at, size);
    ret_path[size] = '\0';
    return true;
}

/* Judges what has been opened. True: it is a script, to be judged by ret_interpreter. */
static bool judge(struct head *head, const char *path, const struct question *question,
                  struct target *ret_target, char ret_interpreter[NAME_SIZE])
{
    ssize_t size = pread(head->fd, head->bytes, sizeof(head->bytes), 0);

    head->size = size > 0 ? (size_t)size : 0;
    if (head->size >= 2 && memcmp(head->bytes, "#!", 2) == 0)
        return script_interpreter(head, ret_interpreter);
    if (head->size >= sizeof(ElfW(Ehdr)) && memcmp(head->bytes, ELFMAG, SELFMAG) == 0)
        *ret_target = judge_elf(head, path, question);
    return false;
}

static int open_target(int dir_fd, const char *path, int flags)
{
    int open_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    if (flags & AT_SYMLINK_NOFOLLOW)
        open_flags |= O_NOFOLLOW;
    return openat(dir_fd, path, open_flags);
}

/* Judges one file. True: it is a script, to be judged by ret_interpreter. */
static bool judge_file(int dir_fd, const char *path, int flags, const struct question *question,
                       struct target *ret_target, char ret_interpreter[NAME_SIZE])
{
    bool given = (flags & AT_EMPTY_PATH) && !*path;
    struct head head;
    bool is_script;

    head.fd = given ? dir_fd : open_target(dir_fd, path, flags);
    if (head.fd < 0)
        return false;
    is_script = judge(&head, path, question, ret_target, ret_interpreter);
    if (!given)
        close(head.fd);
    return is_script;
}

struct target target_look(int dir_fd, const char *path, int flags, const char *loader,
                          bool wants_needed)
{
    const struct question question = {file_name(loader), wants_needed};
    struct target target = {.preloads = true};
    bool is_script = true;
    char interpreter[NAME_SIZE];
    int found = errno;

    if (!*question.loader)
        return target;
    for (int depth = 0; is_script && depth <= MAX_SCRIPTS; depth++) {
        is_script = judge_file(dir_fd, path, flags, &question, &target, interpreter);
        path = interpreter;
        dir_fd = AT_FDCWD;
        flags = 0;
    }
    errno = found;
    return target;
}

/* Whether execve would take this file. */
static bool is_program(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

bool target_may_run(int dir_fd, const char *path, int flags)
{
    int error = errno;
    struct stat status;
    bool may = (flags & AT_EMPTY_PATH) && !*path; /* an open file: it was seen when it was opened */

    if (!may)
        may = fstatat(dir_fd, path, &status, flags & AT_SYMLINK_NOFOLLOW) == 0 &&
              S_ISREG(status.st_mode) && faccessat(dir_fd, path, X_OK, AT_EACCESS) == 0;
    errno = error;
    return may;
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
