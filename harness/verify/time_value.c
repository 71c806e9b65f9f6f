/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads and writes values on timelines, exactly: no floating point is involved. No state. */
#include "harness/verify/time_value.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000

static const struct {
    const char *name;
    int64_t factor_ns;
} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", NS_PER_S}};
#define N_UNITS (sizeof units / sizeof units[0])

/* --- Reading ---------------------------------------------------------------------------------- */

/* Reads digits, at least one, and moves behind them. */
static bool read_digits(const char **text, int64_t *ret_number)
{
    int64_t number = 0;
    const char *at = *text;
    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *at - '0', &number)) {
            return false;
        }
    }
    bool has_any = at > *text;
    *text = at;
    *ret_number = number;
    return has_any;
}

/* Reads ".25" as so many parts of `whole`, a power of ten; nothing there is 0. */
static bool read_fraction(const char **text, int64_t whole, int64_t *ret_parts)
{
    const char *at = *text;
    *ret_parts = 0;
    if (*at != '.') {
        return true;
    }
    for (at++; isdigit((unsigned char)*at); at++) {
        if (whole == 1 && *at != '0') {
            return false;
        }
        whole = whole > 1 ? whole / 10 : 1;
        *ret_parts += (*at - '0') * (*at == '0' ? 0 : whole);
    }
    bool has_any = at > *text + 1;
    *text = at;
    return has_any;
}

static bool parse_duration(const char *text, int64_t *ret_value)
{
    bool is_negative = *text == '-';
    const char *number = text + is_negative, *unit = number + strspn(number, "0123456789.");
    int64_t value = 0, parts = 0;
    for (size_t i = 0; i < N_UNITS; i++) {
        if (strcmp(unit, units[i].name) != 0) {
            continue;
        }
        if (!read_digits(&number, &value) || !read_fraction(&number, units[i].factor_ns, &parts) ||
            number != unit || __builtin_mul_overflow(value, units[i].factor_ns, &value) ||
            __builtin_add_overflow(value, parts, &value)) {
            return false;
        }
        *ret_value = is_negative ? -value : value;
        return true;
    }
    return false;
}

/* "Z" or "+02:00", in seconds east of Greenwich. */
static bool parse_offset(const char *text, int64_t *ret_offset_s)
{
    int hours = 0, minutes = 0, size = 0;
    *ret_offset_s = 0;
    if (strcmp(text, "Z") == 0) {
        return true;
    }
    if (strlen(text) != 6 || strspn(text + 1, "0123456789:") != 5 ||
        sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &size) != 2 || size != 5 || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *ret_offset_s = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return text[0] == '-' || text[0] == '+';
}

/* The date must be one: timegm would make the 1st of March of a 30th of February. */
static bool read_date(const char *text, int64_t *ret_seconds)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    struct tm tm = {0};
    for (size_t i = 0; i < strlen(form); i++) {
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i]) {
            return false;
        }
    }
    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
           &tm.tm_min, &tm.tm_sec);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct tm same = tm;
    *ret_seconds = timegm(&same);
    return same.tm_mon == tm.tm_mon && same.tm_mday == tm.tm_mday && same.tm_hour == tm.tm_hour &&
           same.tm_min == tm.tm_min && same.tm_sec == tm.tm_sec;
}

static bool parse_timestamp(const char *text, int64_t *ret_value)
{
    int64_t seconds = 0, parts = 0, offset_s = 0;
    if (!read_date(text, &seconds)) {
        return false;
    }
    const char *rest = text + strlen("dddd-dd-ddTdd:dd:dd");
    return read_fraction(&rest, NS_PER_S, &parts) && parse_offset(rest, &offset_s) &&
           !__builtin_mul_overflow(seconds - offset_s, (int64_t)NS_PER_S, ret_value) &&
           !__builtin_add_overflow(*ret_value, parts, ret_value);
}

int time_value_parse(const char *text, enum time_type *ret_type, int64_t *ret_value)
{
    const char *digits = text + (text[0] == '-'), *fault = NULL;
    if (digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits)) {
        *ret_type = TIME_SEQUENCE;
        *ret_value = strtonum(text, INT64_MIN, INT64_MAX, &fault);
        return fault == NULL ? 0 : -EINVAL;
    }
    if (parse_duration(text, ret_value)) {
        *ret_type = TIME_DURATION;
        return 0;
    }
    if (parse_timestamp(text, ret_value)) {
        *ret_type = TIME_TIMESTAMP;
        return 0;
    }
    return -EINVAL;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* In the largest unit that needs no fraction. */
static void format_duration(int64_t value, char text[static TIME_VALUE_TEXT_SIZE])
{
    size_t i = N_UNITS - 1;
    while (value % units[i].factor_ns != 0) {
        i--;
    }
    snprintf(text, TIME_VALUE_TEXT_SIZE, "%" PRId64 "%s", value / units[i].factor_ns,
             units[i].name);
}

static void format_timestamp(int64_t value, char text[static TIME_VALUE_TEXT_SIZE])
{
    int64_t parts = value % NS_PER_S;
    time_t seconds = value / NS_PER_S - (parts < 0);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t size = strftime(text, TIME_VALUE_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    if (parts != 0) {
        parts += parts < 0 ? NS_PER_S : 0;
        size += (size_t)snprintf(text + size, TIME_VALUE_TEXT_SIZE - size, ".%09" PRId64, parts);
        while (text[size - 1] == '0') {
            size--;
        }
    }
    strcpy(text + size, "Z");
}

void time_value_format(enum time_type type, int64_t value, char text[static TIME_VALUE_TEXT_SIZE])
{
    if (type == TIME_DURATION) {
        format_duration(value, text);
    } else if (type == TIME_TIMESTAMP) {
        format_timestamp(value, text);
    } else {
        snprintf(text, TIME_VALUE_TEXT_SIZE, "%" PRId64, value);
    }
}
