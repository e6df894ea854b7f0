"""Draws the sample film anew, say after the built-in model changed. Run it in a data folder of its own:

RUNWAYWEB_DATA=$(mktemp -d) sh -c "python manage.py migrate && python manage.py make_sample"
"""

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.attempt import Attempt
from generation.engine import catalogue
from generation.engine.request import VideoRequest
from generation.engine.sound_request import SoundRequest
from generation.models import Generation
from generation.pulse import Pulse
from projects.export.bundle import write_bundle
from projects.models import Entity, Project, Scene, Script, Shot, Take, Timeline
from projects.sample import BUNDLE, film
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
        Script.objects.create(project=self.project, text=film.SCRIPT, version=1)
        self._shots()
        self._world()
        self._cut(self._sound())
        write_bundle(self.project, out)
        self.stdout.write(f"{out} is written. Look at its clips before it is shipped.")

    def _shots(self):
        scenes = [
            Scene.objects.create(project=self.project, position=n, heading=heading)
            for n, heading in enumerate(film.SCENES)
        ]
        width, height = film.SIZE
        for scene, title, prompt, camera, seconds, seeds in tqdm(film.SHOTS, unit="shot"):
            shot = Shot.objects.create(
                project=self.project,
                scene=scenes[scene],
                position=scenes[scene].shots.count(),
                title=title,
                prompt=prompt,
                camera=camera,
                duration_seconds=seconds,
                width=width,
                height=height,
            )
            card = catalogue.card(MODEL)
            for number, seed in enumerate(seeds, 1):
                fps = card.fps
                asked = VideoRequest(
                    prompt=prompt, width=width, height=height, num_frames=seconds * fps, fps=fps, seed=seed,
                    camera=camera,
                )  # fmt: skip
                take = Take.objects.create(shot=shot, number=number, generation=self._made(asked, card))
                if number == 1:
                    shot.chosen = take
                    shot.save()

    def _world(self):
        """Everybody's first view is cut out of a take they are in, a place's a frame of one."""
        for position, (tag, kind, name, description) in enumerate(film.WORLD):
            entity = Entity.objects.create(
                project=self.project, kind=kind, tag=tag, name=name, description=description, position=position
            )
            for take in Take.objects.filter(shot__project=self.project).order_by("created_at"):
                if picture := self._picture_of(entity, take.generation):
                    entity.views.create(asset=picture, label="")
                    break

    def _picture_of(self, entity, generation):
        if entity.kind == Entity.Kind.PLACE:
            return generation.still("middle") if entity.tag in generation.words else None
        for number, one in enumerate(generation.asset.cast, 1):
            if one["name"].split()[-1] in entity.description.replace("rabbit", "bunny"):
                return generation.cast_picture(number)
        return None

    def _sound(self):
        seconds = sum(shot[4] for shot in film.SHOTS)
        card = catalogue.card(SOUND_MODEL)
        asked = SoundRequest(prompt=film.SOUND, duration_seconds=seconds, seed=7)
        return self._made(asked, card, task="text_to_sound").asset

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

    def _made(self, asked, card, task=""):
        """The finished generation of a request, drawn in this process."""
        generation = Generation.request_run(asked, card=card, project=self.project, by=self.by, task=task)
        Attempt.run_next(self.pulse)
        generation.refresh_from_db()
        if generation.status != Generation.Status.SUCCEEDED:
            raise CommandError(generation.failure)
        return generation
