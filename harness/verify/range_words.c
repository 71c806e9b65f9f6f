/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Takes ranges apart. Knows nothing of what is in them and keeps no state. */
#include "harness/verify/range_words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int copy_word(const char *text, size_t size, char word[static RANGE_MAX_WORD + 1])
{
    if (size == 0 || size > RANGE_MAX_WORD || isspace((unsigned char)text[0]) ||
        isspace((unsigned char)text[size - 1])) {
        return -EINVAL;
    }
    memcpy(word, text, size);
    word[size] = '\0';
    return 0;
}

int range_words_parse(const char *text, struct range_words *ret_words)
{
    static const char least[] = "at least ", most[] = "at most ", to[] = " to ";
    struct range_words words = {"", ""};
    const char *middle = strstr(text, to);
    int error;

    if (strncmp(text, least, strlen(least)) == 0) {
        error = copy_word(text + strlen(least), strlen(text) - strlen(least), words.low);
    } else if (strncmp(text, most, strlen(most)) == 0) {
        error = copy_word(text + strlen(most), strlen(text) - strlen(most), words.high);
    } else if (middle != NULL) {
        const char *high = middle + strlen(to);
        error = copy_word(text, (size_t)(middle - text), words.low);
        error = error < 0 ? error : copy_word(high, strlen(high), words.high);
    } else {
        error = copy_word(text, strlen(text), words.low);
        strcpy(words.high, words.low);
    }
    if (error == 0) {
        *ret_words = words;
    }
    return error;
}
