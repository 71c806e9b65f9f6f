/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text of unknown origin, such as what a failed program wrote, made harmless in the languages of
 * the reports. All of them: bytes that are no UTF-8 become U+FFFD, so that what is written is
 * always UTF-8. They write to `out` and leave write errors to its owner. Thread-safe, no state.
 */
#pragma once

#include <stdio.h>

/*
 * Writes a text as a JSON string with its quotes. It is also a double-quoted scalar of YAML 1.2:
 * whatever YAML does not count as printable is escaped too.
 */
void escape_json(FILE *out, const char *text);

/* For the content of an XML 1.0 element. Characters that XML forbids become U+FFFD. */
void escape_xml(FILE *out, const char *text);

/* For a value of an XML attribute in double quotes: line feeds and tabs are kept by references. */
void escape_xml_attribute(FILE *out, const char *text);

/* For a description or a reason in TAP: one line, # and \ escaped, control characters as blanks. */
void escape_tap(FILE *out, const char *text);

/*
 * Writes each line of a text as a comment of TAP, ended by a line feed. It is set in by more than
 * one blank: "# Subtest: NAME" begins a subtest in TAP 14, and a program may print that.
 */
void escape_tap_comment(FILE *out, const char *text);

/* For the message and for a property of a workflow command of GitHub Actions. */
void escape_github(FILE *out, const char *text);
void escape_github_property(FILE *out, const char *text);

/* Writes a text as one word of a shell, in single quotes where it needs them. Control characters
 * and what is no UTF-8 are replaced all the same: a word with those is to be read, not to be run.
 */
void escape_shell(FILE *out, const char *text);
