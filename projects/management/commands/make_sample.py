"""Draws the sample film anew, say after the built-in model changed. Run it in a data folder of its own:

RUNWAYWEB_DATA=$(mktemp -d) sh -c "python manage.py migrate && python manage.py make_sample"
"""

from dataclasses import replace

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.attempt import Attempt
from generation.engine import catalogue
from generation.engine.sound_request import SoundRequest
from generation.models import Generation
from generation.models.status import WAITING
from generation.pulse import Pulse
from projects.export.bundle import write_bundle
from projects.models import Entity, Project, Script, Shot, Take, Timeline
from projects.planning import plan_of, told_by
from projects.sample import BUNDLE, film
from projects.sheets import sheet_from_words
from runwayweb.accounts.models import User
from runwayweb.subscriptions.models import Wallet

MODEL, SOUND_MODEL = "built-in", "foley"


class Command(BaseCommand):
    help = "Draw the sample film with the built-in model and write its bundle."

    def add_arguments(self, parser):
        parser.add_argument("--out", default=str(BUNDLE))

    def handle(self, *, out, **options):
        if Project.objects.exists():
            raise CommandError("There are films in this data folder. Make the sample in one of its own.")
        self.by = User.objects.create_user("sample@example.org", name="Sample")
        self.pulse = Pulse("gpu")
        workspace = self.by.open_workspace()
        Wallet.objects.of(workspace).grant(10_000, reference="sample")
        self.project = Project.objects.create(workspace=workspace, name=film.NAME)
        Script.objects.of(self.project).save_text(film.SCRIPT, version=0)
        self._characters()
        self._shots()
        self._places()
        self._cut(self._sound())
        write_bundle(self.project, out)
        self.stdout.write(f"{out} is written. Look at its clips before it is shipped.")

    def _characters(self):
        """Everybody with their sheet, drawn from the words."""
        for entity in self._entities(Entity.Kind.CHARACTER):
            sheet = sheet_from_words(entity)
            views = [(label, replace(asked, seed=film.SHEET_SEED)) for label, asked in sheet.views[: film.VIEWS]]
            replace(sheet, views=views).request(entity, by=self.by)
            for sitting in entity.sittings.all():
                self._run(sitting.generation)
                sitting.refresh_from_db()
                sitting.finish()

    def _shots(self):
        """One for each that the script suggests, by the same words, and its takes."""
        suggested = [
            (plan.scene, suggestion) for plan in plan_of(self.project).scenes for suggestion in plan.suggestions
        ]
        width, height = film.SIZE
        for (scene, suggestion), planned in zip(tqdm(suggested, unit="shot"), film.SHOTS, strict=True):
            title, prompt, camera, seconds, seeds = planned
            told = told_by(suggestion) | {
                "title": title, "prompt": prompt, "camera": camera, "duration_seconds": seconds,
            }  # fmt: skip
            shot = Shot(scene=scene, width=width, height=height, **told).add()
            for seed in seeds:
                self._run(shot.request_take(by=self.by, model=MODEL, seed=seed).generation)

    def _places(self):
        """A place's view is a frame of the first take that is there."""
        for entity in self._entities(Entity.Kind.PLACE):
            for take in Take.objects.filter(shot__project=self.project).order_by("created_at"):
                if entity.tag in take.generation.words:
                    entity.add_view(take.generation.still("middle"))
                    break

    def _entities(self, wanted):
        for tag, kind, name, description in film.WORLD:
            if kind == wanted:
                entity = Entity(project=self.project, kind=kind, tag=tag, name=name, description=description)
                entity.save_new()
                yield entity

    def _sound(self):
        seconds = sum(shot[3] for shot in film.SHOTS)
        asked = SoundRequest(prompt=film.SOUND, duration_seconds=seconds, seed=7)
        card = catalogue.card(SOUND_MODEL)
        return self._run(
            Generation.request_run(asked, card=card, project=self.project, by=self.by, task="text_to_sound")
        ).asset

    def _cut(self, sound):
        timeline = Timeline.objects.of(self.project)
        document = timeline.document
        tracks = {track["id"]: track["clips"] for track in document["tracks"]}
        at, scene = 0, 0
        for number, shot in enumerate(self.project.shots.select_related("scene")):
            clip = {"id": f"v{number}", "at": at, "frames": round(shot.duration_seconds * document["fps"])}
            clip["source"] = {"kind": "shot", "id": str(shot.pk)}
            if number == 0:
                clip["transition"] = {"kind": "fade", "frames": 18}
            elif shot.scene.position != scene:
                clip["transition"] = {"kind": "dissolve", "frames": 12}
            tracks["v1"].append(clip)
            at, scene = at + clip["frames"], shot.scene.position
        tracks["v1"][-1]["fade_to_black"] = 24
        heard = {"id": "s0", "at": 0, "frames": at, "source": {"kind": "asset", "id": str(sound.pk)}}
        tracks["a1"].append(heard | {"volume_db": -8, "fade_in": 24, "fade_out": 36})
        tracks["t1"].append({"id": "t0", "at": 0, "frames": 48, "text": film.TITLE, "style": "centre"})
        for number, (begins, frames, words) in enumerate(film.CAPTIONS):
            tracks["c1"].append({"id": f"c{number}", "at": begins, "frames": frames, "text": words})
        timeline.save_cut(document, version=0, by=self.by)

    def _run(self, generation):
        """A queued generation, finished: drawn in this process."""
        while generation.status in WAITING:
            Attempt.run_next(self.pulse)
            generation.refresh_from_db()
        if generation.status != Generation.Status.SUCCEEDED:
            raise CommandError(generation.failure)
        return generation
