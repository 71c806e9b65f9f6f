/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Judges and joins the words of `--flush`. No state.
 */
#include "harness/flush_words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number

static bool is_printable(const char *word)
{
    for (; *word != '\0'; word++) {
        if (*word <= ' ' || *word > '~') {
            return false;
        }
    }
    return true;
}

/* Returns what is wrong with the word, or NULL. */
static const char *find_fault(const char *word)
{
    const char *colon = strchr(word, ':');

    if (word[0] == '\0') {
        return "is empty";
    }
    if (strchr(word, ',') != NULL) {
        return "has a comma: give the option once for each";
    }
    if (!is_printable(word)) {
        return "has blanks or other characters that no symbol has";
    }
    if (colon == NULL) {
        return NULL;
    }
    if (strchr(colon + 1, ':') != NULL) {
        return "has more than one ':': name the symbol as nm shows it, _ZN3Log5flushEv";
    }
    if (colon == word || colon[1] == '\0') {
        return "has nothing before or behind its ':'";
    }
    return memchr(word, '/', (size_t)(colon - word)) != NULL
               ? "has a '/' in LIB, which is a file name without its folder"
               : NULL;
}

int flush_words_add(struct flush_words *words, const char *word, const char **ret_fault)
{
    size_t used = strlen(words->text);
    size_t size = strlen(word);
    const char *fault = find_fault(word);

    if (fault != NULL) {
        *ret_fault = fault;
        return -EINVAL;
    }
    if (words->n == SETTING_FLUSH_WORDS || used + size + 1 > SETTING_FLUSH_SIZE) {
        *ret_fault = "is too much: " TEXT_OF(SETTING_FLUSH_WORDS) " of them, and " TEXT_OF(
            SETTING_FLUSH_SIZE) " bytes in all";
        return -E2BIG;
    }
    if (words->n++ > 0) {
        words->text[used++] = ',';
    }
    memcpy(words->text + used, word, size + 1);
    return 0;
}
