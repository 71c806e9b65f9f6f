/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the symbol tables of ELF files. In the constructor alone; no state.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/symbol_file.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

/* A table of symbols, and the text that holds their names; both lie inside the file. */
struct table {
    const uint8_t *symbols;
    size_t n_symbols;
    const char *names;
    size_t names_size;
};

/* `size` bytes at `offset`, or NULL if they are not all in the file. */
static const uint8_t *bytes_at(const struct symbol_file *file, uint64_t offset, uint64_t size)
{
    if (offset > file->size || size > file->size - offset)
        return NULL;
    return file->bytes + offset;
}

bool symbol_file_open(struct symbol_file *ret_file, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    void *bytes = MAP_FAILED;
    struct stat status;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size >= (off_t)sizeof(ElfW(Ehdr)))
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    *ret_file = (struct symbol_file){bytes, (size_t)status.st_size};
    if (memcmp(bytes, ELFMAG, SELFMAG) == 0 && ret_file->bytes[EI_CLASS] == OWN_CLASS)
        return true;
    symbol_file_close(ret_file);
    return false;
}

void symbol_file_close(struct symbol_file *file)
{
    munmap((void *)(uintptr_t)file->bytes, file->size);
    *file = (struct symbol_file){0};
}

static ElfW(Ehdr) head_of(const struct symbol_file *file)
{
    ElfW(Ehdr) head;

    memcpy(&head, file->bytes, sizeof(head));
    return head;
}

bool symbol_file_is(const struct symbol_file *file, const ElfW(Phdr) * headers, size_t n_headers)
{
    ElfW(Ehdr) head = head_of(file);
    size_t size = n_headers * sizeof(*headers);
    const uint8_t *own = bytes_at(file, head.e_phoff, size);

    return own && head.e_phnum == n_headers && head.e_phentsize == sizeof(*headers) &&
           memcmp(own, headers, size) == 0;
}

/* Section `index`; false if there is none. (More than 65279 sections are not looked for.) */
static bool read_section(const struct symbol_file *file, size_t index, ElfW(Shdr) * ret_section)
{
    ElfW(Ehdr) head = head_of(file);
    const uint8_t *sections =
        bytes_at(file, head.e_shoff, (uint64_t)head.e_shnum * sizeof(*ret_section));

    if (!sections || head.e_shentsize != sizeof(*ret_section) || index >= head.e_shnum)
        return false;
    memcpy(ret_section, sections + index * sizeof(*ret_section), sizeof(*ret_section));
    return true;
}

static bool read_table(const struct symbol_file *file, const ElfW(Shdr) * section,
                       struct table *ret_table)
{
    ElfW(Shdr) names;

    if (section->sh_entsize != sizeof(ElfW(Sym)) || !read_section(file, section->sh_link, &names) ||
        names.sh_type != SHT_STRTAB)
        return false;
    ret_table->symbols = bytes_at(file, section->sh_offset, section->sh_size);
    ret_table->n_symbols = section->sh_size / sizeof(ElfW(Sym));
    ret_table->names = (const char *)bytes_at(file, names.sh_offset, names.sh_size);
    ret_table->names_size = names.sh_size;
    return ret_table->symbols && ret_table->names;
}

static bool is_called(const struct table *table, const ElfW(Sym) * symbol, const char *name,
                      size_t size)
{
    return symbol->st_name < table->names_size && size <= table->names_size - symbol->st_name &&
           memcmp(table->names + symbol->st_name, name, size) == 0;
}

static uint64_t find_in(const struct table *table, const char *name)
{
    size_t size = strlen(name) + 1; /* its NUL too */

    for (size_t i = 0; i < table->n_symbols; i++) {
        ElfW(Sym) symbol;

        memcpy(&symbol, table->symbols + i * sizeof(symbol), sizeof(symbol));
        if ((symbol.st_info & 0xf) == STT_FUNC && symbol.st_shndx != SHN_UNDEF && symbol.st_value &&
            is_called(table, &symbol, name, size))
            return symbol.st_value;
    }
    return 0;
}

static uint64_t find_in_tables(const struct symbol_file *file, uint32_t type, const char *name)
{
    ElfW(Shdr) section;
    struct table table;

    for (size_t i = 0; read_section(file, i, &section); i++) {
        uint64_t value = 0;

        if (section.sh_type == type && read_table(file, &section, &table))
            value = find_in(&table, name);
        if (value)
            return value;
    }
    return 0;
}

uint64_t symbol_file_find(const struct symbol_file *file, const char *name)
{
    uint64_t value = find_in_tables(file, SHT_SYMTAB, name);

    return value ? value : find_in_tables(file, SHT_DYNSYM, name);
}
