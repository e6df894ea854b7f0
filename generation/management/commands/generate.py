"""One clip from the command line: no server, no queue, no database."""

import math
import secrets
import signal
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from generation.engine import catalogue
from generation.engine.camera_text import path_from_text
from generation.engine.clip import EngineError
from generation.engine.encode import read_recipe, scale_frames, write_mp4
from generation.engine.request import CAMERA_MOVES, REFERENCE_ROLES, SEED, Blocking, InvalidRequest, VideoRequest
from generation.engine.weights import is_repository
from runwayweb.assets.upload import BadPicture, read_picture


class Command(BaseCommand):
    help = "Draw a clip from a prompt, in this process, and write it as an MP4 that carries its recipe."
    requires_system_checks = []

    def add_arguments(self, parser):
        # Numbers come as text and are read in handle(), so that a bad one gets a sentence and not a usage page.
        parser.add_argument("prompt", nargs="?", default="", help="who, where and what happens")
        parser.add_argument("--engine", default="animatic", help="a model's id, a folder, or a repository (owner/name)")
        parser.add_argument("--out", default="clip.mp4", help="the file to write (clip.mp4)")
        parser.add_argument("--seconds", default="2", help="length (2)")
        parser.add_argument("--fps", help="frames a second (the model's own)")
        parser.add_argument("--width", default="512", help="pixels, a multiple of 16 (512)")
        parser.add_argument("--height", default="288", help="pixels, a multiple of 16 (288)")
        parser.add_argument("--seed", help="a whole number; the same one draws the same clip (random)")
        parser.add_argument("--steps", help="denoising steps (the model's own)")
        parser.add_argument("--guidance-scale", help="how closely to follow the prompt (the model's own)")
        parser.add_argument("--negative-prompt", default="", help="what to keep out")
        parser.add_argument("--camera", help=f"one of: {', '.join(CAMERA_MOVES)}")
        parser.add_argument(
            "--camera-path", metavar="KEYS", help="a path of one's own: “0%% orbit -30; 100%% orbit 30, rise 1”"
        )
        parser.add_argument("--first-frame", metavar="PICTURE", help="a picture to start from: PNG, JPEG or WebP")
        parser.add_argument("--last-frame", metavar="PICTURE", help="a picture to end with")
        parser.add_argument(
            "--reference",
            metavar="[ROLE][@NAME]=PICTURE",
            action="append",
            default=[],
            help=f"a picture of one of: {', '.join(REFERENCE_ROLES)}; say which as in place=beach.png (character); "
            "named, as in character@nana=her.png, the prompt may speak of it: “@nana waves”",
        )
        parser.add_argument("--blocking", metavar="MP4", help="a clip made here: the same shot with the words changed")

    def handle(self, *, prompt, engine, out, verbosity, **options):
        card = _card(engine)
        request = _request(prompt, card, options)
        out = _writable(Path(out))
        started = time.monotonic()
        try:
            clip = self._draw(card, request, silent=verbosity == 0)
            write_mp4(clip.frames, clip.fps, out, audio=clip.audio, metadata=_recipe(card, clip))
        except EngineError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                _("%(out)s could not be written: %(why)s.") % {"out": out, "why": error.strerror}
            ) from error
        except KeyboardInterrupt:
            raise CommandError(_("Stopped; nothing was written."), returncode=130) from None
        self.stdout.write(_report(out, request, clip, seconds=time.monotonic() - started))

    def _draw(self, card, request, silent):
        engine = catalogue.load_engine(card)
        inputs = getattr(engine, "inputs", card.inputs)
        unusable = request.given - inputs
        if "blocking" in unusable:
            raise CommandError(_("%(model)s cannot keep the blocking of another clip.") % {"model": card.name})
        if unusable:
            raise CommandError(_("%(model)s cannot use pictures; it draws from the prompt.") % {"model": card.name})
        with tqdm(desc=card.name, unit=_("step"), file=sys.stderr, disable=silent) as bar, _heard_interrupt() as heard:

            def on_step(step, steps, preview):
                if heard.is_set():
                    raise KeyboardInterrupt
                bar.total = steps
                bar.update(step - bar.n)

            clip = engine.generate(card.native(request), on_step)
        return clip.with_frames(scale_frames(clip.frames, request.width, request.height))


@contextmanager
def _heard_interrupt():
    """An Event that says that Ctrl-C was pressed: in a finaliser or a library's callback the exception gets lost."""
    heard = threading.Event()

    def press(*_):
        heard.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)


def _card(engine):
    """The card of a model's id, of a folder, or of a repository."""
    try:
        return catalogue.card(engine)
    except catalogue.ModelNotFound as error:
        if not Path(engine).expanduser().is_dir() and not is_repository(engine):
            raise CommandError(
                _("%(error)s A folder or a repository (owner/name) works too.") % {"error": error}
            ) from None
    try:
        return catalogue.card_for(str(Path(engine).expanduser()))
    except (AttributeError, TypeError, ValueError) as error:  # not JSON, or not a saved pipeline's JSON
        raise CommandError(_("The model_index.json of %(engine)s cannot be read.") % {"engine": engine}) from error


