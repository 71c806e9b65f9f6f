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

static bool preloads_at(int dir_fd, const char *at, int flags, const char *loader)
{
    return target_look(dir_fd, at, flags, loader, false).preloads;
}

static bool preloads(const struct program *made)
{
    write_file("program", made, sizeof(*made), 0755);
    return preloads_at(AT_FDCWD, "program", 0, LOADER);
}

Test(target, an_ordinary_program_can_be_preloaded)
{
    struct program made = program(LOADER);

    cr_assert(preloads(&made));
    cr_assert(preloads_at(AT_FDCWD, "/bin/sh", 0, LOADER));
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
    cr_assert_not(preloads_at(AT_FDCWD, "./ld-musl-x86_64.so.1", 0, LOADER));
}

Test(target, a_script_is_judged_by_its_interpreter)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");
    static const char script[] = "#! \t./program -x\necho\n";
    static const char outer[] = "#!./script\n";

    write_file("script", script, sizeof(script) - 1, 0755);
    write_file("outer", outer, sizeof(outer) - 1, 0755);
    cr_assert_not(preloads(&made));
    cr_assert_not(preloads_at(AT_FDCWD, "script", 0, LOADER));
    cr_assert_not(preloads_at(AT_FDCWD, "outer", 0, LOADER));
    made = program(LOADER);
    cr_assert(preloads(&made));
    cr_assert(preloads_at(AT_FDCWD, "outer", 0, LOADER));
}

Test(target, a_script_of_itself_ends)
{
    static const char script[] = "#!./script\n";

    write_file("script", script, sizeof(script) - 1, 0755);
    cr_assert(preloads_at(AT_FDCWD, "script", 0, LOADER));
}

Test(target, by_descriptor_and_by_folder)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");
    int here, file;

    cr_assert_not(preloads(&made));
    here = open(".", O_RDONLY | O_DIRECTORY);
    file = open("program", O_RDONLY);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_not(preloads_at(here, "program", 0, LOADER));
    cr_assert_not(preloads_at(file, "", AT_EMPTY_PATH, LOADER));
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
        cr_assert(preloads_at(AT_FDCWD, "odd", 0, LOADER), "%s", odd[i]);
    }
    cr_assert(preloads_at(AT_FDCWD, "missing", 0, LOADER));
    cr_assert(preloads_at(AT_FDCWD, ".", 0, LOADER));
}

Test(target, nothing_is_refused_when_our_own_loader_is_unknown)
{
    struct program made = program("/lib/ld-musl-x86_64.so.1");

    cr_assert_not(preloads(&made));
    cr_assert(preloads_at(AT_FDCWD, "program", 0, ""));
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
    (void)preloads_at(AT_FDCWD, "missing", 0, LOADER);
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
    cr_assert(preloads_at(AT_FDCWD, name, 0, LOADER));
}

/* --- Why not -----------------------------------------------------------------------------------
 */

static enum uncovered_reason reason_of(const struct program *made)
{
    write_file("program", made, sizeof(*made), 0755);
    return target_look(AT_FDCWD, "program", 0, LOADER, true).reason;
}

Test(target, tells_why_not)
{
    struct program made = program(LOADER);

    cr_expect_eq(reason_of(&made), UNCOVERED_NOT);
    made.elf.e_ident[EI_CLASS] = ELFCLASS32;
    cr_expect_eq(reason_of(&made), UNCOVERED_MACHINE);
    made = program("/lib/ld-musl-x86_64.so.1");
    cr_expect_eq(reason_of(&made), UNCOVERED_LOADER);
    made = program(NULL);
    cr_expect_eq(reason_of(&made), UNCOVERED_STATIC);
}

Test(target, our_own_loader_loads_us)
{
    struct program made = program(NULL);

    write_file("ld-linux-x86-64.so.2", &made, sizeof(made), 0755);
    cr_expect_eq(target_look(AT_FDCWD, "./ld-linux-x86-64.so.2", 0, LOADER, true).reason,
                 UNCOVERED_NOT);
}

Test(target, a_go_program_is_known_by_its_note)
{
    static const char note[] = "\4\0\0\0\0\0\0\0\4\0\0\0Go\0";
    struct program made = program(NULL);

    memcpy(made.loader, note, sizeof(note));
    made.headers[1].p_offset = offsetof(struct program, loader);
    made.headers[1].p_filesz = 16;
    cr_expect_eq(reason_of(&made), UNCOVERED_GO);
    made.headers[1].p_filesz = 15;
    cr_expect_eq(reason_of(&made), UNCOVERED_STATIC);
}

