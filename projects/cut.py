"""The cut of a film as it is kept: tracks of clips, counted in frames. Pure: it knows no database and no file.

A cut is JSON on its way to and from the browser and the database, and a `Cut` everywhere else. All times are whole
frames of the cut's own `fps`, counted from 0, but for `in_frame`, which counts frames of the clip's source (of the cut
where the source is a sound).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

TRACK_KINDS = ("video", "audio", "title", "caption")
SOURCES = ("shot", "take", "asset")
TRANSITIONS = ("dissolve", "fade")
TITLE_STYLES = ("centre", "lower third", "credits")
CUT_RATES = (12, 24, 25, 30, 50, 60)
TRACKS = 24
CLIPS = 5000
MARKERS = 1000
FRAMES = 60 * 60 * 60 * 4  # four hours at the highest rate
SPEED = (0.25, 4.0)
VOLUME_DB = (-60.0, 12.0)
TEXT = 500
SIDE_PIXELS = (64, 4096)
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


# What something is called is translated where it is wrong alone: a cut has thousands of parts that are right.


class BadCut(ValueError):
    """What is no cut. The message is a sentence for the creator."""


@dataclass(frozen=True)
class Source:
    """What a clip shows or plays: the chosen take of a shot whichever it is, one take, or an asset of the library."""

    kind: str
    id: str


@dataclass(frozen=True)
class Transition:
    """How a clip begins, over `frames` from its first: out of the clip before it ("dissolve") or of black ("fade").

    In a dissolve the clip before goes on playing beneath, beyond its own end, or holds its last frame where there is
    no more of it.
    """

    kind: str
    frames: int


@dataclass(frozen=True)
class Clip:
    """`frames` of a track from `at` on. Titles and captions have `text` and no source.

    The source's frame `in_frame + floor(k * speed * source fps / fps)` is seen at frame k of the clip. `fade_in` and
    `fade_out` are of its sound, `fade_to_black` of its picture at its end; all in frames.
    """

    id: str
    at: int
    frames: int
    source: Source | None = None
    in_frame: int = 0
    speed: float = 1.0
    volume_db: float = 0.0
    muted: bool = False
    fade_in: int = 0
    fade_out: int = 0
    transition: Transition | None = None
    fade_to_black: int = 0
    text: str = ""
    style: str = "centre"

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.at + self.frames

    def source_frame(self, k: int | Fraction, source_fps: float, fps: int) -> int:
        """Which frame of its source, counted from 0, is seen at its frame `k`."""
        rate = Fraction(source_fps).limit_denominator(1001) / fps
        return self.in_frame + math.floor(k * Fraction(self.speed).limit_denominator(1000) * rate)


@dataclass(frozen=True)
class Track:
    """Clips of one kind, ordered by `at`, none over another. Of several video tracks the last with a clip is seen."""

    id: str
    kind: str
    name: str = ""
    muted: bool = False
    locked: bool = False
    volume_db: float = 0.0
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True)
class Marker:
    id: str
    at: int
    name: str = ""


@dataclass(frozen=True)
class Cut:
    """A film: the lowest video track first."""

    fps: int = 24
    width: int = 1280
    height: int = 720
    tracks: tuple[Track, ...] = (
        Track("v1", "video", "V1"),
        Track("a1", "audio", "A1"),
        Track("a2", "audio", "A2"),
        Track("t1", "title", "T1"),
        Track("c1", "caption", "C1"),
    )
    markers: tuple[Marker, ...] = ()

    @property
    def frames(self) -> int:
        """How long it is: up to the end of its last clip."""
        return max((clip.end for clip in self.clips()), default=0)

    @property
    def duration_seconds(self) -> float:
        return self.frames / self.fps

    def clips(self, *kinds: str) -> Iterator[Clip]:
        """Those of all tracks, or of those of these kinds, track by track."""
        for track in self.tracks:
            if not kinds or track.kind in kinds:
                yield from track.clips

    def sources(self) -> set[Source]:
        """All that its clips show and play."""
        return {clip.source for clip in self.clips() if clip.source}

    def as_document(self) -> dict[str, Any]:
        """The same as JSON: lists and mappings."""
        return json.loads(json.dumps(asdict(self)))


def read_cut(document: Any) -> Cut:
    """The Cut of its JSON. Raises BadCut for what is none, with a sentence that says what and where."""
    data = _mapping(document, gettext_noop("The cut"))
    tracks = tuple(
        _read_track(track) for track in _sequence(data.get("tracks", []), gettext_noop("The tracks"), TRACKS)
    )
    cut = Cut(
        fps=_one_of(data.get("fps", 24), CUT_RATES, gettext_noop("The frame rate")),
        width=_even(_whole(data.get("width", 1280), SIDE_PIXELS, gettext_noop("The width"))),
        height=_even(_whole(data.get("height", 720), SIDE_PIXELS, gettext_noop("The height"))),
        tracks=tracks,
        markers=tuple(
            _read_marker(marker) for marker in _sequence(data.get("markers", []), gettext_noop("The markers"), MARKERS)
        ),
    )
    clips = list(cut.clips())
    if len(clips) > CLIPS:
        raise BadCut(_("A cut holds at most %(most)d clips.") % {"most": CLIPS})
    for things in (cut.tracks, clips, cut.markers):
        names = [thing.id for thing in things]
        if len(set(names)) < len(names):
            raise BadCut(_("Two parts of the cut have the same id. Load the page again."))
    return cut


def _read_track(value: Any) -> Track:
    data = _mapping(value, gettext_noop("A track"))
    kind = _one_of(data.get("kind"), TRACK_KINDS, gettext_noop("The kind of a track"))
    clips = sorted(
        (
            _read_clip(clip, kind)
            for clip in _sequence(data.get("clips", []), gettext_noop("The clips of a track"), CLIPS)
        ),
        key=lambda clip: clip.at,
    )
    for earlier, later in zip(clips, clips[1:], strict=False):
        if later.at < earlier.end:
            raise BadCut(_("Two clips of a track lie over each other at frame %(frame)d.") % {"frame": later.at})
    return Track(
        id=_name(data.get("id")),
        kind=kind,
        name=_text(data.get("name", ""), 60),
        muted=_claim(data.get("muted", False)),
        locked=_claim(data.get("locked", False)),
        volume_db=_number(data.get("volume_db", 0), VOLUME_DB, gettext_noop("A volume")),
        clips=tuple(clips),
    )


def _read_clip(value: Any, kind: str) -> Clip:
    data = _mapping(value, gettext_noop("A clip"))
    if unknown := set(data) - {field.name for field in fields(Clip)}:
        raise BadCut(_("A clip has no “%(name)s”.") % {"name": str(min(unknown))[:40]})
    frames = _whole(data.get("frames"), (1, FRAMES), gettext_noop("The length of a clip"))
    source = _read_source(data.get("source"))
    if (kind in ("video", "audio")) != (source is not None):
        raise BadCut(_("Clips of video and audio tracks have a source; titles and captions have a text."))
    return Clip(
        id=_name(data.get("id")),
        at=_whole(data.get("at"), (0, FRAMES), gettext_noop("The place of a clip")),
        frames=frames,
        source=source,
        in_frame=_whole(data.get("in_frame", 0), (0, FRAMES), gettext_noop("The beginning of a clip")),
        speed=_number(data.get("speed", 1), SPEED, gettext_noop("The speed of a clip")),
        volume_db=_number(data.get("volume_db", 0), VOLUME_DB, gettext_noop("A volume")),
        muted=_claim(data.get("muted", False)),
        fade_in=_whole(data.get("fade_in", 0), (0, frames), gettext_noop("A fade")),
        fade_out=_whole(data.get("fade_out", 0), (0, frames), gettext_noop("A fade")),
        transition=_read_transition(data.get("transition"), frames),
        fade_to_black=_whole(data.get("fade_to_black", 0), (0, frames), gettext_noop("A fade")),
        text=_text(data.get("text", ""), TEXT),
        style=_one_of(data.get("style", "centre"), TITLE_STYLES, gettext_noop("The style of a title")),
    )


def _read_source(value: Any) -> Source | None:
    if value is None:
        return None
    data = _mapping(value, gettext_noop("The source of a clip"))
    kind = _one_of(data.get("kind"), SOURCES, gettext_noop("The source of a clip"))
    try:
        return Source(kind, str(UUID(str(data.get("id")))))
    except ValueError:
        raise BadCut(_("The source of a clip cannot be found.")) from None


def _read_transition(value: Any, most: int) -> Transition | None:
    if value is None:
        return None
    data = _mapping(value, gettext_noop("A transition"))
    return Transition(
        _one_of(data.get("kind"), TRANSITIONS, gettext_noop("A transition")),
        _whole(data.get("frames"), (1, most), gettext_noop("The length of a transition")),
    )


def _read_marker(value: Any) -> Marker:
    data = _mapping(value, gettext_noop("A marker"))
    return Marker(
        _name(data.get("id")),
        _whole(data.get("at"), (0, FRAMES), gettext_noop("The place of a marker")),
        _text(data.get("name", ""), 100),
    )


def _mapping(value: Any, what: str) -> Mapping:
    if not isinstance(value, Mapping):
        raise BadCut(_("%(what)s cannot be read.") % {"what": _(what)})
    return value


def _sequence(value: Any, what: str, most: int) -> Sequence:
    if not isinstance(value, list | tuple):
        raise BadCut(_("%(what)s cannot be read.") % {"what": _(what)})
    if len(value) > most:
        raise BadCut(_("%(what)s are more than %(most)d.") % {"what": _(what), "most": most})
    return value


def _whole(value: Any, limits: tuple[int, int], what: str) -> int:
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        told = {"what": _(what), "low": low, "high": high}
        raise BadCut(_("%(what)s must be a whole number from %(low)d to %(high)d.") % told)
    return value


def _even(value: int) -> int:
    return value - value % 2  # 4:2:0 video has sides of even length


def _number(value: Any, limits: tuple[float, float], what: str) -> float:
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        told = {"what": _(what), "low": f"{low:g}", "high": f"{high:g}"}
        raise BadCut(_("%(what)s must be from %(low)s to %(high)s.") % told)
    return float(value)


def _claim(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadCut(_("A switch of the cut is neither on nor off."))
    return value


def _one_of(value: Any, allowed: Sequence, what: str) -> Any:
    if isinstance(value, bool) or value not in allowed:
        told = {"what": _(what), "allowed": ", ".join(str(one) for one in allowed)}
        raise BadCut(_("%(what)s must be one of these: %(allowed)s.") % told)
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise BadCut(_("A part of the cut has no proper id. Load the page again."))
    return value


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadCut(_("A text of the cut cannot be stored."))
    if len(value) > most:
        raise BadCut(_("A text of the cut is longer than %(most)d characters.") % {"most": most})
    return value
