"""The batched renderer: scenes and seeds in, pictures, depth, entity masks and camera matrices out; CPU or CUDA.

Every pixel is traced once through its middle; pixels at an edge are traced four more times (rotated grid) and averaged.
Light is one soft sun, sky and ground light, up to two lamps, soft shadows, ambient occlusion, a rim and a highlight,
then haze, glow and a filmic curve. Nothing depends on the order of parallel work, so equal seeds give equal bytes.
"""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch.nn.functional import max_pool2d

from generation.engine.world import ground, looks, numbering, places, rays, shadows, sparks
from generation.engine.world.scene import Scene
from generation.engine.world.shapes import BALL, BOX, COLUMN
from generation.engine.world.sky import sky
from generation.engine.world.stage import Stage, set_stage
from generation.engine.world.vectors import carried, carried_back, dot, unit

FAR = 200.0  # metres: the depth of the sky
PIXELS_AT_ONCE = 24_000_000  # on a GPU
ROUNDS = (5.0, 9.0, 18.0)  # metres: what begins nearer is traced before what begins farther
SNOW = (0.90, 0.93, 0.98)
GROUND, SKY = -1, -2  # owners of a pixel that are no part
SUBPIXELS = ((0.125, 0.375), (-0.375, 0.125), (0.375, -0.125), (-0.125, -0.375))


@dataclass(frozen=True, eq=False)
class Rendering:
    """What a scene looks like and where everything is.

    rgb: uint8 (B, F, H, W, 3). depth: float32 (B, F, H, W), metres along the view axis, the sky at 200. mask: uint8
    (B, F, H, W), 0 the place, then characters and props in the scene's order. rest: float16 (B, F, H, W, 3), which
    point of its body a pixel shows, in metres and in the pose it was modelled in; of the place, the point in the world;
    zero for the sky. part: int16 (B, F, H, W), the number of the part that is seen, see `numbering`. camera_to_world:
    float32 (B, F, 4, 4), camera axes right, down, forward. intrinsics: float32 (B, F, 3, 3) in pixels.
    """

    rgb: torch.Tensor
    depth: torch.Tensor
    mask: torch.Tensor
    rest: torch.Tensor
    part: torch.Tensor
    camera_to_world: torch.Tensor
    intrinsics: torch.Tensor


def render(
    scenes: list[Scene],
    seeds: list[int],
    *,
    width: int,
    height: int,
    num_frames: int,
    fps: int,
    first: int = 0,
    shot_frames: int | None = None,
    framed: tuple[float, float, float, float] | None = None,
    device="cpu",
    shaded: bool = True,
    on_frame: Callable[[int, int], None] | None = None,
) -> Rendering:
    """Render clips of one size and length. `on_frame(done, of)` counts pictures as they are finished.

    `first`: the frame of the shot with which the clip begins. `shot_frames`: how long the shot is, if it does not end
    with the clip (see `set_stage`): a shot of N frames goes on in a clip with `first` N and `shot_frames` N; M frames
    that lead up to it have `first` -M. `framed`: the part of the picture that the shot is framed for.

    Not `shaded`: where everything is without its colours, several times faster; `rgb` is black. The world is laid out
    on the CPU, about a millisecond a clip; everything else happens on `device`.
    """
    size = {"width": width, "height": height, "num_frames": num_frames, "fps": fps}
    stage = set_stage(scenes, seeds, **size, start=first, shot_frames=shot_frames, framed=framed, device=device)
    clips = len(scenes)
    views = [(clip, frame) for clip in range(clips) for frame in range(num_frames)]
    drawn, done = [], 0
    for pictures in draw_in_order(stage, views, draw if shaded else draw_shapes):
        drawn.append(pictures)
        done += len(pictures[0])
        if on_frame:
            on_frame(done, len(views))
    channels = (
        torch.cat(channel).reshape(clips, num_frames, height, width, *channel[0].shape[3:])
        for channel in zip(*drawn, strict=True)
    )
    cameras = (matrices.float() for matrices in (stage.camera_to_world, stage.intrinsics))
    return Rendering(*channels, *cameras)


