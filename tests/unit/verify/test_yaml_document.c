/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A YAML file is read whole or refused with its place, and no file makes the reader fail. */
#include "harness/verify/yaml_document.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int parse(struct yaml_document *document, const char *text)
{
    return yaml_document_parse(document, "f.yaml", text, strlen(text));
}

static void expect_fault(const char *text, const char *fault)
{
    struct yaml_document document;
    cr_assert_eq(parse(&document, text), -EINVAL, "%s", text);
    cr_assert_str_eq(document.fault, fault);
    yaml_document_done(&document);
}

Test(yaml_document, nodes_know_where_they_stand)
{
    struct yaml_document document;
    cr_assert_eq(parse(&document, "# comment\na: 1\nb:\n  - x\n  - y\n"), 0);
    const yaml_node_t *root = yaml_document_root(&document);
    cr_assert_eq(root->type, YAML_MAPPING_NODE);
    const yaml_node_t *list =
        yaml_document_node(&document, root->data.mapping.pairs.start[1].value);
    const yaml_node_t *y = yaml_document_node(&document, list->data.sequence.items.start[1]);
    struct yaml_place place = yaml_node_place(y);
    cr_assert_eq(place.line, 5);
    cr_assert_eq(place.column, 5);
    cr_assert_eq(yaml_document_refuse(&document, y, "not %s", "this"), -EINVAL);
    cr_assert_str_eq(document.fault, "f.yaml:5:5: not this");
    yaml_document_done(&document);
}

Test(yaml_document, columns_count_characters)
{
    struct yaml_document document;
    cr_assert_eq(parse(&document, "{\xc3\xa4\xc3\xb6: 1}"), 0);
    const yaml_node_t *root = yaml_document_root(&document);
    const yaml_node_t *one = yaml_document_node(&document, root->data.mapping.pairs.start[0].value);
    cr_assert_eq(yaml_node_place(one).column, 6);
    yaml_document_done(&document);
}

Test(yaml_document, faults_name_their_place)
{
    expect_fault("", "f.yaml: the file is empty");
    expect_fault("# nothing\n", "f.yaml: the file is empty");
    expect_fault("a: [1, 2\nb: 3\n",
                 "f.yaml:2:2: did not find expected ',' or ']', while parsing a flow sequence");
    expect_fault("a: 1\n---\nb: 2\n",
                 "f.yaml:2:1: a second document begins here; put it into a file of its own");
    expect_fault("a: \xff\xfe\n", "f.yaml: invalid leading UTF-8 octet at byte 3; the file must be "
                                  "YAML in UTF-8");
    expect_fault("a: &x [1]\nb: *x\n",
                 "f.yaml:2:4: aliases are not read; write out what '*x' stands for");
    expect_fault("&x [*x]\n", "f.yaml:1:5: aliases are not read; write out what '*x' stands for");
}

Test(yaml_document, a_fault_is_one_printable_line)
{
    struct yaml_document document;
    cr_assert_eq(parse(&document, "a: 1"), 0);
    (void)yaml_document_refuse(&document, NULL, "%s", "two\nlines\x1b[31m");
    cr_assert_str_eq(document.fault, "f.yaml: two?lines?[31m");
    char *longest = calloc(1, 5000);
    memset(longest, 'x', 4999);
    (void)yaml_document_refuse(&document, yaml_document_root(&document), "%s", longest);
    cr_assert_eq(strlen(document.fault), YAML_FAULT_SIZE - 1);
    free(longest);
    yaml_document_done(&document);
}

/* A file may be nothing but brackets; libyaml alone would take half an hour to refuse this one. */
Test(yaml_document, deep_nesting_is_refused, .timeout = 20)
{
    struct yaml_document document;
    size_t size = YAML_MAX_SIZE;
    char *text = malloc(size);
    memset(text, '[', size);
    cr_assert_eq(yaml_document_parse(&document, "f.yaml", text, size), -EINVAL);
    cr_assert_str_eq(document.fault, "f.yaml:1:33: nested deeper than 32 levels");
    yaml_document_done(&document);
    free(text);
}

Test(yaml_document, a_file_too_large_is_refused)
{
    struct yaml_document document;
    char *text = malloc(YAML_MAX_SIZE + 1);
    memset(text, ' ', YAML_MAX_SIZE + 1);
    cr_assert_eq(yaml_document_parse(&document, "f.yaml", text, YAML_MAX_SIZE + 1), -EINVAL);
    cr_assert_str_eq(document.fault, "f.yaml: larger than 1048576 bytes");
    yaml_document_done(&document);
    free(text);
}

Test(yaml_document, files_that_cannot_be_read_say_why)
{
    struct yaml_document document;
    cr_assert_eq(yaml_document_open(&document, "/no/such/file.yaml"), -ENOENT);
    cr_assert_str_eq(document.fault,
                     "/no/such/file.yaml: cannot be read: No such file or directory");
    yaml_document_done(&document);
    cr_assert_eq(yaml_document_open(&document, "/"), -EISDIR);
    yaml_document_done(&document);
}

Test(yaml_document, a_file_is_read)
{
    char path[] = "/tmp/lastword-yaml-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, "a: 1\n", 5), 5);
    close(fd);
    struct yaml_document document;
    cr_assert_eq(yaml_document_open(&document, path), 0, "%s", document.fault);
    yaml_document_done(&document);
    unlink(path);
    yaml_document_done(NULL);
}
