"""Words and pictures are looked at before they are drawn and shown; what cannot be looked at is refused."""

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from generation import moderation, previews
from generation.attempt import Attempt
from generation.models import Generation, Input
from generation.models.status import Status
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_picture

pytestmark = pytest.mark.django_db(transaction=True)
packaged = pytest.mark.skipif(not find_spec(moderation.PACKAGE), reason="make test EXTRAS=offline installs it")


class Service(BaseHTTPRequestHandler):
    """An operator's service: says no to villains, and to pictures that are mostly blue."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked | {"token": self.headers.get("Authorization")})
        pictures = [Image.open(io.BytesIO(base64.b64decode(image))) for image in asked["images"]]
        blue = any(np.asarray(picture).mean((0, 1)).argmax() == 2 for picture in pictures)
        answer = {"allowed": "villain" not in asked["text"] and not (blue and self.server.minds_blue)}
        body = json.dumps(answer if self.server.well else {"sorry": True}).encode()
        body += b" " * self.server.more
        self.send_response(302 if self.server.sends_on else 200)
        if self.server.sends_on:
            self.send_header("Location", self.server.sends_on)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def service(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.asked, server.well, server.minds_blue, server.sends_on, server.more = [], True, False, "", 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MODERATION = f"http://127.0.0.1:{server.server_port}/check"
    settings.MODERATION_TOKEN = "secret"
    yield server
    server.shutdown()
    server.server_close()


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    return attempt.generation


def refused(generation, code, sentence):
    assert (generation.status, generation.failure_code) == (Status.FAILED, code)
    assert sentence in generation.failure
    assert Wallet.objects.of(generation.workspace).available == 500, "it costs nothing"
    assert not Asset.objects.filter(media_type="video/mp4").exists()


def test_a_service_is_asked_about_words_pictures_and_the_clip(project, pulse, service):
    make_generation(project, num_frames=4)
    assert run(pulse).status == Status.SUCCEEDED
    words, clip = service.asked
    assert (words["text"], words["images"], words["token"]) == ("a red fox in a forest", [], "Bearer secret")
    assert (clip["text"], len(clip["images"])) == ("", 4)


def test_words_it_minds_are_not_drawn(project, pulse, service):
    make_generation(project, prompt="a villain in a forest")
    refused(run(pulse), "SAFETY.INPUT.TEXT", "These words may not be used here")
    assert len(service.asked) == 1


def test_what_is_said_of_a_reference_is_told_it_too(project, pulse, service):
    picture = make_picture(project.workspace)
    given = Input(
        role=Input.Role.REFERENCE, asset=picture, reference_role="character", tag="nana", words="a villain in a hat"
    )
    make_generation(project, model="built-in", prompt="@nana waves", reference_tags=("nana",), inputs=[given])
    refused(run(pulse), "SAFETY.INPUT.TEXT", "These words may not be used here")
    assert service.asked[0]["text"].splitlines()[-1] == "a villain in a hat"


def test_of_a_long_clip_eight_frames_are_looked_at(project, pulse, service):
    make_generation(project, num_frames=20)
    assert run(pulse).status == Status.SUCCEEDED
    assert len(service.asked[-1]["images"]) == 8
    assert "8 frames" in (Path(settings.BASE_DIR) / "docs" / "install.md").read_text()


def test_an_address_that_is_none_lets_nothing_through(project, pulse, settings):
    settings.MODERATION = "htps://typo"
    assert moderation.is_on()
    make_generation(project)
    refused(run(pulse), "SAFETY.UNAVAILABLE", "could not be checked")


def test_given_pictures_it_minds_are_not_used(project, pulse, service):
    service.minds_blue = True
    picture = make_picture(project.workspace, Image.new("RGB", (64, 64), (20, 20, 220)))
    make_generation(project, model="built-in", inputs=[Input(role=Input.Role.FIRST_FRAME, asset=picture)])
    refused(run(pulse), "SAFETY.INPUT.IMAGE", "A picture that was given may not be used here")


def test_what_comes_out_and_is_minded_is_nowhere(project, pulse, service):
    service.minds_blue = True
    generation = make_generation(project, prompt="a blue whale under water", width=128, height=64)
    failed = run(pulse)
    refused(failed, "SAFETY.OUTPUT.VIDEO", "What came out may not be shown here")
    assert not previews.kept(generation.pk), "not even a preview"
    assert not failed.recipe


def test_an_operator_may_charge_for_what_was_made_and_is_minded(project, pulse, service, settings):
    settings.CHARGE_BLOCKED_OUTPUT = True
    service.minds_blue = True
    generation = make_generation(project, prompt="a blue whale under water", width=128, height=64)
    failed = run(pulse)
    wallet = Wallet.objects.of(project.workspace)
    assert failed.failure_code == "SAFETY.OUTPUT.VIDEO"
    assert (failed.charged, wallet.spent, wallet.held) == (generation.cost, generation.cost, 0)
    make_generation(project, prompt="a villain in a forest")
    assert run(pulse).failure_code == "SAFETY.INPUT.TEXT"
    service.well = False
    make_generation(project)
    assert run(pulse).failure_code == "SAFETY.UNAVAILABLE"
    wallet.refresh_from_db()
    assert wallet.spent == generation.cost, "nothing was made of the others"


def test_a_service_that_cannot_answer_lets_nothing_through(project, pulse, service, settings):
    service.well = False
    make_generation(project)
    refused(run(pulse), "SAFETY.UNAVAILABLE", "could not be checked")
    settings.MODERATION = "http://127.0.0.1:9/nobody"
    make_generation(project)
    refused(run(pulse), "SAFETY.UNAVAILABLE", "could not be checked")
    assert Generation.objects.filter(status=Status.SUCCEEDED).count() == 0


def test_what_is_asked_goes_to_nobody_else_and_an_endless_answer_is_none(project, pulse, service):
    other = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    other.asked, other.well, other.minds_blue, other.sends_on, other.more = [], True, False, "", 0
    threading.Thread(target=other.serve_forever, daemon=True).start()
    service.sends_on = f"http://127.0.0.1:{other.server_port}/check"
    make_generation(project)
    refused(run(pulse), "SAFETY.UNAVAILABLE", "could not be checked")
    assert service.asked and not other.asked, "nor its token"
    other.shutdown()
    other.server_close()
    service.sends_on, service.more = "", 1_000_000
    make_generation(project)
    refused(run(pulse), "SAFETY.UNAVAILABLE", "could not be checked")


def test_switched_off_nobody_is_asked(project, pulse, service, settings):
    settings.MODERATION = "off"
    make_generation(project, prompt="a villain in a forest")
    assert run(pulse).status == Status.SUCCEEDED
    assert (service.asked, moderation.state()) == ([], "unchecked")
    assert moderation.why_unchecked() == "MODERATION is off"


@packaged
def test_the_packaged_classifier_looks_at_pictures(project, pulse, settings):
    settings.MODERATION = "auto"
    assert moderation.state() == "checked by Open-NSFW"
    make_generation(project, width=128, height=64, num_inference_steps=None)
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure
    assert previews.kept(generation.pk)
    settings.MODERATION_THRESHOLD = 0.0
    unseen = make_generation(project, width=128, height=64, num_inference_steps=None)
    failed = run(pulse)
    assert failed.failure_code == "SAFETY.OUTPUT.VIDEO"
    assert not previews.kept(unseen.pk)
