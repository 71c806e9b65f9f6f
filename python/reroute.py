# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reroutes the recording functions of the official Python SDK to lastword's.

The shim runs this file, which is part of liblastword-python.so, in programs that have imported
`rerun_bindings`, before `rerun` itself is imported. All of `rerun` calls `bindings.function()`, so
it is enough to replace attributes of that module: rows then go into the spool, where they outlive
the process, and the official core is left without a recording, a thread or a socket.

`core` is the part in C: the hot functions, and streams. Everything else of the interface is here.
"""

import functools
import math
import os
import re

# --- The table: every public function of rerun_bindings, and what becomes of it ------------------

# Ours, by the signature that the official one must have.
REROUTED = {
    # rows and times
    "log_arrow_msg": "(entity_path, components, static_, recording=None)",
    "send_arrow_chunk": "(entity_path, timelines, components, recording=None)",
    "send_chunks": "(chunks, recording=None)",
    "set_time_sequence": "(timeline, sequence, recording=None)",
    "set_time_duration_nanos": "(timeline, nanos, recording=None)",
    "set_time_timestamp_nanos_since_epoch": "(timeline, nanos, recording=None)",
    "disable_timeline": "(timeline, recording=None)",
    "reset_time": "(recording=None)",
    "set_log_tick_enabled": "(enabled, recording=None)",
    "set_log_time_enabled": "(enabled, recording=None)",
    "send_recording_name": "(name, recording=None)",
    "send_recording_start_time_nanos": "(nanos, recording=None)",
    # recordings
    "new_recording": "(application_id, recording_id=None, make_default=True, "
    "make_thread_default=True, default_enabled=True, send_properties=True, batcher_config=None)",
    "get_application_id": "(recording=None)",
    "get_recording_id": "(recording=None)",
    "is_enabled": "(recording=None)",
    "get_data_recording": "(recording=None)",
    "get_global_data_recording": "()",
    "set_global_data_recording": "(recording=None)",
    "get_thread_local_data_recording": "()",
    "set_thread_local_data_recording": "(recording=None)",
    "flush_and_cleanup_orphaned_recordings": "()",
    "disconnect_orphaned_recordings": "()",
    "cleanup_if_forked_child": "()",
    "shutdown": "()",
    # sinks
    "connect_grpc": "(url, default_blueprint=None, recording=None)",
    "save": "(path, default_blueprint=None, recording=None, *, write_footer=True)",
    "set_sinks": "(sinks, default_blueprint=None, recording=None)",
    "disconnect": "(recording=None)",
    "flush": "(*, timeout_sec=1e38, recording=None)",
    "finalize_deferred_sinks": "(recording=None)",
    "send_blueprint": "(blueprint, make_active=False, make_default=True, recording=None)",
}

# Sinks inside the process. From then on the official core gets the rows too, in a twin of the
# recording, and what it does with them, such as serving them, is its own matter.
MIRRORED = {
    "binary_stream": "(recording=None)",
    "memory_recording": "(recording=None)",
    "serve_grpc": "(grpc_port, server_memory_limit, newest_first=False, default_blueprint=None, "
    "recording=None, cors_allow_origin=...)",
    "serve_web": "(open_browser, web_port, grpc_port, server_memory_limit, "
    "default_blueprint=None, recording=None, cors_allow_origin=..., assets_archive_path=None)",
    "set_callback_sink": "(callback, recording=None)",
    "stdout": "(default_blueprint=None, recording=None, *, write_footer=True)",
}

# Here the official core makes the rows, where nobody can take them from it: an error that says so.
REFUSED = {
    "log_file_from_contents": "(file_path, file_contents, entity_path_prefix=None, static_=False, "
    "recording=None)",
    "log_file_from_path": "(file_path, entity_path_prefix=None, static_=False, recording=None)",
}

# The official SDK's own: they have nothing to do with rows of recordings.
PASSED = {
    "asset_video_read_frame_timestamps_nanos",
    "check_for_rrd_footer",
    "connect_grpc_blueprint",
    "escape_entity_path_part",
    "format_bytes",
    "format_index_value",
    "format_uint",
    "get_app_url",
    "get_blueprint_recording",
    "get_credentials",
    "get_global_blueprint_recording",
    "get_thread_local_blueprint_recording",
    "init_login_flow",
    "is_dev_build",
    "logout",
    "new_blueprint",
    "new_entity_path",
    "new_property_entity_path",
    "save_blueprint",
    "serve_web_viewer",
    "set_callback_sink_blueprint",
    "set_global_blueprint_recording",
    "set_thread_local_blueprint_recording",
    "spawn",
    "start_web_viewer_server",
    "version",
    "video_detect_gop_start",
    "video_length_prefixed_to_annex_b",
}

# Methods that lead to a recording and pass the module's functions by: ours, as REROUTED.
METHODS = {
    ("LazyChunkStreamInternal", "send_to_recording"): "($self, recording=None)",
    ("_UrdfTreeInternal", "log"): "($self, recording=None)",
}

# Parameters that lead to a recording: what has one of them must be in a table.
TELLING_PARAMETERS = {"recording", "overrides", "blueprint_stream"}

# What we stand in for, and blueprints in memory.
CLASSES = ("PyRecordingStream", "FileSink", "GrpcSink", "PyMemorySinkStorage")

OLDEST, NEWEST = (0, 36), (0, 41)

# --- Whether this SDK is one that we know --------------------------------------------------------


class UnknownSdk(Exception):
    """Hands off: the text says why."""


def public_functions():
    for name in dir(bindings):
        function = getattr(bindings, name)
        if not name.startswith("_") and type(function).__name__ == "builtin_function_or_method":
            yield name, function.__text_signature__ or ""


def public_methods():
    for name in dir(bindings):
        owner = getattr(bindings, name)
        if isinstance(owner, type):
            for method, function in vars(owner).items():
                yield (name, method), getattr(function, "__text_signature__", None) or ""


def is_telling(signature):
    return not TELLING_PARAMETERS.isdisjoint(parameters(signature))


def parameters(signature):
    """The names in a signature, and its marks."""
    return [part.split("=")[0].strip() for part in signature.strip("()").split(",")]


def version_of():
    """The version as text: "0.41.0" of "rerun_py 0.41.0 (...) [...]"."""
    return bindings.version().split()[1]


def check():
    version = version_of()
    numbers = version.split(".")
    if not OLDEST <= (int(numbers[0]), int(numbers[1])) <= NEWEST:
        raise UnknownSdk(f"{version}: unknown version")
    found = dict(public_functions())
    found.update(public_methods())
    expected = {**REROUTED, **MIRRORED, **REFUSED, **METHODS}
    for name, signature in expected.items():
        if found.get(name) != signature:
            raise UnknownSdk(f"{version}: {name} is not as expected")
    for name, signature in found.items():
        if name not in expected and name not in PASSED and is_telling(signature):
            raise UnknownSdk(f"{version}: {name} is not known")
    return version


# --- Helpers -------------------------------------------------------------------------------------

bindings = None  # the module rerun_bindings
official = {}  # its own functions and classes, by name
replacements = {}  # ours


class Wrong:
    """Of a type that no official function takes."""


def complain(name, args, kwargs):
    """Raises what the official function has against its arguments, worded as only it can.

    Arguments are read one after the other before anything is done. So it is called with a last
    argument that is always wrong, and what it has against that one does not count.
    """
    last = "batcher_config" if name == "new_recording" else "recording"
    names = positional_parameters(name)
    if last in names and len(args) == len(names):
        args = args[:-1]
    try:
        official[name](*args, **{**kwargs, last: Wrong()})
    except TypeError as error:
        if not str(error).startswith(f"argument '{last}'"):
            raise


def positional_parameters(name):
    """Names of a function's parameters that may be given by their place."""
    names = parameters(REROUTED[name])
    return names[: names.index("*")] if "*" in names else names


