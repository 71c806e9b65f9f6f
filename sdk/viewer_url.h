/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * URLs of viewers, as Rerun writes them: rerun+http://HOST[:PORT]/proxy, likewise with rerun+https
 * and rerun. A host in brackets is an IPv6 address; a slash or a query may follow.
 */
#pragma once

#include "sdk/argument.h"

#include <stddef.h>

#define VIEWER_URL_DEFAULT  "rerun+http://127.0.0.1:9876/proxy"
#define VIEWER_URL_MAX_SIZE 1024 /* bytes, scheme included: a note must hold it */

/*
 * Checks `url` (UTF-8 without NUL) and writes it to `full`, with the scheme that it lacks where the
 * host says which: this machine's, or rerun.io. An empty one is VIEWER_URL_DEFAULT. Returns NULL
 * and the size of what was written, which is not terminated; or a text that says what is wrong.
 * Async-signal-safe, no state.
 */
const char *viewer_url_complete(struct text url, char full[VIEWER_URL_MAX_SIZE], size_t *ret_size);
