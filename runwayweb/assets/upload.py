"""Pictures that come from outside: decoded in a closed process and written anew, so that nothing else comes in."""

import io
import shutil
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image

from runwayweb.assets import sandbox
from runwayweb.assets.pixels import LEAST_SIDE, MOST_PIXELS, Unusable, lossless, plain_picture, thumbnail

__all__ = [
    "LONGEST_SIDE",
    "MOST_BYTES",
    "BadPicture",
    "kept_picture",
    "lossless",
    "read_picture",
    "thumbnail",
    "why_not",
]

MOST_BYTES = 20 * 1024**2
LONGEST_SIDE = 2048  # pixels; what is larger is shrunk, as no engine here sees more
READER = Path(__file__).with_name("picture_reading.py")
READING_SECONDS = 60


class BadPicture(ValueError):
    """Not a picture that can be used. The message is a sentence for whoever chose it."""


def read_picture(file):
    """The picture in a seekable binary file as a PIL image: RGB, upright, sRGB, see-through parts on white.

    The first frame of an animated one. At most LONGEST_SIDE pixels long. What decodes it is a closed process, whose
    end costs this picture and nothing else. Raises BadPicture, Busy.
    """
    if file.seek(0, io.SEEK_END) > MOST_BYTES:
        raise BadPicture(
            _("This picture is larger than %(most)d MB. Make it smaller and choose it again.")
            % {"most": MOST_BYTES // 1024**2}
        )
    file.seek(0)
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        given, written = Path(folder) / "given", Path(folder) / "written"
        with given.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        try:
            told = sandbox.told(READER, str(given), str(written), str(LONGEST_SIDE), seconds=READING_SECONDS)
        except sandbox.Broken:  # too slow, or killed where it took too much
            told = {"refused": "damaged", "values": {}}
        if "refused" in told:
            raise BadPicture(why_not(told["refused"], told["values"]))
        with Image.open(written, formats=["WEBP"]) as picture:
            return picture.convert("RGB")


def kept_picture(file):
    """As read_picture, of a file that the studio itself wrote."""
    try:
        return plain_picture(file, LONGEST_SIDE)
    except Unusable as error:
        raise BadPicture(why_not(error.why, error.values)) from error


def why_not(why, values):
    """The sentence for a picture that is Unusable."""
    if why == "pixels":
        most = MOST_PIXELS // 1_000_000
        return _("This picture has more than %(most)d megapixels. Make it smaller.") % {"most": most}
    if why == "small":
        return _("This picture is %(width)d × %(height)d pixels small; each side needs %(least)d.") % {
            **values,
            "least": LEAST_SIDE,
        }
    if why == "unknown":
        return _("This is no picture in PNG, JPEG or WebP. Choose another file.")
    return _("This picture is damaged or not whole. Save it again or choose another.")
