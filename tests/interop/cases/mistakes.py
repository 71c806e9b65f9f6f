# SPDX-License-Identifier: MIT OR Apache-2.0
"""Wrong calls of every function that is rerouted: the same exceptions, with the same words."""

import inspect
import math

import pyarrow as pa
import rerun as rr
import rerun_bindings as bindings
from program import case

THINGS = {"none": None, "int": 5, "text": "text", "float": 1.5, "list": [1], "dict": {"a": 1}, "bytes": b"b",
          "huge": 2**64, "negative": -1, "nan": math.nan, "object": object, "true": True}

# A right call of each function, by keywords.
RIGHT = {
    "log_arrow_msg": {"entity_path": "x", "components": {}, "static_": False},
    "send_arrow_chunk": {"entity_path": "x", "timelines": {}, "components": {}},
    "send_chunks": {"chunks": []},
    "set_time_sequence": {"timeline": "t", "sequence": 1},
    "set_time_duration_nanos": {"timeline": "t", "nanos": 1},
    "set_time_timestamp_nanos_since_epoch": {"timeline": "t", "nanos": 1},
    "disable_timeline": {"timeline": "t"},
    "reset_time": {},
    "set_log_tick_enabled": {"enabled": False},
    "set_log_time_enabled": {"enabled": True},
    "send_recording_name": {"name": "n"},
    "send_recording_start_time_nanos": {"nanos": 1},
    "new_recording": {"application_id": "mistakes_other", "recording_id": "r", "make_default": False,
                      "make_thread_default": False, "default_enabled": True, "send_properties": False},
    "get_application_id": {},
    "get_recording_id": {},
    "is_enabled": {},
    "get_data_recording": {},
    "get_global_data_recording": {},
    "set_global_data_recording": {},
    "get_thread_local_data_recording": {},
    "set_thread_local_data_recording": {},
    "flush_and_cleanup_orphaned_recordings": {},
    "disconnect_orphaned_recordings": {},
    "cleanup_if_forked_child": {},
    "connect_grpc": {"url": "rerun+http://127.0.0.1:1/proxy"},
    "save": {"path": "/nowhere/at/all/x.rrd"},
    "set_sinks": {"sinks": []},
    "flush": {"timeout_sec": 0.0},
    "finalize_deferred_sinks": {},
    "send_blueprint": {},
}
TAKE_A_RECORDING = [name for name in RIGHT if "recording" in inspect.signature(getattr(bindings, name)).parameters]
# What these functions would do with a right call has no place here: it waits, or makes recordings current.
NOT_CALLED_RIGHT = {"connect_grpc", "set_sinks", "send_blueprint"}


def parameters(name):
    return [parameter for parameter in RIGHT[name] if parameter not in ("make_default", "make_thread_default")]


@case
def the_table_is_whole(run):
    run.init()
    rr.log("x", rr.TextLog("one row"))
    for name in RIGHT:
        run.tell(name, inspect.signature(getattr(bindings, name)))


def call(run, label, name, options):
    run.attempt_as(f"{name}: {label}", lambda: getattr(bindings, name)(**options) and "something")


@case
def wrong_types(run):
    run.init()
    call_wrongly(run, [name for name in RIGHT if name != "send_arrow_chunk"])


@case
def wrong_types_of_columns(run):
    run.init()
    call_wrongly(run, ["send_arrow_chunk"])


def call_wrongly(run, names):
    """All calls with one argument of a wrong type."""
    for name in names:
        for parameter in parameters(name):
            for what, thing in THINGS.items():
                if is_right(name, parameter, what):
                    continue
                call(run, f"{parameter}={what}", name, {**RIGHT[name], parameter: thing})
        rr.reset_time()


def is_right(name, parameter, what):
    """Calls that are not mistakes: tested elsewhere."""
    return (name in NOT_CALLED_RIGHT and what in ("text", "none", "list")) or (name == "save" and what == "text")


@case
def wrong_recordings(run):
    run.init()
    for name in TAKE_A_RECORDING:
        for what, thing in THINGS.items():
            if thing is not None:
                call(run, f"recording={what}", name, {**RIGHT[name], "recording": thing})


@case
def wrong_numbers_of_arguments(run):
    run.init()
    for name in RIGHT:
        function = getattr(bindings, name)
        for arguments in ((), (1,) * 3, (1,) * 12):
            if len(arguments) > len(RIGHT[name]) or len(arguments) < len(RIGHT[name]) - 1:
                run.attempt_as(f"{name}{arguments}", function, *arguments)
        run.attempt_as(name, lambda: function(**RIGHT[name], nonsense=1))  # noqa: B023


