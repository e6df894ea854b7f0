"""An editor's cut on its way back: OpenTimelineIO in, a Cut out, with what became of it in sentences.

Nothing a file points to is ever opened: a clip is one of this film by what our export wrote beside it, or by the name
of its file in the folder of the media; any other becomes a gap. The file is parsed in a closed process first.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

import opentimelineio as otio
from django.utils.translation import gettext as _

from projects.cut import CUT_RATES, TITLE_STYLES, TRACKS, BadCut, Clip, Cut, Source, read_cut
from projects.export.interchange import OURS, Media
from runwayweb.assets import sandbox

SIZE_BYTES = 20_000_000
READER = Path(__file__).with_name("cut_reading.py")
READING_SECONDS = 60
KEPT = ("volume_db", "muted", "fade_in", "fade_out", "fade_to_black", "style")


@dataclass(frozen=True)
class Longer:
    """A clip that wants `frames` more of its source, counted in frames of the cut, than there are."""

    clip: Clip
    frames: int


@dataclass(frozen=True)
class Comeback:
    """The cut as it came back, what could not be taken over, and the clips whose takes are too short for it."""

    cut: Cut
    notes: tuple[str, ...] = ()
    longer: tuple[Longer, ...] = field(default_factory=tuple)


def read_comeback(data: bytes, present: Cut, media: Mapping[Source, Media | None]) -> Comeback:
    """What an OpenTimelineIO file makes of the cut `present` of a film with these media. Raises BadCut, Busy.

    `media`: of everything that the film has to show, not of its present cut alone.
    """
    timeline = _parsed(data)
    reader = _Reader(timeline, present, media)
    cut = read_cut(reader.document())
    return Comeback(cut, tuple(dict.fromkeys(reader.notes)), tuple(longer_clips(cut, media)))


def _parsed(data):
    if len(data) > SIZE_BYTES:
        raise BadCut(_("This file is larger than %(most)d MB, which no cut is.") % {"most": SIZE_BYTES // 1_000_000})
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:
        given, written = Path(folder) / "given", Path(folder) / "written"
        given.write_bytes(data)
        try:
            told = sandbox.told(READER, str(given), str(written), seconds=READING_SECONDS)
        except sandbox.Broken:  # too slow, or killed where it took too much
            told = {"ok": False}
        if not told.get("ok"):
            raise _no_otio()
        return otio.adapters.read_from_string(written.read_text("utf-8"), "otio_json")


def _no_otio():
    return BadCut(_("This is no OpenTimelineIO file that can be read. Export the cut as .otio and bring that back."))


class _Reader:
    """Walks a timeline and gathers the document of a cut."""

    def __init__(self, timeline, present, media):
        self.timeline = timeline
        self.present = present
        self.media = media
        self.by_name = {found.name: source for source, found in media.items() if found}
        self.fps = self._fps()
        self.notes: list[str] = []
        self.clips = 0

    def document(self) -> dict[str, Any]:
        tracks = [
            self._track(number, track)
            for number, track in enumerate(self.timeline.tracks)
            if isinstance(track, otio.schema.Track) and "sound_of" not in _ours(track)
        ]
        if len(tracks) > TRACKS:
            raise BadCut(_("The file has more than %(most)d tracks.") % {"most": TRACKS})
        return {
            "fps": self.fps,
            "width": self.present.width,
            "height": self.present.height,
            "tracks": tracks,
            "markers": [
                {"id": f"m{n}", "at": max(0, self._frames(marker.marked_range.start_time)), "name": marker.name[:100]}
                for n, marker in enumerate(self.timeline.tracks.markers)
            ],
        }

    def _fps(self):
        """The frame rate of the cut it was made from, else the nearest to what its first clip counts in."""
        told = _ours(self.timeline).get("fps")
        if told in CUT_RATES:
            return told
        for clip in self.timeline.find_clips():
            if clip.source_range:
                rate = clip.source_range.duration.rate
                return min(CUT_RATES, key=lambda fps: abs(fps - rate))
        return self.present.fps

    def _frames(self, time):
        return round(time.rescaled_to(self.fps).value)

    def _track(self, number, track):
        ours = _ours(track)
        kind = "audio" if track.kind == otio.schema.TrackKind.Audio else "video"
        if kind == "video" and ours.get("kind") in ("title", "caption"):
            kind = ours["kind"]
        at, clips, dissolve = 0, [], None
        for item in track:
            if isinstance(item, otio.schema.Transition):
                dissolve = self._frames(item.in_offset) + self._frames(item.out_offset)
                continue
            frames = self._frames(item.trimmed_range().duration)
            if isinstance(item, otio.schema.Clip) and (clip := self._clip(item, kind, at, frames)):
                if dissolve and clips:
                    clip["transition"] = {"kind": "dissolve", "frames": max(1, min(dissolve, frames))}
                clips.append(clip)
            elif isinstance(item, otio.schema.Stack | otio.schema.Track):
                self.notes.append(_("“%(name)s” holds a cut of its own, which was left out.") % {"name": item.name})
            dissolve = None
            at += frames
        kept = {name: ours[name] for name in ("muted", "locked", "volume_db") if name in ours}
        return {"id": f"t{number}", "kind": kind, "name": (track.name or "")[:60], "clips": clips} | kept

    def _clip(self, item, kind, at, frames):
        if frames < 1:
            return None
        self.clips += 1
        ours = _ours(item)
        clip = {"id": f"c{self.clips}", "at": at, "frames": frames}
        clip |= {name: ours[name] for name in KEPT if name in ours}
        for name in ("fade_in", "fade_out", "fade_to_black"):
            if isinstance(clip.get(name), int):
                clip[name] = min(clip[name], frames)
        fade = ours.get("transition")
        if isinstance(fade, Mapping) and fade.get("kind") == "fade" and isinstance(fade.get("frames"), int):
            clip["transition"] = {"kind": "fade", "frames": min(fade["frames"], frames)}
        if kind in ("title", "caption"):
            return clip | self._text(item)
        source = self._source(item)
        if source is None:
            self.notes.append(
                _("“%(name)s” is not of this film; its place was left empty.") % {"name": (item.name or "?")[:80]}
            )
            return None
        rate = self.media[source].fps or self.fps
        begins = item.trimmed_range().start_time
        return clip | {
            "source": {"kind": source.kind, "id": source.id},
            "in_frame": max(0, round(begins.rescaled_to(self.fps).value * rate / self.fps)),
            "speed": self._speed(item),
        }

    def _text(self, item):
        reference = item.media_reference
        told = dict(reference.parameters) if isinstance(reference, otio.schema.GeneratorReference) else {}
        style = told.get("style")
        text = told.get("text", item.name)
        return {"text": text if isinstance(text, str) else "", "style": style if style in TITLE_STYLES else "centre"}

    def _source(self, item):
        """The source of this film that a clip shows, or None."""
        told = _ours(item).get("source")
        if isinstance(told, Mapping):
            source = Source(str(told.get("kind")), str(told.get("id")))
            if self.media.get(source):
                return source
        reference = item.media_reference
        if isinstance(reference, otio.schema.ExternalReference):
            return self.by_name.get(PurePosixPath(reference.target_url.replace("\\", "/")).name)
        return None

    def _speed(self, item):
        for effect in item.effects:
            if isinstance(effect, otio.schema.LinearTimeWarp):
                speed = round(effect.time_scalar, 3)
                if 0.25 <= speed <= 4:
                    return speed
                self.notes.append(
                    _("“%(name)s” ran at %(speed)s × and now runs at its own speed: 0.25 × to 4 × are possible.")
                    % {"name": item.name, "speed": f"{speed:g}"}
                )
            else:
                self.notes.append(_("An effect on “%(name)s” was left out.") % {"name": item.name})
        return 1.0


def _ours(thing) -> Mapping[str, Any]:
    ours = thing.metadata.get(OURS)
    if not isinstance(ours, Mapping):
        return {}
    known = {field.name for field in fields(Clip)} | {"fps", "kind", "muted", "locked", "volume_db", "sound_of"}
    return {name: _plain(ours[name]) for name in ours if name in known}


def _plain(value):
    """Without the wrappers of OpenTimelineIO."""
    if isinstance(value, Mapping):
        return {str(name): _plain(value[name]) for name in value}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return [_plain(one) for one in value] if hasattr(value, "__iter__") else None


def longer_clips(cut: Cut, media: Mapping[Source, Media | None]) -> Iterator[Longer]:
    """The clips of a cut that want more of their sources than there is."""
    for clip in cut.clips("video"):
        found = media.get(clip.source) if clip.source else None
        if found is None or not found.fps:
            continue
        missing = clip.source_frame(clip.frames - 1, found.fps, cut.fps) - (found.frames - 1)
        if missing > 0:
            yield Longer(clip, round(missing * cut.fps / found.fps / clip.speed))
