/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword's own helpers: rows of Rerun's archetypes from plain C values.
 *
 *     #include <lastword.h>
 *
 *     int main(int argc, char **argv)
 *     {
 *         rr_error error = {0};
 *
 *         if (!lw_init(&(struct lw_options){.application_id = "my_app",
 *                                           .argc = &argc, .argv = argv}, &error)) {
 *             fprintf(stderr, "%s\n", error.description);
 *             return 1;
 *         }
 *         if (fork() == 0) {
 *             lw_log_text("log", "INFO", "from the child, which initialises nothing", &error);
 *             _exit(0);
 *         }
 *         ...
 *
 * Everything logs to the current recording (rerun.h, RR_REC_STREAM_CURRENT_RECORDING). The general
 * rules of rerun.h on threads, forks, signals, strings, errors and errno hold here too, but that
 * strings are NUL-terminated, and that a missing recording is an error
 * (RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE). Functions that return bool: true when all is
 * well, false when `error` says why not.
 */
#ifndef LASTWORD_H
#define LASTWORD_H

#include "rerun.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* How to begin; members left out are zero. Everything is read only during the call. */
struct lw_options {
    const char *application_id; /* NULL: LASTWORD_APPLICATION_ID, else the program's name */
    const char *recording_id;   /* NULL: see lw_init */
    const char *save;           /* file to save the recording in; NULL: LASTWORD_SAVE, else none */
    int *argc;                  /* main's arguments, or NULL: see lw_init */
    char **argv;
};

/*
 * Makes a recording and makes it the current one of the process. Children, exec'd programs under
 * `lastword run` included, share it without calling anything.
 * options: NULL means all defaults. Where argc and argv are given, these arguments are taken out of
 * them, up to a "--":
 *     --recording-id ID, --recording-id=ID     --save FILE, --save=FILE
 * For each setting the command line counts first, then `options`, then the environment. A recording
 * id that neither of the first two gives is that of the present current recording if it has the
 * same application id (so a child that calls lw_init again joins its parent), else
 * LASTWORD_RECORDING_ID, else "rec_" and 32 random hex digits.
 *
 * Errors: INVALID_STRING_ARGUMENT a setting is not usable, or an argument lacks its value;
 * UNEXPECTED_NULL_ARGUMENT argc without argv; as rr_recording_stream_new and
 * rr_recording_stream_save. The current recording and the arguments are then as before.
 */
bool lw_init(const struct lw_options *options, rr_error *error);

/* Returns the id of the current recording, "" if there is none. Static memory: it stays valid. */
const char *lw_recording_id(void);

/* --- TextLog -------------------------------------------------------------- */

#define LW_LEVEL_CRITICAL "CRITICAL"
#define LW_LEVEL_ERROR    "ERROR"
#define LW_LEVEL_WARN     "WARN"
#define LW_LEVEL_INFO     "INFO"
#define LW_LEVEL_DEBUG    "DEBUG"
#define LW_LEVEL_TRACE    "TRACE"

/* A line of text; members left out are zero. */
struct lw_text_log {
    const char *text;      /* required */
    const char *level;     /* LW_LEVEL_* or any other word; NULL: none */
    const uint32_t *color; /* one, 0xRRGGBBAA; NULL: none */
};

/*
 * Logs a line of text to an entity ("log", "robot/log"). level: LW_LEVEL_*, another word, or NULL.
 * Does not allocate. May be called in a signal handler.
 * Errors: UNEXPECTED_NULL_ARGUMENT path or text; RECORDING_STREAM_RUNTIME_FAILURE the session or
 * its spool is full or gone.
 */
bool lw_log_text(const char *entity_path, const char *level, const char *text, rr_error *error);

/* The same with everything that a TextLog can hold. */
bool lw_log_text_log(const char *entity_path, const struct lw_text_log *text_log, rr_error *error);

/*
 * The same with the text made by printf's rules. Not for signal handlers (vsnprintf is not).
 * Errors also: INVALID_STRING_ARGUMENT vsnprintf refused the format.
 */
__attribute__((format(printf, 4, 5))) bool lw_log_textf(const char *entity_path, const char *level,
                                                        rr_error *error, const char *format, ...);

/* --- Boxes2D -------------------------------------------------------------- */

/* What the four numbers of a box are. */
enum lw_box2d_format {
    LW_BOX2D_XYWH = 0,     /* least x, least y, width, height */
    LW_BOX2D_YXHW = 1,     /* least y, least x, height, width */
    LW_BOX2D_XYXY = 2,     /* least x, least y, greatest x, greatest y */
    LW_BOX2D_YXYX = 3,     /* least y, least x, greatest y, greatest x */
    LW_BOX2D_XCYCWH = 4,   /* centre x, centre y, width, height */
    LW_BOX2D_XCYCW2H2 = 5, /* centre x, centre y, half the width, half the height */
};

/*
 * Boxes in a plane; members left out are zero. An array that is NULL is not logged; one with fewer
 * values than there are boxes repeats its last value in the viewer.
 */
struct lw_boxes2d {
    enum lw_box2d_format format;
    uint32_t n_boxes;   /* 0 clears the entity's boxes */
    const float *boxes; /* 4 * n_boxes numbers, four a box as `format` says */
    uint32_t n_labels;
    const char *const *labels; /* none of them NULL */
    uint32_t n_colors;
    const uint32_t *colors; /* 0xRRGGBBAA */
    uint32_t n_radii;
    const float *radii; /* half the width of lines: above 0 in the scene's units, below 0 in the
                           window's points */
    uint32_t n_class_ids;
    const uint16_t *class_ids;
    const float *draw_order; /* one value, the higher the further in front; NULL: the viewer's 10 */
    const bool *show_labels; /* one value; NULL: the viewer decides */
};

/*
 * Logs boxes to an entity. Does not allocate. May be called in a signal handler.
 * Errors: UNEXPECTED_NULL_ARGUMENT path, boxes, a label, or an array whose count is not 0;
 * INVALID_ENUM_VALUE the format; INVALID_COMPONENT a component above 512 MiB;
 * RECORDING_STREAM_RUNTIME_FAILURE the session or its spool is full or gone.
 */
bool lw_log_boxes2d(const char *entity_path, const struct lw_boxes2d *boxes, rr_error *error);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* LASTWORD_H */
