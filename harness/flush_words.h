/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What `--flush` and the key `flush` ask for: words that the shim reads from LASTWORD_FLUSH. Only
 * their form is judged here; what a function is called is known in the program.
 */
#pragma once

#include "sdk/spool/setting.h"

#include <stddef.h>

#define FLUSH_FORMS "stdio, gcov, llvm-profile, spdlog, SYMBOL or LIB:SYMBOL"

/* The words so far, joined by commas: the value of LASTWORD_FLUSH. All zero is none. */
struct flush_words {
    size_t n;
    char text[SETTING_FLUSH_SIZE + 1];
};

/*
 * Adds a word. Errors: -EINVAL it has not the form; -E2BIG too many or too long in all. ret_fault
 * then gets static text that says what is wrong.
 */
__attribute__((warn_unused_result)) int flush_words_add(struct flush_words *words, const char *word,
                                                        const char **ret_fault);
