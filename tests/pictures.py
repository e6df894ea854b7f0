"""Small pictures for stories. Needs no Django."""

import io

from PIL import Image


def two_colors(left=(220, 30, 30), right=(30, 30, 220), size=(64, 48)):
    """An RGB picture, one colour to the left and one to the right."""
    picture = Image.new("RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def as_file(picture, kind="PNG", **options):
    """A picture as an open file of this kind, at its beginning."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    file.seek(0)
    return file
