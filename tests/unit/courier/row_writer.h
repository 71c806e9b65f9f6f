/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows as the SDK would log them, by the real writer of spools, and read back from recordings.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Defines a recording "test" / `recording_id`, with a file for save unless `sink` is NULL. Returns
 * its id; ends the process if that fails. */
uint32_t write_recording(const char *recording_id, const char *sink, uint32_t previous_id,
                         uint32_t flags);

/* Says that the files of this definition should be whole. Returns 0 or a negative errno. */
int write_finish(uint32_t recording);

/* Logs a text to an entity. Returns 0 or a negative errno. */
int write_text(uint32_t recording, const char *entity, const char *text);

/* Logs the number as a text, padded by dots to at least `size` bytes. */
int write_number(uint32_t recording, const char *entity, uint64_t number, size_t size);

/*
 * Sends the blueprint "blueprint_NUMBER" of the application, with a text of at least `size` bytes,
 * to be made the default one. Its chunk claims to be of a process that there is not. Returns 0 or a
 * negative errno.
 */
int write_blueprint(uint32_t recording, unsigned int number, size_t size);

/* As write_blueprint for any bytes. */
int write_blueprint_bytes(uint32_t recording, const void *bytes, size_t size);

/* How often a recording has which message of blueprint "blueprint_NUMBER". */
struct stored_blueprint {
    size_t n_infos, n_chunks, n_commands;
    size_t place;     /* of the command among all messages of the recording */
    bool is_in_order; /* announced, then chunks, then the command, which is the one that was sent */
};
struct stored_blueprint read_blueprint(const char *path, unsigned int number);

/* A text that a recording holds. */
struct stored_text {
    char process[48];
    char entity[32];
    char recording_id[32];
    char *text;
    uint64_t row_time, row_inc;
};

struct stored_texts {
    size_t n, capacity;
    struct stored_text *at; /* in the order of the file */
    size_t n_stores;        /* SetStoreInfo */
    size_t n_process_rows;  /* chunks below /lastword/processes */
    size_t n_properties;
    int result; /* 0, or why the recording cannot be read */
};

/* Reads all texts of a recording. Free them with stored_texts_done. */
struct stored_texts read_texts(const char *path);
void stored_texts_done(struct stored_texts *texts);
