# SPDX-License-Identifier: MIT OR Apache-2.0
"""Components of the program's own, of every Arrow type that comes by."""

import datetime
import functools

import numpy as np
import pyarrow as pa
import rerun as rr
from program import case

LISTS = pa.array([[1, 2], [], None, [3]], pa.list_(pa.int32()))
STRUCTS = pa.array([{"x": 1.5, "y": "a"}, {"x": None, "y": None}, None], pa.struct([("x", pa.float64()), ("y", pa.utf8())]))
NESTED = pa.array([[[1], [2, 3]], [], [[], None]], pa.list_(pa.list_(pa.uint8())))
DEEP = pa.array([{"l": [{"k": [1, 2]}, {"k": None}], "f": [1, 2]}, {"l": [], "f": None}],
                pa.struct([("l", pa.list_(pa.struct([("k", pa.list_(pa.int16()))]))),
                           ("f", pa.list_(pa.float32(), 2))]))

# Types that every SDK of Rerun writes itself, and what programs use.
COMMON = {
    **{f"{kind}{bits}": pa.array([0, 1, 2, 100], getattr(pa, f"{kind}{bits}")())
       for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
    "int64_limits": pa.array([-(2**63), 2**63 - 1], pa.int64()),
    "uint64_limits": pa.array([0, 2**64 - 1], pa.uint64()),
    "float16": pa.array(np.array([0.5, -1, 65504], np.float16)),
    "float32": pa.array([0.1, float("inf"), float("nan")], pa.float32()),
    "float64": pa.array([0.1, -0.0, float("-inf")], pa.float64()),
    "bool": pa.array([True, False, True] * 7),
    "utf8": pa.array(["", "a", "ä\N{SNOWMAN}\0", "x" * 5000]),
    "binary": pa.array([b"", b"\0\1\2", bytes(range(256)) * 20]),
    "lists": pa.array([[1, 2], [], [3]], pa.list_(pa.int32())),
    "list_of_text": pa.array([["a", "b"], [], ["c"]]),
    "nested": pa.array([[[1], [2, 3]], [], [[]]], pa.list_(pa.list_(pa.uint8()))),
    "fixed_list": pa.array([[1, 2, 3], [4, 5, 6]], pa.list_(pa.float32(), 3)),
    "struct": pa.array([{"x": 1.5, "y": "a"}, {"x": 2.5, "y": "b"}]),
    "deep": DEEP,
    "large": pa.array(np.arange(100_000.0)),
}
WITH_NULLS = {
    "int_nulls": pa.array([1, None, 3], pa.int32()),
    "bool_nulls": pa.array([True, None, False] * 5),
    "float_nulls": pa.array([None, None], pa.float32()),
    "text_nulls": pa.array(["a", None, ""]),
    "list_nulls": LISTS,
    "struct_nulls": STRUCTS,
    "nested_nulls": NESTED,
    "fixed_list_nulls": pa.array([[1, 2], None, [3, None]], pa.list_(pa.int8(), 2)),
}
EMPTY = {f"empty_{name}": array[:0] for name, array in {**COMMON, **WITH_NULLS}.items()}
SLICES = {f"slice_{name}": array[1 : len(array) - 1 if len(array) > 2 else None]
          for name, array in {**COMMON, **WITH_NULLS}.items()}
SLICES |= {
    "slice_bits": pa.array([bool(i & 4) for i in range(40)])[3:27],
    "slice_of_slice": pa.array(range(20))[3:17][3:7],
    "slice_deep": pa.array([[[i], [i, None]] for i in range(9)])[3:7],
    "slice_null_bits": pa.array([i if i % 3 else None for i in range(40)])[11:31],
    "slice_struct_nulls": pa.concat_arrays([STRUCTS] * 5)[4:13],
    "slice_fixed": pa.array([[i, i + 1] for i in range(9)], pa.list_(pa.int32(), 2))[2:5],
    "slice_fixed_of_lists": pa.array([[[i], []] for i in range(9)], pa.list_(pa.list_(pa.int32()), 2))[2:5],
}
# Types that lastword may not know yet.
UNUSUAL = {
    "null": pa.nulls(3),
    "date32": pa.array([datetime.date(2020, 1, 2)]),
    "date64": pa.array([datetime.date(2020, 1, 2)], pa.date64()),
    "time32": pa.array([1, 2], pa.time32("ms")),
    "time64": pa.array([1, 2], pa.time64("ns")),
    "timestamp_ns": pa.array([1, None, 2**62], pa.timestamp("ns")),
    "timestamp_us_utc": pa.array([1], pa.timestamp("us", tz="UTC")),
    "duration": pa.array([1, -1], pa.duration("ns")),
    "large_utf8": pa.array(["a", "bc"], pa.large_utf8()),
    "large_binary": pa.array([b"a", b"bc"], pa.large_binary()),
    "large_list": pa.array([[1], [2, 3]], pa.large_list(pa.int8())),
    "fixed_binary": pa.array([b"abcd", b"efgh"], pa.binary(4)),
    "string_view": pa.array(["a", "a text that is longer than twelve"], pa.string_view()),
    "binary_view": pa.array([b"a", b"a text that is longer than twelve"], pa.binary_view()),
    "decimal": pa.array([1, 2], pa.decimal128(10, 2)),
    "dictionary": pa.array(["a", "b", "a", None]).dictionary_encode(),
    "map": pa.array([[("a", 1), ("b", 2)], []], pa.map_(pa.utf8(), pa.int32())),
    "sparse_union": pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]),
    "dense_union": pa.UnionArray.from_dense(pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32()),
                                            [pa.array([1, 2]), pa.array(["a"])]),
    "run_end": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", "b"])),
    "list_of_dictionary": pa.array([["a"], ["b", "a"]], pa.list_(pa.dictionary(pa.int32(), pa.utf8()))),
    "struct_of_time": pa.array([{"t": 1}], pa.struct([("t", pa.timestamp("ns"))])),
}
PLAIN = {
    "int": 7, "float": 1.5, "text": "text", "truth": True, "bytes": b"bytes", "list": [1, 2, 3], "floats": [1, 2.5],
    "texts": ["a", "b"], "numpy": np.arange(3), "numpy_2d": np.ones((2, 3)), "uint8": np.arange(3, dtype=np.uint8),
    "scalar": np.float32(0.5), "none": None, "nested": [[1, 2], [3]], "dicts": [{"a": 1}, {"a": 2}],
    "colors": rr.components.ColorBatch([[1, 2, 3]]), "empty": [], "bools": np.array([True, False]),
}


