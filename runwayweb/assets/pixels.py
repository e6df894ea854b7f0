"""The pixels of a picture from outside, and nothing else of it. Needs no Django: it runs in a closed process, too."""

import io

from PIL import Image, ImageCms, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 64_000_000  # a file of a few kilobytes can unpack to gigabytes
LEAST_SIDE = 16  # pixels
THUMBNAIL_PIXELS = 320


class Unusable(Exception):
    """No picture that can be used: `why` is "pixels", "small", "unknown" or "damaged"."""

    def __init__(self, why, **values):
        super().__init__(why)
        self.why = why
        self.values = values


def plain_picture(file, longest_side):
    """The picture in an open binary file as a PIL image: RGB, upright, sRGB, see-through parts on white.

    The first frame of an animated one. At most `longest_side` pixels long. Raises Unusable.
    """
    try:
        with Image.open(file, formats=FORMATS) as opened:
            _refuse_sides(opened)
            return _plain(opened, longest_side)
    except Unusable:
        raise
    except Image.DecompressionBombError:
        raise Unusable("pixels") from None
    except Image.UnidentifiedImageError:
        raise Unusable("unknown") from None
    except Exception as error:  # whatever a damaged file makes a decoder say
        raise Unusable("damaged") from error


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
        raise Unusable("pixels")
    if min(picture.size) < LEAST_SIDE:
        raise Unusable("small", width=picture.width, height=picture.height)


def _plain(picture, longest_side):
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits a pixel, which converting would cut off instead of scaling
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    elif picture.mode in ("1", "P", "PA"):  # of a palette no picture can be shrunk smoothly
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)  # of a JPEG decodes no more than that
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
