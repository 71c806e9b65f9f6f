# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every archetype of the official SDK: whole, partly updated, and cleared."""

import functools

import numpy as np
import rerun as rr
from program import case

P2 = [[1, 2], [3, 4.5]]
P3 = [[1, 2, 3], [4, 5, 6.5]]
RGB = [[255, 0, 0], [0, 255, 0, 128]]
PICTURE = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
DEPTH = np.arange(16, dtype=np.uint16).reshape(4, 4)
TURN = rr.Quaternion(xyzw=[0, 0, 0.7071, 0.7071])
AXIS = rr.RotationAxisAngle([0, 0, 1], degrees=30)

# name: [(positional arguments, keyword arguments)]
EXAMPLES = {
    "AnnotationContext": [(([(1, "one", (255, 0, 0)), (2, "two", (0, 255, 0))],), {}),
                          ((rr.ClassDescription(info=rr.AnnotationInfo(0, "person"),
                                                keypoint_annotations=[rr.AnnotationInfo(1, "nose")],
                                                keypoint_connections=[(1, 1)]),), {})],
    "Arrows2D": [((), {"vectors": P2, "origins": P2, "radii": 0.1, "colors": RGB, "labels": ["a", "b"],
                          "show_labels": True, "draw_order": 3.0, "class_ids": [1, 2]})],
    "Arrows3D": [((), {"vectors": P3, "origins": P3, "radii": [0.1, 0.2], "colors": RGB})],
    "Asset3D": [((), {"contents": b"v 1 2 3\n", "media_type": "model/obj", "albedo_factor": 0xFF0000FF})],
    "AssetAudio": [((), {"contents": b"RIFF....WAVE", "media_type": "audio/wav"})],
    "AssetVideo": [((), {"contents": b"\0\0\0\x18ftypmp42", "media_type": "video/mp4"})],
    "BarChart": [(([8, 4, 0, 9],), {}), ((np.array([1.5, 2.5]),), {"color": 0x00FF00FF, "abscissa": [0.5, 1.5]})],
    "Boxes2D": [((), {"array": [[5, 5, 80, 80]], "array_format": rr.Box2DFormat.XYWH, "labels": "task"}),
                ((), {"half_sizes": P2, "centers": P2, "colors": RGB, "radii": 1, "draw_order": 2, "class_ids": 7})],
    "Boxes3D": [((), {"half_sizes": P3, "centers": P3, "quaternions": [TURN, TURN], "labels": ["x", "y"]}),
                ((), {"sizes": P3, "rotation_axis_angles": AXIS, "fill_mode": "solid"})],
    "Capsules3D": [((), {"lengths": [1, 2], "radii": [0.1, 0.2], "translations": P3, "colors": RGB})],
    "Clear": [((), {"recursive": True}), ((), {"recursive": False})],
    "CoordinateFrame": [(("base_link",), {})],
    "Cylinders3D": [((), {"lengths": [1, 2], "radii": [0.5, 0.5], "centers": P3, "quaternions": [TURN]})],
    "DepthImage": [((DEPTH,), {"meter": 1000.0, "colormap": "viridis", "depth_range": [0, 10]}),
                   ((np.ones((2, 3), dtype=np.float32),), {})],
    "Ellipses2D": [((), {"half_sizes": P2, "centers": P2, "colors": RGB})],
    "Ellipsoids3D": [((), {"half_sizes": P3, "centers": P3, "fill_mode": "majorwireframe"})],
    "EncodedDepthImage": [((), {"blob": b"\x89PNG\r\n\x1a\n", "media_type": "image/png", "meter": 0.5})],
    "EncodedImage": [((), {"contents": b"\xff\xd8\xff", "media_type": "image/jpeg", "opacity": 0.5})],
    "GaussianSplats3D": [((), {"centers": P3, "scales": P3, "quaternions": [TURN, TURN], "colors": RGB})],
    "GeoLineStrings": [((), {"lat_lon": [[41, -107], [41.5, -106]], "radii": rr.Radius.ui_points(2), "colors": RGB})],
    "GeoPoints": [((), {"lat_lon": [[59.3, 18.1]], "radii": 10.0, "colors": [[1, 2, 3]]})],
    "GraphEdges": [(([("a", "b"), ("b", "c")],), {"graph_type": "directed"})],
    "GraphNodes": [((["a", "b", "c"],), {"positions": [(0, 0), (1, 1), (2, 2)], "labels": ["A", "B", "C"]})],
    "GridMap": [((), {"data": PICTURE.tobytes(), "cell_size": 0.05, "translation": [1, 2, 3], "opacity": 0.5,
                      "format": rr.components.ImageFormat(width=4, height=4, color_model="RGB", channel_datatype="U8")})],
    "Image": [((PICTURE,), {"opacity": 0.5}), ((PICTURE,), {"color_model": "BGR"}),
              ((), {"bytes": bytes(24), "width": 4, "height": 4, "pixel_format": "NV12"}),
              ((np.zeros((3, 5), np.float64), "L"), {})],
    "InstancePoses3D": [((), {"translations": P3, "quaternions": [TURN], "scales": [[1, 1, 2]]}),
                        ((), {"mat3x3": np.eye(3)})],
    "LineStrips2D": [(([[[0, 0], [2, 1]], [[4, -1], [6, 0], [7, 8]]],), {"colors": RGB, "labels": ["a", "b"]}),
                     (([],), {})],
    "LineStrips3D": [((np.arange(12.0).reshape(2, 2, 3),), {"radii": 0.1})],
    "McapChannel": [((), {"id": 1, "topic": "/topic", "message_encoding": "json", "metadata": {"a": "b"}})],
    "McapMessage": [((b"\1\2\3",), {})],
    "McapSchema": [((), {"id": 1, "name": "name", "encoding": "ros2msg", "data": b"data"})],
    "McapStatistics": [((), {"message_count": 1, "schema_count": 2, "channel_count": 3, "attachment_count": 4, "metadata_count": 5,
                           "chunk_count": 6, "message_start_time": 7, "message_end_time": 8})],
    "Measurements": [(([1.0, 2.0],), {"variances": [0.1, 0.2], "units": ["m", "s"], "names": ["a", "b"]})],
    "Mesh3D": [((), {"vertex_positions": [[0, 0, 0], [1, 0, 0], [0, 1, 0]], "triangle_indices": [[0, 1, 2]],
                     "vertex_normals": [[0, 0, 1]] * 3, "vertex_colors": [0xFF, 0xFF00, 0xFF0000],
                     "vertex_texcoords": [[0, 0], [1, 0], [0, 1]], "albedo_texture": PICTURE})],
    "Pinhole": [((), {"focal_length": 3, "width": 4, "height": 5, "image_plane_distance": 2.5}),
                ((), {"image_from_camera": [[1, 0, 2], [0, 1, 2], [0, 0, 1]], "resolution": [3, 4],
                      "camera_xyz": rr.ViewCoordinates.RUB, "child_frame": "c", "parent_frame": "p"})],
    "Points2D": [((P2,), {"radii": [1, 2], "colors": RGB, "labels": ["a", None], "class_ids": [1, 2],
                          "keypoint_ids": [3, 4], "draw_order": 5}), (([],), {})],
    "Points3D": [((np.arange(300, dtype=np.float64).reshape(-1, 3),),
                  {"colors": np.arange(300, dtype=np.uint8).reshape(-1, 3), "radii": np.linspace(0, 1, 100)}),
                 ((P3,), {"labels": ["ä", "\N{SNOWMAN}"], "show_labels": False, "keypoint_ids": [1, 2], "class_ids": 3})],
    "RecordingInfo": [((), {"start_time": 1_700_000_000, "name": "a name"})],
    "Scalars": [((1.5,), {}), (([1, 2, 3],), {}), ((np.float32(0.1),), {}), ((float("nan"),), {})],
    "SegmentationImage": [((DEPTH.astype(np.uint8),), {"opacity": 0.5, "draw_order": 1})],
    "SeriesLines": [((), {"colors": RGB, "widths": [1, 2], "names": ["a", "b"], "aggregation_policy": "average",
                          "visible_series": [True, False]})],
    "SeriesPoints": [((), {"colors": RGB, "markers": ["cross", "circle"], "names": "n", "marker_sizes": [2, 3]})],
    "StateChange": [((), {"state": "open"})],
    "StateConfiguration": [((), {"values": ["open", "closed"], "labels": ["Open", "Closed"], "colors": RGB,
                                 "visible": [True, False]})],
    "Tensor": [((np.arange(24, dtype=np.int16).reshape(2, 3, 4),), {"dim_names": ("a", "b", "c"), "value_range": [0, 9]}),
               ((np.zeros((2, 2), np.float16),), {})]
    + [((np.arange(4).astype(kind).reshape(2, 2),), {}) for kind in
       ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8")],
    "TextDocument": [(("# Hello",), {"media_type": rr.MediaType.MARKDOWN}), (("",), {})],
    "TextLog": [(("hello",), {"level": "INFO", "color": [1, 2, 3]}), (("\N{GRINNING FACE} \0 end",), {})],
    "Transform3D": [((), {"translation": [1, 2, 3], "quaternion": TURN, "scale": 2.0}),
                    ((), {"rotation": AXIS, "mat3x3": np.eye(3), "relation": "ChildFromParent"}),
                    ((), {"child_frame": "a", "parent_frame": "b", "translation": [0, 0, 0]})],
    "TransformAxes3D": [((1.5,), {"show_frame": True})],
    "VideoFrameReference": [((), {"seconds": 1.5, "video_reference": "video"}), ((), {"nanoseconds": 7})],
    "VideoStream": [((), {"codec": rr.VideoCodec.H264, "sample": b"\0\0\0\1", "is_keyframe": True})],
    "ViewCoordinates": [((), {"xyz": rr.components.ViewCoordinates.RDF})],
    "Volume3D": [((np.zeros((2, 3, 4), np.float32),), {"voxel_size": [0.1, 0.1, 0.2], "gamma": 2.0})],
    "VoxelGridMap": [((), {"voxel_indices": [[0, 0, 0], [1, 2, 3]], "voxel_size": [0.5, 0.5, 1], "colors": RGB})],
}


@case
def all_are_here(run):
    run.tell(sorted(set(rr.archetypes.__all__) ^ set(EXAMPLES)))


def log_all_ways(run, name):
    """Every example, static too, and no fields at all: not set, and cleared."""
    archetype = getattr(rr.archetypes, name)
    run.init()
    for arguments, options in EXAMPLES[name]:
        rr.log("whole", archetype(*arguments, **options))
        rr.log("static", archetype(*arguments, **options), static=True)
    run.attempt(lambda: rr.log("cleared", archetype.cleared()))
    run.attempt(lambda: rr.log("empty", archetype.from_fields()))
    run.attempt(lambda: rr.log("all", archetype.from_fields(clear_unset=True)))


for _name in EXAMPLES:
    case(functools.partial(log_all_ways, name=_name), _name)


@case
def partial_updates(run):
    run.init()
    rr.log("p", rr.Points3D(P3, colors=RGB))
    rr.log("p", rr.Points3D.from_fields(radii=[1, 2]))
    rr.log("p", rr.Points3D.from_fields(clear_unset=True, positions=P3))
    rr.log("t", rr.Transform3D.from_fields(scale=[3, 3, 3]))
    rr.log("b", rr.Boxes2D.from_fields(labels=["one"]))


@case
def several_at_once(run):
    run.init()
    rr.log("all", rr.Points3D(P3), rr.Arrows3D(vectors=P3), rr.AnyValues(confidence=[0.5, 0.25]))
    rr.log("batches", [rr.components.Position3DBatch(P3).described(rr.ComponentDescriptor("one")),
                       rr.components.ColorBatch(RGB).described(rr.ComponentDescriptor("two", component_type="C"))])
    run.attempt(rr.log, "twice", rr.TextLog("one"), rr.TextLog("two"))
    rr.set_strict_mode(False)
    rr.log("twice", rr.TextLog("one"), rr.TextLog("two"))
    rr.log("nothing", [])
