"""A text, spoken: Hibari, a small English voice.

Sources: github.com/MMWilliams/hibari, distilled from Kokoro-82M (hexgrad 2025), a StyleTTS 2 (Li et al. 2023,
arXiv:2306.07691).
"""

import re
import textwrap
import unicodedata

import numpy as np

from generation.engine.clip import Audio, EngineError, OnStep, Sound
from generation.engine.offline.sound_engine import SoundEngine, file_of, memory_told
from generation.engine.request import gettext_noop
from generation.engine.sound_request import SpeechRequest

VOICE = "heart"  # the one in the package; it would download others
WEIGHTS = "assets/hibari.onnx"
SPOKEN = re.compile(r"\]\([^)\n]*\)")  # [word](/phonemes/) says how a word is said
NOT_FOREIGN = frozenset("ªºµ")  # letters by their kind, signs by their use


class Speech(SoundEngine):
    """Samples float32 (N, 1) in [-1, 1] at 24 kHz, as long as it takes to say them."""

    distributions = ("hibari-tts", "onnxruntime", "numpy")
    weights_sha256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"

    def _load(self):
        from hibari import Hibari

        self._content("hibari", WEIGHTS, self.weights_sha256)
        self.hibari = Hibari(voice=VOICE, model=str(file_of("hibari", WEIGHTS)))

    def generate(self, request: SpeechRequest, on_step: OnStep) -> Sound:
        """Say a text. Equal requests give equal samples on one machine; the seed changes the breath in the voice.

        Sentence by sentence: `on_step(sentence, sentences, None)` runs after each, and where it raises Cancelled the
        run stops. Long sentences count as several. `[word](/phonemes/)` says how a word is said, in the alphabet of
        Kokoro. Raises EngineError: INPUT.UNSUPPORTED (another voice, another script), INPUT.LENGTH,
        INTERNAL.OUT_OF_MEMORY, INTERNAL.BAD_OUTPUT.
        """
        self._check(request)
        with memory_told():
            return self._run(request, on_step)

    def _check(self, request):
        if request.voice not in ("", VOICE):
            raise EngineError(
                gettext_noop("%(model)s has one voice, “%(voice)s”; it cannot use “%(asked)s”."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                voice=VOICE,
                asked=request.voice,
            )
        foreign = next((word for word in SPOKEN.sub("]", request.text).split() if any(map(_foreign, word))), None)
        if foreign:
            raise EngineError(
                gettext_noop("%(model)s reads English; it cannot read “%(word)s”."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                word=foreign[:40],
            )

    def _run(self, request, on_step):
        from hibari.tts import MAX_PHONEMES

        # The network takes memory by the square of a sentence's length, and there are texts without a full stop.
        sentences = [
            part
            for phonemes in self.hibari.phonemize(request.text)
            for part in textwrap.wrap(phonemes, MAX_PHONEMES, break_on_hyphens=False)
        ]
        if not any(letter.isalpha() for sentence in sentences for letter in sentence):
            raise EngineError(
                gettext_noop("There is nothing in this text that %(model)s can say."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
            )
        generator = np.random.default_rng(request.seed)
        rate = self.hibari.sample_rate
        spoken: list[np.ndarray] = []
        length = 0
        for index, phonemes in enumerate(sentences):
            spoken.append(self.hibari.from_ids(self.hibari.ids(phonemes), request.speed, generator))
            length += len(spoken[-1])
            if length > self.card.max_seconds * rate:
                raise EngineError(
                    gettext_noop("%(model)s speaks for up to %(most)g seconds; this text takes longer."),
                    "INPUT.LENGTH",
                    model=self.card.name,
                    most=self.card.max_seconds,
                )
            on_step(index + 1, len(sentences), None)
        samples = self._finished(np.concatenate(spoken))[:, None]
        return Sound(Audio(samples, rate), self._recipe(request=request.as_recipe() | {"voice": VOICE}))


def _foreign(letter: str) -> bool:
    """Whether it is a letter of another script than English is written in."""
    if unicodedata.category(letter)[0] != "L" or letter in NOT_FOREIGN:
        return False
    return "LATIN" not in unicodedata.name(letter, "")
