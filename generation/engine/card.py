"""A model card: what a model is, what it takes, costs and needs."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from importlib.util import find_spec

from generation.engine.clip import EngineError
from generation.engine.memory import Needs
from generation.engine.request import REFERENCES, SIDE_MULTIPLE, VideoRequest, gettext_noop
from generation.engine.tasks import FINISHES, SOUNDS, STILLS

# Classes this engine drives through one contract: what each can be given besides a prompt, and which of `tasks.TASKS`
# it serves.
PIPELINE_CLASSES = {
    "PainterPipeline": frozenset({"first_frame", "last_frame", "references", "video", "mask", "blocking"}),
    "WanPipeline": frozenset(),
    "WanDMDPipeline": frozenset(),
    "WanImageToVideoPipeline": frozenset({"first_frame", "last_frame"}),
    "WanVACEPipeline": frozenset({"first_frame", "keyframes", "last_frame", "references", "video", "mask", "blocking"}),
    "WanAnimatePipeline": frozenset({"references", "video"}),
    "LTX2Pipeline": frozenset({"first_frame", "keyframes", "last_frame"}),
    "SanaWMPipeline": frozenset({"first_frame"}),
    "ZImagePipeline": frozenset(),
    "QwenImageEditPlusPipeline": frozenset({"references"}),
    "Flux2KleinPipeline": frozenset({"references"}),
    "LTX2LatentUpsamplePipeline": frozenset({"video"}),
    "StableAudio3Pipeline": frozenset(),
    "AceStepPipeline": frozenset(),
}
PIPELINE_TASKS = {
    "PainterPipeline": frozenset(
        {"text_to_image", "text_to_video", "image_to_video", "references", "edit", "outpaint", "extend", "camera"}
    ),
    "WanPipeline": frozenset({"text_to_image", "text_to_video"}),
    "WanDMDPipeline": frozenset({"text_to_image", "text_to_video"}),
    "WanImageToVideoPipeline": frozenset({"image_to_video", "extend"}),
    "WanVACEPipeline": frozenset(
        {
            "text_to_image",
            "text_to_video",
            "image_to_video",
            "references",
            "video_to_video",
            "edit",
            "outpaint",
            "extend",
        }
    ),
    "WanAnimatePipeline": frozenset({"performance"}),
    "LTX2Pipeline": frozenset({"text_to_video", "image_to_video", "extend"}),
    "SanaWMPipeline": frozenset({"image_to_video", "extend", "camera"}),
    "ZImagePipeline": frozenset({"text_to_image"}),
    "QwenImageEditPlusPipeline": frozenset({"image_edit"}),
    "Flux2KleinPipeline": frozenset({"text_to_image", "image_edit"}),
    "LTX2LatentUpsamplePipeline": frozenset({"upscale"}),
    "StableAudio3Pipeline": frozenset({"text_to_sound", "text_to_music"}),
    "AceStepPipeline": frozenset({"text_to_music"}),
}
# How many references each of them looks at; others as many as a request may bring.
MOST_REFERENCES = {"WanAnimatePipeline": 1, "QwenImageEditPlusPipeline": 3, "Flux2KleinPipeline": 4}
WITH_SOUND = {"LTX2Pipeline"}
ONE_PICTURE_EACH = {"PainterPipeline"}  # a second picture of somebody would be somebody else
# What some of them import beyond requirements.txt, and the command that installs it.
EXTRAS = {"WanAnimatePipeline": ("mediapipe",)}  # sees where people are
HOW_TO_ADD_EXTRAS = "make run EXTRAS=offline"
ROUNDED_UP = 1.2  # of the largest frame: sides are multiples of 16, which may be a little more than a card says
FIRST_BLOCK_CACHE = 0.05  # the threshold diffusers has by itself; nobody has compared pictures here


@dataclass(frozen=True)
class Licence:
    """Under which terms a model's weights may be used.

    `paid_hosting`: whether anybody may sell what is made with it on their own machines. `forbids`: what it forbids, one
    sentence; a licence that forbids something has to be accepted by name before the model is pulled.
    """

    name: str
    url: str
    paid_hosting: bool = True
    forbids: str = ""


@dataclass(frozen=True)
class FewSteps:
    """The noise levels of a distilled model, as `pipelines.few_steps` takes them."""

    timesteps: tuple[float, ...]
    shift: float
    renoise: bool = False


@dataclass(frozen=True)
class Lora:
    """Low-rank weights beside a model's own: a file of a repository, or of this machine (`repository` None).

    `into`: the part it changes. `weight`: how strongly. `trigger`: words that a prompt begins with while it is on.
    `few_steps_only`: it is what makes few steps enough, and off when a run takes more.
    """

    file: str
    repository: str | None = None
    sha256: str | None = None
    into: str = "transformer"
    weight: float = 1.0
    trigger: str = ""
    few_steps_only: bool = False


APACHE = Licence("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")


@dataclass(frozen=True)
class ModelCard:
    """What a model is and what it takes.

    `location` is a folder or a repository (None: built in). `tasks` are names of `tasks.TASKS`; `repository` and
    `revision` say where its files are pulled from, no revision that nobody has looked up; `licence`, `needs` and
    `parameters_billion` are None for models that somebody else put here. `rank`: of two that serve a task and fit, the
    higher is the default. `languages`: those it speaks, by their ISO 639-1 codes. `required`: the inputs without which
    it cannot begin. `few_steps`: its schedule when a run takes no more steps than that has. `files`: which files of the
    repository are fetched, as patterns (empty: all of those that are ever opened). `second_guidance_scale`: that of a
    second denoiser, for the low noise. `frames_alone`:
    beside a first or last frame, without the blocking of its shot, nothing else can be given. `by_shot`: the tasks for
    which it needs the blocking of a clip's shot. `first_block_cache`: how little a step may change the first block's
    work for the others to be passed over, where the operator wants that (None: never). Sides are multiples of
    `side_multiple` pixels and at most `max_pixels` a frame; frame counts are k × `frame_rule` + 1 (0: any).
    `stall_seconds` is the longest a single call inside the model may take before the worker counts as stuck;
    `timeout_seconds` the longest a whole run may take.
    """

    id: str
    name: str
    summary: str
    pipeline_class: str
    location: str | None = None
    inputs: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset({"text_to_video"})
    languages: frozenset[str] = frozenset()
    repository: str | None = None
    revision: str | None = None
    licence: Licence | None = None
    needs: Needs | None = None
    parameters_billion: float | None = None
    rank: int = 0
    few_steps: FewSteps | None = None
    loras: tuple[Lora, ...] = ()
    files: tuple[str, ...] = ()
    frames_alone: bool = False
    by_shot: frozenset[str] = frozenset()
    first_block_cache: float | None = None
    credits_per_second: float = 2.0
    default_steps: int | None = None
    max_steps: int | None = None
    default_guidance_scale: float | None = None
    second_guidance_scale: float | None = None
    side_multiple: int = 16
    max_pixels: int = 1280 * 720
    max_seconds: float = 10.0
    frame_rule: int = 0
    fps: int = 12
    seconds_per_megapixel: float = 0.5  # a first guess, until this installation has runs of its own to go by
    stall_seconds: int = 120
    timeout_seconds: int = 3600

    @property
    def draws(self) -> bool:
        """Whether a prompt, with pictures or without, becomes something new to see."""
        return "video" not in self.required and (not self.tasks or not self.tasks <= FINISHES | SOUNDS)

    @property
    def is_of_sound(self) -> bool:
        return bool(self.tasks) and self.tasks <= SOUNDS

    @property
    def draws_stills_alone(self) -> bool:
        return bool(self.tasks) and self.tasks <= STILLS

    @property
    def role(self) -> str:
        """What it is there for, in a word: new shots or stills, works over a video, what finishes a clip, or sound."""
        if self.is_of_sound:
            return "sound"
        if self.draws_stills_alone:
            return "stills"
        if self.draws:
            return "shots"
        return "finish" if self.tasks <= FINISHES else "footage"

    @property
    def may_be_sold(self) -> bool | None:
        """Whether anybody may sell what is made with it on their own machines; None where its licence is not known."""
        return self.licence.paid_hosting if self.licence else None

    @property
    def has_sound(self) -> bool:
        """Whether what it draws is heard, too."""
        return self.pipeline_class in WITH_SOUND

    @property
    def lacks(self) -> tuple[str, ...]:
        """The packages that it would import and that are not installed."""
        return tuple(name for name in EXTRAS.get(self.pipeline_class, ()) if find_spec(name) is None)

    @property
    def most_references(self) -> int:
        """How many references it takes; 0 for none."""
        return MOST_REFERENCES.get(self.pipeline_class, REFERENCES) if "references" in self.inputs else 0

    @property
    def takes_more_views(self) -> bool:
        """Whether it can be shown somebody from several sides."""
        return self.most_references > 1 and self.pipeline_class not in ONE_PICTURE_EACH

    def usable(self, given: Collection[str]) -> frozenset[str]:
        """Which inputs it can use when these are `given`, a video's frames aside."""
        frames = self.inputs & {"first_frame", "last_frame"}
        alone = self.frames_alone and "blocking" not in given and not frames.isdisjoint(given)
        return frames if alone else self.inputs

    def refuse_beyond_limits(self, request: VideoRequest, *, pixels: float | None = None) -> None:
        """Raise EngineError for more than `pixels` a frame (`max_pixels` if not told) or more than `max_seconds`."""
        if request.width * request.height > (pixels or self.max_pixels):
            raise EngineError(
                gettext_noop("%(model)s draws up to %(most)s pixels a frame, not %(width)s × %(height)s."),
                code="INPUT.SIZE",
                model=self.name,
                most=f"{self.max_pixels:,}",
                width=request.width,
                height=request.height,
            )
        if request.duration_seconds > self.max_seconds:
            raise EngineError(
                gettext_noop("%(model)s draws up to %(most)g seconds, not %(asked)g."),
                code="INPUT.LENGTH",
                model=self.name,
                most=self.max_seconds,
                asked=request.duration_seconds,
            )

    @property
    def follows_paths(self) -> bool:
        """Whether a camera can be told where to be, key by key; by others it is only described."""
        return "camera" in self.tasks

    def can_follow_path(self, given: Collection[str]) -> bool:
        """The same when these inputs are `given`: whoever paints over a shot's animatic sees where its camera goes."""
        return self.follows_paths or ("blocking" in given and "blocking" in self.inputs)

    def refuse_path(self, request: VideoRequest) -> None:
        """Raise EngineError for a camera's path that it cannot follow."""
        if request.camera_path and not self.can_follow_path(request.given):
            raise EngineError(
                gettext_noop(
                    "%(model)s reads of the camera in words and cannot follow a path. Choose a move, or another model."
                ),
                code="INPUT.UNSUPPORTED",
                model=self.name,
            )

    def native(self, request: VideoRequest) -> VideoRequest:
        """`request` at the nearest size this model draws: the same shape, within `max_pixels`, sides by its rule."""
        multiple = math.lcm(self.side_multiple, SIDE_MULTIPLE)
        scale = min(1.0, math.sqrt(self.max_pixels / (request.width * request.height)))
        width, height = (
            max(multiple, round(side * scale / multiple) * multiple) for side in (request.width, request.height)
        )
        if (width, height) == (request.width, request.height):
            return request
        placed = request.placed and _scaled(request.placed, width / request.width, height / request.height)
        return replace(request, width=width, height=height, placed=placed)


def _scaled(part, across, down):
    """A part (x, y, width, height) of a picture that was scaled."""
    x, y, width, height = part
    left, right = round(x * across), round((x + width) * across)
    top, bottom = round(y * down), round((y + height) * down)
    return left, top, right - left, bottom - top
