/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Slots of Arrow's flatbuffer tables: the order of the fields in Message.fbs and Schema.fbs, where
 * a union counts two.
 */
#pragma once

enum arrow_slot {
    MESSAGE_HEADER_TYPE = 1,
    MESSAGE_HEADER = 2,
    MESSAGE_BODY_LENGTH = 3,

    SCHEMA_FIELDS = 1,
    SCHEMA_CUSTOM_METADATA = 2,

    FIELD_NAME = 0,
    FIELD_DICTIONARY = 4,
    FIELD_CHILDREN = 5,
    FIELD_CUSTOM_METADATA = 6,

    KEY_VALUE_KEY = 0,
    KEY_VALUE_VALUE = 1,

    RECORD_BATCH_LENGTH = 0,
    RECORD_BATCH_NODES = 1,
    RECORD_BATCH_BUFFERS = 2,
};
