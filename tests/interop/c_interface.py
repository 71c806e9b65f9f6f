# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rerun's C interface as liblastword.so offers it, called with arrays of pyarrow."""

import ctypes

from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int64, c_uint32, c_void_p


class String(Structure):
    _fields_ = [("utf8", c_char_p), ("size", c_uint32)]


class Schema(Structure):
    _fields_ = [("words", c_int64 * 9)]


class Array(Structure):
    _fields_ = [("words", c_int64 * 10)]


class Descriptor(Structure):
    _fields_ = [("archetype", String), ("component", String), ("component_type", String)]


class ComponentType(Structure):
    _fields_ = [("descriptor", Descriptor), ("schema", Schema)]


class Batch(Structure):
    """Also a component column."""

    _fields_ = [("component_type", c_uint32), ("array", Array)]


class Row(Structure):
    _fields_ = [("entity_path", String), ("n_batches", c_uint32), ("batches", POINTER(Batch))]


class TimeColumn(Structure):
    _fields_ = [("name", String), ("type", c_uint32), ("array", Array), ("sorting", c_uint32)]


class StoreInfo(Structure):
    _fields_ = [("application_id", String), ("recording_id", String), ("kind", c_uint32)]


class Error(Structure):
    _fields_ = [("code", c_uint32), ("description", c_char * 2048)]


class RerunError(Exception):
    pass


def string(text):
    data = (text or "").encode()
    return String(data, len(data))


class Stream:
    """A recording stream; functions raise RerunError."""

    def __init__(self, library, application_id, recording_id):
        self.library = ctypes.CDLL(library)
        self.library.rr_recording_stream_new.argtypes = [POINTER(StoreInfo), c_bool, POINTER(Error)]
        self.library.rr_recording_stream_new.restype = c_uint32
        self.library.rr_register_component_type.argtypes = [ComponentType, POINTER(Error)]
        self.library.rr_register_component_type.restype = c_uint32
        self.library.rr_recording_stream_log.argtypes = [c_uint32, Row, c_bool, POINTER(Error)]
        self.library.rr_recording_stream_log.restype = None
        self.library.rr_recording_stream_send_columns.argtypes = [
            c_uint32, String, POINTER(TimeColumn), c_uint32, POINTER(Batch), c_uint32, POINTER(Error)
        ]  # fmt: skip
        self.library.rr_recording_stream_send_columns.restype = None
        info = StoreInfo(string(application_id), string(recording_id), 1)
        self.handle = self.call("rr_recording_stream_new", byref(info), True)

    def call(self, function, *arguments):
        error = Error()
        result = getattr(self.library, function)(*arguments, byref(error))
        if error.code != 0:
            raise RerunError(f"{error.code:#x}: {error.description.decode()}")
        return result

    def batch(self, descriptor, array, element_type=None):
        """A batch of an array whose component, with the type element_type or that of the array, is registered."""
        archetype, component, component_type = descriptor
        component_of = ComponentType(Descriptor(string(archetype), string(component), string(component_type)))
        (element_type or array.type)._export_to_c(ctypes.addressof(component_of.schema))
        batch = Batch(self.call("rr_register_component_type", component_of))
        array._export_to_c(ctypes.addressof(batch.array))
        return batch

    def log(self, entity, components, is_static=False):
        """Logs {descriptor: array} as one row."""
        batches = [self.batch(descriptor, array) for descriptor, array in components.items()]
        row = Row(string(entity), len(batches), (Batch * len(batches))(*batches))
        self.call("rr_recording_stream_log", self.handle, row, not is_static)

    def send_columns(self, entity, times, components):
        """Sends [(timeline, type, int64 array)] and {descriptor: list array}."""
        time_columns = (TimeColumn * len(times))()
        for column, (name, kind, array) in zip(time_columns, times):
            column.name, column.type = string(name), kind
            array._export_to_c(ctypes.addressof(column.array))
        columns = [self.batch(name, array, array.type.value_type) for name, array in components.items()]
        self.call(
            "rr_recording_stream_send_columns", self.handle, string(entity), time_columns, len(times),
            (Batch * len(columns))(*columns), len(columns)
        )  # fmt: skip