def rerouted(function):
    """Makes `function` a replacement; with an official recording the official one is called."""
    name = function.__name__
    official_function = official[name]
    official_recording = official["PyRecordingStream"]
    takes_none = REROUTED.get(name) == "()"
    has_arguments = "," in REROUTED.get(name, "")
    function.__qualname__ = name  # as errors tell it

    @functools.wraps(official_function)
    def call(*args, **kwargs):
        for argument in (*args, *kwargs.values()):
            if takes_none or type(argument) is official_recording:
                return official_function(*args, **kwargs)
        if has_arguments:
            complain(name, args, kwargs)
        return function(*args, **kwargs)

    call.__text_signature__ = official_function.__text_signature__
    replacements[name] = call
    return function


def enabled(recording):
    """The recording meant, or None if there is none or it is disabled."""
    found = core.find(recording)
    return found if found is not None and core.describe(found)[2] else None


noted = set()  # in this process, or before it was forked


def note_once(text):
    """Notes that something is not covered; it may be done again and again."""
    if text not in noted:
        noted.add(text)
        core.note_not_covered(text)


# --- The replacements ----------------------------------------------------------------------------


def make_replacements():
    make_row_functions()
    make_recording_functions()
    make_sink_functions()
    make_blueprint_function()
    make_mirrors()
    make_refusals()