def _request(prompt, card, options):
    seed = options["seed"]
    fps = card.fps if options["fps"] is None else _whole_number("fps", options["fps"])
    references = [_reference(text) for text in options["reference"]]
    try:
        return VideoRequest(
            prompt,
            negative_prompt=options["negative_prompt"],
            width=_whole_number("width", options["width"]),
            height=_whole_number("height", options["height"]),
            num_frames=_num_frames(options["seconds"], fps, card),
            fps=fps,
            seed=secrets.randbelow(SEED[1] + 1) if seed is None else _whole_number("seed", seed),
            num_inference_steps=_whole_number("steps", options["steps"]),
            guidance_scale=_number("guidance-scale", options["guidance_scale"]),
            camera=options["camera"],
            camera_path=path_from_text(options["camera_path"] or ""),
            first_frame=None if options["first_frame"] is None else _pixels(options["first_frame"]),
            last_frame=None if options["last_frame"] is None else _pixels(options["last_frame"]),
            references=tuple(_pixels(path) for _role, _tag, path in references),
            reference_roles=tuple(role for role, _tag, _path in references),
            reference_tags=tuple(tag for _role, tag, _path in references),
            blocking=None if options["blocking"] is None else _blocking(options["blocking"]),
        )
    except InvalidRequest as error:
        raise CommandError(str(error)) from error


def _num_frames(seconds, fps, card):
    seconds = _number("seconds", seconds)
    if not 0 < seconds <= card.max_seconds:
        raise CommandError(
            _("--seconds must be more than 0 and at most %(most)g; %(model)s draws no longer clips.")
            % {"most": card.max_seconds, "model": card.name}
        )
    return max(1, round(seconds * fps))


def _whole_number(option, text):
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise CommandError(
            _("--%(option)s must be a whole number, not “%(text)s”.") % {"option": option, "text": text}
        ) from None


def _number(option, text):
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CommandError(_("--%(option)s must be a number, not “%(text)s”.") % {"option": option, "text": text})
    return number


def _reference(text):
    """(role, name, path) of `role@name=path`; without a role it is a character, without a name "", and so is a path."""
    told, sign, path = text.partition("=")
    role, at, tag = told.partition("@")
    if sign and (role in REFERENCE_ROLES or (at and not role)):
        return role or REFERENCE_ROLES[0], tag, path
    return REFERENCE_ROLES[0], "", text


def _pixels(path):
    """A picture file as uint8 (H, W, 3), upright."""
    try:
        with open(path, "rb") as file:
            return np.asarray(read_picture(file))
    except FileNotFoundError:
        raise CommandError(_("There is no picture at %(path)s.") % {"path": path}) from None
    except OSError as error:
        raise CommandError(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from None
    except BadPicture as error:
        raise CommandError(f"{path}: {error}") from error


def _blocking(path):
    """Who stands where in a clip made here, as the clip itself tells."""
    try:
        blocking = Blocking.of_recipe(read_recipe(path))
    except OSError as error:
        raise CommandError(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from None
    except ValueError as error:  # no media file, or a damaged recipe
        raise CommandError(_("%(path)s is no clip made here: %(why)s") % {"path": path, "why": error}) from error
    if blocking is None:
        raise CommandError(_("%(path)s does not tell who stands where in it.") % {"path": path})
    return blocking


def _writable(out):
    """`out`, once its folder has taken a file: better to know before a long run than after it."""
    if out.suffix.lower() != ".mp4" or out.is_dir():
        raise CommandError(_("--out must name a file that ends in .mp4, not %(out)s.") % {"out": out})
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}."):
            return out
    except OSError as error:
        raise CommandError(
            _("The folder %(folder)s cannot be written: %(why)s.") % {"folder": out.parent, "why": error.strerror}
        ) from None


def _recipe(card, clip):
    recipe = {"engine": card.id, "model": card.id, "location": "built in", **clip.recipe}
    return {**recipe, "understood": clip.understood} if clip.understood else recipe


def _report(out, request, clip, seconds):
    line = _(
        "%(out)s: %(length).1f s, %(width)d × %(height)d at %(fps)d fps, seed %(seed)d, made in %(seconds).1f s."
    ) % {
        "out": out,
        "length": clip.duration_seconds,
        "width": request.width,
        "height": request.height,
        "fps": clip.fps,
        "seed": request.seed,
        "seconds": seconds,
    }
    if clip.understood.get("sentence"):
        line += " " + _("Understood: %(sentence)s") % {"sentence": clip.understood["sentence"]}
    if clip.understood.get("nearest"):
        taken = ", ".join(f"{said} → {known}" for said, known in clip.understood["nearest"].items())
        line += " " + _("Taken for the nearest: %(words)s.") % {"words": taken}
    if clip.understood.get("ignored"):
        line += " " + _("Not understood: %(words)s.") % {"words": ", ".join(clip.understood["ignored"])}
    return line
