/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The symbol tables of an ELF file: where a function lies that the dynamic linker does not know of,
 * because it is local or was never exported.
 */
#pragma once

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that is mapped for reading. */
struct symbol_file {
    const uint8_t *bytes;
    size_t size;
};

/*
 * Maps the ELF file at `path`. False if it cannot be read or is none of this machine's class. It
 * must not be cut while it is open. Close with symbol_file_close.
 */
bool symbol_file_open(struct symbol_file *ret_file, const char *path);
void symbol_file_close(struct symbol_file *file);

/* Is this the file that an object with these program headers was loaded from? */
bool symbol_file_is(const struct symbol_file *file, const ElfW(Phdr) * headers, size_t n_headers);

/*
 * The value of the first defined function called `name` in .symtab, else in .dynsym; 0 if there is
 * none. Trusts nothing in the file: no offset or size is used before it was checked.
 */
uint64_t symbol_file_find(const struct symbol_file *file, const char *name);
