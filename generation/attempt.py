"""One attempt of a worker at a generation, from the claim to the clip."""

import logging
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation import engines, hints, machines, moderation, previews, queues
from generation.drawing import draw
from generation.engine import catalogue
from generation.engine.clip import Cancelled, EngineError
from generation.engine.request import InvalidRequest
from generation.faults import fault_point
from generation.models import Generation, LostInput, Review
from generation.models.working import ATTEMPTS, OUT_OF_MEMORY, RETRYABLE
from generation.output import Output
from generation.pieces import pieces_of
from runwayweb import telemetry, trail
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import StorageAway, discard_folder
from runwayweb.disks import is_full

logger = logging.getLogger(__name__)

STORAGE = "INTERNAL.STORAGE"
TOLD_SECONDS = 0.2  # between two steps that are written to the row: nobody's eye sees more
LOOKED_BACK = timedelta(hours=2)  # by the sweep, which comes every few minutes
WARM_IN_A_ROW = 4  # runs of loaded models before one that stands ahead of them is not passed over again


class Attempt:
    """Runs one claimed generation. Every write carries the attempt's number, so a worker that lost its lease
    changes nothing; its output lies under that number too, so it never stands in a later attempt's place."""

    @classmethod
    def run_next(cls, pulse):
        """Claim the fairest queued generation that is for this machine to run, and run it; the attempt, or None
        when nothing is queued."""
        fitting = Generation.objects.exclude(machines.left_to_others(pulse))
        warm = engines.loaded() if pulse.warm_in_a_row < WARM_IN_A_ROW else set()
        generation = fitting.claim_next(pulse.worker, warm)
        if generation is None:
            return None
        pulse.warm_in_a_row = pulse.warm_in_a_row + 1 if generation.model in warm else 0
        attempt = cls(generation, pulse)
        with trail.working_on(generation):
            attempt.run()
        return attempt

    def __init__(self, generation, pulse):
        self.generation = generation
        self.number = generation.attempt
        self.pulse = pulse
        self.lost = threading.Event()  # the row is no longer ours: cancelled, or given to another worker
        self._began_at = time.monotonic()
        self._told_at = float("-inf")  # a step

    def run(self):
        """Draw, encode, lay in. Whatever happens, the row ends in a state that says so and no credit stays held."""
        told = {"generation.id": str(self.generation.pk), "generation.attempt": self.number}
        with telemetry.span("attempt", **told, **{"generation.model": self.generation.model}) as span:
            self._run()
            span.set_attribute("request.id", self.generation.request_id)
            span.set_attribute("generation.status", str(self.generation.status))
            span.set_attribute("generation.failure_code", self.generation.failure_code)
        took = time.monotonic() - self._began_at
        logger.info("Attempt %s of %s: %s after %.1f s", self.number, self.generation.pk, self.generation.status, took)

    def _run(self):
        try:
            card = catalogue.card(self.generation.model, here=True)
            self.pulse.works_on(self, card.stall_seconds)
            self._deadline = self._began_at + card.timeout_seconds
            self._lay_in(self._make(card))
        except Cancelled:
            if self.pulse.hands_back and not self.lost.is_set():
                self.generation.requeue(self.number, counted=False)
        except catalogue.ModelNotFound as error:
            self._fail("INPUT.MODEL", str(error))
        except InvalidRequest as error:
            self._fail("INPUT.REQUEST", str(error))
        except LostInput as error:
            logger.warning("Attempt %s of %s: %s", self.number, self.generation.pk, error.__cause__ or error)
            self._fail("INPUT.LOST", str(error))
        except EngineError as error:
            self._fail_or_try_again(error)
        except MemoryError:
            self._fail_or_try_again(
                EngineError(_("The machine ran out of memory. Try shorter or smaller."), OUT_OF_MEMORY)
            )
        except StorageAway:
            logger.exception("Attempt %s of %s could not reach the storage", self.number, self.generation.pk)
            sentence = _("The studio's storage cannot be reached just now. Try again in a few minutes.")
            self._fail(STORAGE, sentence)
        except OSError as error:
            logger.exception("Attempt %s of %s could not store its clip", self.number, self.generation.pk)
            self._fail(
                STORAGE,
                _("The studio's disk is full. Ask its operator to make room, then try again.")
                if is_full(error)
                else _("The clip could not be stored. Ask the studio's operator to look at the disk, then try again."),
            )
        except (OperationalError, InterfaceError) as error:
            logger.warning("Attempt %s of %s lost the database: %s", self.number, self.generation.pk, error)
            self._try_again_later()
        except Exception:
            logger.exception("Attempt %s of %s broke", self.number, self.generation.pk)
            self._fail("INTERNAL.ENGINE", _("The engine stopped with an error that its operator can read in the log."))
        finally:
            self.pulse.rests()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self, card):
        """What the row asks for: a Clip, a Sound, or captions."""
        listens = self.generation.task != ""
        request = self.generation.sound_request() if listens else self.generation.video_request()
        if not self.generation.cleared:
            moderation.check_request(request)
        if not listens:
            self._deadline = self._began_at + card.timeout_seconds * len(pieces_of(card, request))
        engine = self._warm(card)
        if listens:
            return engine.generate(request, self._on_step)
        return draw(engine, card, request, self._on_step, self._look)

    def _look(self, clip):
        """Raise Refused for a clip that may not be shown, unless an operator let it pass."""
        self.pulse.alive()
        if not self.generation.cleared:
            moderation.check_clip(clip)

    def _warm(self, card):
        """The engine, loaded if it is not: which the row says meanwhile, and afterwards how long it took."""
        smaller = self.generation.smaller_plans
        if engines.is_warm(card, smaller):
            return engines.warm(card, smaller)
        self._tell(loading_at=Now())
        seconds = self.generation.usual_load_seconds()
        hints.send(
            self.generation.workspace_id,
            {
                "type": "loading",
                "generation": str(self.generation.pk),
                "model": card.name,
                "seconds": seconds and round(seconds),
            },
        )
        began_at = time.monotonic()
        engine = engines.warm(card, smaller)
        self.pulse.announce()  # others leave the next run of this model to this worker
        self._tell(loading_at=None, load_seconds=time.monotonic() - began_at)
        return engine

    def _tell(self, **progress):
        """Write it to the row. Raises Cancelled where that is not ours any more."""
        if self.lost.is_set() or not self.generation.renew_lease(self.number, **progress):
            self.lost.set()
            raise Cancelled("The row is no longer this attempt's.")

    def _on_step(self, step, steps, preview):
        """Progress: hinted to the browsers, and every now and then written to the row, which answers whether it is
        still ours."""
        self.pulse.alive()
        if step * 2 >= steps:
            fault_point("mid_render")
        if self.pulse.hands_back:
            raise Cancelled("This worker is stopping.")
        if time.monotonic() > self._deadline:
            raise EngineError(_("This took longer than its model allows. Try shorter or smaller."), "INTERNAL.TIMEOUT")
        if time.monotonic() - self._told_at >= TOLD_SECONDS:
            self._tell(step=step, steps=steps)
            self._told_at = time.monotonic()
        kept = preview is not None and moderation.may_be_seen(preview) and previews.keep(self.generation.pk, preview)
        elapsed = time.monotonic() - self._began_at
        hints.send(
            self.generation.workspace_id,
            {
                "type": "step",
                "generation": str(self.generation.pk),
                "step": step,
                "steps": steps,
                "preview": kept,
                "eta_seconds": round(elapsed / step * (steps - step)),
            },
        )

    def _lay_in(self, made):
        """Write the file beside its place, move it in, its cast with it, then make it true in one transaction."""
        self.pulse.stores()
        output = Output(self.generation, self._folder)
        output.write(made)
        fault_point("after_output_tmp")
        asset = output.take_in(output_folder(self.generation.pk, self.number))
        fault_point("after_output_rename")
        fault_point("before_final_tx")
        if self.generation.succeed(self.number, asset=asset, clip=output.finished):
            fault_point("after_final_tx")
            queues.wake_media_worker(asset.pk)
        else:
            discard_output(self.generation.pk, self.number)

    def _fail_or_try_again(self, error):
        """What a GPU fails at may be a neighbour's fault, or the plan's: the process, no longer to be trusted with it,
        is replaced, and the run tried once more with the next smaller memory plan: libraries say in many words that
        they lacked memory."""
        if error.code in RETRYABLE:
            self.pulse.stopping.set()
            if self.generation.attempts_spent < RETRYABLE[error.code]:
                self.generation.requeue(self.number, smaller=True)
                return
        self._fail(error.code, str(error))
        pictures = getattr(error, "pictures", ())
        review = Review.objects.filter(generation=self.generation).first() if len(pictures) else None
        if review:
            review.keep_stills(pictures)

    def _try_again_later(self):
        """The database was away, which is no fault of the run. Where it still is, the lease ends, and the dispatcher
        does the same."""
        close_old_connections()  # one that broke is of no use any more
        if self.generation.attempts_spent < ATTEMPTS:
            self.generation.requeue(self.number)
        else:
            message = _("The studio's database could not be reached, several times over. Try again in a few minutes.")
            self._fail("INTERNAL.DATABASE", message)

    def _fail(self, code, message):
        self.generation.fail(self.number, code=code, message=message)
        discard_output(self.generation.pk, self.number)

    @property
    def _folder(self):
        return working_folder(self.generation.pk, self.number)