def make_row_functions():
    for name in (
        "log_arrow_msg",
        "send_arrow_chunk",
        "set_time_sequence",
        "set_time_duration_nanos",
        "set_time_timestamp_nanos_since_epoch",
        "disable_timeline",
    ):
        replacements[name] = getattr(core, name)

    @rerouted
    def reset_time(recording=None):
        core.reset_time(recording)

    @rerouted
    def set_log_tick_enabled(enabled, recording=None):
        core.set_log_tick(recording, enabled)

    @rerouted
    def set_log_time_enabled(enabled, recording=None):
        core.set_log_time(recording, enabled)

    def log_property(name, component_type, array, recording):
        descriptor = bindings.ComponentDescriptor(
            f"RecordingInfo:{name}",
            archetype="rerun.archetypes.RecordingInfo",
            component_type=f"rerun.components.{component_type}",
        )
        # By the module's function, which tells a twin.
        bindings.log_arrow_msg("/__properties", {descriptor: array}, True, recording)

    @rerouted
    def send_recording_name(name, recording=None):
        import pyarrow

        log_property("name", "Name", pyarrow.array([name], pyarrow.utf8()), recording)

    @rerouted
    def send_recording_start_time_nanos(nanos, recording=None):
        import pyarrow

        log_property("start_time", "Timestamp", pyarrow.array([int(nanos)], pyarrow.int64()), recording)

    @rerouted
    def send_chunks(chunks, recording=None):
        found = core.find(recording)
        if found is None:
            return
        if isinstance(chunks, bindings.ChunkInternal):
            chunks = (chunks,)
        elif not hasattr(type(chunks), "__iter__"):
            raise TypeError("send_chunks expected a Chunk or iterable of Chunk")
        for chunk in chunks:
            if not isinstance(chunk, bindings.ChunkInternal):
                kind = type(chunk).__name__
                raise TypeError(f"'{kind}' object is not an instance of 'ChunkInternal'")
            send_chunk(chunk, found)

    def send_to_recording(self, recording=None):
        send_chunks(self.to_chunks(), recording)

    def log_urdf(self, recording=None):
        send_chunks(self.stream().to_chunks(), recording)

    replacements["LazyChunkStreamInternal", "send_to_recording"] = send_to_recording
    replacements["_UrdfTreeInternal", "log"] = log_urdf


def send_chunk(chunk, recording):
    """Sends one chunk's columns. Its rows get RowIds of ours."""
    batch = chunk.to_record_batch()
    timelines, components = {}, {}
    for index, field in enumerate(batch.schema):
        metadata = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        if metadata.get("rerun:kind") == "index":
            timelines[metadata.get("rerun:index_name", field.name)] = batch.column(index)
        elif metadata.get("rerun:kind") == "data":
            descriptor = bindings.ComponentDescriptor(
                metadata.get("rerun:component", field.name),
                archetype=metadata.get("rerun:archetype"),
                component_type=metadata.get("rerun:component_type"),
            )
            components[descriptor] = batch.column(index)
    bindings.send_arrow_chunk(chunk.entity_path, timelines, components, recording)


APPLICATION_ID_MAX = 180


