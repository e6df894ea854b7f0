"""Camera moves are exact: what the matrices say is what was asked for, and the picture moves the way the words say."""

import numpy as np
import pytest

from generation.engine.request import CAMERA_MOVES
from generation.engine.world.camera import USUAL_AMOUNTS, Framing, amount_of, camera_path, progress
from generation.engine.world.render import render
from generation.engine.world.scene import CameraMove, Character, Prop, Scene

FRAMING = Framing(position=np.array([0.3, 1.1, 4.0]), target=np.array([0.0, 0.7, 0.0]), fov=34.0)
SIZE = {"width": 512, "height": 288}


def path(move, amount=None, num_frames=24, **more):
    return camera_path(CameraMove(move, amount), FRAMING, num_frames=num_frames, **SIZE | more)


def turned(camera_to_world, first=0, last=-1):
    """Degrees between the view axes of two frames."""
    one, other = camera_to_world[first, :3, 2], camera_to_world[last, :3, 2]
    return np.degrees(np.arccos(np.clip(one @ other, -1, 1)))


def travelled(camera_to_world):
    return camera_to_world[-1, :3, 3] - camera_to_world[0, :3, 3]


@pytest.mark.parametrize("move", CAMERA_MOVES)
@pytest.mark.parametrize("easing", ["eased", "linear"])
def test_every_move_is_a_rigid_camera_path(move, easing):
    camera_to_world, intrinsics = path(move, easing=easing)
    rotations = camera_to_world[:, :3, :3]
    np.testing.assert_allclose(
        rotations @ rotations.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (24, 3, 3)), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(rotations), 1.0)
    np.testing.assert_allclose(rotations[:, 1, 0], 0.0, atol=1e-12)  # the horizon stays level
    np.testing.assert_allclose(intrinsics[:, :2, 2], [[256, 144]] * 24)


@pytest.mark.parametrize(("direction", "sign"), [("left", 1), ("right", -1)])
def test_a_pan_turns_about_the_vertical_and_stays_where_it_is(direction, sign):
    camera_to_world, _ = path(f"pan {direction}")
    heading = np.degrees(np.unwrap(np.arctan2(-camera_to_world[:, 0, 2], -camera_to_world[:, 2, 2])))
    assert heading[-1] - heading[0] == pytest.approx(sign * 30.0)
    np.testing.assert_allclose(travelled(camera_to_world), 0.0)


@pytest.mark.parametrize(("direction", "sign"), [("up", 1), ("down", -1)])
def test_a_tilt_turns_about_the_cameras_own_axis(direction, sign):
    camera_to_world, _ = path(f"tilt {direction}")
    rise = np.degrees(np.arcsin(camera_to_world[:, 1, 2]))
    assert rise[-1] - rise[0] == pytest.approx(sign * 12.0)
    np.testing.assert_allclose(camera_to_world[:, :3, 0], camera_to_world[:1, :3, 0].repeat(24, 0), atol=1e-12)
    np.testing.assert_allclose(travelled(camera_to_world), 0.0)


@pytest.mark.parametrize(
    ("move", "axis", "metres"),
    [
        ("dolly in", 2, 2.0),
        ("dolly out", 2, -2.0),
        ("truck right", 0, 1.6),
        ("truck left", 0, -1.6),
    ],
)
def test_dolly_and_truck_travel_along_the_cameras_axes(move, axis, metres):
    camera_to_world, _ = path(move)
    along = camera_to_world[0, :3, :3].T @ travelled(camera_to_world)  # right, down, forward
    expected = np.zeros(3)
    expected[axis] = metres
    np.testing.assert_allclose(along, expected, atol=1e-12)
    assert turned(camera_to_world) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("move", "metres"), [("crane up", 0.6), ("crane down", -0.6)])
def test_a_crane_travels_straight_up_or_down(move, metres):
    camera_to_world, _ = path(move)
    np.testing.assert_allclose(travelled(camera_to_world), [0, metres, 0], atol=1e-12)


@pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
def test_an_orbit_circles_its_target_and_always_faces_it(direction, sign):
    camera_to_world, _ = path(f"orbit {direction}")
    away = camera_to_world[:, :3, 3] - FRAMING.target
    distance = np.linalg.norm(away, axis=1)
    np.testing.assert_allclose(distance, distance[0])
    np.testing.assert_allclose(camera_to_world[:, :3, 2], -away / distance[:, None], atol=1e-12)
    around = np.degrees(np.unwrap(np.arctan2(away[:, 0], away[:, 2])))
    assert around[-1] - around[0] == pytest.approx(sign * 60.0)


