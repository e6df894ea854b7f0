"""Making a run's clip again from its row, and saying how far that is the same."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _
from PIL import Image

from generation import engines
from generation.drawing import draw
from generation.engine import catalogue
from generation.engine.clip import EngineError
from generation.engine.likeness import psnr, ssim
from generation.engine.request import InvalidRequest
from generation.models import LostInput
from generation.output import Output
from runwayweb.assets import pictures
from runwayweb.assets.models import Asset
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.sounds import UnreadableSound, samples_of

VISUALLY_SAME_PSNR, VISUALLY_SAME_SSIM = 38.0, 0.98


@dataclass(frozen=True)
class Verdict:
    """`kind`: "identical", "same" to the eye, "different", or "impossible". psnr in dB; why: sentences."""

    kind: str
    psnr: float | None = None
    ssim: float | None = None
    why: tuple[str, ...] = ()


def rerender(generation, folder: Path) -> Verdict:
    """Run a finished generation again in this process, in `folder`, and compare what comes of it with its asset.

    Frames are compared as they are seen: decoded from the file that was kept and from one written the same way. What
    the two files say about themselves, dates and signatures, is not looked at.
    """
    try:
        card = catalogue.card(generation.model)
        output = Output(generation, folder)
        output.write(_made_again(generation, card))
        before, after = _pixels(generation.asset), _pixels_of(output.path, generation.asset)
        sounds_alike = _sounds_alike(generation.asset, output.path)
    except (catalogue.ModelNotFound, InvalidRequest, LostInput, EngineError) as error:
        return Verdict("impossible", why=(str(error),))
    except (OSError, ValueError, UnreadableVideo, UnreadableSound) as error:
        return Verdict("impossible", why=(_("Its file cannot be read: %(reason)s") % {"reason": error},))
    as_kept = json.loads(json.dumps(output.finished.recipe))  # JSON knows no tuples
    why = tuple(_differences(generation.recipe, as_kept))
    if before.shape != after.shape:
        return Verdict("different", why=(_("It has another size or length."), *why))
    if not sounds_alike:
        why = (_("It sounds different."), *why)
    if np.array_equal(before, after):
        return Verdict("identical" if sounds_alike else "different", float("inf"), 1.0, why)
    near, alike = psnr(before, after), ssim(before, after)
    same = near >= VISUALLY_SAME_PSNR and alike >= VISUALLY_SAME_SSIM and sounds_alike
    if not why:
        why = (_("Nothing in its recipe differs: another processor or GPU rounds otherwise."),)
    return Verdict("same" if same else "different", near, alike, why)


def _made_again(generation, card):
    engine = engines.warm(card)
    if generation.task:
        return engine.generate(generation.sound_request(), lambda *step: None)
    return draw(engine, card, generation.video_request(), lambda *step: None)


def _pixels(asset):
    return np.asarray(asset.open_picture())[None] if asset.is_still else asset.frames()


def _pixels_of(path, asset: Asset):
    with open(path, "rb") as file:
        if asset.is_still:
            return np.asarray(Image.open(file, formats=["PNG"]).convert("RGB"))[None]
        return pictures.frames_of(file)


def _sounds_alike(asset, path):
    if not asset.has_sound:
        return True
    before, _rate = asset.samples()
    with open(path, "rb") as file:
        after, _rate = samples_of(file, asset.media_type)
    return before.shape == after.shape and np.array_equal(before, after)


def _differences(before, after, path="") -> Iterator[str]:
    """What two recipes tell otherwise, one sentence each."""
    for name in sorted(set(before) | set(after)):
        then, now = before.get(name), after.get(name)
        if isinstance(then, dict) and isinstance(now, dict):
            yield from _differences(then, now, f"{path}{name}.")
        elif then != now:
            told = {"what": f"{path}{name}", "then": str(then)[:60], "now": str(now)[:60]}
            yield _("%(what)s was %(then)s and is %(now)s.") % told
