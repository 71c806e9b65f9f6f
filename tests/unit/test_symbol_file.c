/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Symbols of this very program, and files that are damaged in every byte of their tables. */
#include "preload/symbol_file.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((used, noinline)) static int a_local_function(void)
{
    return 4711;
}

static struct symbol_file own;

static void open_own(void)
{
    cr_assert(symbol_file_open(&own, "/proc/self/exe"));
}

static void close_own(void)
{
    symbol_file_close(&own);
}

struct object {
    const ElfW(Phdr) * headers;
    size_t n_headers;
    uintptr_t address;
};

static int first_object(struct dl_phdr_info *info, size_t size, void *into)
{
    (void)size;
    *(struct object *)into = (struct object){info->dlpi_phdr, info->dlpi_phnum, info->dlpi_addr};
    return 1;
}

Test(symbol_file, finds_a_local_function, .init = open_own, .fini = close_own)
{
    struct object object;
    int (*function)(void) = NULL;
    uintptr_t address;

    dl_iterate_phdr(first_object, &object);
    cr_assert(symbol_file_is(&own, object.headers, object.n_headers));
    address = object.address + (uintptr_t)symbol_file_find(&own, "a_local_function");
    memcpy(&function, &address, sizeof(function));
    cr_assert_eq(function(), 4711);
}

Test(symbol_file, finds_no_others, .init = open_own, .fini = close_own)
{
    cr_expect_eq(symbol_file_find(&own, "no_such_function"), 0);
    cr_expect_eq(symbol_file_find(&own, "a_local_functio"), 0);
    cr_expect_eq(symbol_file_find(&own, "local_function"), 0);
    cr_expect_eq(symbol_file_find(&own, "own"), 0, "a variable");
    cr_expect_eq(symbol_file_find(&own, "memcpy"), 0, "undefined here");
    cr_expect_eq(symbol_file_find(&own, ""), 0);
}

Test(symbol_file, is_not_another_file, .init = open_own, .fini = close_own)
{
    struct symbol_file other;
    struct object object;

    dl_iterate_phdr(first_object, &object);
    cr_expect_not(symbol_file_is(&own, object.headers, object.n_headers - 1));
    cr_assert(symbol_file_open(&other, "/bin/sh"));
    cr_expect_not(symbol_file_is(&other, object.headers, object.n_headers));
    symbol_file_close(&other);
}

Test(symbol_file, opens_only_files_of_this_class)
{
    struct symbol_file file;
    char path[] = "/tmp/lastword-symbols-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    ElfW(Ehdr) head = {.e_ident = {0x7f, 'E', 'L', 'F', 3}};

    cr_expect_not(symbol_file_open(&file, "/no/such/file"));
    cr_expect_not(symbol_file_open(&file, "/tmp"));
    cr_expect_not(symbol_file_open(&file, "/dev/null"));
    cr_expect_not(symbol_file_open(&file, path), "empty");
    cr_assert_eq(write(fd, &head, sizeof(head)), sizeof(head));
    cr_expect_not(symbol_file_open(&file, path), "another class");
    close(fd);
    unlink(path);
}

/* A small file with one section of symbols, its text, and two symbols. */
struct small {
    ElfW(Ehdr) head;
    ElfW(Shdr) sections[3];
    ElfW(Sym) symbols[2];
    char names[16];
};

static struct small make_small(void)
{
    struct small small = {
        .head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64},
                 .e_shoff = offsetof(struct small, sections),
                 .e_shentsize = sizeof(ElfW(Shdr)),
                 .e_shnum = 3},
        .sections = {{0},
                     {.sh_type = SHT_SYMTAB,
                      .sh_offset = offsetof(struct small, symbols),
                      .sh_size = 2 * sizeof(ElfW(Sym)),
                      .sh_entsize = sizeof(ElfW(Sym)),
                      .sh_link = 2},
                     {.sh_type = SHT_STRTAB,
                      .sh_offset = offsetof(struct small, names),
                      .sh_size = 16}},
        .symbols = {{.st_name = 1, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 100},
                    {.st_name = 7, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 200}},
        .names = "\0flush\0long_one",
    };

    return small;
}

/* Ends where a page ends, so that one byte too many is a crash. */
static uint8_t *at_the_edge(size_t size)
{
    uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert(pages != MAP_FAILED && mprotect(pages + 4096, 4096, PROT_NONE) == 0);
    return pages + 4096 - size;
}

Test(symbol_file, survives_any_damage)
{
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    struct small small = make_small();
    uint8_t *bytes = at_the_edge(sizeof(small));
    const struct symbol_file file = {bytes, sizeof(small)};
    const ElfW(Phdr) headers[2] = {{0}};
    size_t n_found = 0;

    memcpy(bytes, &small, sizeof(small));
    cr_assert_eq(symbol_file_find(&file, "flush"), 100);
    cr_assert_eq(symbol_file_find(&file, "long_one"), 200);
    for (size_t i = 0; i < sizeof(small); i++) {
        for (size_t k = 0; k < sizeof(values); k++) {
            memcpy(bytes, &small, sizeof(small));
            bytes[i] = values[k];
            n_found += symbol_file_find(&file, "long_one") != 0;
            (void)symbol_file_is(&file, headers, 2);
        }
    }
    cr_expect(n_found > 0);
}

Test(symbol_file, survives_any_cut)
{
    struct small small = make_small();

    for (size_t size = sizeof(small.head); size < sizeof(small); size++) {
        uint8_t *bytes = at_the_edge(size);
        const struct symbol_file file = {bytes, size};

        memcpy(bytes, &small, size);
        if (size < offsetof(struct small, names) + 16)
            cr_expect_eq(symbol_file_find(&file, "flush"), 0, "%zu bytes", size);
        munmap(bytes + size - 4096, 8192);
    }
}
