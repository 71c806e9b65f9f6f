# SPDX-License-Identifier: MIT OR Apache-2.0
"""Recordings: made, chosen, nested, shared by threads, dropped, asked; entity paths and properties."""

import logging
import threading
import uuid

import rerun as rr
import rerun_bindings as bindings
from program import case


def text(path="x", words="row", **options):
    rr.log(path, rr.TextLog(words), **options)


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


@case
def before_init(run):
    """Nothing is there: getters say so, and all else does nothing."""
    run.tell(rr.get_recording_id(), rr.get_application_id(), rr.is_enabled(), rr.get_data_recording(),
             rr.get_global_data_recording(), rr.get_thread_local_data_recording())
    for function in (lambda: text(), lambda: rr.set_time("t", sequence=1), rr.reset_time, rr.disconnect,
                     lambda: rr.disable_timeline("t"), lambda: rr.set_log_tick_enabled(True),
                     lambda: rr.send_recording_name("n"), lambda: rr.send_property("p", rr.AnyValues(a=1)),
                     lambda: bindings.flush(), lambda: bindings.finalize_deferred_sinks(),
                     lambda: rr.set_global_data_recording(None), lambda: bindings.get_data_recording(None)):
        run.attempt(function)
    run.init()
    text()


@case
def ids(run):
    run.init()
    run.tell(rr.get_recording_id(), rr.get_application_id(), rr.is_enabled())
    seen = []
    in_thread(lambda: seen.append((rr.get_recording_id(), rr.is_enabled(), rr.get_thread_local_data_recording())))
    run.tell(seen)
    recording = run.recording(".own")
    run.tell(recording.get_recording_id(), rr.get_recording_id(recording), rr.get_application_id(recording),
             rr.is_enabled(recording), str(rr.get_recording_id()))
    made = rr.RecordingStream(run.name + ".random", recording_id=uuid.UUID(int=5))
    run.tell(made.get_recording_id())
    run.tell(len(rr.RecordingStream(run.name + ".r").get_recording_id()))
    text()


@case
def identity(run):
    """What getters return is equal to what, and of which type."""
    run.init()
    one, two = rr.get_data_recording(), rr.get_data_recording()
    run.tell(one is two, one == two, one.inner is two.inner, one.inner == two.inner, type(one).__name__,
             type(one.inner).__name__, type(one.inner).__module__, type(one.inner).__qualname__)
    run.tell(isinstance(one.inner, bindings.PyRecordingStream), one.inner.is_forked_child())
    recording = run.recording(".own")
    run.tell(rr.get_data_recording(recording).get_recording_id(), recording.to_native() is recording.inner)
    for name in ("ref_count", "is_forked_child"):
        run.tell(callable(getattr(one.inner, name)))
    for bad in (lambda: bindings.PyRecordingStream(), lambda: setattr(one.inner, "x", 1), lambda: hash(one.inner) and None,
                lambda: type("Sub", (bindings.PyRecordingStream,), {}), lambda: one.inner < two.inner):
        run.attempt(bad)
    text()


@case
def global_and_thread_local(run):
    one, two = run.recording(".1"), run.recording(".2")

    def name(recording):
        return recording and recording.get_recording_id()

    run.tell(name(rr.set_global_data_recording(one)))
    text(words="global one")
    run.tell(name(rr.set_thread_local_data_recording(two)), name(rr.get_data_recording()),
             name(rr.get_global_data_recording()), name(rr.get_thread_local_data_recording()))
    text(words="thread two")
    seen = []
    in_thread(lambda: (seen.append(name(rr.get_data_recording())), text(words="other thread"),
                       seen.append(name(rr.set_thread_local_data_recording(two))), text(words="other thread, two")))
    run.tell(seen)
    text(words="explicit one", recording=one)
    run.tell(name(rr.set_global_data_recording(two)), name(rr.set_thread_local_data_recording(None)))
    text(words="global two")
    run.tell(name(rr.set_global_data_recording(None)))
    text(words="nowhere")
    run.tell(name(rr.get_data_recording()), rr.is_enabled(), rr.is_enabled(one))


@case
def nested_with(run):
    one, two = run.recording(".1"), run.recording(".2")
    run.init()
    with one:
        text(words="one")
        with two:
            text(words="two")
            text(words="explicit one", recording=one)
        text(words="back to one")
        run.tell(rr.get_recording_id())
    text(words="global")
    run.attempt(fail_inside, one)
    run.tell(rr.get_recording_id())


def fail_inside(recording):
    with recording:
        text(words="before the error")
        raise KeyError("inside")


@case
def threads(run):
    """Each thread has a recording of its own, and all log to the global one."""
    run.init()
    recordings = [run.recording(f".{i}") for i in range(8)]

    def work(number):
        with recordings[number]:
            for i in range(50):
                rr.set_time("i", sequence=i)
                text(words=f"{number}: {i}")
        for i in range(50):
            text(f"thread/{number}", str(i))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@case
