/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * UTF-8 as the Unicode standard, table 3-7, defines it. No state.
 */
#include "harness/wire/utf8.h"

#include <stdint.h>

/* What may follow a leading byte: how many bytes, and the range of the first of them. */
struct sequence {
    unsigned int n_following;
    uint8_t low, high;
};

static struct sequence sequence_of(uint8_t lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return (struct sequence){1, 0x80, 0xbf};
    if (lead >= 0xe0 && lead <= 0xef)
        return (struct sequence){2, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf};
    if (lead >= 0xf0 && lead <= 0xf4)
        return (struct sequence){3, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf};
    return (struct sequence){0, 0, 0};
}

static void drop(struct string_view *text, size_t n)
{
    text->data += n;
    text->size -= n;
}

bool utf8_next(struct string_view *text, uint32_t *ret_code_point)
{
    const uint8_t *bytes = (const uint8_t *)text->data;
    uint8_t lead = bytes[0];
    struct sequence sequence = sequence_of(lead);
    uint32_t code_point = lead & (0x3fu >> sequence.n_following);
    size_t i;

    *ret_code_point = lead < 0x80 ? lead : UTF8_REPLACEMENT;
    if (sequence.n_following == 0) {
        drop(text, 1);
        return lead < 0x80;
    }
    for (i = 1; i <= sequence.n_following && i < text->size; i++) {
        if (bytes[i] < (i == 1 ? sequence.low : 0x80) || bytes[i] > (i == 1 ? sequence.high : 0xbf))
            break;
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    }
    drop(text, i);
    if (i <= sequence.n_following)
        return false;
    *ret_code_point = code_point;
    return true;
}

static size_t count_ascii(struct string_view text)
{
    size_t i = 0;
    uint64_t word;

    for (; i + sizeof(word) <= text.size; i += sizeof(word)) {
        memcpy(&word, text.data + i, sizeof(word));
        if (word & 0x8080808080808080u)
            break;
    }
    while (i < text.size && (uint8_t)text.data[i] < 0x80)
        i++;
    return i;
}

bool utf8_is_valid(struct string_view text)
{
    uint32_t code_point;

    while (text.size > 0) {
        drop(&text, count_ascii(text));
        if (text.size > 0 && !utf8_next(&text, &code_point))
            return false;
    }
    return true;
}

int utf8_append(struct buffer *out, uint32_t code_point)
{
    uint8_t bytes[4];
    size_t n_following = code_point < 0x80      ? 0
                         : code_point < 0x800   ? 1
                         : code_point < 0x10000 ? 2
                                                : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n_following; i > 0; i--) {
        bytes[i] = (uint8_t)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    bytes[0] = (uint8_t)(marks[n_following] | code_point);
    return buffer_append(out, bytes, n_following + 1);
}

int utf8_append_lossy(struct buffer *out, struct string_view text)
{
    size_t size_before = out->size;
    uint32_t code_point;
    int error = 0;

    if (utf8_is_valid(text))
        return buffer_append(out, text.data, text.size);
    while (error == 0 && text.size > 0) {
        (void)utf8_next(&text, &code_point);
        error = utf8_append(out, code_point);
    }
    if (error != 0)
        buffer_truncate(out, size_before);
    return error;
}
