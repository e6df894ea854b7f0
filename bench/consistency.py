"""How well the consistency score tells the same cast member from another: `python bench/consistency.py DATA`.

Three stages, each resumed where it was left: `draw` makes stills of the world, rendered, painted from words and painted
from pictures, and keeps who is in them, cut out as a take's cast is; `fit` learns on some of them which differences
matter (projects/likeness.npz); `measure` compares pairs of others, whom `fit` never saw, and writes
bench/consistency.json. Nobody in the second set has the species, colour, accessory and its colour of anybody in the
first.
"""

import argparse
import json
import os
import platform
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from projects import likeness

ROLES = ("character", "object")
FOLDS, DIMENSIONS, SHRINKAGE = 5, 48, 0.2
FALSE_ALARMS, MISSED = 0.05, 0.05  # how often a colour may be wrong, while learning
READ = likeness._learned
TRAINED, SAMPLES = 400, 6  # identities to learn from, a character and an object each; and stills of each
THINGS = 150
GROUPS = (
    70  # of three identities to compare: somebody, the same kind in another colour, the same colour in another kind
)
PAIRS = 500
SIZE = (320, 176)
SHOT_FRAMES, FPS = 25, 12
HERE = Path(__file__).parent


# ------------------------------------------------------------------------------------------------------------- draw


def identities():
    """{name: (Character, Prop)}: those to learn from (t0…) and those to compare (c0a, c0b, c0c…)."""
    from generation.engine.world import vocabulary as words
    from generation.engine.world.scene import Character, Prop

    rng = np.random.default_rng(5)
    taken = set()

    def pick(names):
        return str(rng.choice(names))

    def other(names, than):
        return pick([name for name in names if name not in than])

    def fresh(make):
        while True:
            one = make()
            if one not in taken:
                taken.add(one)
                return one

    def somebody():
        accessory = pick(words.ACCESSORIES) if rng.random() < 0.5 else None
        return Character(
            pick(words.SPECIES), pick(words.COLORS), accessory, "stand", pick(words.COLORS) if accessory else None
        )

    def thing():
        return Prop(pick(words.OBJECTS), pick(words.COLORS))

    found = {}
    for number in range(GROUPS):
        who, what = fresh(somebody), fresh(thing)
        found[f"c{number}a"] = who, what
        found[f"c{number}b"] = (
            fresh(lambda who=who: replace(who, color=other(words.COLORS, (who.color,)))),
            fresh(lambda what=what: replace(what, color=other(words.COLORS, (what.color,)))),
        )
        found[f"c{number}c"] = (
            fresh(lambda who=who: replace(who, species=other(words.SPECIES, (who.species,)))),
            fresh(lambda what=what: replace(what, name=other(words.OBJECTS, (what.name,)))),
        )
    for number in range(TRAINED):
        # There are not so many different things: from here on they come once more, beside somebody else.
        what = fresh(thing) if number < THINGS else found[f"t{number % THINGS}"][1]
        found[f"t{number}"] = fresh(somebody), what
    return found


@cache
def engine():
    import torch

    from generation.engine import catalogue
    from generation.engine.built_in import BuiltIn

    torch.set_num_threads(1)
    return BuiltIn(catalogue.BUILT_IN)


def draw(folder, names):
    """Stills of some identities, one file each: what is cut out of them."""
    known = identities()
    for name in names:
        path = folder / f"{name}.npz"
        if not path.exists():
            stills = list(stills_of(name, *known[name]))
            with open(folder / f"{name}.part", "wb") as file:
                np.savez(
                    file, **{f"{n}-{what}": array for n, still in enumerate(stills) for what, array in still.items()}
                )
            os.replace(folder / f"{name}.part", path)


def stills_of(name, who, what):
    """{"character", "object"} each: the two of them, cut out of a still, uint8 (S, S, 3)."""
    from generation.engine.request import CAMERA_MOVES
    from generation.engine.world import vocabulary as words
    from generation.engine.world.scene import CameraMove, Scene

    rng = np.random.default_rng([11, *name.encode()])
    wanted = SAMPLES if name.startswith("t") else 2
    given = None
    done = tries = 0
    while done < wanted and tries < 5 * wanted:
        tries += 1
        scene = Scene(
            place=str(rng.choice(words.PLACES)),
            time_of_day=str(rng.choice(words.TIMES_OF_DAY, p=(0.2, 0.4, 0.2, 0.2))),
            weather=str(rng.choice(words.WEATHERS, p=(0.6, 0.1, 0.1, 0.1, 0.1))),
            look=str(rng.choice(("clay", "cartoon", "watercolor"), p=(0.8, 0.1, 0.1))),
            characters=(replace(who, action=str(rng.choice(words.ACTIONS))),),
            props=(what,),
            camera=CameraMove(str(rng.choice(CAMERA_MOVES))),
        )
        made = "rendered" if done == 0 and rng.random() < 0.5 else str(rng.choice(("rendered", "words", "pictures")))
        cast = still(scene, int(rng.integers(2**31)), int(rng.integers(SHOT_FRAMES)), made, given)
        if len(cast) < 2:
            continue  # somebody is hidden, or too far away to be cut out
        shown = {one.role: one.picture for one in cast}
        given = given or shown
        done += 1
        yield shown


