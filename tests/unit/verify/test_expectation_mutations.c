/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Files of expectations with random damage: each is read or refused by one line of text, never
 * more. The seeds are tests/fuzz/yaml; run it under ASan and UBSan for its full worth.
 */
#include "harness/verify/expectation.h"

#include "tests/support/random.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_MUTANTS 4000 /* of each seed */
#define MAX_SIZE  8192

/* What damages YAML most. */
static const char *const splinters[] = {
    "\n",
    "  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "&a ",
    "*a",
    "? ",
    "!!",
    "|\n",
    ">\n",
    "---\n",
    "#",
    "%",
    "\\",
    "\t",
    "\x00x",
    "{n}",
    "{",
    "0x",
    "-1",
    "1e400",
    "99999999999999999999",
    "\xff",
    "\xef\xbb\xbf",
    "count: 2, ",
    "label: x, ",
    "expect:",
    "process: child 2, ",
    "program ",
    "at least ",
    " to ",
    "forbid:",
    "others: allowed\n",
    "text_matches: ",
    "at: {f: 1s}, ",
    "static: true, ",
    "{3,5}",
    "(",
    ")*",
    "[^]",
    "\xf0\x9f\x98\x80",
};

struct text {
    char bytes[MAX_SIZE];
    size_t size;
};

static void insert(struct text *text, size_t at, const char *bytes, size_t size)
{
    if (text->size + size <= MAX_SIZE) {
        memmove(text->bytes + at + size, text->bytes + at, text->size - at);
        memcpy(text->bytes + at, bytes, size);
        text->size += size;
    }
}

static void erase(struct text *text, size_t at, size_t size)
{
    size = size < text->size - at ? size : text->size - at;
    memmove(text->bytes + at, text->bytes + at + size, text->size - at - size);
    text->size -= size;
}

static void mutate_once(struct text *text, uint64_t *state)
{
    size_t at = text->size > 0 ? random_next(state) % text->size : 0;
    size_t size = 1 + random_next(state) % 20;
    char piece[20];

    switch (random_next(state) % 5) {
    case 0:
        if (text->size > 0) {
            text->bytes[at] ^= (char)(1u << random_next(state) % 8);
        }
        break;
    case 1:
        erase(text, at, size);
        break;
    case 2: { /* a piece of itself somewhere else */
        size = size < text->size - at ? size : text->size - at;
        memcpy(piece, text->bytes + at, size);
        insert(text, text->size > 0 ? random_next(state) % text->size : 0, piece, size);
        break;
    }
    default: {
        const char *splinter =
            splinters[random_next(state) % (sizeof splinters / sizeof *splinters)];
        insert(text, at, splinter, splinter[0] == '\0' ? 2 : strlen(splinter));
        break;
    }
    }
}

static void try_text(const struct text *text, const char *name, uint64_t seed)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    /* A copy of the exact size, so that a sanitizer sees a read beyond the end. */
    char *bytes = malloc(text->size + (text->size == 0));
    memcpy(bytes, text->bytes, text->size);
    int error = expectation_parse(&expectation, "f", bytes, text->size, fault);
    free(bytes);
    cr_assert(error == 0 || error == -EINVAL, "%s, seed %llu: %d", name, (unsigned long long)seed,
              error);
    if (error == 0) {
        expectation_done(&expectation);
    } else {
        cr_assert(strncmp(fault, "f:", 2) == 0 && strchr(fault, '\n') == NULL,
                  "%s, seed %llu: '%s'", name, (unsigned long long)seed, fault);
    }
}

static void mutate_file(const char *name)
{
    char path[512];
    struct text original = {.size = 0};
    snprintf(path, sizeof path, "%s/yaml/%s", FUZZ_DIR, name);
    FILE *file = fopen(path, "re");
    cr_assert(file != NULL, "%s", path);
    original.size = fread(original.bytes, 1, MAX_SIZE, file);
    fclose(file);
    for (uint64_t seed = 1; seed <= N_MUTANTS; seed++) {
        struct text mutant = original;
        uint64_t state = random_seed(seed);
        for (uint64_t n = 1 + seed % 8; n > 0; n--) {
            mutate_once(&mutant, &state);
        }
        try_text(&mutant, name, seed);
    }
    try_text(&original, name, 0);
}

Test(expectation_mutations, damaged_files_are_read_or_refused, .timeout = 300)
{
    size_t n_files = 0;
    DIR *directory = opendir(FUZZ_DIR "/yaml");
    cr_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] != '.') {
            mutate_file(entry->d_name);
            n_files++;
        }
    }
    closedir(directory);
    cr_assert_geq(n_files, 5);
}

/* The seeds that are no refusals must be good, or the test above would try only refusals. */
Test(expectation_mutations, the_seeds_are_good)
{
    static const char *const good[] = {"scenario.yaml", "block.yaml", "every_format.yaml",
                                       "ranges.yaml"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct expectation expectation;
        char path[512], fault[YAML_FAULT_SIZE] = "";
        snprintf(path, sizeof path, "%s/yaml/%s", FUZZ_DIR, good[i]);
        cr_assert_eq(expectation_load(&expectation, path, 0, fault), 0, "%s", fault);
        expectation_done(&expectation);
    }
}
