"""Shots of a scene as a language model of the operator's would tell them: the rules' shots, in other words.

Asked of a service that speaks OpenAI's /chat/completions (Ollama, vLLM, llama.cpp and others do). It says for each part
of the scene what the rules say: a title, a prompt, a camera, a length. Whatever is not exactly that is no answer.
"""

import json
import logging
import math
import urllib.request
from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _

from generation.engine.request import CAMERA_MOVES, InvalidRequest, check_prompt
from generation.engine.tags import mentioned
from projects.breakdown import SHOT_SECONDS, Suggestion
from projects.fountain import BadScript, refuse_unreadable
from runwayweb.asking import answer_of

logger = logging.getLogger(__name__)

SECONDS = 60.0  # that it may take in all
SILENT_SECONDS = 30.0  # without a byte
MOST_BYTES = 1_000_000  # of an answer
MOST_PARTS = 80  # of one scene
TITLE_LETTERS = 60
FIELDS = {"part", "title", "prompt", "camera", "duration_seconds"}
ASKED = """\
You plan the shots of a film. The user sends one scene of a screenplay as JSON: its heading, its whole text, the parts \
of it that are one shot each, who and what is in the film's world, and the moves that a camera can make.
Answer with JSON alone: {"shots": [{"part": 1, "title": "", "prompt": "", "camera": "", "duration_seconds": 3}]}, one \
for each part, in order, with no other fields.
title: what happens, in at most 60 letters. prompt: who is seen, where, when and what they do, in one or two plain \
English sentences in the present tense, at most 600 letters; write names with an @ exactly as "world" has them, and no \
others. camera: one of "moves", or "" to leave it to the prompt. duration_seconds: from 2 to 8."""


class NoSuggestions(Exception):
    """It gave none that can be used. The message is a sentence for the creator."""


def model() -> str:
    """The name of the model that can be asked, "" where none is configured."""
    return settings.SUGGESTIONS_MODEL if settings.SUGGESTIONS_URL else ""


def suggestions_of(plan, cast) -> list[Suggestion]:
    """What the model says of the parts of a ScenePlan that no shot tells yet. `cast`: the film's Entities.

    Takes as long as the service does, SECONDS at most. Raises NoSuggestions.
    """
    if len(plan.suggestions) > MOST_PARTS:
        raise NoSuggestions(_("This scene is too long for %(model)s.") % {"model": model()})
    world = [{"name": f"@{one.tag}", "kind": one.kind, "is": one.words} for one in cast if not one.is_style]
    asked = {
        "heading": plan.written.heading,
        "text": plan.scene.text,
        "parts": [{"part": number, "text": one.text} for number, one in enumerate(plan.suggestions, 1)],
        "world": world,
        "moves": list(CAMERA_MOVES),
    }
    try:
        told = _answer(asked)
    except Exception as error:  # whatever a network, a service or a model comes up with
        # Its kind and its status alone: words of it could hold what was sent.
        logger.warning("No suggestions came: %s %s", type(error).__name__, getattr(error, "code", ""))
        raise NoSuggestions(_("%(model)s did not answer.") % {"model": model()}) from None
    try:
        return _checked(told, plan.suggestions, {one.tag.lower() for one in cast})
    except (ValueError, TypeError, KeyError, RecursionError, BadScript, InvalidRequest) as error:
        logger.warning("Suggestions could not be used: %s", type(error).__name__)
        raise NoSuggestions(_("What %(model)s answered cannot be used.") % {"model": model()}) from None


def _answer(asked):
    """The text of the model's answer."""
    body = {
        "model": model(),
        "messages": [
            {"role": "system", "content": ASKED},
            {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
        ],
        "response_format": {"type": "json_object"},
        "temperature": 0.4,
        "stream": False,
    }
    headers = {"Content-Type": "application/json"}
    if settings.SUGGESTIONS_KEY:
        headers["Authorization"] = f"Bearer {settings.SUGGESTIONS_KEY}"
    url = f"{settings.SUGGESTIONS_URL.rstrip('/')}/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    data = answer_of(request, silent_seconds=SILENT_SECONDS, seconds=SECONDS, most_bytes=MOST_BYTES)
    return json.loads(data)["choices"][0]["message"]["content"]


def _checked(told, suggestions, tags):
    """The suggestions as the model tells them. Raises ValueError and its like for what is not exactly that."""
    shots = json.loads(told)["shots"]
    if not isinstance(shots, list) or len(shots) != len(suggestions):
        raise ValueError("Not one shot for each part.")
    pairs = zip(shots, suggestions, strict=True)
    return [_one(shot, number, suggestion, tags) for number, (shot, suggestion) in enumerate(pairs, 1)]


def _one(shot, number, suggestion, tags):
    if not isinstance(shot, dict) or set(shot) != FIELDS or shot["part"] != number:
        raise ValueError("Other fields, or another part.")
    title, prompt, camera, seconds = (shot[name] for name in ("title", "prompt", "camera", "duration_seconds"))
    if not all(isinstance(words, str) for words in (title, prompt, camera)):
        raise ValueError("Words that are none.")
    title = " ".join(title.split())
    for words in (title, prompt):
        refuse_unreadable(words)
    if not 0 < len(title) <= TITLE_LETTERS:
        raise ValueError("No title.")
    if camera and camera not in CAMERA_MOVES:
        raise ValueError("No camera of ours.")
    prompt = check_prompt(" ".join(prompt.split()))
    if {name.lower() for name in mentioned(prompt)} - tags:
        raise ValueError("Somebody who is not in the film.")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise ValueError("No length.")
    least, most = SHOT_SECONDS
    if not least <= seconds <= most:
        raise ValueError("A length that no shot has.")
    return replace(suggestion, title=title, prompt=prompt, camera=camera, duration_seconds=round(seconds * 2) / 2)