def xxhash64(data):
    """XXH64 with seed 0: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md"""
    mask = 2**64 - 1
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

    def rotate(value, bits):
        return (value << bits | value >> (64 - bits)) & mask

    def mix(lane, word):
        return rotate((lane + word * p2) & mask, 31) * p1 & mask

    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data) - 7, 8)]
    n_striped = len(data) // 32 * 4
    if n_striped:
        lanes = [(p1 + p2) & mask, p2, 0, -p1 & mask]
        for i, word in enumerate(words[:n_striped]):
            lanes[i % 4] = mix(lanes[i % 4], word)
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            value = ((value ^ mix(0, lane)) * p1 + p4) & mask
    else:
        value = p5
    value = (value + len(data)) & mask
    for word in words[n_striped:]:
        value = (rotate(value ^ mix(0, word), 27) * p1 + p4) & mask
    rest = data[len(words) * 8 :]
    if len(rest) >= 4:
        value = (rotate(value ^ int.from_bytes(rest[:4], "little") * p1 & mask, 23) * p2 + p3) & mask
        rest = rest[4:]
    for byte in rest:
        value = rotate(value ^ byte * p5 & mask, 11) * p1 & mask
    value = (value ^ value >> 33) * p2 & mask
    value = (value ^ value >> 29) * p3 & mask
    return value ^ value >> 32


def normal_application_id(text):
    """An application id as the official SDK tells it, and as it stands in recordings."""
    normal = re.sub(r"[^A-Za-z0-9_ :\[\]-]", "-", text)
    if normal == text and len(normal) <= APPLICATION_ID_MAX:
        return normal
    return f"{normal[: APPLICATION_ID_MAX - 4]}{xxhash64(text.encode()) & 0xFFFF:04x}"


def make_recording_functions():
    def new_recording(
        application_id,
        recording_id=None,
        make_default=True,
        make_thread_default=True,
        default_enabled=True,
        send_properties=True,
        batcher_config=None,
    ):
        if not application_id:
            raise ValueError("Application ID must not be empty")
        application_id = normal_application_id(application_id)
        recording = core.new_stream(application_id, recording_id, default_enabled, send_properties)
        if make_default:
            core.set_global(recording)
        if make_thread_default:
            core.set_thread(recording)
        return recording

    rerouted(new_recording)

    @rerouted
    def get_application_id(recording=None):
        found = core.describe(recording)
        return found[0] if found and found[2] else None

    @rerouted
    def get_recording_id(recording=None):
        found = core.describe(recording)
        return found[1] if found and found[2] else None

    @rerouted
    def is_enabled(recording=None):
        return enabled(recording) is not None

    @rerouted
    def get_data_recording(recording=None):
        return core.find(recording)

    @rerouted
    def get_global_data_recording():
        return core.global_stream()

    @rerouted
    def set_global_data_recording(recording=None):
        return core.set_global(recording)

    @rerouted
    def get_thread_local_data_recording():
        return core.thread_stream()

    @rerouted
    def set_thread_local_data_recording(recording=None):
        return core.set_thread(recording)

    @rerouted
    def flush_and_cleanup_orphaned_recordings():
        core.set_global(None)

    @rerouted
    def disconnect_orphaned_recordings():
        pass  # a stream ends with the last object that refers to it

    @rerouted
    def cleanup_if_forked_child():
        pass  # our streams are whole in every child


# --- Sinks ---------------------------------------------------------------------------------------


class Sink:
    """Stands in for a sink of the official SDK, and has one of those to say what is wrong with it."""

    def __init__(self, *args, **kwargs):
        self._official = official[type(self).__name__](*args, **kwargs)

    def __repr__(self):
        return repr(self._official)

    def __eq__(self, other):
        return type(other) is type(self) and other._official == self._official

    def __hash__(self):
        return hash(self._official)


class FileSink(Sink):
    def __init__(self, path, *, write_footer=True):
        super().__init__(path, write_footer=write_footer)
        self._address = os.fsdecode(path)


class GrpcSink(Sink):
    def __init__(self, url=None):
        super().__init__(url)
        self._address = url or ""  # core knows the default


def make_file(path):
    """Makes the file of a sink, if there is none, in the official SDK's words where that fails."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666))
        return
    except OSError as error:
        problem = f"{os.strerror(error.errno)} (os error {error.errno})"
    except ValueError:
        problem = "file name contained an unexpected NUL byte"
    raise RuntimeError(f"Failed to create file: {problem}, path: {path}")


def address_of(sink):
    """A sink as core wants it: whether it is a file, and its path or URL."""
    if type(sink) is FileSink:
        make_file(sink._address)
        return True, sink._address
    if type(sink) is GrpcSink:
        return False, sink._address
    raise RuntimeError(
        f"{type(sink).__name__} is not a valid LogSink, must be one of: "
        "GrpcSink, GrpcServerSink, FileSink, BinaryStream"
    )


def is_inside(sink):
    """Whether a sink is in the process, and the official core's."""
    return type(sink) in (bindings.GrpcServerSink, bindings.PyBinarySinkStorage)