@case
def timeouts(run):
    run.init()
    for value in (0, 0.0, 1e38, math.inf, math.nan, -1, -0.0, -math.inf, 1e-300, 1e300, "1", None, True, 10**400):
        run.attempt_as(repr(value)[:20], lambda: bindings.flush(timeout_sec=value))  # noqa: B023
        run.attempt_as(repr(value)[:20], lambda: rr.get_data_recording().flush(timeout_sec=value))  # noqa: B023


@case
def urls(run):
    if not run.needs_sinks():
        return
    for i, url in enumerate(("", "nonsense", "http://127.0.0.1:1/proxy", "rerun+http://127.0.0.1:1", "rerun+http://",
                             "rerun+http://127.0.0.1:99999/proxy", "127.0.0.1:1", "ftp://a/proxy", "rerun+http://[::1/proxy", 5,
                             "rerun+http://127.0.0.1:1/catalog", "rerun+http://127.0.0.1:1/proxy/x")):
        run.init(f".{i}", with_sink=False)
        run.attempt_as(url, rr.connect_grpc, url)
        run.attempt_as(url, rr.GrpcSink, url)


def without_words(function, *arguments):
    """Calls a function; why a file cannot be made is told in words of our own, which do not count."""
    try:
        return function(*arguments)
    except RuntimeError as error:
        if "Failed to create file" in str(error) or "cannot save" in str(error):
            raise RuntimeError("the file cannot be made") from error
        raise


@case
def paths(run):
    if not run.needs_sinks():
        return
    for path in ("a\0b", "/", b"x", 5, None):
        run.attempt_as(repr(path), rr.FileSink, path)
    for i, path in enumerate(("/nowhere/at/all/x.rrd", "/", "/proc/x.rrd", run.folder, b"x", None)):
        run.init(f".{i}", with_sink=False)
        run.attempt_as(str(i), lambda: without_words(rr.save, path))  # noqa: B023


@case
def sinks(run):
    if not run.needs_sinks():
        return
    run.init(with_sink=False)
    for sinks in ((), (5,), ("text",), (None,), (rr.FileSink("/nowhere/x.rrd"),)):
        run.attempt(lambda: without_words(rr.set_sinks, *sinks))  # noqa: B023
    run.tell(repr(rr.FileSink("/a/b.rrd")), rr.FileSink("a") == rr.FileSink("a"), rr.FileSink("a") != rr.FileSink("b"))
    run.tell(repr(rr.GrpcSink()), repr(rr.GrpcSink("rerun+http://127.0.0.1:5/proxy")), rr.GrpcSink() == rr.GrpcSink())
    run.tell(type(rr.FileSink("a")).__module__, type(rr.GrpcSink()).__name__, rr.FileSink.__name__)


@case
def ids(run):
    """Application and recording ids that are odd."""
    for i, name in enumerate(("", "a", "ä", "a b", "a/b", "x" * 300, "a\0b", "..", 5, None, "\N{SNOWMAN}")):
        off = {"send_properties": False}  # they have no sink
        run.attempt_as(repr(name), lambda: rr.RecordingStream(name, recording_id="r", **off).get_recording_id())  # noqa: B023
        run.attempt_as(repr(name), lambda: rr.get_application_id(rr.RecordingStream(name, recording_id="r", **off)))  # noqa: B023
        if name and name != "a\0b":  # an empty id is none here, and a NUL is refused
            recording = rr.RecordingStream("mistakes_ids", recording_id=name, **off)
            run.attempt_as(f"id {name!r}", recording.get_recording_id)
        run.init(f".{i}")
        rr.log("x", rr.TextLog("row"))


@case
def components(run):
    """Dicts that are not {descriptor: array}."""
    run.init()
    descriptor = rr.ComponentDescriptor("c")
    for components in ({1: pa.array([1])}, {descriptor: 1}, {descriptor: "text"}, {None: None}, {descriptor: pa.table({"a": [1]})},
                       {descriptor: pa.scalar(1)}, [], None, [(descriptor, pa.array([1]))]):
        run.attempt(lambda: bindings.log_arrow_msg("x", components, False))  # noqa: B023
        run.attempt(lambda: bindings.log_arrow_msg("x", components=components, static_=True, recording=None))  # noqa: B023
    run.attempt(bindings.log_arrow_msg, "x", {descriptor: pa.array([1])}, True)


@case
def strict_and_lenient(run):
    run.init()
    for strict in (True, False, None):
        for arguments in (("x", 5), (5, rr.TextLog("x")), ("x", [5]), (None, rr.TextLog("x")), ("x", rr.TextLog)):
            run.attempt(lambda: rr.log(*arguments, strict=strict))  # noqa: B023
            run.attempt(lambda: rr.log(*arguments, static=1, strict=strict))  # noqa: B023
    with rr.error_utils.catch_and_log_exceptions("context", strict=False):
        rr.set_time("t", sequence="x")