def working_folder(generation_id, number):
    """Where an attempt writes before its clip is moved in; on the same disk as the media, where those are on one."""
    return Path(settings.MEDIA_ROOT) / "tmp" / f"{generation_id}-{number}"


def sweep_working_folders():
    """Remove what killed attempts left beside their place: folders whose attempt is not running any more."""
    for folder in (Path(settings.MEDIA_ROOT) / "tmp").glob("*-*"):
        generation_id, _, number = folder.name.rpartition("-")
        try:
            running = Generation.objects.filter(pk=generation_id, attempt=number, status=Generation.Status.RUNNING)
            if not running.exists():
                shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, ValidationError):
            continue  # not a folder of ours


def sweep_lost_output():
    """Remove what attempts laid in that were killed before they could say so, of runs that ended in the last hours: a
    cancelled one is nobody's to look after. What is shown stays."""
    lately = Generation.objects.filter(finished_at__gt=Now() - LOOKED_BACK, copied_from=None)
    for pk, status, attempts in lately.values_list("pk", "status", "attempt").iterator():
        for number in range(1, attempts + (status != Generation.Status.SUCCEEDED)):
            discard_output(pk, number)


def output_folder(generation_id, number):
    """Where in the storage lies what an attempt makes."""
    return f"clips/{str(generation_id)[:2]}/{generation_id}/{number}"


def discard_output(generation_id, number):
    """Remove what a lost attempt left on disk; a clip that belongs to an asset stays, with all that lies beside it."""
    shutil.rmtree(working_folder(generation_id, number), ignore_errors=True)
    folder = output_folder(generation_id, number)
    if Asset.objects.filter(file__startswith=f"{folder}/").exists():
        return
    try:
        discard_folder(folder)
    except StorageAway as error:  # often the reason why it was lost
        logger.warning("What attempt %s of %s left in the storage stays: %s", number, generation_id, error)
