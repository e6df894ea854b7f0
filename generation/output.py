"""What an attempt made, as a file and the asset that tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.text import slugify
from PIL import Image

from generation.engine.clip import Audio, Clip, Sound
from generation.engine.encode import with_sound, write_audio, write_mp4
from generation.engine.offline.captions import Caption, as_webvtt
from generation.engine.still import write_png
from generation.models.input import Input
from runwayweb.assets import watermark
from runwayweb.assets.credentials import Agent, Ingredient, sign
from runwayweb.assets.models import CAPTIONS, CLIP, SOUND, STILL, Asset
from runwayweb.assets.sounds import UnreadableSound, peaks_of
from runwayweb.assets.storage import sha256_of, take_in
from runwayweb.subscriptions.models import Plan


@dataclass(frozen=True)
class Finished:
    """What a row keeps of what was made, besides the file. `duration_seconds`: what is paid for."""

    duration_seconds: float
    recipe: dict[str, Any] = field(default_factory=dict)
    understood: dict[str, Any] = field(default_factory=dict)


class Output:
    """Writes what was made for a generation into a working folder, then takes it into the storage."""

    def __init__(self, generation, folder: Path):
        self.generation = generation
        self.folder = folder
        self.given = generation.given_clip()

    def write(self, made: Clip | Sound | Iterable[Caption]):
        """Write a file; `path`, `columns` of its asset, `cast` and `finished` then tell of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cast: list[tuple[str, str, Image.Image, str]] = []
        if isinstance(made, Clip):
            self._write_clip(made)
        elif isinstance(made, Sound):
            self._write_sound(made)
        else:
            self._write_captions(tuple(made))
        # Last: whatever is written into a file later makes its signature untrue.
        sign(self.path, title=self.path.name, agent=Agent(self.generation.model), ingredients=self._ingredients())

    def _ingredients(self):
        """What was changed, then what it was given, the clips those pictures are of, and the one whose shot it keeps
        to; each once."""
        changed = (Input.Role.VIDEO, Input.Role.SOUND)
        given = self.generation.inputs.select_related("asset__made_of").exclude(role=Input.Role.MASK)
        told = {one.asset: "parentOf" for one in given if one.role in changed}
        shot = self.generation.blocking_of
        looked_at = [one.asset for one in given] + [one.asset.made_of for one in given] + [shot and shot.asset]
        told |= {asset: "inputTo" for asset in looked_at if asset and asset not in told}
        return [Ingredient(asset, relation) for asset, relation in told.items()]

    def take_in(self, place) -> Asset:
        """The asset, not saved, its file in the folder of the storage called `place`."""
        asset = Asset(
            workspace_id=self.generation.workspace_id,
            name=f"{slugify(self.generation.words)[:60] or self.path.stem}{self.path.suffix}",
            sha256=sha256_of(self.path),
            size_bytes=self.path.stat().st_size,
            **{"width": 0, "height": 0} | self.columns,
        )
        asset.file = take_in(self.path, f"{place}/{self.path.name}")
        asset.store_cast(self.cast)
        return asset

    def _write_clip(self, clip):
        if Plan.objects.of(self.generation.workspace).watermark:
            # In the recipe, so that whoever makes it again later is told of it.
            recipe = clip.recipe | {"watermark": settings.WATERMARK}
            clip = replace(clip, frames=watermark.marked(clip.frames), recipe=recipe)
        self.finished = clip
        self.columns = {"width": clip.frames.shape[2], "height": clip.frames.shape[1]}
        audio = clip.audio or self._kept_sound(clip)
        if len(clip.frames) == 1 and audio is None:
            self.path = self.folder / "still.png"
            write_png(clip.frames[0], self.path, metadata=clip.recipe)
            self.columns |= {"media_type": STILL}
        else:
            self.path = self.folder / "clip.mp4"
            write_mp4(clip.frames, clip.fps, self.path, audio=audio, metadata=clip.recipe)
            self.columns |= {"media_type": CLIP, "duration_seconds": clip.duration_seconds, "fps": clip.fps}
            self.columns |= _heard(audio)
        self.cast = [(one.name, one.role, Image.fromarray(one.picture), one.tag) for one in clip.cast]

    def _kept_sound(self, clip):
        """The sound of the clip it was made from, where it is as long as that: an engine of pictures has none."""
        given = self.given
        if given is None or not given.has_sound or abs(given.duration_seconds - clip.duration_seconds) > 1 / clip.fps:
            return None
        try:
            return Audio(*given.samples())
        except (OSError, ValueError, UnreadableSound):
            return None

    def _write_sound(self, sound):
        if self.given:
            self._give_sound(sound)
            return
        self.path = self.folder / "sound.m4a"
        write_audio(sound.audio, self.path, sound.recipe)
        self.finished = sound
        seconds = sound.duration_seconds
        self.columns = {"media_type": SOUND, "duration_seconds": seconds} | _heard(sound.audio)

    def _give_sound(self, sound):
        """The clip it was made for once more, with this sound; whatever its own recipe tells is still true of it."""
        source = self.generation.blocking_of
        recipe = (source.recipe if source else {}) | {"sound": sound.recipe}
        understood = (source.understood if source else {}) | sound.understood
        self.path = self.folder / "clip.mp4"
        with default_storage.open(self.given.file.name) as clip:
            with_sound(clip, sound.audio, self.path, recipe)
        self.finished = Finished(self.given.duration_seconds, recipe, understood)
        copied = ("media_type", "width", "height", "duration_seconds", "fps")
        self.columns = {name: getattr(self.given, name) for name in copied} | _heard(sound.audio)

    def _write_captions(self, captions):
        self.path = self.folder / "captions.vtt"
        self.path.write_text(as_webvtt(captions), encoding="utf-8")
        told = [[caption.start_seconds, caption.end_seconds, caption.text] for caption in captions]
        seconds = self.generation.request["duration_seconds"]
        understood = {"said": " ".join(caption.text for caption in captions)}
        self.finished = Finished(seconds, {"engine": self.generation.model, "captions": told}, understood)
        self.columns = {"media_type": CAPTIONS, "duration_seconds": seconds}


def _heard(audio):
    return {"has_sound": True, "peaks": peaks_of(audio.samples)} if audio is not None else {}
