/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads, compares and writes endings of processes. No state. */
#include "harness/verify/ending.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MAX_SIGNAL 64

static const struct {
    const char *by;
    bool has_status; /* of exit */
} kinds[] = {
    {"return", true}, {"exit", true},  {"_exit", true},   {"_Exit", true},    {"quick_exit", true},
    {"abort", false}, {"exec", false}, {"daemon", false}, {"running", false},
};

static bool parse_number(const char *text, int max, int *ret_number)
{
    const char *fault = NULL;
    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    long long number = strtonum(text, 0, max, &fault);
    if (fault != NULL) {
        return false;
    }
    *ret_number = (int)number;
    return true;
}

/* Returns the number of "SIGKILL", or 0. */
static int signal_number(const char *name)
{
    if (strncmp(name, "SIG", 3) != 0) {
        return 0;
    }
    for (int number = 1; number <= MAX_SIGNAL; number++) {
        const char *known = sigabbrev_np(number);
        if (known != NULL && strcmp(known, name + 3) == 0) {
            return number;
        }
    }
    return 0;
}

static int parse_signal(const char *word, struct ending *ret_ending)
{
    int number = signal_number(word);
    if (number == 0 && (!parse_number(word, MAX_SIGNAL, &number) || number == 0)) {
        return -EINVAL;
    }
    *ret_ending = (struct ending){"signal", number};
    return 0;
}

int ending_parse(const char *text, struct ending *ret_ending)
{
    if (strncmp(text, "signal ", 7) == 0) {
        return parse_signal(text + 7, ret_ending);
    }
    if (signal_number(text) != 0) {
        return parse_signal(text, ret_ending);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i].by);
        int status = ENDING_ANY_STATUS;
        if (strncmp(text, kinds[i].by, size) != 0) {
            continue;
        }
        if (text[size] == '\0' || (kinds[i].has_status && text[size] == ' ' &&
                                   parse_number(text + size + 1, 255, &status))) {
            *ret_ending = (struct ending){kinds[i].by, status};
            return 0;
        }
    }
    return -EINVAL;
}

bool ending_matches(const struct ending *ending, const char *by, int64_t status)
{
    if (strcmp(by, "abort") == 0 && strcmp(ending->by, "signal") == 0) {
        return ending->status == SIGABRT;
    }
    return strcmp(by, ending->by) == 0 &&
           (ending->status == ENDING_ANY_STATUS || status < 0 || status == ending->status);
}

void ending_format(const char *by, int64_t status, char text[static ENDING_TEXT_SIZE])
{
    const char *abbreviation =
        status > 0 && status <= MAX_SIGNAL ? sigabbrev_np((int)status) : NULL;

    if (strcmp(by, "signal") == 0 && abbreviation != NULL) {
        snprintf(text, ENDING_TEXT_SIZE, "SIG%s", abbreviation);
        return;
    }
    bool has_status = strcmp(by, "signal") == 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        has_status |= kinds[i].has_status && strcmp(kinds[i].by, by) == 0;
    }
    if (has_status && status >= 0) {
        snprintf(text, ENDING_TEXT_SIZE, "%.30s %lld", by, (long long)status);
    } else {
        snprintf(text, ENDING_TEXT_SIZE, "%.60s", by);
    }
}
