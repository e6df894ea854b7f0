"""The kinds of file an asset can be: what each is called in an address, and FFmpeg's name of how to open it."""

from typing import NamedTuple

PICTURE = "image/webp"  # how every picture is kept, whatever it came as
CLIP, STILL, SOUND, CAPTIONS = "video/mp4", "image/png", "audio/mp4", "text/vtt"  # what the studio makes
RECORDING = "audio/flac"  # how a sound that a run is given is kept, whatever it came as


class Kind(NamedTuple):
    file_name: str
    container: str = ""


KINDS = {
    CLIP: Kind("clip.mp4", "mp4"),
    "video/quicktime": Kind("clip.mov", "mov"),
    "video/webm": Kind("clip.webm", "matroska"),
    "video/x-matroska": Kind("clip.mkv", "matroska"),
    STILL: Kind("still.png"),
    PICTURE: Kind("picture.webp"),
    SOUND: Kind("sound.m4a", "mp4"),
    RECORDING: Kind("recording.flac", "flac"),
    "audio/mpeg": Kind("sound.mp3", "mp3"),
    "audio/wav": Kind("sound.wav", "wav"),
    "audio/ogg": Kind("sound.ogg", "ogg"),
    "audio/aac": Kind("sound.aac", "aac"),
    "audio/aiff": Kind("sound.aiff", "aiff"),
    "audio/webm": Kind("sound.webm", "matroska"),
    "audio/x-matroska": Kind("sound.mka", "matroska"),
    CAPTIONS: Kind("captions.vtt"),
    "application/zip": Kind("film.zip"),  # a film as pictures
}
CLIPS = tuple(kind for kind in KINDS if kind.startswith("video/"))
SOUNDS = tuple(kind for kind in KINDS if kind.startswith("audio/"))
