"""The camera's path that a model is told, seen from the first frame: x right, y down, z forward, metres."""

import numpy as np
import pytest

from generation.engine.pipelines.camera_path import FIELD_OF_VIEW, SUBJECT_DISTANCE, path_of
from generation.engine.request import CAMERA_MOVES
from generation.engine.world.camera import USUAL_AMOUNTS

RIGHT, DOWN, FORWARD = np.eye(3)
AHEAD = SUBJECT_DISTANCE * FORWARD  # the point that an orbit goes around


def path(move, num_frames=25, width=1280, height=720):
    return path_of(move, num_frames, width=width, height=height)


def where(move):
    """Where the camera ends, and where it then looks."""
    cameras, _ = path(move)
    return cameras[-1, :3, 3], cameras[-1, :3, 2]


@pytest.mark.parametrize("move", [None, *CAMERA_MOVES])
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)], ids=["wide", "tall"])
def test_a_path_begins_where_the_picture_was_taken_and_never_bends_space(move, size):
    cameras, intrinsics = path(move, width=size[0], height=size[1])
    assert (cameras.shape, intrinsics.shape) == ((25, 4, 4), (25, 4))
    assert cameras.dtype == intrinsics.dtype == np.float32
    assert np.array_equal(cameras[0], np.eye(4))
    turns = cameras[:, :3, :3]
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-6)
    assert np.allclose(np.linalg.det(turns), 1, atol=1e-6)
    assert np.array_equal(cameras[:, 3], np.tile([0, 0, 0, 1], (25, 1)))


@pytest.mark.parametrize("move", [None, "static"])
def test_a_camera_that_was_not_asked_to_move_stands_still(move):
    cameras, intrinsics = path(move)
    assert np.allclose(cameras, np.eye(4), atol=1e-6)
    assert np.ptp(intrinsics, axis=0).max() == 0


@pytest.mark.parametrize(
    ("move", "axis"),
    [
        ("dolly in", FORWARD),
        ("dolly out", -FORWARD),
        ("truck right", RIGHT),
        ("truck left", -RIGHT),
        ("crane down", DOWN),
        ("crane up", -DOWN),
    ],
)
def test_a_camera_that_travels_goes_the_usual_way_and_looks_where_it_looked(move, axis):
    position, view = where(move)
    assert np.allclose(position, USUAL_AMOUNTS[move.split()[0]] * axis, atol=1e-5)
    assert np.allclose(view, FORWARD, atol=1e-6)


@pytest.mark.parametrize(
    ("move", "axis"), [("pan right", RIGHT), ("pan left", -RIGHT), ("tilt down", DOWN), ("tilt up", -DOWN)]
)
def test_a_camera_that_turns_stands_still_and_looks_to_that_side(move, axis):
    position, view = where(move)
    assert np.allclose(position, 0, atol=1e-6)
    angle = np.radians(USUAL_AMOUNTS[move.split()[0]])
    assert np.allclose(view, np.cos(angle) * FORWARD + np.sin(angle) * axis, atol=1e-6)


@pytest.mark.parametrize(("move", "side"), [("orbit right", 1), ("orbit left", -1)])
def test_an_orbit_keeps_its_distance_and_faces_what_it_goes_around(move, side):
    cameras, _ = path(move)
    to_subject = AHEAD - cameras[:, :3, 3]
    assert np.allclose(np.linalg.norm(to_subject, axis=1), SUBJECT_DISTANCE, atol=1e-5)
    assert np.allclose(to_subject / SUBJECT_DISTANCE, cameras[:, :3, 2], atol=1e-6)
    assert np.allclose(cameras[:, 1, 3], 0, atol=1e-6)
    assert np.sign(cameras[-1, 0, 3]) == side
    assert cameras[-1, :3, 2] @ FORWARD == pytest.approx(np.cos(np.radians(USUAL_AMOUNTS["orbit"])), abs=1e-6)


@pytest.mark.parametrize(("move", "factor"), [("zoom in", 1.6), ("zoom out", 1 / 1.6)])
def test_a_zoom_changes_the_lens_and_nothing_else(move, factor):
    cameras, intrinsics = path(move)
    assert np.allclose(cameras, np.eye(4), atol=1e-6)
    assert np.allclose(intrinsics[-1, :2] / intrinsics[0, :2], factor)
    assert np.allclose(intrinsics[:, 2:], (640, 360))


@pytest.mark.parametrize("move", ["zoom in", "dolly in"])
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)], ids=["wide", "tall"])
def test_the_lens_of_the_first_frame_is_the_assumed_one(move, size):
    _, intrinsics = path(move, width=size[0], height=size[1])
    assert intrinsics[0, 0] == intrinsics[0, 1]
    assert np.degrees(2 * np.arctan(max(size) / 2 / intrinsics[0, 0])) == pytest.approx(FIELD_OF_VIEW)


def test_a_move_starts_and_stops_softly():
    cameras, _ = path("dolly in")
    strides = np.diff(cameras[:, 2, 3])
    assert strides.min() > 0
    assert max(strides[0], strides[-1]) < strides[12] / 5


def test_a_single_frame_is_the_picture_itself():
    cameras, intrinsics = path("zoom in", num_frames=1)
    assert np.array_equal(cameras, np.eye(4)[None])
    assert np.array_equal(intrinsics, path(None, num_frames=1)[1])
