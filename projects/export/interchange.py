"""A cut for the tools of editors: OpenTimelineIO, and through its adapters FCPXML, Final Cut 7 XML, CMX 3600 and AAF.

Everything that was made keeps its recipe in the metadata of its clip: under "runwayweb", or as JSON in whatever place a
format has for notes. Titles, captions and markers have no place in most of these formats: OpenTimelineIO gets them as
generators and markers, the others say that they are without; captions lie beside every cut as files of their own, see
`projects.export.package`.

Source: the OpenTimelineIO schema, https://opentimelineio.readthedocs.io/en/stable/tutorials/otio-timeline-structure.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import opentimelineio as otio
from django.utils.translation import gettext as _
from opentimelineio.opentime import RationalTime, TimeRange

from projects.cut import Clip, Cut, Source, Track, Transition

OURS = "runwayweb"


@dataclass(frozen=True)
class Format:
    """A file format of editors: how its files end, what of OpenTimelineIO writes it, and what it holds."""

    ending: str
    adapter: str
    tracks: bool = True  # more than one of pictures
    dissolves: bool = True
    speeds: bool = True
    sounds: bool = True
    missing: bool = True  # clips without media


# What each cannot hold was found by writing and reading back: the adapters leave it out without a word.
FORMATS = {
    "otio": Format(".otio", "otio_json"),
    "fcpxml": Format(".fcpxml", "fcpx_xml", dissolves=False, speeds=False),
    "xml": Format(".xml", "fcp_xml", speeds=False),
    "edl": Format(".edl", "cmx_3600", tracks=False, sounds=False),
    "aaf": Format(".aaf", "AAF", dissolves=False, speeds=False, missing=False),
}


@dataclass(frozen=True)
class Media:
    """A file that a clip shows or plays: `name` in the folder of the media, `frames` at its own `fps`.

    A sound has an `fps` of 0, and `frames` at the cut's. `facts` travel with every clip of it: recipe, take, model.
    """

    name: str
    fps: float
    frames: int
    has_sound: bool = True
    has_picture: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


def timeline_of(cut: Cut, name: str, media: Mapping[Source, Media | None], folder: str = "media"):
    """The cut as an otio Timeline whose clips point to files in `folder`, relative to where it is written.

    A source without media (a shot without a chosen take) becomes a clip whose media are missing.
    """
    timeline = otio.schema.Timeline(name, global_start_time=RationalTime(0, cut.fps))
    timeline.metadata[OURS] = {"fps": cut.fps, "width": cut.width, "height": cut.height}
    kinds = {"video": otio.schema.TrackKind.Video, "audio": otio.schema.TrackKind.Audio}
    for track in cut.tracks:
        if track.kind in kinds:
            timeline.tracks.append(_track(cut, track, media, folder, kinds[track.kind]))
        elif track.clips:
            timeline.tracks.append(_words(cut, track))
    for track in cut.tracks:
        if track.kind == "video" and any(_heard(clip, media) for clip in track.clips):
            timeline.tracks.append(_own_sound(cut, track, media, folder))
    for marker in cut.markers:
        at = TimeRange(RationalTime(marker.at, cut.fps), RationalTime(1, cut.fps))
        timeline.tracks.markers.append(otio.schema.Marker(marker.name, at, metadata={OURS: {"id": marker.id}}))
    return timeline


def write(timeline, path: Path, kind: str) -> list[str]:
    """Write it to `path` in one of FORMATS; what the format could not hold, in sentences.

    Raises ValueError, with a sentence, when an adapter refuses the cut.
    """
    form = FORMATS[kind]
    left_out: list[str] = []
    if kind != "otio":
        timeline = _plainer(timeline, form, left_out)
        for clip in timeline.find_clips():
            _note_recipe(clip, kind)
    options: dict[str, Any] = {}
    if kind == "edl":
        options = {"rate": timeline.global_start_time.rate, "style": "avid"}
    elif kind == "aaf":
        options = {"use_empty_mob_ids": True}
    try:
        otio.adapters.write_to_file(timeline, str(path), adapter_name=form.adapter, **options)
    except Exception as error:  # the adapters raise whatever comes to pass in them
        raise ValueError(
            _("The cut could not be written as %(kind)s: %(reason)s") % {"kind": kind.upper(), "reason": error}
        ) from error
    return left_out


def _track(cut, track: Track, media, folder, kind):
    written = otio.schema.Track(track.name or track.id, kind=kind)
    written.metadata[OURS] = _told(track, "id", "kind", "muted", "locked", "volume_db")
    written.enabled = not track.muted
    end = 0
    for clip in track.clips:
        _pad(written, clip.at - end, cut.fps)
        if clip.transition and clip.transition.kind == "dissolve" and clip.at == end and end:
            written.append(_dissolve(clip.transition, cut.fps))
        written.append(_clip(cut, clip, media, folder))
        end = clip.end
    return written


def _own_sound(cut, track: Track, media, folder):
    """What is heard of a track of pictures: a track of its own, as editors have it."""
    written = otio.schema.Track(f"{track.name or track.id} sound", kind=otio.schema.TrackKind.Audio)
    written.metadata[OURS] = {"sound_of": track.id}
    written.enabled = not track.muted
    end = 0
    for clip in track.clips:
        if _heard(clip, media):
            _pad(written, clip.at - end, cut.fps)
            written.append(_clip(cut, clip, media, folder))
            end = clip.end
    return written


def _words(cut, track: Track):
    """Titles and captions as generators."""
    written = otio.schema.Track(track.name or track.id, kind=otio.schema.TrackKind.Video)
    written.metadata[OURS] = _told(track, "id", "kind", "muted", "locked")
    written.enabled = not track.muted
    end = 0
    for clip in track.clips:
        _pad(written, clip.at - end, cut.fps)
        shown = TimeRange(RationalTime(0, cut.fps), RationalTime(clip.frames, cut.fps))
        text = {"text": clip.text, "style": clip.style}
        generator = otio.schema.GeneratorReference("Title", "Title", available_range=shown, parameters=text)
        named = clip.text.split("\n")[0][:60]
        written.append(otio.schema.Clip(named, generator, shown, metadata={OURS: _kept(clip)}))
        end = clip.end
    return written


def _clip(cut, clip: Clip, media, folder):
    found = media.get(clip.source)
    # An editor's frames are the cut's: where the source is slower or faster, its beginning may lie between two.
    rate = (found.fps if found else 0) or cut.fps
    begins = RationalTime(clip.in_frame * cut.fps / rate, cut.fps)
    written = otio.schema.Clip(
        Path(found.name).stem if found else _("missing"),
        source_range=TimeRange(begins, RationalTime(clip.frames, cut.fps)),
        metadata={OURS: _kept(clip) | ({"facts": dict(found.facts), "source_fps": found.fps} if found else {})},
    )
    if found:
        length = RationalTime(found.frames, rate).rescaled_to(cut.fps)
        written.media_reference = otio.schema.ExternalReference(
            f"{folder}/{found.name}", TimeRange(RationalTime(0, cut.fps), length), metadata={OURS: {"name": found.name}}
        )
        written.media_reference.name = found.name
    if clip.speed != 1:
        written.effects.append(otio.schema.LinearTimeWarp(time_scalar=clip.speed))
    return written


def _dissolve(transition: Transition, fps):
    """It begins at the cut and lasts into the clip: all of it after the cut."""
    return otio.schema.Transition(
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=RationalTime(0, fps),
        out_offset=RationalTime(transition.frames, fps),
    )


def _kept(clip: Clip) -> dict[str, Any]:
    """All that a clip is, for the way back; the rest of its row says how editors see it."""
    return Cut(tracks=(Track("x", "video", clips=(clip,)),)).as_document()["tracks"][0]["clips"][0]


def _told(track, *names):
    return {name: getattr(track, name) for name in names}


def _heard(clip, media):
    found = media.get(clip.source)
    return found is not None and found.has_picture and found.has_sound and not clip.muted


def _pad(track, frames, fps):
    if frames:
        track.append(otio.schema.Gap(source_range=TimeRange(RationalTime(0, fps), RationalTime(frames, fps))))


def _note_recipe(clip, kind):
    """Say how a clip was made where the adapter of a format writes what is said of clips."""
    facts = clip.metadata.get(OURS, {}).get("facts")
    if not facts:
        return
    words = json.dumps(json.loads(otio.core.serialize_json_to_string(facts)), sort_keys=True)  # in one line
    if kind == "fcpxml":
        clip.media_reference.metadata["fcpx"] = {"note": words}
    elif kind == "xml":
        clip.metadata["fcp_xml"] = {"comments": {"mastercomment1": words}}
    elif kind == "edl":
        clip.metadata["cmx_3600"] = {"comments": [f"RECIPE: {words}"]}
    elif kind == "aaf":
        clip.metadata["AAF"] = {"UserComments": {"Recipe": words}}


def _plainer(timeline, form: Format, left_out):
    """The same without what the format cannot hold; what that was, in sentences, goes to `left_out`."""
    timeline = timeline.deepcopy()
    _without_words(timeline, left_out)
    if not form.sounds:
        _without_sounds(timeline, left_out)
    if not form.tracks:
        _with_one_track_of_pictures(timeline, left_out)
    if not form.missing:
        _without_what_is_missing(timeline, left_out)
    clips = list(timeline.find_clips())
    for clip in clips:  # whole frames: timecodes have no others
        begins = clip.source_range.start_time
        clip.source_range = TimeRange(RationalTime(round(begins.value), begins.rate), clip.source_range.duration)
    if not form.speeds and (fast := [clip for clip in clips if clip.effects]):
        for clip in fast:
            del clip.effects[:]
        left_out.append(_("Speeds are not in it: %(clips)s play at their own.") % {"clips": _names(fast)})
    dissolves = list(timeline.find_children(descended_from_type=otio.schema.Transition))
    if not form.dissolves and dissolves:
        for dissolve in dissolves:
            dissolve.parent().remove(dissolve)
        left_out.append(_("Dissolves are not in it: it cuts there."))
    return timeline


def _without_words(timeline, left_out):
    sentences = {
        "title": _("The titles of %(track)s are not in it: %(titles)s. Set them again in the editing program."),
        "caption": _("The captions of %(track)s are not in it; they lie beside it as film.srt and film.vtt."),
    }
    for track in list(timeline.tracks):
        clips = [item for item in track if isinstance(item, otio.schema.Clip)]
        if sentence := sentences.get(track.metadata.get(OURS, {}).get("kind")):
            timeline.tracks.remove(track)
            if said := [clip for clip in clips if clip.media_reference.parameters["text"].strip()]:
                left_out.append(sentence % {"track": track.name, "titles": _names(said)})
        elif not clips:
            timeline.tracks.remove(track)


def _without_sounds(timeline, left_out):
    for track in [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Audio]:
        timeline.tracks.remove(track)
        left_out.append(_("%(track)s is not in it: this format holds no sound.") % {"track": track.name})


def _with_one_track_of_pictures(timeline, left_out):
    pictures = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video]
    for track in pictures[1:]:
        timeline.tracks.remove(track)
        left_out.append(_("%(track)s is not in it: this format holds one track of pictures.") % {"track": track.name})


def _without_what_is_missing(timeline, left_out):
    missing = [clip for clip in timeline.find_clips() if clip.media_reference.is_missing_reference]
    for clip in missing:
        track = clip.parent()
        track[track.index(clip)] = otio.schema.Gap(source_range=clip.source_range)
    if missing:
        left_out.append(_("Shots without a chosen take are gaps in it."))


def _names(clips):
    names = list(dict.fromkeys(clip.name for clip in clips))
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def safe_name(text: str) -> str:
    """A name for a file that every editor and disk takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:80] or "film"
