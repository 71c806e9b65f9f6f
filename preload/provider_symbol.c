/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Functions by name: "SYMBOL", "LIB:SYMBOL", and the presets that stand for one. Found in the
 * constructor, in the files of all objects that are loaded then, exported or not; what is loaded
 * later by dlopen is not seen.
 *
 * Owns `list`, which is read-only after the constructor.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 * (dl_iterate_phdr locks, and is called in the constructor alone.)
 */
#include "preload/process.h"
#include "preload/provider.h"
#include "preload/symbol_file.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

#define MAX_SYMBOLS   (2 * SETTING_FLUSH_WORDS) /* a preset may stand for two */
#define MAX_FUNCTIONS 8                         /* of one name, in different objects */

/*
 * Words that stand for functions. `every`: each object has a copy of its own. `else_one`: not where
 * the row before has found one. (__gcov_exit is final: __gcov_reset, which gcc calls after an exec
 * that has failed, brings only what was dumped back to counting.)
 */
static const struct preset {
    const char *word;
    const char *symbol;
    bool every;
    bool else_one;
    bool first_process; /* it waits for threads that a forked child does not have */
} presets[] = {
    {"gcov", "__gcov_dump", true, false, false},
    {"gcov", "__gcov_exit", true, true, false},
    {"llvm-profile", "__llvm_profile_write_file", true, false, false},
    {"spdlog", "_ZN6spdlog8shutdownEv", false, false, true},
};

static struct list {
    size_t n;
    struct asked_symbol {
        const char *word;    /* as it was asked for */
        const char *library; /* "" any; `library_size` bytes */
        size_t library_size;
        const char *symbol;
        bool every;
        bool else_one;
        bool first_process;
        size_t n_functions;
        void (*functions[MAX_FUNCTIONS])(void);
    } at[MAX_SYMBOLS];
} list __attribute__((section(".data"))); /* as `environment` in start.c */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "libfoo" and "libfoo.so" are names of libfoo.so.1. */
static bool is_library(const struct asked_symbol *asked, const char *path)
{
    const char *name = file_name(path);

    return asked->library_size == 0 ||
           (strncmp(name, asked->library, asked->library_size) == 0 &&
            (name[asked->library_size] == '\0' || name[asked->library_size] == '.'));
}

/* The header of the library that this is linked into. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* This library, whose functions are nobody's wish; or one without a file, such as the vDSO. */
static bool is_no_candidate(const struct dl_phdr_info *object)
{
    const char *own = (const char *)&__ehdr_start + __ehdr_start.e_phoff;

    return (const char *)object->dlpi_phdr == own ||
           (*object->dlpi_name && !strchr(object->dlpi_name, '/'));
}

/* Is `value` in code of the object? */
static bool is_code(const struct dl_phdr_info *object, uint64_t value)
{
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) && value >= part->p_vaddr &&
            value - part->p_vaddr < part->p_memsz)
            return true;
    }
    return false;
}

static void *function_in(const struct symbol_file *file, const struct dl_phdr_info *object,
                         const char *name)
{
    uint64_t value = symbol_file_find(file, name);

    return value && is_code(object, value) ? (void *)(object->dlpi_addr + (uintptr_t)value) : NULL;
}

/* Opens the file that the object was loaded from; the executable has no name of its own. */
static bool open_object(const struct dl_phdr_info *object, struct symbol_file *ret_file)
{
    const char *path = *object->dlpi_name ? object->dlpi_name : "/proc/self/exe";

    if (is_no_candidate(object) || !symbol_file_open(ret_file, path))
        return false;
    if (symbol_file_is(ret_file, object->dlpi_phdr, object->dlpi_phnum))
        return true;
    symbol_file_close(ret_file);
    return false;
}

static const char *path_of(const struct dl_phdr_info *object)
{
    const char *started = (const char *)getauxval(AT_EXECFN);

    return *object->dlpi_name ? object->dlpi_name : started ? started : "";
}

static int look_in(struct dl_phdr_info *object, size_t size, void *unused)
{
    struct symbol_file file;
    void *function = NULL;

    (void)size;
    (void)unused;
    if (!open_object(object, &file))
        return 0;
    for (size_t i = 0; i < list.n; i++) {
        struct asked_symbol *asked = &list.at[i];
        bool is_there = asked->else_one && function;

        if (is_there || asked->n_functions == (asked->every ? MAX_FUNCTIONS : 1) ||
            !is_library(asked, path_of(object)))
            continue;
        function = function_in(&file, object, asked->symbol);
        if (function)
            memcpy(&asked->functions[asked->n_functions++], &function, sizeof(function));
    }
    symbol_file_close(&file);
    return 0;
}

static void add_preset(const char *word)
{
    for (size_t i = 0; i < sizeof(presets) / sizeof(*presets); i++) {
        const struct preset *preset = &presets[i];

        if (strcmp(preset->word, word) == 0 && list.n < MAX_SYMBOLS)
            list.at[list.n++] = (struct asked_symbol){
                .word = word,
                .symbol = preset->symbol,
                .every = preset->every,
                .else_one = preset->else_one,
                .first_process = preset->first_process,
            };
    }
}

static void add(const char *word)
{
    const char *colon = strchr(word, ':');
    size_t before = list.n;

    add_preset(word);
    if (list.n > before || strcmp(word, "stdio") == 0 || list.n == MAX_SYMBOLS)
        return;
    list.at[list.n++] = (struct asked_symbol){
        .word = word,
        .library = word,
        .library_size = colon ? (size_t)(colon - word) : 0,
        .symbol = colon ? colon + 1 : word,
    };
}

/* A word has been found if one of its functions was: gcov has two, of which one is there. */
static bool is_found(const char *word)
{
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i].n_functions && strcmp(list.at[i].word, word) == 0)
            return true;
    }
    return false;
}

bool symbol_detect(const struct provider_asked *asked)
{
    bool any = false;

    for (size_t i = 0; i < asked->n; i++)
        add(asked->words[i]);
    if (list.n == 0)
        return false;
    dl_iterate_phdr(look_in, NULL);
    for (size_t i = 0; i < list.n; i++) {
        bool found = is_found(list.at[i].word);

        if (i == 0 || strcmp(list.at[i].word, list.at[i - 1].word) != 0)
            provider_note(list.at[i].word,
                          found ? NULL : "no such function in the program and its libraries");
        any |= found;
    }
    return any;
}

void symbol_flush(void)
{
    for (size_t i = 0; i < list.n; i++) {
        const struct asked_symbol *asked = &list.at[i];

        if (asked->first_process && !provider_in_first_process())
            continue;
        provider_set_current(asked->word);
        for (size_t k = 0; k < asked->n_functions; k++)
            asked->functions[k]();
    }
}

/* --- The executable alone --------------------------------------------------------------------- */

struct search {
    const char *name;
    size_t least_code;
    void *found;
};

static size_t code_size(const struct dl_phdr_info *object)
{
    size_t size = 0;

    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X))
            size += part->p_memsz;
    }
    return size;
}

/* The executable comes first, and the walk ends with it. */
static int look_in_executable(struct dl_phdr_info *object, size_t size, void *into)
{
    struct search *search = into;
    struct symbol_file file;

    (void)size;
    if (code_size(object) < search->least_code || !open_object(object, &file))
        return 1;
    search->found = function_in(&file, object, search->name);
    symbol_file_close(&file);
    return 1;
}

void *symbol_in_executable(const char *name, size_t least_code)
{
    struct search search = {name, least_code, NULL};

    dl_iterate_phdr(look_in_executable, &search);
    return search.found;
}