def draw_in_order(stage: Stage, views: list[tuple[int, int]], drawing=None):
    """Draw (clip, frame) views and yield the answers in order, each for one view or, on a GPU, for many.

    `drawing`: `draw_pictures` if not told, `draw` or `draw_shapes`. On a CPU every core draws a view of its own: no
    core waits for another inside an operation, which matters most when the machine is busy. Leaving the loop early
    stops the work after the views that are being drawn.
    """
    drawing = drawing or draw_pictures
    device = stage.centre.device
    if device.type != "cpu":
        at_once = max(1, PIXELS_AT_ONCE // (stage.width * stage.height))
        for start in range(0, len(views), at_once):
            yield drawing(stage, *torch.tensor(views[start : start + at_once], device=device).T)
        return

    def alone(work, *given):
        torch.set_num_threads(1)  # each view has one core
        return work(*given)

    def draw_one(view):
        return drawing(stage, *torch.tensor([view]).T)

    threads = torch.get_num_threads()
    workers = min(len(os.sched_getaffinity(0)), len(views))
    with ThreadPoolExecutor(workers, thread_name_prefix="animatic") as pool:
        pool.submit(alone, shadows.standing_shadows, stage).result()  # before threads share the stage
        pending = deque()
        try:
            for view in views:
                pending.append(pool.submit(alone, draw_one, view))
                if len(pending) > 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
            torch.set_num_threads(threads)  # what others on this process's threads had


@torch.inference_mode()
def draw(stage: Stage, clip: torch.Tensor, frame: torch.Tensor):
    """Draw N views, clip and frame (N,), of a stage: rgb uint8 (N, H, W, 3), depth (N, H, W), mask uint8 (N, H, W),
    rest float16 (N, H, W, 3), part int16 (N, H, W); see `Rendering`."""
    picture = _Picture(stage, clip, frame)
    t, owner = picture.trace()
    rgb, depth, entity = _in_color(picture, t, owner, stage, clip, frame)
    return rgb, depth, entity, picture.rest(t, owner).reshape(rgb.shape), picture.part(owner)


@torch.inference_mode()
def draw_pictures(stage: Stage, clip: torch.Tensor, frame: torch.Tensor):
    """The same as `draw` without `rest`, which takes a fourteenth of its time, and `part`: only a guide needs them."""
    picture = _Picture(stage, clip, frame)
    t, owner = picture.trace()
    return _in_color(picture, t, owner, stage, clip, frame)


def _in_color(picture, t, owner, stage, clip, frame):
    color = picture.shade(owner, t, *picture.pixels())
    edges = picture.edges(owner)
    if len(edges):
        color[edges] = picture.smoothed(edges, owner)
    depth, entity = picture.shapes(t, owner)
    color = color.reshape(*depth.shape, 3)
    color = sparks.draw_over(color, depth, stage, clip, frame)
    rgb = looks.finish(color, depth, entity, stage, clip, frame)
    return rgb, depth, entity.to(torch.uint8)


@torch.inference_mode()
def draw_shapes(stage: Stage, clip: torch.Tensor, frame: torch.Tensor):
    """The same as `draw`, in black: everything else is that of the finished picture."""
    picture = _Picture(stage, clip, frame)
    t, owner = picture.trace()
    depth, entity = picture.shapes(t, owner)
    rest = picture.rest(t, owner).reshape(*depth.shape, 3)
    black = torch.zeros((), dtype=torch.uint8, device=depth.device).expand(rest.shape)
    return black, depth, entity.to(torch.uint8), rest, picture.part(owner)


class _Picture:
    """The views being drawn together: their parts, and the questions asked of every pixel."""

    def __init__(self, stage, clip, frame):
        self.stage, self.clip, self.frame = stage, clip, frame
        self.views = len(clip)
        self.device = stage.centre.device
        camera = stage.camera_to_world[clip, frame]
        self.rotation, self.origin = camera[:, :3, :3], camera[:, :3, 3]
        intrinsics = stage.intrinsics[clip, frame]
        self.focal, self.principal = intrinsics[:, 0, 0], intrinsics[:, :2, 2]
        self.single = int(clip[0]) if bool((clip == clip[0]).all()) else None
        counts = stage.first[clip + 1] - stage.first[clip]
        view = torch.repeat_interleave(torch.arange(self.views, device=self.device), counts)
        part = (
            torch.arange(len(view), device=self.device)
            - torch.repeat_interleave(torch.cumsum(counts, 0) - counts, counts)
            + stage.first[clip][view]
        )
        mover, at = stage.mover[part], frame[view]
        carry = stage.mover_linear[mover, at]
        linear = carry @ stage.linear[part]
        centre = (carry @ stage.centre[part][:, :, None])[:, :, 0] + stage.mover_shift[mover, at]
        self.shadows = shadows.Shadows(stage, clip, part, view, linear, centre)
        self.instances = rays.place_instances(
            part,
            view,
            stage.kind[part],
            stage.shape[part],
            linear,
            centre,
            self.rotation,
            self.origin,
            self.focal,
            self.principal,
            stage.width,
            stage.height,
        )
        self.pairs = []

    def pixels(self):
        """View, x and y (float, pixel middles) of every pixel, flat."""
        height, width = self.stage.height, self.stage.width
        index = torch.arange(self.views * height * width, device=self.device)
        x = (torch.arange(width, device=self.device) + 0.5).repeat(self.views * height)
        y = (torch.arange(height, device=self.device) + 0.5).repeat_interleave(width).repeat(self.views)
        return index // (height * width), x, y

    def trace(self):
        """Depth and owner of every pixel: an instance, GROUND or SKY.

        What is near comes first, so that most of what stands behind it, or under the ground, need not be asked.
        """
        height, width = self.stage.height, self.stage.width
        instances = self.instances
        keys = torch.full((self.views * height * width,), rays.FAR_KEY, dtype=torch.int64, device=self.device)
        view, x, y = self.pixels()
        floor = self.floor(view, x, y)
        for low, high in zip((-torch.inf, *ROUNDS), (*ROUNDS, torch.inf), strict=True):
            hidden = torch.minimum(rays.unpacked(keys)[0], floor).reshape(self.views, 1, height, width)
            # A ray beside the middle of its pixel may pass what hides the middle: look as far as the neighbours do.
            hidden = max_pool2d(hidden, 3, 1, 1).flatten()
            for kind in (BALL, COLUMN, BOX, rays.CLIPPED_BALL):
                chosen = (instances.kind == kind) & (instances.nearest >= low) & (instances.nearest < high)
                chosen = chosen.nonzero()[:, 0]
                if not len(chosen):
                    continue
                instance, where, x, y = rays.candidate_pairs(instances, chosen, width, height)
                open_ = (instances.nearest.index_select(0, instance) < hidden.index_select(0, where)).nonzero()[:, 0]
                instance, where, x, y = (each.index_select(0, open_) for each in (instance, where, x, y))
                self.pairs.append((kind, instance, where, x, y))
                hit, t = rays.meet(instances, kind, instance, x + 0.5, y + 0.5)
                rays.nearest(keys, where[hit], t, instance[hit])
        return self.behind(*rays.unpacked(keys), *self.pixels())

    def floor(self, view, x, y):
        """Depth at which rays meet the ground; inf where they do not."""
        rise = self.rise(view, x, y)
        height = self.per_view(self.origin[:, 1].float(), view)
        floor = torch.where((rise < -1e-4) & (height > 0), -height / rise.clamp(max=-1e-4), torch.inf)
        return torch.where(floor < 420, floor, torch.inf)

    def behind(self, t, owner, view, x, y):
        """Put the ground and the sky behind the parts."""
        floor = self.floor(view, x, y)
        under = floor < t
        owner = torch.where(under, GROUND, torch.where(t.isinf(), SKY, owner))
        return torch.where(under, floor, torch.where(owner == SKY, FAR, t)), owner

    def per_view(self, table, view):
        return table[view] if self.views > 1 else table[:1]

    def rise(self, view, x, y):
        """How fast rays climb, metres up per metre of depth."""
        u, v = self.slopes(view, x, y)
        row = self.rotation[:, 1].float()
        return self.per_view(row[:, 0], view) * u + self.per_view(row[:, 1], view) * v + self.per_view(row[:, 2], view)

    def slopes(self, view, x, y):
        focal, principal = self.focal.float(), self.principal.float()
        inverse = self.per_view(1 / focal, view)
        return (x - self.per_view(principal[:, 0], view)) * inverse, (
            y - self.per_view(principal[:, 1], view)
        ) * inverse

    def directions(self, view, x, y):
        """Rays (S, 3) in the world, one metre long along the view axis."""
        u, v = self.slopes(view, x, y)
        columns = self.per_view(self.rotation.float(), view)
        return columns[:, :, 0] * u[:, None] + columns[:, :, 1] * v[:, None] + columns[:, :, 2]

    def edges(self, owner):
        """Flat indices of pixels whose owner differs from a neighbour's."""
        grid = owner.reshape(self.views, self.stage.height, self.stage.width)
        part = torch.where(grid >= 0, self.instances.part[grid.clamp(min=0)], grid)
        edge = torch.zeros_like(grid, dtype=torch.bool)
        across, down = part[:, :, 1:] != part[:, :, :-1], part[:, 1:] != part[:, :-1]
        edge[:, :, 1:] |= across
        edge[:, :, :-1] |= across
        edge[:, 1:] |= down
        edge[:, :-1] |= down
        return edge.flatten().nonzero()[:, 0]

    def smoothed(self, edges, owner):
        """Colours (E, 3) of edge pixels, each the mean of four rays."""
        height, width = self.stage.height, self.stage.width
        place = torch.full((len(owner),), -1, dtype=torch.int64, device=self.device)
        place[edges] = torch.arange(len(edges), device=self.device)
        keys = torch.full((len(edges) * 4,), rays.FAR_KEY, dtype=torch.int64, device=self.device)
        for kind, instance, where, x, y in self.pairs:
            at = place[where]
            chosen = (at >= 0).nonzero()[:, 0]
            instance, at, x, y = instance[chosen], at[chosen], x[chosen], y[chosen]
            for index, (dx, dy) in enumerate(SUBPIXELS):
                hit, t = rays.meet(self.instances, kind, instance, x + (0.5 + dx), y + (0.5 + dy))
                rays.nearest(keys, at[hit] * 4 + index, t, instance[hit])
        shift = torch.tensor(SUBPIXELS, device=self.device)
        view = (edges // (height * width)).repeat_interleave(4)
        x = ((edges % width)[:, None] + 0.5 + shift[:, 0]).flatten()
        y = ((edges // width % height)[:, None] + 0.5 + shift[:, 1]).flatten()
        t, seen = self.behind(*rays.unpacked(keys), view, x, y)
        samples = self.shade(seen, t, view, x, y)
        # Averaged as the eye will see them, so that a bright light keeps a smooth edge.
        return looks.expose_inverse(looks.expose(samples).reshape(-1, 4, 3).mean(1))

    def entity_of(self, owner):
        return (
            torch.where(owner >= 0, self.stage.entity[self.instances.part[owner.clamp(min=0)]], 0)
            if len(self.instances.part)
            else torch.zeros_like(owner)
        )

    def shapes(self, t, owner):
        """Depth and entity of every pixel, (N, H, W)."""
        shape = self.views, self.stage.height, self.stage.width
        depth = torch.where(owner == SKY, FAR, t).clamp(max=FAR)
        return depth.reshape(shape), self.entity_of(owner).reshape(shape)

    def part(self, owner):
        """The number of the part that every pixel shows: int16 (N, H, W), see `numbering`."""
        number = torch.where(owner == GROUND, numbering.GROUND, numbering.SKY).to(torch.int16)
        if len(self.instances.part):
            number = torch.where(owner >= 0, self.stage.number[self.instances.part[owner.clamp(min=0)]], number)
        return number.reshape(self.views, self.stage.height, self.stage.width)

    def rest(self, t, owner):
        """What point of its body, or of the world, every pixel shows: float16 (S, 3), see `Rendering`."""
        view, x, y = self.pixels()
        points = self.per_view(self.origin.float(), view) + self.directions(view, x, y) * t[:, None]
        points[owner == SKY] = 0
        seen = (owner >= 0).nonzero()[:, 0]
        instance = owner[seen]
        part = self.instances.part[instance]
        local = carried(self.instances.inverse[instance], points[seen] - self.instances.centre[instance])
        points[seen] = carried(self.stage.linear[part], local) + self.stage.centre[part]
        return points.half()

    def shade(self, owner, t, view, x, y):
        """Linear colours (S, 3) of samples with these owners and depths."""
        color = torch.empty(len(owner), 3, device=self.device)
        for kind, paint in (
            (owner >= 0, self._paint_parts),
            (owner == GROUND, self._paint_ground),
            (owner == SKY, self._paint_sky),
        ):
            chosen = kind.nonzero()[:, 0]
            if not len(chosen):
                continue
            if self.single is not None:
                color[chosen] = paint(self.single, chosen, owner, t, view, x, y)
                continue
            place = self.stage.place[self.clip[view[chosen]]]
            for number in place.unique().tolist():
                some = chosen[place == number]
                color[some] = paint(None, some, owner, t, view, x, y)
        return color

    def _setting(self, single, view):
        """The clip of each sample, or one index for all of them; its light; its place."""
        clip = torch.tensor([single], device=self.device) if single is not None else self.clip[view]
        return (
            clip,
            {name: value[clip] for name, value in self.stage.light.items()},
            places.PLACES[places.NAMES[int(self.stage.place[clip[0]])]],
        )

    def _paint_sky(self, single, chosen, owner, t, view, x, y):
        view, x, y = view[chosen], x[chosen], y[chosen]
        clip, light, place = self._setting(single, view)
        direction = unit(self.directions(view, x, y))
        pixel = self.per_view(1 / self.focal.float(), view)
        return sky(direction, light, place.ridge, self.stage.phase[clip], pixel)

    def _paint_ground(self, single, chosen, owner, t, view, x, y):
        view, x, y, t = view[chosen], x[chosen], y[chosen], t[chosen]
        clip, light, place = self._setting(single, view)
        ray = self.directions(view, x, y)
        point = self.per_view(self.origin.float(), view) + ray * t[:, None]
        length = dot(ray, ray).sqrt()
        toward = -ray / length[:, None]
        distance = t * length
        # A pixel covers more ground the flatter it is seen.
        pixel = t * self.per_view(1 / self.focal.float(), view) * (0.45 + 0.55 / toward[:, 1].clamp(min=0.06))
        points = ground.Points(
            point[:, 0], point[:, 2], pixel, self.stage.seconds[self.frame[view]], self.stage.phase[clip]
        )
        surface = place.ground(points)
        pond = self.stage.pond[clip]
        if bool((pond[:, 2] > 0).any()):
            wet, share = ground.pond(points, pond[:, 0], pond[:, 1], pond[:, 2])
            share = share * (pond[:, 2] > 0)
            surface = ground.mixed(surface, wet, share)
        snowed = self._snowed(surface.color, light, 0.9 - 0.9 * (surface.mirror * 2.0))
        zero = torch.zeros_like(t)
        normal = unit(torch.stack([-(zero + surface.tilt[0]), zero + 1, -(zero + surface.tilt[1])], -1))
        sunlight, openness = self.shadows.on_ground(view, point[:, 0], point[:, 2])
        color = self._lit(
            snowed,
            normal,
            toward,
            sunlight,
            openness,
            light,
            surface.gloss + 0.25 * light["wet"],
            clip,
            point,
            40.0,
            0.0,
        )
        mirrored = surface.mirror + 0.22 * light["wet"]
        fresnel = (0.25 + 0.75 * (1 - toward[:, 1].clamp(0, 1)) ** 3) * mirrored
        reflected = torch.stack(
            [-toward[:, 0], toward[:, 1].clamp(min=0.02), -toward[:, 2]], -1
        ) + normal * torch.tensor([0.6, 0.0, 0.6], device=self.device)
        color = (
            color
            + (sky(unit(reflected), light, place.ridge, self.stage.phase[clip], pixel.clamp(min=0.004)) - color)
            * fresnel[:, None]
        )
        color = color + surface.glow
        return self._hazed(color, distance, -toward, light)

    def _paint_parts(self, single, chosen, owner, t, view, x, y):
        owner, view, x, y, t = owner[chosen], view[chosen], x[chosen], y[chosen], t[chosen]
        clip, light, place = self._setting(single, view)
        ray = self.directions(view, x, y)
        point = self.per_view(self.origin.float(), view) + ray * t[:, None]
        length = dot(ray, ray).sqrt()
        toward = -ray / length[:, None]
        part = self.instances.part[owner]
        inverse = self.instances.inverse[owner]
        local = carried(inverse, point - self.instances.centre[owner])
        normal = self._normals(owner, local, inverse)
        normal = torch.where((dot(normal, toward) < 0)[:, None], -normal, normal)
        albedo, gloss, glow = self.stage.color[part], self.stage.gloss[part], self.stage.glow[part]
        sunlight, openness = self.shadows.on_parts(view, owner, self.instances, point, normal, light)
        # Clay is never quite even: a faint mottle, fixed to the part.
        mottle = torch.sin(local[:, 0] * 5.1 + 2.3 * local[:, 1]) * torch.sin(local[:, 1] * 4.3 - 3.1 * local[:, 2])
        albedo = albedo * (1 + 0.035 * mottle)[:, None]
        # Snow settles on the scenery; whoever plays in it shakes it off and keeps their colours.
        settles = (self.stage.entity[part] == 0) * (2.4 * normal[:, 1] - 1.0).clamp(0, 0.92)
        albedo = self._snowed(albedo, light, settles)
        color = self._lit(
            albedo, normal, toward, sunlight, openness, light, gloss, clip, point, 24.0 + 40.0 * gloss, 1.0
        )
        color = color + self.stage.color[part] * glow[:, None]
        return self._hazed(color, t * length, -toward, light)

    def _normals(self, owner, local, inverse):
        """Outward unit normals (S, 3) in the world at points in unit space."""
        kind = self.instances.kind[owner]
        affine = self.instances.affine
        slope = affine[14][owner] * local[:, 1] + affine[15][owner] / 2
        gradient = torch.stack([local[:, 0], slope, local[:, 2]], -1)
        low, high = affine[17][owner], affine[18][owner]
        cap = torch.where(local[:, 1] >= high - 2e-3, 1.0, torch.where(local[:, 1] <= low + 2e-3, -1.0, 0.0)) * (
            kind != 0
        )
        flat = torch.zeros_like(local)
        flat[:, 1] = cap
        gradient = torch.where((cap != 0)[:, None], flat, gradient)
        boxes = (kind == 2).nonzero()[:, 0]
        if len(boxes):
            half = self.instances.size[owner[boxes]]  # (b, 3) half sizes in metres
            bevel = (0.30 * half.amin(1, keepdim=True)).clamp(max=0.035)
            inside = local[boxes].clamp(-1, 1)
            rounded = (inside.abs() * half - half + bevel).clamp(min=0) / bevel * inside.sign()
            gradient[boxes] = rounded * half  # the inverse transpose divides by it again
        return unit(carried_back(inverse, gradient))

    def _snowed(self, albedo, light, settles):
        """Colours (S, 3) under the snow that lies there; `settles` says how much can, 0 to 1."""
        if not bool((light["snow"] > 0).any()):
            return albedo
        share = (light["snow"] * settles).clamp(0, 1)
        return albedo + (torch.tensor(SNOW, device=self.device) - albedo) * share[..., None]

    def _lit(self, albedo, normal, toward, sunlight, openness, light, gloss, clip, point, power, rim):
        sun = unit(light["sun"])
        facing = dot(normal, sun)
        half_lambert = (0.5 + 0.5 * facing).clamp(0, 1) ** 2
        direct = half_lambert * (0.30 + 0.70 * facing.clamp(min=0) ** 0.5) if rim else facing.clamp(min=0)
        sunlight = 1 - light["shadow"] * (1 - sunlight)
        up = 0.5 + 0.5 * normal[:, 1]
        around = light["below"] + (light["above"] - light["below"]) * up[:, None]
        received = light["sun_color"] * (direct * sunlight * 0.9)[:, None] + around * openness[:, None]
        lamps = self.stage.lamps[clip]
        if bool((lamps[:, :, 6] > 0).any()):
            for lamp in lamps.unbind(1):
                away = lamp[:, :3] - point
                squared = dot(away, away)
                wrapped = 0.35 + 0.65 * (dot(normal, away) * squared.clamp(min=1e-4).rsqrt())
                strength = wrapped.clamp(min=0) / (0.25 + squared / (0.30 * lamp[:, 6] ** 2).clamp(min=1e-3))
                received = received + lamp[:, 3:6] * (strength * (lamp[:, 6] > 0) * openness)[:, None]
        color = albedo * received
        middle = unit(sun + toward)
        highlight = gloss * (dot(normal, middle).clamp(min=0) ** power) * sunlight * (facing > -0.2)
        color = color + light["sun_color"] * (0.55 * highlight)[:, None]
        if rim:
            grazing = (1 - dot(normal, toward).clamp(0, 1)) ** 3
            sheen = grazing * (0.35 + 0.65 * up) * openness
            color = color + (light["above"] * 0.42 + light["sun_color"] * 0.10) * (albedo * 0.6 + 0.30) * sheen[:, None]
            # What is glossy mirrors a little sky.
            color = color + light["horizon"] * ((0.04 + 0.34 * grazing) * gloss * gloss * up * openness)[:, None]
        return color

    def _hazed(self, color, distance, direction, light):
        share = 1 - torch.exp(-light["fog"] * distance.clamp(min=0))
        share = share * (distance / (distance + 2.5))
        return color + (light["horizon"] - color) * share[:, None]
