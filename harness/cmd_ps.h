/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

/* lastword ps: see struct command. */
int cmd_ps(int argc, char **argv);
