/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Widths of Arrow's formats. Source: the Arrow C data interface, "Data type description".
 */
#include "sdk/record/datatype.h"

/* Formats without parameters, and beginnings that a time zone may follow. */
static const struct {
    const char *format;
    uint32_t size;
} formats[] = {
    {"tdD", 4}, {"tdm", 8}, {"tts", 4}, {"ttm", 4}, {"ttu", 8}, {"ttn", 8},
    {"tDs", 8}, {"tDm", 8}, {"tDu", 8}, {"tiM", 4}, {"tiD", 8}, {"tin", 16},
};
static const char *const timestamps[] = {"tss:", "tsm:", "tsu:", "tsn:"};

/* Decimals by their width: the most digits that it holds. */
static const struct {
    uint32_t bits;
    int max_precision;
} decimals[] = {{32, 9}, {64, 18}, {128, 38}, {256, 76}};

static bool is_time_zone(const char *text)
{
    while (*text > ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* Reads a number of up to three digits and moves *text behind it; -1: there is none. */
static int read_number(const char **text)
{
    int value = 0;
    int n_digits = 0;

    for (; **text >= '0' && **text <= '9' && n_digits < 3; (*text)++, n_digits++)
        value = value * 10 + (**text - '0');
    return n_digits > 0 ? value : -1;
}

/* Reads ",number"; `otherwise` when the text ends here. */
static int read_bits(const char *text, int otherwise)
{
    int bits;

    if (*text == '\0')
        return otherwise;
    if (*text++ != ',')
        return -1;
    bits = read_number(&text);
    return *text == '\0' ? bits : -1;
}

/* "precision,scale" or "precision,scale,bits" */
static uint32_t decimal_size(const char *text)
{
    int precision = read_number(&text);
    int scale;
    int bits;

    if (precision < 1 || *text++ != ',')
        return 0;
    if (*text == '-')
        text++;
    scale = read_number(&text);
    if (scale < 0 || scale > 127)
        return 0;
    bits = read_bits(text, 128);
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        if (bits == (int)decimals[i].bits)
            return precision <= decimals[i].max_precision ? decimals[i].bits / 8 : 0;
    }
    return 0;
}

uint32_t datatype_format_size(const char *format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(format, formats[i].format) == 0)
            return formats[i].size;
    }
    for (size_t i = 0; i < sizeof(timestamps) / sizeof(timestamps[0]); i++) {
        if (strncmp(format, timestamps[i], strlen(timestamps[i])) == 0)
            return is_time_zone(format + strlen(timestamps[i])) ? 8 : 0;
    }
    return strncmp(format, "d:", 2) == 0 ? decimal_size(format + 2) : 0;
}
