/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Texts with placeholders fit what they should, with one meaning for a name, and nothing else. */
#include "harness/verify/pattern.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct placeholder_names names;
    struct pattern pattern;
};

static void setup(struct fixture *fixture, const char *text, bool is_path)
{
    const char *fault = NULL;
    cr_assert_eq(placeholder_names_init(&fixture->names), 0);
    int error = is_path ? pattern_parse_path(&fixture->pattern, text, &fixture->names, &fault)
                        : pattern_parse(&fixture->pattern, text, &fixture->names, &fault);
    cr_assert_eq(error, 0, "%s: %s", text, fault);
}

static void teardown(struct fixture *fixture)
{
    pattern_done(&fixture->pattern);
    placeholder_names_done(&fixture->names);
}

/* Matches one text; the bindings begin empty. */
static bool fits(const char *pattern, bool is_path, const char *text, struct bindings *bindings)
{
    struct fixture fixture;
    *bindings = (struct bindings){0};
    setup(&fixture, pattern, is_path);
    struct pattern_subject subject = {&fixture.pattern, string_view_of(text)};
    bool does_fit = pattern_match(&subject, 1, bindings);
    teardown(&fixture);
    return does_fit;
}

static bool is_value(const struct bindings *bindings, size_t name, const char *value)
{
    return string_view_equal(bindings->values[name], string_view_of(value));
}

Test(pattern, literals_must_be_equal)
{
    struct bindings bindings;
    cr_assert(fits("hello", false, "hello", &bindings));
    cr_assert(fits("", false, "", &bindings));
    cr_assert_not(fits("hello", false, "hello ", &bindings));
    cr_assert_not(fits("hello", false, "hell", &bindings));
    cr_assert_not(fits("", false, "x", &bindings));
    cr_assert_not(fits("x", false, "", &bindings));
}

Test(pattern, doubled_braces_are_braces)
{
    struct bindings bindings;
    cr_assert(fits("{{\"a\": {n}}}", false, "{\"a\": 5}", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "5"));
    cr_assert(fits("{{{{", false, "{{", &bindings));
}

Test(pattern, names_capture_what_has_no_white_space)
{
    struct bindings bindings;
    cr_assert(fits("loss={x} at {t}", false, "loss=-0.5e-3 at 12:30", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "-0.5e-3"));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE + 1, "12:30"));
    cr_assert_not(fits("loss={x} at {t}", false, "loss=a b at c", &bindings));
    cr_assert(bindings.values[PLACEHOLDER_FIRST_FREE].data == NULL, "a failure leaves no trace");
    cr_assert_not(fits("task_{n}", false, "task_", &bindings));
}

Test(pattern, pid_and_tid_are_digits)
{
    struct bindings bindings;
    cr_assert(fits("pid={pid}, thread={tid}.", false, "pid=42, thread=43.", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_PID, "42"));
    cr_assert(is_value(&bindings, PLACEHOLDER_TID, "43"));
    cr_assert_not(fits("pid={pid}", false, "pid=x", &bindings));
    cr_assert_not(fits("pid={pid}", false, "pid=-1", &bindings));
}

Test(pattern, a_name_means_the_same_again)
{
    struct bindings bindings;
    cr_assert(fits("{a}+{a}", false, "12+12", &bindings));
    cr_assert_not(fits("{a}+{a}", false, "12+13", &bindings));
    cr_assert_not(fits("{a}+{a}", false, "12+1", &bindings));
}

/* The first reading (a = "1-2") is a dead end; the right one is found. */
Test(pattern, all_readings_are_tried)
{
    struct bindings bindings;
    cr_assert(fits("{a}-{b}:{a}", false, "1-2-3:1", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "1"));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE + 1, "2-3"));
    cr_assert(fits("{a}-{b}", false, "1-2-3", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "1-2"), "longer captures come first");
}

Test(pattern, subjects_share_their_names)
{
    struct placeholder_names names;
    struct pattern entity, label;
    const char *fault = NULL;
    cr_assert_eq(placeholder_names_init(&names), 0);
    cr_assert_eq(pattern_parse_path(&entity, "/{a}-{n}", &names, &fault), 0);
    cr_assert_eq(pattern_parse(&label, "task_{n}", &names, &fault), 0);
    struct pattern_subject subjects[] = {{&entity, string_view_of("/x-1-2")},
                                         {&label, string_view_of("task_1-2")}};
    struct bindings bindings = {0};
    cr_assert(pattern_match(subjects, 2, &bindings), "the label decides how the entity is read");
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "x"));
    subjects[1].text = string_view_of("task_3");
    bindings = (struct bindings){0};
    cr_assert_not(pattern_match(subjects, 2, &bindings));
    pattern_done(&entity);
    pattern_done(&label);
    placeholder_names_done(&names);
}

