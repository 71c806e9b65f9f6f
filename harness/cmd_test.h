/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

/* The verb: see struct command. */
int cmd_test(int argc, char **argv);