def still(scene, seed, at, made, given):
    """The cast of frame `at` of a scene's shot: rendered, or painted by the built-in model."""
    from generation.engine.cast import Casting
    from generation.engine.request import Blocking, VideoRequest
    from generation.engine.world.description import describe
    from generation.engine.world.render import render

    width, height = SIZE
    painter = engine()
    if made == "rendered":
        drawn = render(
            [scene], [seed], width=width, height=height, num_frames=1, fps=FPS, first=at, shot_frames=SHOT_FRAMES
        )
        casting = Casting(scene)
        casting.see(drawn.rgb[0, 0].numpy(), drawn.mask[0, 0].numpy())
        return casting.pictures()
    shown = {} if made == "words" or given is None else given
    request = VideoRequest(
        describe(scene),
        width=width,
        height=height,
        num_frames=1,
        fps=FPS,
        seed=seed,
        references=tuple(shown[role] for role in ("character", "object") if role in shown),
        reference_roles=tuple(role for role in ("character", "object") if role in shown),
        blocking=Blocking(scene.as_json(), seed, start=at, shot_frames=SHOT_FRAMES),
    )
    return painter.generate(request, lambda *step: None).cast


def draw_all(folder):
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in identities() if not (folder / f"{name}.npz").exists()]
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores) as pool:
        for job in [pool.submit(draw, folder, names[start : start + 4]) for start in range(0, len(names), 4)]:
            job.result()


# -------------------------------------------------------------------------------------------------------------- fit


def stills(folder, name):
    """What was kept of an identity's stills: {"character", "object"} each."""
    with np.load(folder / f"{name}.npz") as file:
        count = len({entry.split("-")[0] for entry in file.files})
        return [{what: file[f"{n}-{what}"] for what in ROLES} for n in range(count)]


def described(job):
    """All of an identity's stills: {role: numbers} each."""
    folder, name = job
    return name, [{role: likeness.seen_in(still[role]) for role in ROLES} for still in stills(folder, name)]


def everybody(folder, first):
    names = [name for name in identities() if name.startswith(first) and (folder / f"{name}.npz").exists()]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(pool.map(described, [(folder, name) for name in names], chunksize=8))


def fit(folder):
    """Learn the map from all who are there to learn from; thresholds and calibration from folds that it did not see."""
    known = everybody(folder, "t")
    names = sorted(known, key=lambda name: int(name[1:]))
    rng = np.random.default_rng(7)
    judged = []
    for fold in range(FOLDS):
        left_out = [name for name in names if int(name[1:]) % THINGS % FOLDS == fold]
        use(discriminant(known, [name for name in names if name not in set(left_out)]))
        judged += judgements(known, left_out, rng)
    same, evidence = np.array(judged).T
    learned = discriminant(known, names) | {"calibration": calibration(same, evidence)}
    use(learned)
    values = np.array([likeness.chance(one) for one in evidence])
    low, high = np.quantile(values[same == 1], MISSED), np.quantile(values[same == 0], 1 - FALSE_ALARMS)
    learned["levels"] = np.array([round(min(low, high), 2), round(max(low, high), 2)])
    print("folds:", len(same), "pairs, AUC", round(auc(evidence, same), 3), "levels", learned["levels"])
    np.savez_compressed(likeness.LEARNED, **{name: array.astype(np.float32) for name, array in learned.items()})
    likeness._learned = READ


def discriminant(known, names):
    """Fisher's linear discriminant: "mean", "map" to where everybody spreads by one, and how far entities are apart."""
    numbers, labels = [], []
    for name in names:
        for role in ROLES:
            for still in known[name]:
                numbers.append(still[role])
                labels.append(name if role == "character" else f"thing {int(name[1:]) % THINGS}")
    numbers = np.array(numbers)
    codes = np.unique(labels, return_inverse=True)[1]
    mean = numbers.mean(0)
    apart = numbers - mean
    counts = np.bincount(codes)
    middles = np.stack([apart[codes == code].mean(0) for code in range(len(counts))])
    inside = apart - middles[codes]
    within = inside.T @ inside / (len(numbers) - len(counts))
    within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    spread, axes = np.linalg.eigh(within)
    whitened = axes / np.sqrt(spread)
    between, turned = np.linalg.eigh(np.cov((middles @ whitened).T))
    order = np.argsort(between)[::-1][:DIMENSIONS]
    return {"mean": mean, "map": whitened @ turned[:, order], "between": between[order]}