Test(target, other_rights_than_ours)
{
    struct program made = program(LOADER);

    (void)reason_of(&made);
    cr_assert_eq(chmod("program", 04755), 0);
    cr_expect_eq(target_look(AT_FDCWD, "program", 0, LOADER, true).reason, UNCOVERED_NOT,
                 "it is ours: nothing changes");
    if (geteuid() == 0) {
        cr_assert_eq(chown("program", 12345, 0), 0);
        cr_assert_eq(chmod("program", 04755), 0); /* chown takes the bit away */
        cr_expect_eq(target_look(AT_FDCWD, "program", 0, LOADER, true).reason, UNCOVERED_SETUID);
        cr_expect(target_look(AT_FDCWD, "program", 0, LOADER, true).preloads);
    }
}

/* --- Programs that are linked with librerun_c.so -----------------------------------------------
 */

struct linked {
    ElfW(Ehdr) elf;
    ElfW(Phdr) headers[3];
    char loader[64];
    ElfW(Dyn) dynamic[5];
    char texts[3000];
};

#define BASE 0x10000u /* where the file is mapped */

/* A program that needs two libraries, whose names lie at `first` and `second`. */
static struct linked linked(const char *name, uint64_t first, uint64_t second)
{
    struct linked made = {.elf = __ehdr_start, .loader = LOADER};

    made.elf.e_phoff = offsetof(struct linked, headers);
    made.elf.e_phnum = 3;
    made.elf.e_phentsize = sizeof(ElfW(Phdr));
    made.headers[0] =
        (ElfW(Phdr)){.p_type = PT_LOAD, .p_vaddr = BASE, .p_offset = 0, .p_filesz = sizeof(made)};
    made.headers[1] = (ElfW(Phdr)){.p_type = PT_INTERP,
                                   .p_offset = offsetof(struct linked, loader),
                                   .p_filesz = sizeof(LOADER)};
    made.headers[2] = (ElfW(Phdr)){.p_type = PT_DYNAMIC,
                                   .p_offset = offsetof(struct linked, dynamic),
                                   .p_filesz = sizeof(made.dynamic)};
    made.dynamic[0] = (ElfW(Dyn)){DT_NEEDED, {first}};
    made.dynamic[1] = (ElfW(Dyn)){DT_NEEDED, {second}};
    made.dynamic[2] = (ElfW(Dyn)){DT_STRTAB, {BASE + offsetof(struct linked, texts)}};
    if (first + 16 < sizeof(made.texts))
        strcpy(made.texts + first, "libc.so.6");
    if (second + 32 < sizeof(made.texts))
        strcpy(made.texts + second, name);
    return made;
}

static bool needs(const struct linked *made)
{
    write_file("linked", made, sizeof(*made), 0755);
    cr_expect_not(target_look(AT_FDCWD, "linked", 0, LOADER, false).needs_rerun_c,
                  "nobody has asked");
    return target_look(AT_FDCWD, "linked", 0, LOADER, true).needs_rerun_c;
}

Test(target, knows_who_needs_librerun_c)
{
    static const struct {
        const char *name;
        bool wanted;
    } cases[] = {{"librerun_c.so", true},        {"librerun_c.so.0", true},
                 {"librerun_c.so.0.41.0", true}, {"librerun_c.so_old", false},
                 {"librerun_c.s", false},        {"libm.so.6", false},
                 {"xlibrerun_c.so", false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct linked together = linked(cases[i].name, 1, 20);
        struct linked apart = linked(cases[i].name, 1, 2900);
        struct linked before = linked(cases[i].name, 600, 100);

        cr_expect_eq(needs(&together), cases[i].wanted, "%s", cases[i].name);
        cr_expect_eq(needs(&apart), cases[i].wanted, "%s, far away", cases[i].name);
        cr_expect_eq(needs(&before), cases[i].wanted, "%s, before", cases[i].name);
    }
}

Test(target, wild_dynamic_sections_are_harmless)
{
    struct linked made = linked("librerun_c.so", 1, UINT64_MAX - 3);

    cr_expect_not(needs(&made));
    made = linked("librerun_c.so", 1, 20);
    made.dynamic[2].d_un.d_val = UINT64_MAX;
    cr_expect_not(needs(&made));
    made.dynamic[2].d_un.d_val = 0;
    cr_expect_not(needs(&made));
    made = linked("librerun_c.so", 1, 20);
    made.headers[2].p_offset = UINT64_MAX - 8;
    cr_expect_not(needs(&made));
    made = linked("librerun_c.so", 1, 20);
    made.headers[2].p_filesz = UINT64_MAX;
    (void)needs(&made);
    made = linked("librerun_c.so", 1, 20);
    made.headers[0].p_offset = UINT64_MAX - 100;
    cr_expect_not(needs(&made));
    made = linked("librerun_c.so", 1, sizeof(made.texts) - 5);
    cr_expect_not(needs(&made));
}
