/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "harness/supervise/courier_link.h"

/* The verb: see struct command. */
int cmd_run(int argc, char **argv);

/* The verb with another courier than courier_run: for tests. */
int cmd_run_with(int argc, char **argv, courier_serve *serve);