Test(pattern, known_meanings_are_kept)
{
    struct fixture fixture;
    setup(&fixture, "pid={pid}", false);
    struct bindings bindings = {0};
    bindings.values[PLACEHOLDER_PID] = string_view_of("42");
    struct pattern_subject subject = {&fixture.pattern, string_view_of("pid=42")};
    cr_assert(pattern_match(&subject, 1, &bindings));
    subject.text = string_view_of("pid=421");
    cr_assert_not(pattern_match(&subject, 1, &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_PID, "42"));
    teardown(&fixture);
}

Test(pattern, paths_are_as_rerun_stores_them)
{
    struct bindings bindings;
    cr_assert(fits("/log", true, "/log", &bindings));
    cr_assert(fits("log", true, "/log", &bindings));
    cr_assert(fits("/a//b/", true, "/a/b", &bindings));
    cr_assert(fits("my task_{n}", true, "/my\\ task_3", &bindings));
    cr_assert(is_value(&bindings, PLACEHOLDER_FIRST_FREE, "3"));
    cr_assert(fits("/a{{b", true, "/a\\{b", &bindings));
    cr_assert_not(fits("/task_{n}", true, "/task_1/mask", &bindings), "a name stays in its part");
    cr_assert(fits("/", true, "/", &bindings));
}

Test(pattern, wrong_texts_are_refused)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"{", "'{' must begin a placeholder"},
        {"{n", "'{' must begin a placeholder"},
        {"{}", "'{' must begin a placeholder"},
        {"{1}", "'{' must begin a placeholder"},
        {"{a b}", "'{' must begin a placeholder"},
        {"{abcdefghijklmnopqrstuvwxyz0123456}", "'{' must begin a placeholder"},
        {"a}b", "a '}' stands alone"},
        {"{a}{b}", "two placeholders need some text between them"},
    };
    struct placeholder_names names;
    cr_assert_eq(placeholder_names_init(&names), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pattern pattern;
        const char *fault = NULL;
        cr_assert_eq(pattern_parse(&pattern, cases[i].text, &names, &fault), -EINVAL);
        cr_assert(strstr(fault, cases[i].fault) == fault, "%s: %s", cases[i].text, fault);
        pattern_done(&pattern);
    }
    placeholder_names_done(&names);
}

Test(pattern, too_many_names_are_refused)
{
    struct placeholder_names names;
    struct pattern pattern;
    const char *fault = NULL;
    cr_assert_eq(placeholder_names_init(&names), 0);
    for (size_t i = PLACEHOLDER_FIRST_FREE; i < PATTERN_MAX_NAMES; i++) {
        char text[16];
        snprintf(text, sizeof text, "{n%zu}", i);
        cr_assert_eq(pattern_parse(&pattern, text, &names, &fault), 0);
        pattern_done(&pattern);
    }
    cr_assert_eq(pattern_parse(&pattern, "{one_more}", &names, &fault), -EINVAL);
    placeholder_names_done(&names);
}

/* 12 names over 200 letters have more readings than could be tried in a lifetime. */
Test(pattern, a_hopeless_search_ends, .timeout = 20)
{
    struct bindings bindings;
    char text[201] = {0};
    memset(text, 'a', 200);
    cr_assert_not(fits("{b}a{c}a{d}a{e}a{f}a{g}a{h}a{i}a{j}a{k}a{l}a{m}!", false, text, &bindings));
}

Test(pattern, uses_tells_the_names)
{
    struct fixture fixture;
    setup(&fixture, "{n} of {recording_id}", false);
    cr_assert(pattern_uses(&fixture.pattern, PLACEHOLDER_FIRST_FREE));
    cr_assert(pattern_uses(&fixture.pattern, PLACEHOLDER_RECORDING_ID));
    cr_assert_not(pattern_uses(&fixture.pattern, PLACEHOLDER_PID));
    teardown(&fixture);
}
