/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looking at the program that an exec would start: files made here, byte by byte. */
#include "preload/target.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADER "/lib64/ld-linux-x86-64.so.2"

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static char folder[] = "/tmp/lastword-target-XXXXXX";
static char path[PATH_MAX];

static void enter(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    char command[PATH_MAX + 16];

    cr_assert_eq(chdir("/"), 0);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(target, .init = enter, .fini = leave);

static void write_file(const char *name, const void *bytes, size_t size, mode_t mode)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, bytes, size), (ssize_t)size);
    close(file);
}

/* A program header and a loader's name behind an ELF header like our own. */
struct program {
    ElfW(Ehdr) elf;
    ElfW(Phdr) headers[2];
    char gap[2048];
    char loader[64];
};

static struct program program(const char *loader)
{
    struct program made = {.elf = __ehdr_start};

    made.elf.e_phoff = offsetof(struct program, headers);
    made.elf.e_phnum = 2;
    made.elf.e_phentsize = sizeof(ElfW(Phdr));
    made.headers[0].p_type = PT_LOAD;
    made.headers[1].p_type = loader ? PT_INTERP : PT_NOTE;
    made.headers[1].p_offset = offsetof(struct program, loader);
    if (loader) {
        made.headers[1].p_filesz = strlen(loader) + 1;
        strcpy(made.loader, loader);
    }
    return made;
}

static bool preloads(const struct program *made)
{
    write_file("program", made, sizeof(*made), 0755);
    return target_preloads(AT_FDCWD, "program", 0, LOADER);
}

Test(target, an_ordinary_program_can_be_preloaded)
{
    struct program made = program(LOADER);

    cr_assert(preloads(&made));
    cr_assert(target_preloads(AT_FDCWD, "/bin/sh", 0, LOADER));
}

Test(target, the_same_loader_in_another_folder_fits)
{
    struct program made = program("/nix/store/glibc/lib/ld-linux-x86-64.so.2");

    cr_assert(preloads(&made));
}

Test(target, another_c_library_does_not)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");

    cr_assert_not(preloads(&made));
}

Test(target, another_class_byte_order_or_machine_does_not)
{
    struct program made = program(LOADER);

    made.elf.e_ident[EI_CLASS] = ELFCLASS32;
    cr_assert_not(preloads(&made));
    made = program(LOADER);
    made.elf.e_ident[EI_DATA] = ELFDATA2MSB;
    cr_assert_not(preloads(&made));
    made = program(LOADER);
    made.elf.e_machine = EM_S390;
    cr_assert_not(preloads(&made));
}

Test(target, a_static_program_hands_the_library_on)
{
    struct program made = program(NULL);

    cr_assert(preloads(&made));
}

Test(target, a_foreign_loader_that_is_run_itself_would_load_it)
{
    struct program made = program(NULL);

    write_file("ld-musl-x86_64.so.1", &made, sizeof(made), 0755);
    cr_assert_not(target_preloads(AT_FDCWD, "./ld-musl-x86_64.so.1", 0, LOADER));
}

Test(target, a_script_is_judged_by_its_interpreter)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");
    static const char script[] = "#! \t./program -x\necho\n";
    static const char outer[] = "#!./script\n";

    write_file("script", script, sizeof(script) - 1, 0755);
    write_file("outer", outer, sizeof(outer) - 1, 0755);
    cr_assert_not(preloads(&made));
    cr_assert_not(target_preloads(AT_FDCWD, "script", 0, LOADER));
    cr_assert_not(target_preloads(AT_FDCWD, "outer", 0, LOADER));
    made = program(LOADER);
    cr_assert(preloads(&made));
    cr_assert(target_preloads(AT_FDCWD, "outer", 0, LOADER));
}

Test(target, a_script_of_itself_ends)
{
    static const char script[] = "#!./script\n";

    write_file("script", script, sizeof(script) - 1, 0755);
    cr_assert(target_preloads(AT_FDCWD, "script", 0, LOADER));
}

Test(target, by_descriptor_and_by_folder)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");
    int here, file;

    cr_assert_not(preloads(&made));
    here = open(".", O_RDONLY | O_DIRECTORY);
    file = open("program", O_RDONLY);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_not(target_preloads(here, "program", 0, LOADER));
    cr_assert_not(target_preloads(file, "", AT_EMPTY_PATH, LOADER));
    cr_assert_geq(fcntl(file, F_GETFD), 0, "the program's own descriptor was closed");
    cr_assert_eq(chdir(folder), 0);
    close(here);
    close(file);
}

Test(target, what_cannot_be_told_is_left_to_the_kernel)
{
    static const char *const odd[] = {"", "#", "#!", "#!\n", "#!   ", "\177ELF", "echo hello\n"};

    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        write_file("odd", odd[i], strlen(odd[i]), 0755);
        cr_assert(target_preloads(AT_FDCWD, "odd", 0, LOADER), "%s", odd[i]);
    }
    cr_assert(target_preloads(AT_FDCWD, "missing", 0, LOADER));
    cr_assert(target_preloads(AT_FDCWD, ".", 0, LOADER));
}

Test(target, nothing_is_refused_when_our_own_loader_is_unknown)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");

    cr_assert_not(preloads(&made));
    cr_assert(target_preloads(AT_FDCWD, "program", 0, ""));
}

Test(target, wild_offsets_and_sizes_are_harmless)
{
    struct program made = program(LOADER);

    made.elf.e_phoff = UINT64_MAX - 8;
    cr_assert(preloads(&made));
    made = program(LOADER);
    made.elf.e_phnum = UINT16_MAX;
    made.headers[1].p_type = PT_NULL;
    cr_assert(preloads(&made));
    made = program(LOADER);
    made.headers[1].p_filesz = UINT64_MAX;
    cr_assert_not(preloads(&made));
    made = program(LOADER);
    made.headers[1].p_offset = UINT64_MAX - 2;
    cr_assert_not(preloads(&made));
}

Test(target, errno_stays)
{
    errno = 7;
    (void)target_preloads(AT_FDCWD, "missing", 0, LOADER);
    (void)target_find("missing", "/nowhere", path);
    cr_assert_eq(errno, 7);
}

Test(target, finds_as_execvp_does)
{
    static const char none[] = "x";

    cr_assert_eq(mkdir("a", 0755), 0);
    cr_assert_eq(mkdir("b", 0755), 0);
    cr_assert_eq(mkdir("a/tool", 0755), 0); /* a folder is no program */
    write_file("b/tool", none, 1, 0755);
    cr_assert(target_find("tool", "/nowhere:a:b", path));
    cr_assert_str_eq(path, "b/tool");
    write_file("tool", none, 1, 0755);
    cr_assert(target_find("tool", ":b", path));
    cr_assert_str_eq(path, "tool");
    cr_assert(target_find("sh", NULL, path));
    cr_assert_str_eq(path, "/bin/sh");
    cr_assert(target_find("./tool", "b", path));
    cr_assert_str_eq(path, "./tool");
}

Test(target, finds_only_what_may_be_executed)
{
    write_file("tool", "x", 1, 0644);
    cr_assert_not(target_find("tool", ":.", path));
    cr_assert_str_eq(path, "tool");
    cr_assert_not(target_find("", ":.", path));
    cr_assert_str_eq(path, "");
}

Test(target, names_that_are_too_long_are_cut)
{
    static char name[2 * PATH_MAX];

    memset(name, 'n', sizeof(name) - 1);
    cr_assert_not(target_find(name, "/bin", path));
    cr_assert_eq(strlen(path), PATH_MAX - 1);
    cr_assert(target_preloads(AT_FDCWD, name, 0, LOADER));
}