def use(learned):
    """Compare by what was learned now, and not by what is kept."""
    likeness._learned = lambda: learned


def judgements(known, names, rng):
    """(same, evidence) of pairs among these: each still beside the first of its own, and of a stranger."""
    for name in names:
        for role in ROLES:
            for still in known[name][1:]:
                yield 1, likeness.evidence(known[name][0][role], still[role])
                stranger = known[near_miss(known, names, name, role, rng)]
                yield 0, likeness.evidence(stranger[0][role], still[role])


def near_miss(known, names, name, role, rng):
    """Half of the strangers are those most like it by colour alone, as far as there are any; the others anybody."""
    others = [other for other in names if int(other[1:]) % THINGS != int(name[1:]) % THINGS]
    if rng.random() < 0.5:
        return others[rng.integers(len(others))]
    colors = slice(0, likeness.LIGHTNESS_STEPS * likeness.COLOR_STEPS**2)
    own = known[name][0][role][colors]
    return max(others, key=lambda other: known[other][0][role][colors] @ own)


def calibration(same, evidence):
    """Slope and offset with which evidence becomes a chance (logistic regression, Newton's method)."""
    scale = evidence.std()
    given = np.stack([evidence / scale, np.ones(len(evidence))], axis=1)
    weights = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(given @ weights, -30, 30)))
        curvature = given.T @ (given * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(curvature, given.T @ (same - chance))
    return np.array([weights[0] / scale, weights[1]])


def auc(values, same):
    """How often a pair of the same comes before a pair of others (Mann and Whitney's U)."""
    ranks = np.empty(len(values))
    order = np.argsort(values, kind="stable")
    ranks[order] = np.arange(1, len(values) + 1)
    positive = same.sum()
    return float((ranks[same == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(same) - positive)))


# ---------------------------------------------------------------------------------------------------------- measure


def pairs_to_compare(known):
    """(same, what sort of pair, role, one, other) of PAIRS pairs, as many of the same as of strangers."""
    sorts: dict[str, list] = {"same": [], "another colour": [], "another kind": [], "both differ": []}
    for number in range(GROUPS):
        a, b, c = (known.get(f"c{number}{letter}", []) for letter in "abc")
        for role in ROLES:
            for who in (a, b, c):
                if len(who) > 1:
                    sorts["same"].append((1, "same", role, who[0][role], who[1][role]))
            for one, other, sort in ((a, b, "another colour"), (a, c, "another kind"), (b, c, "both differ")):
                if one and len(other) > 1:
                    sorts[sort].append((0, sort, role, one[0][role], other[1][role]))
    rng = np.random.default_rng(13)
    for pairs in sorts.values():
        rng.shuffle(pairs)
    strangers = [pair for group in zip(*list(sorts.values())[1:], strict=False) for pair in group]
    return sorts["same"][: PAIRS // 2] + strangers[: PAIRS - PAIRS // 2]


def measure(folder):
    pairs = pairs_to_compare(everybody(folder, "c"))
    same = np.array([pair[0] for pair in pairs])
    sorts = np.array([pair[1] for pair in pairs])
    roles = np.array([pair[2] for pair in pairs])
    values = np.array([likeness.chance(likeness.evidence(one, other)) for *_, one, other in pairs])
    low, high = (float(level) for level in READ()["levels"])

    def against(chosen):
        return round(auc(values[chosen], same[chosen]), 3)

    told = {
        "pairs": len(pairs),
        "same": int(same.sum()),
        "auc": against(same >= 0),
        "auc_by_stranger": {sort: against((same == 1) | (sorts == sort)) for sort in sorted(set(sorts) - {"same"})},
        "auc_by_role": {role: against(roles == role) for role in ROLES},
        "good_from": round(high, 2),
        "bad_below": round(low, 2),
        "strangers_shown_as_good": round(float((values[same == 0] >= high).mean()), 3),
        "same_shown_as_good": round(float((values[same == 1] >= high).mean()), 3),
        "strangers_shown_as_bad": round(float((values[same == 0] < low).mean()), 3),
        "same_shown_as_bad": round(float((values[same == 1] < low).mean()), 3),
        "method": likeness.METHOD,
        "learned_from": {"characters": TRAINED, "objects": THINGS, "stills": TRAINED * SAMPLES},
    }
    told["machine"] = {"python": platform.python_version(), "numpy": np.__version__}
    (HERE / "consistency.json").write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--stages", default="draw,fit,measure")
    asked = parser.parse_args()
    if "draw" in asked.stages:
        draw_all(asked.data)
    if "fit" in asked.stages:
        fit(asked.data)
    if "measure" in asked.stages:
        measure(asked.data)
