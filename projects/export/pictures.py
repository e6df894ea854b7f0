"""The pictures of a cut, frame by frame, as planes of YUV 4:2:0 in BT.709: every source is decoded once, forwards.

Nothing is held but the frame that is shown and the next one of each clip that is on, whatever the length of the film.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from projects.cut import Clip, Cut, Source, Track
from projects.export.titles import Titles, watermark

BLACK = (16, 128, 128)
OPEN_AT_ONCE = 4  # files; clips of one source have a reader each
STILLS = ("WEBP", "PNG", "JPEG")
# A file of the library came from outside: it is opened as what it was taken in as, and leads to no other.
FILE_ALONE = {"protocol_whitelist": "file", "enable_drefs": "0"}


@dataclass(frozen=True)
class Footage:
    """A local file that clips show: `container` is FFmpeg's name of how to open it, "" for a still."""

    path: Path
    container: str
    fps: float
    has_sound: bool = False
    has_picture: bool = True

    @property
    def is_still(self) -> bool:
        return not self.container


class Planes:
    """A picture: y uint8 (H, W), u and v uint8 (H/2, W/2)."""

    def __init__(self, y, u, v):
        self.y, self.u, self.v = y, u, v

    @classmethod
    def plain(cls, width, height, color=BLACK):
        shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
        return cls(*(np.full(shape, value, np.uint8) for shape, value in zip(shapes, color, strict=True)))

    @classmethod
    def of_frame(cls, frame, width, height):
        """A decoded frame, fitted whole into a picture of this size; what it does not fill is black."""
        scale = min(Fraction(width, frame.width), Fraction(height, frame.height))
        wide, high = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
        if (frame.format.name, frame.width, frame.height) != ("yuv420p", wide, high):
            frame = frame.reformat(
                wide, high, "yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG", interpolation="BICUBIC"
            )
        flat = frame.to_ndarray()  # (H * 3/2, W)
        half = (high // 2, wide // 2)
        y, u, v = flat[:high], flat[high : high + high // 4].reshape(half) if high % 4 == 0 else None, None
        if u is None:
            chroma = flat[high:].reshape(-1)
            u, v = chroma[: chroma.size // 2].reshape(half), chroma[chroma.size // 2 :].reshape(half)
        else:
            v = flat[high + high // 4 :].reshape(half)
        if (wide, high) == (width, height):
            return cls(y, u, v)
        whole = cls.plain(width, height)
        left, top = (width - wide) // 4 * 2, (height - high) // 4 * 2
        whole.y[top : top + high, left : left + wide] = y
        for plane, part in ((whole.u, u), (whole.v, v)):
            plane[top // 2 : (top + high) // 2, left // 2 : (left + wide) // 2] = part
        return whole

    def mixed(self, other, share):
        """This picture with `share`, 0 to 1, of another."""
        return Planes(
            *(_mix(one, two, share) for one, two in ((self.y, other.y), (self.u, other.u), (self.v, other.v)))
        )

    def under(self, drawing):
        """This picture beneath a drawing, see `Titles`."""
        top, bottom = drawing.rows
        y, u, v = self.y.copy(), self.u.copy(), self.v.copy()
        y[top:bottom] = _lay(y[top:bottom], drawing.y, drawing.alpha)
        u[top // 2 : bottom // 2] = _lay(u[top // 2 : bottom // 2], drawing.u, drawing.small_alpha)
        v[top // 2 : bottom // 2] = _lay(v[top // 2 : bottom // 2], drawing.v, drawing.small_alpha)
        return Planes(y, u, v)

    def as_frame(self):
        flat = np.concatenate([self.y.reshape(-1), self.u.reshape(-1), self.v.reshape(-1)])
        return av.VideoFrame.from_ndarray(flat.reshape(-1, self.y.shape[1]), format="yuv420p")


class Pictures:
    """The frames of a cut at an output size and rate. `captions`: whether they are drawn into the pictures; `marked`:
    whether the studio's name is."""

    def __init__(
        self,
        cut: Cut,
        footage: Mapping[Source, Footage],
        *,
        width: int,
        height: int,
        fps: int,
        captions: bool = False,
        marked: bool = False,
    ):
        self.cut, self.footage = cut, footage
        self.width, self.height, self.fps = width, height, fps
        self.titles = Titles(width, height)
        self.mark = watermark(width, height) if marked else None
        words = ("title", "caption") if captions else ("title",)
        self.tracks = [track for track in cut.tracks if track.kind == "video" and not track.muted]
        self.words = [track for track in cut.tracks if track.kind in words and not track.muted]
        self.black = Planes.plain(width, height)
        self.readers: dict[str, _Reader] = {}

    @property
    def frames(self) -> int:
        """How many there are."""
        return -(-self.cut.frames * self.fps // self.cut.fps)

    def drawn(self, first: int, last: int) -> Iterator[Planes]:
        """The frames from `first` up to and without `last`, counted from 0."""
        for number in range(first, last):
            picture = self._frame(Fraction(number * self.cut.fps, self.fps))
            yield picture.under(self.mark) if self.mark else picture

    def close(self):
        for reader in self.readers.values():
            reader.close()
        self.readers.clear()

    def _frame(self, at: Fraction) -> Planes:
        """What is seen at a moment, counted in frames of the cut."""
        picture = self.black
        for track in reversed(self.tracks):
            place, clip = _on(track, at)
            if clip:
                picture = self._clip(track, place, clip, at - clip.at)
                break
        for track in self.words:
            _place, clip = _on(track, at)
            if clip and clip.text.strip():
                picture = picture.under(self.titles.drawing(clip.text, clip.style, is_caption=track.kind == "caption"))
        return picture

    def _clip(self, track: Track, place: int, clip: Clip, k: Fraction) -> Planes:
        picture = self._source(clip, k)
        transition = clip.transition
        if transition and k < transition.frames:
            share = float((k + 1) / (transition.frames + 1))
            before = track.clips[place - 1] if place else None
            if transition.kind == "fade":
                picture = self.black.mixed(picture, share)
            elif before and before.end == clip.at:
                picture = self._source(before, k + before.frames).mixed(picture, share)
        left = clip.frames - k
        if clip.fade_to_black and left <= clip.fade_to_black:
            picture = self.black.mixed(picture, float(left / (clip.fade_to_black + 1)))
        return picture

    def _source(self, clip: Clip, k: Fraction) -> Planes:
        footage = self.footage.get(clip.source) if clip.source else None
        if footage is None or not footage.has_picture:
            return self.black
        reader = self.readers.pop(clip.id, None) or _Reader(footage, self.width, self.height)
        self.readers[clip.id] = reader  # the one used last at the end
        while len(self.readers) > OPEN_AT_ONCE:
            self.readers.pop(next(iter(self.readers))).close()
        if footage.is_still:
            return reader.still()
        return reader.at(clip.source_frame(k, footage.fps, self.cut.fps))


class _Reader:
    """Gives the frames of one file by their number; quick where they are asked for in order."""

    def __init__(self, footage: Footage, width: int, height: int):
        self.footage, self.width, self.height = footage, width, height
        self.container = None
        self.now = self.following = None  # frames
        self.shown: tuple[int, Planes] | None = None  # of the frame that was asked for last
        self._still: Planes | None = None

    def still(self) -> Planes:
        if self._still is None:
            picture = Image.open(self.footage.path, formats=STILLS).convert("RGB")
            self._still = Planes.of_frame(av.VideoFrame.from_image(picture), self.width, self.height)
        return self._still

    def at(self, number: int) -> Planes:
        """The frame that is seen at `number / fps` seconds; the last one after the end, black where there is none."""
        if self.shown and self.shown[0] == number:
            return self.shown[1]
        wanted = number / self.footage.fps
        if self.container is None or (self._time(self.now) or 0) > wanted + self._half or self._is_far(wanted):
            self._open(wanted)
        while self.following is not None and self._time(self.following) <= wanted + self._half:
            self.now, self.following = self.following, next(self.decoded, None)
        planes = (
            Planes.of_frame(self.now, self.width, self.height) if self.now else Planes.plain(self.width, self.height)
        )
        self.shown = (number, planes)
        return planes

    def close(self):
        if self.container is not None:
            self.container.close()
            self.container = None

    @property
    def _half(self):
        return 0.5 / self.footage.fps  # times of frames are rounded in files

    def _time(self, frame):
        return None if frame is None or frame.pts is None else float((frame.pts - self.begins) * frame.time_base)

    def _is_far(self, wanted):
        now = self._time(self.now)
        return now is not None and wanted - now > 5

    def _open(self, wanted):
        self.close()
        self.container = av.open(str(self.footage.path), format=self.footage.container, options=FILE_ALONE)
        stream = self.container.streams.video[0]
        stream.thread_type = "AUTO"
        self.begins = stream.start_time or 0
        if wanted > 2:
            self.container.seek(int(self.begins + (wanted - 1) / stream.time_base), stream=stream, backward=True)
        self.decoded = iter(self.container.decode(stream))
        self.now = next(self.decoded, None)
        self.following = next(self.decoded, None)


def _on(track: Track, at: Fraction) -> tuple[int, Clip | None]:
    """The clip of a track that is on at a moment, and its place among the others."""
    for place, clip in enumerate(track.clips):
        if clip.at <= at < clip.end:
            return place, clip
        if clip.at > at:
            break
    return 0, None


def _mix(one, other, share):
    weight = round(share * 256)
    return ((one.astype(np.uint16) * (256 - weight) + other.astype(np.uint16) * weight + 128) >> 8).astype(np.uint8)


def _lay(plane, color, alpha):
    """alpha: uint8 of the plane's shape; 255 shows the color alone."""
    weight = alpha.astype(np.uint16)
    return ((plane * (255 - weight) + color * weight + 127) // 255).astype(np.uint8)
