/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where thread-local variables of the SDK lie. In the static block of each thread, so that the
 * first use in a thread allocates nothing and a signal handler may be that use. The block has
 * little room for libraries that are loaded later: who builds the SDK into one of those, and never
 * logs from a signal handler, gives it another model.
 */
#pragma once

#ifndef SDK_TLS_MODEL
#define SDK_TLS_MODEL "initial-exec"
#endif
#define SDK_THREAD_STORAGE __attribute__((tls_model(SDK_TLS_MODEL)))
