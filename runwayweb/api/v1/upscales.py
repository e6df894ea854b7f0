"""Clips and pictures made larger, and clips made smoother."""

from typing import Annotated, Literal

from pydantic import Field

from generation.engine.cards.offline import ENLARGED_PIXELS
from generation.engine.request import FPS, SEED, SIDE_PIXELS, VideoRequest
from generation.models import Input
from runwayweb.api import aliases
from runwayweb.api.errors import Invalid
from runwayweb.api.fields import NOTHING_SAID, Handed, delivered, even, unless_not_built
from runwayweb.api.planned import Body, Planned, planner

SHORT_SIDES = {"720p": 720, "1k": 1080, "2k": 1440, "4k": 2160}
USUAL_TIMES = 4  # as large, of a name of Runway's that takes no resolution
NOT_BUILT = ("120", "23_98", "29_97", "59_94")
Rate = Annotated[
    Literal["24", "25", "30", "48", "50", "60"],
    unless_not_built(NOT_BUILT, "frames a second are not made here. It must be one of: 24, 25, 30, 48, 50, 60."),
]
LARGEST_SIDE = SIDE_PIXELS[1]
PICTURE = Input.Role.VIDEO  # to who enlarges, a picture is a clip of one frame


class VideoUpscale(Handed):
    model: str
    videoUri: str = Field(description="https://, runway:// or data:")
    resolution: Literal["720p", "1k", "2k", "4k"] | None = Field(
        None, description="The short side: 720, 1080, 1440 or 2160 pixels."
    )
    targetFramerate: Rate | None = None
    fpsBoost: bool = False
    creativity: int = Field(0, ge=0, le=100, description="Taken for compatibility.")
    sharpen: int = Field(0, ge=0, le=100, description="Taken for compatibility.")
    smartGrain: int = Field(0, ge=0, le=100, description="Taken for compatibility.")
    flavor: Literal["vivid", "natural"] = Field("natural", description="Taken for compatibility.")


@planner("video_upscale", VideoUpscale, "A larger or a smoother clip")
def video_upscale(body, caller):
    """A clip at a larger `resolution`, or with the frames between its own at `targetFramerate`; its sound stays."""
    kind, smoother = "video_upscale", body.model == "enhance_frame_rate" or body.targetFramerate is not None
    if body.fpsBoost:
        raise Invalid.at("fpsBoost", "Ask for it afterwards: POST /v1/video_upscale with enhance_frame_rate.")
    if smoother and body.targetFramerate is None:
        raise Invalid.at("targetFramerate", "Say how many frames a second there are to be.", "missing")
    card = aliases.card_for(body.model, kind, "interpolate" if smoother else "upscale", takes={"video"})
    return (_smoother if smoother else _larger)(kind, body, card, caller)


def _smoother(kind, body, card, caller):
    fps = int(body.targetFramerate)
    clip = _clip(body, card, caller)
    if clip.fps >= fps:
        raise Invalid.at("targetFramerate", f"This clip has {clip.fps:g} frames a second already.")
    frames = max(_frames(clip), round(clip.duration_seconds * fps))
    sides = even(clip.came_as["width"]), even(clip.came_as["height"])
    return _planned(kind, body, card, caller, clip, sides, frames, fps)


def _larger(kind, body, card, caller):
    clip = _clip(body, card, caller, most_pixels=ENLARGED_PIXELS)
    width, height = clip.came_as["width"], clip.came_as["height"]
    takes_resolution = body.resolution or body.model != "upscale_v1"
    times = SHORT_SIDES[body.resolution or "2k"] / min(width, height) if takes_resolution else USUAL_TIMES
    times = min(times, LARGEST_SIDE / max(width, height), (card.max_pixels / (width * height)) ** 0.5)
    if times <= 1:
        raise Invalid.at("resolution", f"This clip has {width} × {height} pixels already.")
    sides = even(width * times), even(height * times)
    return _planned(kind, body, card, caller, clip, sides, _frames(clip), min(FPS[1], max(1, round(clip.fps))))


def _clip(body, card, caller, most_pixels=0):
    """The clip as it came, but for what no request may have: more than 60 frames a second, more than the card does."""
    limits = {"most_pixels": most_pixels or card.max_pixels, "most_seconds": card.max_seconds}
    clip = caller.clip(body.videoUri, "videoUri", **limits)
    return clip if clip.fps <= FPS[1] else caller.clip(body.videoUri, "videoUri", fps=FPS[1], **limits)


def _frames(clip):
    return clip.frame_count or max(1, round(clip.duration_seconds * clip.fps))


def _planned(kind, body, card, caller, clip, sides, frames, fps):
    asked_sides, delivery = delivered(*sides, body, whole=True)
    asked = VideoRequest(prompt=NOTHING_SAID, num_frames=frames, fps=fps, seed=SEED[0], **asked_sides)
    rows = [Input(role=Input.Role.VIDEO, asset=clip)]
    if not clip.has_sound and clip.came_as.get("has_sound"):
        rows.append(Input(role=Input.Role.SOUND, asset=caller.sound(body.videoUri, "videoUri")))
    return Planned(kind, body.model, card, asked, inputs=rows, delivery=delivery)


class ImageUpscale(Body):
    model: str
    imageUri: str = Field(description="https://, runway:// or data:")
    scaleFactor: Literal[2, 4, 8, 16] = 2
    flavor: Literal["sublime", "photo", "photo_denoiser"] = Field("sublime", description="Taken for compatibility.")
    sharpen: int = Field(0, ge=0, le=100, description="Taken for compatibility.")
    smartGrain: int = Field(0, ge=0, le=100, description="Taken for compatibility.")
    ultraDetail: int = Field(0, ge=0, le=100, description="Taken for compatibility.")


@planner("image_upscale", ImageUpscale, "A larger picture")
def image_upscale(body, caller):
    """A picture with `scaleFactor` times as many pixels to each side."""
    kind = "image_upscale"
    card = aliases.card_for(body.model, kind, "upscale", takes={"video"})
    picture = caller.picture(body.imageUri, "imageUri")
    width, height = picture.width * body.scaleFactor, picture.height * body.scaleFactor
    if picture.width * picture.height > ENLARGED_PIXELS:
        most = f"{ENLARGED_PIXELS:,}"
        raise Invalid.at("imageUri", f"Pictures of at most {most} pixels are enlarged here.", "invalid_media")
    if width * height > card.max_pixels or max(width, height) > LARGEST_SIDE:
        most = f"{card.max_pixels:,} pixels, {LARGEST_SIDE} to a side"
        raise Invalid.at("scaleFactor", f"It would have {width} × {height} pixels; {card.name} makes up to {most}.")
    if min(width, height) < SIDE_PIXELS[0]:
        raise Invalid.at(
            "imageUri", f"Each side of what is made has at least {SIDE_PIXELS[0]} pixels.", "invalid_media"
        )
    sides, delivery = delivered(width, height, whole=True)
    asked = VideoRequest(prompt=NOTHING_SAID, num_frames=1, fps=card.fps, seed=SEED[0], **sides)
    rows = [Input(role=PICTURE, asset=picture)]
    return Planned(kind, body.model, card, asked, inputs=rows, delivery=delivery)
