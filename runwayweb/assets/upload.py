"""Pictures that come from outside: decoded to be believed, written anew, so that nothing else comes in."""

import io
import threading

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 20 * 1024**2
MOST_PIXELS = 64_000_000  # a file of a few kilobytes can unpack to gigabytes
LEAST_SIDE = 16  # pixels
LONGEST_SIDE = 2048  # pixels; what is larger is shrunk, as no engine here sees more
THUMBNAIL_PIXELS = 320

# Decoding the largest picture takes half a gigabyte for a moment: one after the other, whatever comes at once.
_one_at_a_time = threading.Lock()


class BadPicture(ValueError):
    """Not a picture that can be used. The message is a sentence for whoever chose it."""


def read_picture(file):
    """The picture in a seekable binary file as a PIL image: RGB, upright, sRGB, see-through parts on white.

    The first frame of an animated one. At most LONGEST_SIDE pixels long. Raises BadPicture.
    """
    if file.seek(0, io.SEEK_END) > MOST_BYTES:
        raise BadPicture(
            _("This picture is larger than %(most)d MB. Make it smaller and choose it again.")
            % {"most": MOST_BYTES // 1024**2}
        )
    file.seek(0)
    with _one_at_a_time:
        try:
            with Image.open(file, formats=FORMATS) as opened:
                _refuse_sides(opened)
                return _plain(opened)
        except BadPicture:
            raise
        except Image.DecompressionBombError:
            raise _too_many_pixels() from None
        except Image.UnidentifiedImageError:
            raise BadPicture(_("This is no picture in PNG, JPEG or WebP. Choose another file.")) from None
        except Exception as error:  # whatever a damaged file makes a decoder say
            raise BadPicture(_("This picture is damaged or not whole. Save it again or choose another.")) from error


def lossless(picture):
    """A picture as WebP bytes: every pixel as it is, nothing about where it is from. Equal pixels, equal bytes."""
    data = io.BytesIO()
    picture.save(data, "WEBP", lossless=True, quality=40, method=1)
    return data.getvalue()


def thumbnail(picture):
    """A small copy as WebP bytes."""
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "WEBP", quality=86, method=4)
    return data.getvalue()


def _refuse_sides(picture):
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    if min(picture.size) < LEAST_SIDE:
        raise BadPicture(
            _("This picture is %(width)d × %(height)d pixels small; each side needs %(least)d.")
            % {"width": picture.width, "height": picture.height, "least": LEAST_SIDE}
        )


def _too_many_pixels():
    most = MOST_PIXELS // 1_000_000
    return BadPicture(_("This picture has more than %(most)d megapixels. Make it smaller.") % {"most": most})


def _plain(picture):
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits a pixel, which converting would cut off instead of scaling
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    elif picture.mode in ("1", "P", "PA"):  # of a palette no picture can be shrunk smoothly
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)  # of a JPEG decodes no more than that
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    picture = _in_srgb(picture, profile).convert("RGB")
    return Image.frombytes("RGB", picture.size, picture.tobytes())  # its pixels and nothing else


def _in_srgb(picture, profile):
    """The picture's colours as a screen means them; those of a profile that cannot be read as they are."""
    if profile is None:
        return picture
    try:
        return ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
