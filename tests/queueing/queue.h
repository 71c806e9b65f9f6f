/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The one function that the queueing build of the SDK has beside Rerun's interface. */
#pragma once

/* Writes all rows that wait in this process. What --flush may name. */
void queue_flush(void);
