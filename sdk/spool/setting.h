/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The values of our environment variables, read the same way by SDK and shim. */
#pragma once

#include <stdint.h>

/* LASTWORD_FLUSH_TIMEOUT where it is not set. */
#define SETTING_FLUSH_TIMEOUT_MS 2000u

/* LASTWORD_FLUSH: at most so many words, parted by commas, in so many bytes. */
#define SETTING_FLUSH_WORDS 16
#define SETTING_FLUSH_SIZE  1024

/*
 * A duration: a whole number with "ms", "s" or "m" behind it, seconds without. The fallback when
 * `text` is NULL or anything else: a library cannot complain. Async-signal-safe, keeps errno.
 */
uint32_t setting_duration_ms(const char *text, uint32_t fallback_ms);
/* A size in bytes: a whole number, with "K", "M" or "G" behind it for powers of 1024. */
uint64_t setting_size(const char *text, uint64_t fallback);
