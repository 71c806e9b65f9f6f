# SPDX-License-Identifier: MIT OR Apache-2.0
"""Recordings as rows, read by the official reader and told in full: types, values, nulls, times.

What no two runs have in common is left out: row ids, chunk ids, values of log_time, start times.
"""

import pyarrow as pa
from rerun.chunk import RrdReader


def describe_type(field):
    """A type with all that str(type) leaves out."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type  # lastword writes the values
    inner = [describe_type(kind.field(i)) for i in range(kind.num_fields)]
    name = str(kind) if not inner else type(kind).__name__
    name = name.removesuffix("_view")  # lastword writes those as plain texts and bytes
    if pa.types.is_fixed_size_list(kind):
        name += f"({kind.list_size})"
    return [field.name, name, field.nullable, *inner]


def values_of(array):
    """An array's values as plain ones, exactly: NaNs and zeros with signs, times as integers."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return values_of(array.storage)
    if pa.types.is_dictionary(kind):
        return values_of(array.dictionary_decode())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_map(kind):
        return [None if not cell.is_valid else values_of(cell.values) for cell in array]
    if pa.types.is_struct(kind):
        fields = [values_of(field) for field in array.flatten()]
        return [list(row) if cell.is_valid else None for cell, row in zip(array, zip(*fields) if fields else [()] * len(array))]
    if pa.types.is_union(kind):
        return [[cell.type_code, values_of(pa.array([cell.value.as_py()], cell.value.type))] for cell in array]
    if pa.types.is_temporal(kind):
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        return array.view(width).to_pylist()
    if pa.types.is_floating(kind):
        return [repr(value) for value in array.to_pylist()]
    return [value.hex() if isinstance(value, bytes) else value for value in array.to_pylist()]


def describe_columns(batch):
    """The columns of a chunk, by kind: [(label, type, values)]."""
    columns = {"index": [], "data": [], "control": []}
    for field, column in zip(batch.schema, batch.columns):
        about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        kind = about.pop("rerun:kind", "?")
        about.pop("rerun:is_sorted", None)
        label = " ".join([field.name, *(f"{key}={value}" for key, value in sorted(about.items()))])
        values = values_of(column)
        if kind == "index" and field.name == "log_time":
            values = ["now"] * len(values)
        if field.name == "RecordingInfo:start_time" and batch.schema.metadata[b"rerun:entity_path"] == b"/__properties":
            values = [value and ["start"] for value in values]
        inner = describe_type(field.type.value_field) if kind == "data" else str(field.type)
        columns[kind].append((label, inner, values))
    return columns


def rows_of(chunk):
    """[(row id, row)] of a chunk; a null cell is one that was not logged."""
    batch = chunk.to_record_batch()
    columns = describe_columns(batch)
    row_ids = columns["control"][0][2]
    for i, row_id in enumerate(row_ids):
        yield row_id, {
            "static": chunk.is_static,
            "times": {label: [kind, values[i]] for label, kind, values in sorted(columns["index"])},
            "cells": {label: [kind, values[i]] for label, kind, values in sorted(columns["data"], key=str)
                      if values[i] is not None},
        }


def read(path):
    """{(application, recording): {entity: [row in the order in which it was logged]}}"""
    reader = RrdReader(str(path))
    recordings = {}
    for store in reader.recordings():
        entities = recordings.setdefault((store.application_id, store.recording_id), {})
        for chunk in reader.stream(store=store):
            if not chunk.entity_path.startswith("/lastword/"):
                entities.setdefault(chunk.entity_path, []).extend(rows_of(chunk))
    return {name: {path: [row for _, row in sorted(rows, key=lambda pair: pair[0])]
                   for path, rows in sorted(entities.items())} for name, entities in recordings.items()}
