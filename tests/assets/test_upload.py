"""Pictures from outside: what is believed, what is kept of it, what is refused and how."""

import io
import struct
import zlib

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image, ImageCms

from generation.engine.encode import write_mp4
from runwayweb.assets.models import Asset, asset
from runwayweb.assets.pictures import UnreadableVideo, still_of_video
from runwayweb.assets.upload import LONGEST_SIDE, MOST_BYTES, BadPicture, lossless, read_picture
from tests.factories import make_user
from tests.pictures import as_file, noise, two_colors


def bomb(side=20_000):
    """A PNG of a few hundred bytes that says it holds 400 megapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def animated():
    frames = [Image.new("RGB", (64, 48), color) for color in ("red", "blue", "blue")]
    return as_file(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_taken_in_as_it_looks(kind):
    picture = read_picture(as_file(two_colors(), kind))
    assert (picture.mode, picture.size) == ("RGB", (64, 48))
    left, right = picture.getpixel((8, 24)), picture.getpixel((56, 24))
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


def test_it_stands_upright_and_tells_nothing_of_its_maker():
    exif = Image.Exif()
    exif[274] = 6  # turned a quarter
    exif[271] = "A camera that knows where it was"
    picture = read_picture(as_file(two_colors(), "JPEG", exif=exif, comment=b"my garden"))
    assert picture.size == (48, 64)
    kept = lossless(picture)
    assert b"camera" not in kept and b"garden" not in kept
    with Image.open(io.BytesIO(kept)) as again:
        assert again.info.keys() <= {"background", "loop"} and not again.getexif()
        assert again.tobytes() == picture.tobytes()


def test_what_is_see_through_lies_on_white():
    ghost = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert read_picture(as_file(ghost, "PNG")).getpixel((5, 5)) == (255, 255, 255)
    assert read_picture(as_file(ghost.quantize(4), "PNG")).getpixel((5, 5)) == (255, 255, 255)


def test_other_depths_and_colour_spaces_look_the_same():
    deep = Image.fromarray(np.full((32, 32), 40_000, np.uint16))
    assert abs(read_picture(as_file(deep, "PNG")).getpixel((5, 5))[0] - 156) <= 1
    assert read_picture(as_file(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG")).getpixel((5, 5))[0] > 200
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = Image.new("RGB", (32, 32), (90, 90, 90))
    assert read_picture(as_file(grey, "PNG", icc_profile=srgb)).getpixel((5, 5)) == (90, 90, 90)
    assert read_picture(as_file(grey, "PNG", icc_profile=b"nonsense")).getpixel((5, 5)) == (90, 90, 90)


def test_of_an_animation_the_first_frame_counts():
    picture = read_picture(animated())
    assert picture.getpixel((5, 5)) == (255, 0, 0)


def test_a_large_one_is_kept_as_large_as_an_engine_sees():
    picture = read_picture(as_file(Image.new("L", (6000, 3000), 90), "JPEG"))
    assert picture.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def truncated():
    whole = as_file(noise(size=(200, 200)), "JPEG").read()
    return io.BytesIO(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (io.BytesIO(b"MZ\x90\x00" + b"\0" * 500), "no picture in PNG, JPEG or WebP"),
        (io.BytesIO(b""), "no picture in PNG, JPEG or WebP"),
        (as_file(two_colors(), "GIF"), "no picture in PNG, JPEG or WebP"),
        (as_file(two_colors(), "TIFF"), "no picture in PNG, JPEG or WebP"),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "no picture in PNG, JPEG or WebP"),
        (truncated(), "damaged or not whole"),
        (io.BytesIO(as_file(two_colors(), "PNG").read()[:80]), "damaged or not whole"),
        (io.BytesIO(bomb()), "more than 64 megapixels"),
        (io.BytesIO(bomb(9_000)), "more than 64 megapixels"),
        (as_file(Image.new("RGB", (900, 3)), "PNG"), "900 × 3 pixels small"),
        (io.BytesIO(b"\0" * (MOST_BYTES + 1)), "larger than 20 MB"),
    ],
    ids=["exe", "empty", "gif", "tiff", "svg", "half a jpeg", "half a png", "bomb", "small bomb", "line", "21 MB"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(file, sentence):
    with pytest.raises(BadPicture, match=sentence):
        read_picture(file)


def test_the_same_picture_is_kept_once_in_a_workspace(ada, db):
    mine, hers = ada.open_workspace(), make_user("grace").open_workspace()
    kept = Asset.objects.keep_picture(two_colors(), workspace=mine, name="fox.png")
    assert (kept.media_type, kept.width, kept.height, kept.name) == ("image/webp", 64, 48, "fox.png")
    assert kept not in Asset.objects.unprepared()
    with default_storage.open(kept.poster.name) as poster:
        assert Image.open(poster).format == "WEBP"
    assert Asset.objects.keep_picture(two_colors(), workspace=mine, name="again.jpg") == kept
    assert Asset.objects.keep_picture(two_colors(), workspace=hers, name="fox.png") != kept
    Asset.objects.filter(pk=kept.pk).update(deleted_at=timezone.now())
    assert Asset.objects.keep_picture(two_colors(), workspace=mine, name="fox.png").deleted_at is None


def test_a_flood_of_pictures_is_stopped_with_a_sentence(ada, db, monkeypatch):
    monkeypatch.setattr(asset, "PICTURES_A_DAY", 2)
    workspace = ada.open_workspace()
    kept = [Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in range(3)]
    for picture in kept[:2]:
        Asset.objects.keep_picture(picture, workspace=workspace, name="fox.png")
    with pytest.raises(BadPicture, match="2 new pictures came within a day"):
        Asset.objects.keep_picture(kept[2], workspace=workspace, name="fox.png")
    assert Asset.objects.keep_picture(kept[0], workspace=workspace, name="fox.png"), "it is there already"


def test_a_frame_of_a_clip_has_the_colours_of_the_clip(tmp_path):
    frames = [np.full((64, 96, 3), color, np.uint8) for color in [(200, 30, 30)] * 7 + [(30, 180, 60)]]
    write_mp4(frames, 12, tmp_path / "clip.mp4", metadata={})
    with open(tmp_path / "clip.mp4", "rb") as clip:
        last = still_of_video(clip, "last")
    with open(tmp_path / "clip.mp4", "rb") as clip:
        middle = still_of_video(clip, "middle")
    assert last.size == (96, 64)
    assert np.allclose(np.asarray(last).mean((0, 1)), (30, 180, 60), atol=3)
    assert np.allclose(np.asarray(middle).mean((0, 1)), (200, 30, 30), atol=3)
    with pytest.raises(UnreadableVideo):
        still_of_video(io.BytesIO(b"no clip"), "last")
