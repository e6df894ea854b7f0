"""Every call of Runway's client for Python that makes work, as its types have them.

What is made is asked of our own model, which draws frames smaller than any that Runway's names have; those draw in
test_quick_start.py.

A call is a function of a client, synchronous or not; what it returns is that client's own.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from generation.engine import catalogue
from tests.media import media_file
from tests.pictures import as_file, two_colors

PRESET = {"type": "runway-preset", "preset_id": "Maya"}


@cache
def picture():
    return data_uri("image/png", as_file(two_colors(size=(320, 180))).read())


@cache
def clip():
    return data_uri("video/mp4", media_file(frames=24, fps=12))


@cache
def performance():
    """As short as it may be: three seconds."""
    return data_uri("video/mp4", media_file(frames=36, fps=12))


@cache
def sound():
    return data_uri("audio/wav", media_file("wav", codec=None, sound="pcm_s16le"))


def data_uri(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@dataclass(frozen=True)
class Call:
    """`made`: the type of what comes of it, with the models that are part of the studio. `lacks`: what has to be
    installed first, a task of the catalogue; then the call is refused. `in_node`: whether the client for JavaScript has
    the call, too."""

    name: str
    ask: Callable[[Any], Any]
    made: str = ""
    lacks: str = ""
    in_node: bool = True

    def __str__(self):
        return self.name


CALLS = [
    Call(
        "text_to_video",
        lambda runway: runway.text_to_video.create(
            model="built-in", prompt_text="A red fox in a forest", ratio="320:180", duration=1, seed=7
        ),
        made="video/mp4",
    ),
    Call(
        "image_to_video",
        lambda runway: runway.image_to_video.create(
            model="built-in",
            prompt_image=[{"uri": picture(), "position": "first"}],
            prompt_text="The camera moves closer",
            ratio="320:180",
            duration=1,
        ),
        made="video/mp4",
    ),
    Call(
        "text_to_image",
        lambda runway: runway.text_to_image.create(
            model="built-in", prompt_text="A red fox in a forest", ratio="320:180"
        ),
        made="image/png",
    ),
    Call(
        "character_performance",
        lambda runway: runway.character_performance.create(
            model="act_two",
            character={"type": "image", "uri": picture()},
            reference={"type": "video", "uri": performance()},
            ratio="1280:720",
            body_control=True,
            expression_intensity=3,
        ),
        lacks="performance",
    ),
    Call(
        "video_upscale",
        lambda runway: runway.video_upscale.create(
            model="magnific_video_upscaler_creative", video_uri=clip(), resolution="720p"
        ),
        lacks="upscale",
    ),
    Call(
        "enhance_frame_rate",
        lambda runway: runway.video_upscale.create(model="enhance_frame_rate", video_uri=clip(), target_framerate="24"),
        lacks="interpolate",
    ),
    Call(
        "image_upscale",
        lambda runway: runway.image_upscale.create(
            model="magnific_precision_upscaler_v2", image_uri=picture(), scale_factor=2
        ),
        lacks="upscale",
    ),
    Call(
        "sound_effect",
        lambda runway: runway.sound_effect.create(
            model="eleven_text_to_sound_v2", prompt_text="A fox walks in the rain", duration=1
        ),
        made="audio/mp4",
    ),
    Call(
        "video_to_audio",
        lambda runway: runway.video_to_audio.create(
            model="mirelo_sfx_2_0", video_uri=clip(), duration=1, prompt_text="rain in a forest"
        ),
        made="audio/wav",
        in_node=False,
    ),
    Call(
        "text_to_speech",
        lambda runway: runway.text_to_speech.create(
            model="eleven_multilingual_v2", prompt_text="I waited for you by the river.", voice=PRESET
        ),
        lacks="text_to_speech",
    ),
    Call(
        "voice_isolation",
        lambda runway: runway.voice_isolation.create(model="eleven_voice_isolation", audio_uri=sound()),
        lacks="voice_isolation",
    ),
    Call(
        "voice_dubbing",
        lambda runway: runway.voice_dubbing.create(model="eleven_voice_dubbing", audio_uri=sound(), target_lang="en"),
        lacks="translation",
    ),
    Call(
        "speech_to_speech",
        lambda runway: runway.speech_to_speech.create(
            model="eleven_multilingual_sts_v2", media={"type": "audio", "uri": sound()}, voice=PRESET
        ),
        lacks="captions",
    ),
]


def what_to_install(task):
    """What is said where a task of the catalogue can be done by nothing that is installed."""
    return f"Nothing that does {task} is installed here. To install it: {catalogue.how_to_serve(task)}"


MADE = [call for call in CALLS if call.made]
REFUSED = [call for call in CALLS if call.lacks]
