# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rows of every component type that the official SDK has, and of every other Arrow type, logged by liblastword and by
the official SDK, are equal.

    any_row.py LASTWORD LIBRARY

Both log the same arrays: one row for each archetype with all of its components, some for each component, and some for
each Arrow type, alone and nested in others, whole and sliced. Ours go through spool and courier. RrdReader then finds
the same types, field names, nullable flags and values in both recordings.
"""

import os
import random
import subprocess
import sys
import tempfile

from official import expect, fail, pa, RrdReader
from arrow_arrays import Maker
from c_interface import RerunError, Stream

import rerun as rr
import rerun.archetypes
import rerun.blueprint.archetypes
import rerun.blueprint.components
import rerun.components

UNITS = ["s", "ms", "us", "ns"]
TYPES = [
    *[pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()],
    *[pa.float16(), pa.float32(), pa.float64(), pa.bool_(), pa.null(), pa.binary(3), pa.binary(70000)],
    *[pa.string(), pa.binary(), pa.large_string(), pa.large_binary(), pa.string_view(), pa.binary_view()],
    *[pa.timestamp(unit) for unit in UNITS],
    *[pa.timestamp(unit, zone) for unit in UNITS for zone in ("UTC", "America/Argentina/ComodRivadavia")],
    *[pa.duration(unit) for unit in UNITS],
    *[pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.date32(), pa.date64()],
    *[pa.decimal32(5, 2), pa.decimal64(18, -3), pa.decimal128(38, 2), pa.decimal256(76, 2)],
    pa.month_day_nano_interval(),
]


def nested(inner):
    """Types that hold the inner one in every way."""
    other = pa.field("other", pa.string(), nullable=False)
    field = pa.field("item", inner)
    required = pa.field("element", inner, nullable=pa.types.is_null(inner))
    unions = [pa.union([field, other], mode, [5, 0]) for mode in ("dense", "sparse")]
    lists = [
        pa.list_(field), pa.large_list(required), pa.list_view(field), pa.large_list_view(required), pa.list_(field, 2)
    ]  # fmt: skip
    return [
        *lists,
        pa.struct([other, field, required]),
        pa.map_(pa.string(), inner),
        pa.map_(pa.int32(), required, keys_sorted=True),
        *unions,
        pa.struct([pa.field(union.mode, union) for union in unions]),
        pa.list_(pa.field("u", unions[0])),
    ]


def official_types():
    """{component type: Arrow type} of all components of the official SDK."""
    types = {}
    for module in (rerun.components, rerun.blueprint.components):
        for name in dir(module):
            batch = getattr(module, name)
            if name.endswith("Batch") and hasattr(batch, "_ARROW_DATATYPE"):
                prefix = "rerun.blueprint.components" if "blueprint" in module.__name__ else "rerun.components"
                types[f"{prefix}.{name.removesuffix('Batch')}"] = batch._ARROW_DATATYPE
    return types


def archetypes():
    """(name, descriptors of all components) of all archetypes of the official SDK."""
    for module in (rerun.archetypes, rerun.blueprint.archetypes):
        for name in module.__all__:
            archetype = getattr(module, name)
            descriptors = [
                getattr(archetype, method)() for method in sorted(dir(archetype)) if method.startswith("descriptor_")
            ]
            yield f"{module.__name__.split('.')[-2]}/{name}", descriptors


def has_struct(arrow_type):
    return any(pa.types.is_struct(arrow_type.field(i).type) for i in range(arrow_type.num_fields))


def slices(array):
    """The array, and parts of it whose offsets are not 0."""
    yield array
    # The official SDK aborts the process for a part of a struct of structs, and logs other values for one of a sparse
    # union.
    if pa.types.is_struct(array.type) and has_struct(array.type) or "sparse_union" in str(array.type):
        return
    yield array.slice(len(array) // 2)
    yield array.slice(1, 1)
    yield array.slice(len(array))


def rows():
    """(entity, {(archetype, component, component type): array}) of all that is logged."""
    maker = Maker(random.Random(41))
    types = official_types()
    for name, descriptors in archetypes():
        yield f"archetypes/{name}", {
            (d.archetype, d.component, d.component_type): maker.array(types[d.component_type], 2) for d in descriptors
        }
    for name, arrow_type in types.items():
        for part in slices(maker.array(arrow_type, 7)):
            yield f"components/{name}", {(None, f"{name}:value", name): part}
    for i, arrow_type in enumerate(TYPES):
        for j, outer in enumerate([arrow_type, *nested(arrow_type)]):
            if arrow_type == pa.binary(70000) and j > 2:
                continue
            for part in slices(maker.array(outer, 7)):
                yield f"types/{i}/{j}", {(None, f"type_{i}_{j}", None): part}


# --- Logging ----------------------------------------------------------------------------------------------------------


class Described:
    """What the official SDK takes for the components of one row."""

    def __init__(self, components):
        self.components = components

    def as_component_batches(self):
        return [
            rr.DescribedComponentBatch(
                ArrowBatch(array),
                rr.ComponentDescriptor(component, archetype=archetype, component_type=component_type),
            )
            for (archetype, component, component_type), array in self.components.items()
        ]


class ArrowBatch:
    def __init__(self, array):
        self.array = array

    def as_arrow_array(self):
        return self.array


def log_ours(library):
    stream = Stream(library, "any_row", "any_row")
    for entity, components in rows():
        try:
            stream.log(entity, components)
        except RerunError as error:
            fail(f"{entity}, {[str(array.type) for array in components.values()]}: {error}")


def log_official(path):
    recording = rr.RecordingStream("any_row", recording_id="any_row", send_properties=False)
    recording.save(path)
    for entity, components in rows():
        recording.log(entity, Described(components))
    recording.flush()
    recording.disconnect()


# --- Comparing --------------------------------------------------------------------------------------------------------


def read(path):
    """{entity: {component: [(type, cell as an array of one list)]}}, in the order of rows."""
    found = {}
    for chunk in RrdReader(path).store().stream():
        batch = chunk.to_record_batch()
        entity = batch.schema.metadata[b"rerun:entity_path"].decode()
        if entity.startswith(("/lastword", "/__properties")):
            continue
        ids = batch.column(0).to_pylist()
        for field, column in zip(batch.schema, batch.columns):
            if field.metadata.get(b"rerun:kind") == b"data":
                key = tuple(field.metadata.get(f"rerun:{part}".encode()) for part in ("archetype", "component_type"))
                cells = found.setdefault(entity, {}).setdefault((field.name, *key), [])
                cells += [(ids[i], field.type, column.slice(i, 1)) for i in range(len(column))]
    return {
        entity: {
            name: [cell[1:] for cell in sorted(cells, key=lambda cell: cell[0])] for name, cells in columns.items()
        }
        for entity, columns in found.items()
    }


def without_views(arrow_type):
    """The text of a type; views, which lastword writes as what they are views of, are that."""
    text = str(arrow_type).replace("string_view", "string").replace("binary_view", "binary")
    return text.replace("large_list_view<", "list<").replace("list_view<", "list<")


def values(array):
    """The values in a form that can be compared: times as numbers."""
    try:
        return array.to_pylist()
    except ValueError:  # nanoseconds do not fit into Python's datetime
        return array.to_string(window=100, container_window=100)


def compare(ours, theirs):
    """Returns the number of cells that were compared."""
    n_cells = 0
    expect(sorted(ours), sorted(theirs), "entities")
    for entity, columns in theirs.items():
        expect(sorted(ours[entity]), sorted(columns), f"{entity}: components")
        for name, cells in columns.items():
            expect(len(ours[entity][name]), len(cells), f"{entity}, {name}: rows")
            for (our_type, our_cell), (their_type, their_cell) in zip(ours[entity][name], cells):
                where = f"{entity}, {name}, {their_type}"
                expect(str(our_type), without_views(their_type), f"{where}: type")
                our_cell.validate(full=True)
                # Array.equals finds no part of a union that begins elsewhere equal: values decide then.
                if not our_cell.equals(their_cell):
                    expect(values(our_cell), values(their_cell), where)
                n_cells += 1
    return n_cells


def expect_difference(ours, theirs):
    """A row of another value, and one of another type, are found: else compare could not fail."""
    for entity, other in (("/types/6/0", "/types/7/0"), ("/components/rerun.components.Text", "/types/15/0")):
        print("to be found:", end=" ")
        changed = {**ours, entity: {name: list(ours[other].values())[0] for name in ours[entity]}}
        try:
            compare(changed, theirs)
        except SystemExit:
            continue
        fail(f"rows of {other} are taken for those of {entity}")


def main():
    if sys.argv[1] == "--log":
        return log_ours(sys.argv[2])
    lastword, library = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, "ours.rrd"), os.path.join(folder, "theirs.rrd")
        done = subprocess.run(
            [lastword, "run", "-o", ours, "--", sys.executable, __file__, "--log", library], timeout=120
        )
        expect(done.returncode, 0, "the run's status")
        log_official(theirs)
        n_cells = compare(read(ours), read(theirs))
        expect_difference(read(ours), read(theirs))
    print(f"{n_cells} cells are equal")
    if n_cells < 3000:
        fail("hardly anything was compared")


main()