def generators(run):
    recordings = [run.recording(f".{i}") for i in range(2)]
    run.init()

    @rr.recording_stream_generator_ctx
    def words(number):
        with recordings[number]:
            for i in range(3):
                text(words=f"{number}: {i}")
                yield i

    for pair in zip(words(0), words(1)):
        text(words=f"outside {pair}")


@case
def several_applications(run):
    run.init(".one")
    text()
    run.init(".two")
    text()
    rr.disconnect()
    run.init(".three")
    text()


@case
def init_again(run):
    """The same ids: one recording, whose rows lie in several files."""
    for i in range(5):
        run.init()
        rr.set_time("i", sequence=i)
        text(words=str(i))


@case
def init_keeps_the_times(run):
    run.init(".1")
    rr.set_time("frame", sequence=3)
    run.init(".2")
    text()


@case
def init_without_logging(run):
    run.init()
    rr.init(run.name + ".ignored", init_logging=False)
    text()
    run.tell(rr.get_application_id())


@case
def disabled(run):
    run.init(".off", default_enabled=False)
    run.tell(rr.is_enabled(), rr.get_recording_id(), rr.get_application_id(), rr.get_data_recording() is None)
    text()
    rr.set_time("t", sequence=1)
    rr.send_recording_name("nobody")
    off = run.recording(".off2", default_enabled=False)
    run.tell(rr.is_enabled(off))
    run.attempt(off.get_recording_id)
    off.log("x", rr.TextLog("nothing"))
    with off:
        text()
    run.init()
    run.tell(rr.is_enabled())
    text()


@case
def make_default(run):
    run.recording(".global", make_default=True)
    run.recording(".thread", make_thread_default=True)
    text()
    in_thread(text)


@case
def dropped(run):
    """A recording is gone with its last name, and its rows stay."""
    recording = run.recording(".1")
    text(recording=recording)
    run.kept.clear()
    del recording
    other = run.recording(".2")
    rr.set_global_data_recording(other)
    run.kept.clear()
    del other
    text(words="it is still the global one")
    run.tell(rr.get_recording_id())


@case
def properties(run):
    run.init(send_properties=True)
    rr.send_recording_name("a name \N{SNOWMAN}")
    rr.send_recording_start_time_nanos(1_700_000_000_000_000_000)
    rr.send_property("own", rr.AnyValues(answer=42, words=["a", "b"]))
    rr.send_property("a/b c", rr.archetypes.Points2D([[1, 2]]))
    text()


@case
def properties_of_streams(run):
    with_them = run.recording(".with", send_properties=True)
    without = run.recording(".without", send_properties=False)
    for recording in (with_them, without):
        recording.log("x", rr.TextLog("row"))
        recording.send_recording_name("n")
        recording.send_property("p", rr.AnyValues(a=[1]))


@case
def start_times(run):
    run.init()
    for value in (0, 1, -1, 2**63 - 1, 2**63, 1.5, None):
        run.attempt(rr.send_recording_start_time_nanos, value)
    for value in ("", "x" * 3000, None, 5):
        run.attempt(rr.send_recording_name, value)
    text()


PATHS = ["a", "/a", "a/b", "/a/b/", "a//b", "/", "", "//", "a/ b", "a\\ b", "a\\/b", "\\", "a\\", "a\\n", "a\\u{2603}", "\N{SNOWMAN}",
         "a.b-c_d", "a:b", "a[1]", "(x)", "a!b", "ä/ö", "a\nb", "a\tb", "x" * 1000, "a/" * 100 + "b", ".", "..", "a/./b",
         "__properties/x", "_", "a\\!\\ b", '"quoted"', "a'b", "a\0b", "@", "#", "1/2/3", "a,b", "\N{GRINNING FACE}/x"]
LISTS = [["a", "b"], ["a b", "c/d"], ["my image!", 42], [], [""], ["a", "", "b"], [None], ["\\"], ["ä \N{SNOWMAN}"], [1.5, True]]


@case
def entity_paths(run):
    run.init()
    for i, path in enumerate([*PATHS, *LISTS]):
        run.attempt(rr.log, path, rr.AnyValues(n=[i]))
    for path in LISTS:
        run.attempt(rr.new_entity_path, path)


@case
def escapes(run):
    for part in PATHS:
        run.attempt(rr.escape_entity_path_part, part)
    run.init()
    text()


@case
def logging_handler(run):
    run.init()
    logger = logging.getLogger(run.name)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(rr.LoggingHandler("logs"))
    logger.addHandler(rr.LoggingHandler())
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL, 35):
        logger.log(level, "message %d", level)
    logger.exception("with an exception", exc_info=ValueError("x"))


@case
def lenient(run):
    """Without strict mode an error is a warning, and a row of its own."""
    run.init(strict=False)
    rr.log("x", 5)
    rr.log(5, rr.TextLog("x"))
    rr.log("x", rr.TextLog("x"), static="yes")
    rr.log("x", rr.TextLog("strict"), strict=True)
    rr.log("x", rr.Points3D("rubbish"))
    rr.log("x", rr.TextLog("fine"))
