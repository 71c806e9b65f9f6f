/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See early.c. */
#pragma once

#define SHOWN __attribute__((visibility("default")))

/* What the constructor saw of its child, as waitpid gives it. */
extern SHOWN int early_status;
/* Set: a child raises SIGUSR1 in its atfork handler, which comes before that of the shim. */
extern SHOWN int early_raises;