def make_sink_functions():
    for stand_in in (FileSink, GrpcSink):
        official_class = official[stand_in.__name__]
        stand_in.__module__ = official_class.__module__
        stand_in.__doc__ = official_class.__doc__
        replacements[stand_in.__name__] = stand_in

    def lead(recording, sinks, default_blueprint):
        if default_blueprint is not None:
            check_blueprint("default_blueprint", default_blueprint)
        found = enabled(recording)
        if found is None:
            return
        theirs = [sink for sink in sinks if is_inside(sink)]
        core.set_sinks(found, [address_of(sink) for sink in sinks if sink not in theirs])
        end_twin(found)
        keep_default_blueprint(found, default_blueprint, is_last=not theirs)
        if theirs:
            twin = twin_of(found, "set_sinks")
            official["set_sinks"](theirs, default_blueprint, recording=twin)

    @rerouted
    def connect_grpc(url, default_blueprint=None, recording=None):
        lead(recording, [GrpcSink(url)], default_blueprint)

    @rerouted
    def save(path, default_blueprint=None, recording=None, *, write_footer=True):
        lead(recording, [FileSink(path)], default_blueprint)

    @rerouted
    def set_sinks(sinks, default_blueprint=None, recording=None):
        lead(recording, sinks, default_blueprint)

    @rerouted
    def disconnect(recording=None):
        found = core.find(recording)
        if found is not None:
            core.set_sinks(found, [])
            end_twin(found)

    @rerouted
    def finalize_deferred_sinks(recording=None):
        core.finish_sinks(recording)

    @rerouted
    def shutdown():
        core.finish_all_sinks()
        if twins:
            official["shutdown"]()

    @rerouted
    def flush(*, timeout_sec=1e38, recording=None):
        if math.isnan(timeout_sec):
            raise RuntimeError("duration must not be NaN")
        if timeout_sec < 0:
            raise RuntimeError("duration must be non-negative")
        found = core.find(recording)
        if found is None:
            return
        core.flush(timeout_sec)
        twin = living_twin(found)
        if twin is not None:
            official["flush"](timeout_sec=timeout_sec, recording=twin)


# --- Blueprints ----------------------------------------------------------------------------------


def check_blueprint(name, blueprint):
    """Raises as the official functions do, unless this is a blueprint in memory."""
    wanted = official["PyMemorySinkStorage"]
    if type(blueprint) is not wanted:
        found = "'None'" if blueprint is None else f"'{type(blueprint).__name__}' object"
        raise TypeError(f"argument '{name}': {found} is not an instance of '{wanted.__name__}'")


def keep_blueprint(recording, blueprint, make_active, make_default, is_last=True):
    """
    Puts a blueprint into the spool, unless the recording is off, and empties it, as sending does,
    if that is the last use. (The core complains of one that it has to drop.)
    """
    if blueprint.num_msgs() == 0:  # was sent before
        return
    content = blueprint.drain_as_bytes() if is_last else blueprint.concat_as_bytes()
    core.send_blueprint(recording, content, make_active, make_default)


def keep_default_blueprint(recording, blueprint, is_last):
    if blueprint is not None:
        keep_blueprint(recording, blueprint, False, True, is_last)


def make_blueprint_function():
    @rerouted
    def send_blueprint(blueprint, make_active=False, make_default=True, recording=None):
        check_blueprint("blueprint", blueprint)
        found = core.find(recording)
        if found is None:
            return
        twin = living_twin(found)
        keep_blueprint(found, blueprint, make_active, make_default, is_last=twin is None)
        if twin is not None:
            official["send_blueprint"](blueprint, make_active, make_default, recording=twin)


# --- Twins ---------------------------------------------------------------------------------------

twins = {}  # official recordings with the rows of ours, by the number of ours

# What a twin must be told as well. These become slower when the first twin is made, not before.
TOLD_TO_TWINS = (
    "log_arrow_msg",
    "send_arrow_chunk",
    "set_time_sequence",
    "set_time_duration_nanos",
    "set_time_timestamp_nanos_since_epoch",
    "disable_timeline",
    "reset_time",
    "set_log_tick_enabled",
    "set_log_time_enabled",
)