def log_each(run, arrays):
    run.init()
    for name, array in arrays.items():
        run.attempt(lambda: rr.log(f"v/{name}", rr.AnyValues(**{name: array})))  # noqa: B023


@case
def common(run):
    log_each(run, COMMON)


@case
def with_nulls(run):
    log_each(run, WITH_NULLS)


@case
def empty(run):
    log_each(run, EMPTY)


@case
def slices(run):
    log_each(run, SLICES)


@case
def plain_times(run):
    log_each(run, {"time": np.datetime64(5, "ns"), "moment": np.timedelta64(5, "s"), "dates": [datetime.datetime(2020, 1, 1)]})


@case
def plain(run):
    log_each(run, PLAIN)


def log_unusual(run, name):
    array = UNUSUAL[name]
    parts = {f"slice_{name}": array[1:], f"empty_{name}": array[:0]}
    # The official SDK takes wrong values for slices of sparse unions, and its reader refuses those of run-end arrays.
    log_each(run, {name: array, **({} if name in ("run_end", "sparse_union") else parts)})


for _name in UNUSUAL:
    case(functools.partial(log_unusual, name=_name), f"unusual_{_name}")


@case
def batches(run):
    run.init()
    rr.log("b", [rr.AnyBatchValue("own.name", [1, 2, 3])])
    rr.log("b", [rr.AnyBatchValue(rr.ComponentDescriptor("C", archetype="A", component_type="T"), pa.array([1.5]))])
    rr.log("b", [rr.AnyBatchValue(rr.ComponentDescriptor("only.type", component_type="T"), ["x"]),
                 rr.AnyBatchValue("other", np.arange(4))])
    rr.log("n", rr.AnyValues(drop_untyped_nones=False, known=[1]), rr.AnyValues(known2=[2]))
    rr.log("n", rr.AnyValues(known=None))
    rr.log("n", rr.AnyValues(known=[]))


@case
def dynamic_archetypes(run):
    run.init()
    rr.log("d", rr.DynamicArchetype("My", components={"one": pa.array([1, 2]), "two": ["x"]}))
    rr.log("d", rr.DynamicArchetype("My").with_component_from_data("three", [1.5])
           .with_component_override("four", rr.components.Color._BATCH_TYPE.COMPONENT_TYPE
                                    if hasattr(rr.components.Color._BATCH_TYPE, "COMPONENT_TYPE") else "T", [7]))


@case
def many_components(run):
    run.init()
    rr.log("many", rr.AnyValues(**{f"c{i:03}": [i] for i in range(100)}))
    for i in range(300):
        rr.log(f"many/{i % 7}", rr.AnyValues(**{f"k{i}": [i]}))


@case
def one_name_two_types(run):
    run.init()
    rr.log("x", [rr.AnyBatchValue("same", pa.array([1]))])
    rr.log("y", [rr.AnyBatchValue("same", pa.array(["a"]))])


@case
def objects_with_an_array(run):
    """What only answers __arrow_c_array__, and a chunked array, which does not."""
    run.init()
    import rerun_bindings as bindings

    class Foreign:
        def __arrow_c_array__(self, requested_schema=None):
            return pa.array([1, 2]).__arrow_c_array__(requested_schema)

    descriptor = rr.ComponentDescriptor("c")
    run.attempt(bindings.log_arrow_msg, "x", {descriptor: Foreign()}, False)
    run.attempt(bindings.log_arrow_msg, "x", {descriptor: pa.chunked_array([[1], [2]])}, False)
    run.attempt(bindings.log_arrow_msg, "x", {descriptor: [1, 2]}, False)
    run.attempt(bindings.log_arrow_msg, "x", {descriptor: None}, False)
    run.attempt(bindings.log_arrow_msg, "x", {"text": pa.array([1])}, False)
    run.attempt(bindings.log_arrow_msg, "x", {}, False)