@pytest.mark.parametrize(("move", "factor"), [("zoom in", 1.6), ("zoom out", 1 / 1.6)])
def test_a_zoom_changes_the_focal_length_alone(move, factor):
    camera_to_world, intrinsics = path(move)
    assert intrinsics[-1, 0, 0] / intrinsics[0, 0, 0] == pytest.approx(factor)
    np.testing.assert_allclose(intrinsics[:, 0, 0], intrinsics[:, 1, 1])
    assert (camera_to_world == camera_to_world[0]).all()


@pytest.mark.parametrize("amount", [5.0, 47.5, 200.0])
def test_amounts_are_what_was_asked_for(amount):
    camera_to_world, _ = path("orbit left", amount, num_frames=97)
    away = camera_to_world[:, :3, 3] - FRAMING.target
    around = np.degrees(np.unwrap(np.arctan2(away[:, 0], away[:, 2])))
    assert around[0] - around[-1] == pytest.approx(amount)


def test_a_long_dolly_ends_in_front_of_its_subject_and_a_long_crane_above_the_ground():
    camera_to_world, _ = path("dolly in", 9.0)
    assert np.linalg.norm(travelled(camera_to_world)) == pytest.approx(9.0)
    assert np.linalg.norm(camera_to_world[-1, :3, 3] - FRAMING.target) == pytest.approx(1.3)
    camera_to_world, _ = path("crane down", 5.0)
    assert travelled(camera_to_world)[1] == pytest.approx(-5.0)
    assert camera_to_world[-1, 1, 3] == pytest.approx(0.25)


def test_narrow_pictures_pan_and_truck_less():
    assert amount_of(CameraMove("pan left"), 288, 512) == pytest.approx(30 * (288 / 512) / (16 / 9))
    assert amount_of(CameraMove("pan left", 30.0), 288, 512) == 30.0
    assert amount_of(CameraMove("orbit left"), 288, 512) == USUAL_AMOUNTS["orbit"]


def test_moves_start_and_stop_softly_unless_they_are_linear():
    eased, linear = np.diff(progress(24)), np.diff(progress(24, "linear"))
    assert eased[0] < 0.25 * eased[11] and eased[-1] < 0.25 * eased[11]
    np.testing.assert_allclose(linear, linear[0])
    assert progress(1) == [0.5]
    with pytest.raises(ValueError, match="eased, linear"):
        progress(24, "bouncy")


def test_a_zoom_by_nothing_is_refused():
    with pytest.raises(ValueError, match="more than 0"):
        path("zoom in", 0.0)


# What the picture does. Everything stands still but the camera, and nothing but the far half of the picture is asked.
SCENE = {"place": "meadow", "characters": (Character("bear"),), "props": (Prop("rock"),)}


def seen(move):
    clip = render([Scene(**SCENE, camera=CameraMove(move))], [4], width=160, height=96, num_frames=9, fps=4)
    ys, xs, sizes = [], [], []
    for mask in clip.mask[0]:
        where = (mask == 1).nonzero().float()
        ys.append(float(where[:, 0].mean()))
        xs.append(float(where[:, 1].mean()))
        sizes.append(len(where))
    return xs[-1] - xs[0], ys[-1] - ys[0], sizes[-1] / sizes[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("move", "right", "down", "grows"),
    [
        ("pan left", 1, 0, 0),
        ("pan right", -1, 0, 0),
        ("tilt up", 0, 1, 0),
        ("tilt down", 0, -1, 0),
        ("truck left", 1, 0, 0),
        ("truck right", -1, 0, 0),
        ("crane up", 0, 1, 0),
        ("crane down", 0, -1, 0),
        ("dolly in", 0, 0, 1),
        ("dolly out", 0, 0, -1),
        ("zoom in", 0, 0, 1),
        ("zoom out", 0, 0, -1),
    ],
)
def test_the_picture_moves_against_the_camera(move, right, down, grows):
    shift_x, shift_y, growth = seen(move)
    if right:
        assert np.sign(shift_x) == right and abs(shift_x) > 15
    if down:
        assert np.sign(shift_y) == down and abs(shift_y) > 8
    if grows:
        assert np.sign(growth - 1) == grows and abs(np.log(growth)) > 0.4


def test_an_orbit_keeps_its_subject_and_moves_what_stands_behind_it():
    clip = render([Scene(**SCENE, camera=CameraMove("orbit left"))], [4], width=160, height=96, num_frames=17, fps=4)
    centres = [float((mask == 1).nonzero()[:, 1].float().mean()) for mask in clip.mask[0]]
    assert max(abs(centre - centres[8]) for centre in centres) < 18
    # The camera goes left and looks back to the right, so what is far slides to the left: match two strips of pixels.
    first, last = (clip.rgb[0, frame, 20:40].float().mean(-1) for frame in (8, 9))
    errors = {
        shift: float((first[:, 30 + shift : 130 + shift] - last[:, 30:130]).abs().mean()) for shift in range(-29, 30)
    }
    assert 8 <= min(errors, key=errors.get) <= 24
