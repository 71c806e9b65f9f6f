/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Takes the URL of a viewer apart, from its front to its end. Nothing is resolved or dialled. */
#include "sdk/viewer_url.h"

#include <stdint.h>

static bool begins_with(struct text text, const char *prefix)
{
    size_t size = strlen(prefix);

    return text.size >= size && memcmp(text.bytes, prefix, size) == 0;
}

static struct text without(struct text text, size_t size)
{
    return (struct text){text.bytes + size, text.size - size};
}

static size_t span_until(struct text text, const char *ends)
{
    size_t n = 0;

    while (n < text.size && !strchr(ends, text.bytes[n]))
        n++;
    return n;
}

/* --- Schemes -------------------------------------------------------------- */

/* Takes the scheme off, with what follows it. False: there is none. */
static bool take_scheme(struct text *url)
{
    static const char *const schemes[] = {"rerun+http://", "rerun+https://", "rerun://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (begins_with(*url, schemes[i])) {
            *url = without(*url, strlen(schemes[i]));
            return true;
        }
    }
    return false;
}

static bool is_text(struct text text, const char *other)
{
    return text.size == strlen(other) && memcmp(text.bytes, other, text.size) == 0;
}

/* The scheme that goes without saying for this host; NULL: none does. */
static const char *guess_scheme(struct text url)
{
    static const char cloud[] = ".rerun.io";
    struct text host = {url.bytes, span_until(url, ":/?#")};

    if (is_text(host, "localhost") || is_text(host, "127.0.0.1"))
        return "rerun+http://";
    if (is_text(host, cloud + 1) ||
        (host.size > strlen(cloud) && is_text(without(host, host.size - strlen(cloud)), cloud)))
        return "rerun://";
    return NULL;
}

/* --- What follows them ---------------------------------------------------- */

static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.size; i++) {
        unsigned char c = (unsigned char)host.bytes[i];

        if (c <= ' ' || c == 0x7f || strchr("@[]<>\"\\^`{|}%", c))
            return false;
    }
    return host.size > 0;
}

static bool is_address(struct text host)
{
    for (size_t i = 0; i < host.size; i++) {
        if (!strchr("0123456789abcdefABCDEF:.", host.bytes[i]))
            return false;
    }
    return host.size > 1;
}

static const char *take_host(struct text *url)
{
    size_t size;
    bool is_good;

    if (url->size > 0 && url->bytes[0] == '[') {
        size = span_until(*url, "]");
        if (size == url->size)
            return "the bracket before the address is not closed";
        is_good = is_address((struct text){url->bytes + 1, size - 1});
        size++;
    } else {
        size = span_until(*url, ":/?#");
        is_good = is_host((struct text){url->bytes, size});
    }
    *url = without(*url, size);
    return is_good ? NULL : "there is no host, or it is not one";
}

static const char *take_port(struct text *url)
{
    uint32_t port = 0;
    size_t n = 1;

    if (url->size == 0 || url->bytes[0] != ':')
        return NULL;
    for (; n < url->size && url->bytes[n] >= '0' && url->bytes[n] <= '9' && port <= UINT16_MAX; n++)
        port = port * 10 + (uint32_t)(url->bytes[n] - '0');
    *url = without(*url, n);
    return port >= 1 && port <= UINT16_MAX ? NULL : "the port is not one of 1 to 65535";
}

static const char *check_path(struct text url)
{
    if (!begins_with(url, "/proxy"))
        return "it does not end in /proxy";
    url = without(url, strlen("/proxy"));
    if (url.size > 0 && url.bytes[0] == '/')
        url = without(url, 1);
    for (size_t i = 0; i < url.size; i++) {
        if ((unsigned char)url.bytes[i] <= ' ' || url.bytes[i] == 0x7f)
            return "there is a space or a control character in it";
    }
    return url.size == 0 || url.bytes[0] == '?' || url.bytes[0] == '#' ? NULL
                                                                       : "it goes on behind /proxy";
}

const char *viewer_url_complete(struct text url, char full[VIEWER_URL_MAX_SIZE], size_t *ret_size)
{
    struct text rest =
        url.size > 0 ? url : (struct text){VIEWER_URL_DEFAULT, strlen(VIEWER_URL_DEFAULT)};
    struct text whole = rest;
    const char *scheme = take_scheme(&rest) ? "" : guess_scheme(rest);
    const char *problem;

    if (!scheme)
        return "it does not begin with rerun+http://, rerun+https:// or rerun://";
    problem = take_host(&rest);
    if (!problem)
        problem = take_port(&rest);
    if (!problem)
        problem = check_path(rest);
    if (problem)
        return problem;
    *ret_size = strlen(scheme) + whole.size;
    if (*ret_size > VIEWER_URL_MAX_SIZE)
        return "it is too long";
    memcpy(full, scheme, strlen(scheme));
    memcpy(full + strlen(scheme), whole.bytes, whole.size);
    return NULL;
}
