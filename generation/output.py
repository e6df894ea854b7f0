"""What an attempt made, as a file and the asset that tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.text import slugify
from PIL import Image

from generation.engine.clip import Audio, Clip, Sound
from generation.engine.encode import with_sound, write_audio, write_mp4, write_prores
from generation.engine.offline.captions import Caption, as_webvtt
from generation.engine.sequence import write_png_sequence, write_wav
from generation.engine.still import write_png
from generation.models.input import Input
from runwayweb.assets import watermark
from runwayweb.assets.credentials import Agent, Ingredient, sign
from runwayweb.assets.models import CAPTIONS, CLIP, SOUND, STILL, Asset
from runwayweb.assets.sounds import UnreadableSound, peaks_of
from runwayweb.assets.storage import StorageAway, sha256_of, take_in
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
        self.given = generation.asset_given_as(Input.Role.VIDEO)
        self.delivery = generation.handed_over

    def write(self, made: Clip | Sound | Iterable[Caption]):
        """Write a file; `path`, `columns` of its asset, `cast` and `finished` then tell of it, and `masters` of what
        was written beside it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cast: list[tuple[str, str, Image.Image, str]] = []
        self.masters: dict[str, Path] = {}  # by the fields of its asset
        if isinstance(made, Clip):
            self._write_clip(made)
        elif isinstance(made, Sound):
            self._write_sound(made)
        else:
            self._write_captions(tuple(made))
        # Last: whatever is written into a file later makes its signature untrue.
        for path in (self.path, *self.masters.values()):
            sign(path, title=path.name, agent=Agent(self.generation.model), ingredients=self._ingredients())

    def _ingredients(self):
        """What was changed, then what it was given, the clips those pictures are of, and the one whose shot it keeps
        to; each once."""
        changed = (Input.Role.VIDEO, Input.Role.SOUND)
        given = [one for one in self.generation.given if one.role != Input.Role.MASK]
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
        asset.master_bytes = sum(path.stat().st_size for path in self.masters.values())
        asset.file = take_in(self.path, f"{place}/{self.path.name}")
        for name, path in self.masters.items():
            setattr(asset, name, take_in(path, f"{place}/{path.name}"))
        asset.store_cast(self.cast)
        return asset

    def _write_clip(self, clip):
        if self.delivery:
            clip = replace(
                clip,
                frames=self.delivery.fitted(clip.frames),
                recipe=clip.recipe | {"delivery": self.delivery.as_json()},
            )
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
            self._write_masters(clip, audio)
        self.cast = [(one.name, one.role, Image.fromarray(one.picture), one.tag) for one in clip.cast]

    def _write_masters(self, clip, audio):
        """What is handed over beside the clip, for editing and compositing programs."""
        match self.delivery and self.delivery.format:
            case "prores":
                path = self.masters["master"] = self.folder / "master.mov"
                write_prores(clip.frames, clip.fps, path, self.delivery.profile, audio=audio, metadata=clip.recipe)
            case "png_sequence":
                path = self.masters["master"] = self.folder / "master.zip"
                write_png_sequence(clip.frames, clip.fps, path, metadata=clip.recipe)
                if audio is not None:
                    sound = self.masters["master_sound"] = self.folder / "master.wav"
                    write_wav(audio, sound, seconds=Fraction(len(clip.frames), clip.fps))

    def _kept_sound(self, clip):
        """The sound of the clip it was made from, where it is as long as that, or the one given beside it: an engine of
        pictures has none."""
        given = self.given
        if given is None or not given.has_sound or abs(given.duration_seconds - clip.duration_seconds) > 1 / clip.fps:
            given = self.generation.asset_given_as(Input.Role.SOUND)
        if given is None:
            return None
        try:
            return Audio(*given.samples())
        except StorageAway:
            raise  # a clip without the sound it should have would be paid for
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
        understood |= {"language": captions[0].language} if captions and captions[0].language else {}
        self.finished = Finished(seconds, {"engine": self.generation.model, "captions": told}, understood)
        self.columns = {"media_type": CAPTIONS, "duration_seconds": seconds}


def _heard(audio):
    return {"has_sound": True, "peaks": peaks_of(audio.samples)} if audio is not None else {}
