/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The keys of a scenario that say how it is run. */
#include "harness/verify/expectation.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT "expect: [{process: root, entity: log}]\n"

static struct expectation scenario;
static char fault[YAML_FAULT_SIZE];

static int parse(const char *keys)
{
    char text[2048];
    snprintf(text, sizeof text, EXPECT "%s", keys);
    return expectation_parse(&scenario, "s.yaml", text, strlen(text), fault);
}

static void done(void)
{
    expectation_done(&scenario);
}

Test(run_plan, all_keys, .fini = done)
{
    cr_assert_eq(
        parse("run: [sh, -c, '', 3]\n"
              "env: {A: b, C: '~', D: ~, E: null, F: ''}\n"
              "cwd: inner\nstdin: ''\nwithin: 3s\ntags: [a, b]\nxfail: why\nlost: [child 2]\n"
              "flush: [stdio, lib:f]\n"
              "skip_if: [no x, env Y, no env Z, root, not root]\n"),
        0, "%s", fault);
    const struct run_plan *plan = &scenario.plan;
    cr_assert_eq(plan->n_words, 4);
    cr_assert_str_eq(plan->words[2], "");
    cr_assert_str_eq(plan->words[3], "3");
    cr_assert_null(plan->words[4]);
    cr_assert_eq(plan->n_env, 5);
    cr_assert_str_eq(plan->env[1].value, "~");
    cr_assert_null(plan->env[2].value);
    cr_assert_null(plan->env[3].value);
    cr_assert_str_eq(plan->env[4].value, "");
    cr_assert_str_eq(plan->stdin_text, "");
    cr_assert_eq(plan->within_ms, 3000);
    cr_assert(run_plan_has_tag(plan, "b") && !run_plan_has_tag(plan, "c"));
    cr_assert_str_eq(plan->flush.text, "stdio,lib:f");
    cr_assert_eq(plan->n_lost, 1);
    cr_assert_eq(plan->n_skips, 5);
    for (size_t i = 0; i < 5; i++) {
        static const char *const texts[] = {"no x", "env Y", "no env Z", "root", "not root"};
        char text[SKIP_TEXT_SIZE];
        skip_condition_format(&plan->skips[i], text);
        cr_assert_str_eq(text, texts[i]);
    }
}

Test(run_plan, refusals_name_place_and_remedy)
{
    static const struct {
        const char *keys, *said;
    } cases[] = {
        {"run: sh\n", "s.yaml:2:6: must be a list"},
        {"run: []\n", "s.yaml:2:6: must be a list of 1 to 4096"},
        {"run: ['']\n", "s.yaml:2:6: the program's name is empty"},
        {"env: [A]\n", "s.yaml:2:6: must be a mapping"},
        {"env: {A=B: c}\n", "s.yaml:2:7: a variable's name has no '='"},
        {"env: {A: b, A: c}\n", "s.yaml:2:13: 'A' stands here twice"},
        {"within: 3\n", "s.yaml:2:9: must be a time with its unit"},
        {"skip_if: [python]\n", "s.yaml:2:11: 'python' is no condition"},
        {"skip_if: [no a b]\n", "s.yaml:2:11: 'no a b' is no condition"},
        {"skip_if: ['env ']\n", "s.yaml:2:11: 'env ' is no condition"},
        {"flush: stdio\n", "s.yaml:2:8: must be a list, this"},
        {"flush: [stdio, 'a b']\n", "s.yaml:2:16: 'a b' has blanks"},
        {"flush: [a::b]\n", "s.yaml:2:9: 'a::b' has more than one ':'"},
        {"tags: []\n", "s.yaml:2:7: must be a list of 1 to 64"},
        {"xfail:\n", "s.yaml:2:7: no value"},
        {"lost: [nobody]\n", "s.yaml:2:8: 'nobody' is no process"},
        {"matrx: {a: [b]}\n", "did you mean 'matrix'?"},
        {"matrix: {a: [b, c]}\n", "makes 2 cases, and a recording is of one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(parse(cases[i].keys), -EINVAL, "%s", cases[i].keys);
        cr_assert(strstr(fault, cases[i].said) != NULL, "%s: %s", cases[i].keys, fault);
    }
}

static bool skips(const char *conditions)
{
    char keys[128];
    snprintf(keys, sizeof keys, "skip_if: [%s]\n", conditions);
    cr_assert_eq(parse(keys), 0, "%s", fault);
    bool result = run_plan_skips(&scenario.plan) != NULL;
    expectation_done(&scenario);
    return result;
}

Test(run_plan, conditions)
{
    setenv("SET_HERE", "", 1);
    unsetenv("NOT_SET_HERE");
    cr_assert(skips("env SET_HERE") && !skips("env NOT_SET_HERE"));
    cr_assert(!skips("no env SET_HERE") && skips("no env NOT_SET_HERE"));
    cr_assert(!skips("no sh") && skips("no such-program-anywhere"));
    cr_assert(!skips("no /bin/sh") && skips("no /bin/such-program"));
    cr_assert(skips("root") != skips("not root"));
    cr_assert(skips("no sh, env SET_HERE"));
    setenv("PATH", "", 1);
    cr_assert(skips("no sh"));
}