def living_twin(recording):
    """The twin of a recording; None if it has none, or has left it in the parent's process."""
    twin = twins.get(core.describe(recording)[3]) if recording is not None else None
    return None if twin is None or twin.is_forked_child() else twin


def twin_of(recording, why):
    """Makes the twin if there is none. Rows that were logged before it are not in it."""
    twin = living_twin(recording)
    if twin is not None:
        return twin
    application_id, recording_id, _, number, has_rows, *_, has_properties = core.describe(recording)
    if has_rows:
        note_once(f"rerun.{why}: rows logged before it are in the recording only")
    tell_twins()
    twin = official["new_recording"](
        application_id,
        recording_id,
        make_default=False,
        make_thread_default=False,
        send_properties=has_properties,
    )
    tell_before(recording, twin)
    if twins.get(number) is not None and twins[number].is_forked_child():
        twins[number] = twin
    return twins.setdefault(number, twin)  # another thread may have been faster


SET_TIME = {  # RR_TIME_TYPE_*
    1: "set_time_sequence",
    2: "set_time_duration_nanos",
    3: "set_time_timestamp_nanos_since_epoch",
}


def tell_before(recording, twin):
    """Tells a new twin what was set before it: switches, and this thread's times."""
    *_, has_log_time, has_log_tick, _ = core.describe(recording)
    official["set_log_time_enabled"](has_log_time, recording=twin)
    official["set_log_tick_enabled"](has_log_tick, recording=twin)
    for timeline, time_type, value in core.times(recording):
        official[SET_TIME[time_type]](timeline, value, recording=twin)


def end_twin(recording):
    twin = living_twin(recording)
    if twin is not None:
        twins.pop(core.describe(recording)[3], None)  # another thread may have done so
        official["disconnect"](twin)


def tell_twins():
    if twins:
        return
    for name in TOLD_TO_TWINS:
        setattr(bindings, name, told(replacements[name], official[name]))


def told(ours, theirs):
    @functools.wraps(theirs)
    def tell_both(*args, **kwargs):
        result = ours(*args, **kwargs)
        arguments = arguments_of(theirs, args, kwargs)
        recording = arguments.pop("recording", None)
        if type(recording) in (core.Recording, type(None)):
            twin = living_twin(core.find(recording))
            if twin is not None:
                theirs(**arguments, recording=twin)
        return result

    return tell_both


def arguments_of(function, args, kwargs):
    """The arguments of a call, by name."""
    import inspect

    return inspect.signature(function).bind(*args, **kwargs).arguments


def make_mirrors():
    def mirror_of(name):
        def mirror(*args, **kwargs):
            arguments = arguments_of(official[name], args, kwargs)
            found = enabled(arguments.pop("recording", None))
            if found is None:
                return official[name](**arguments)
            core.set_sinks(found, [])
            keep_default_blueprint(found, arguments.get("default_blueprint"), is_last=False)
            return official[name](**arguments, recording=twin_of(found, name))

        mirror.__name__ = name
        return mirror

    for name in MIRRORED:
        rerouted(mirror_of(name))


def make_refusals():
    def refusal_of(name):
        def refuse(*args, **kwargs):
            note_once(f"rerun.{name}: the official core makes these rows")
            raise RuntimeError(
                f"{name} does not work under lastword: log what the file holds, or run the "
                "program without it (LASTWORD_DISABLE=1)"
            )

        refuse.__name__ = name
        return refuse

    for name in REFUSED:
        rerouted(refusal_of(name))


# --- Attaching -----------------------------------------------------------------------------------


def attach(module):
    """Replaces all at once, after everything that can fail. Returns what to call it in reports."""
    global bindings
    bindings = module
    version = check()
    for name in (*REROUTED, *MIRRORED, *REFUSED, *CLASSES):
        official[name] = getattr(bindings, name)
    core.official = official
    core.complain = complain
    make_replacements()
    for name, replacement in replacements.items():
        owner, name = name if isinstance(name, tuple) else (None, name)
        setattr(getattr(bindings, owner) if owner else bindings, name, replacement)
    bindings.PyRecordingStream = core.Recording
    return f"rerun-sdk {version}"
