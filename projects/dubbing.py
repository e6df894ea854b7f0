"""What was said in a recording, said again by another voice, each passage when the first voice began it."""

from dataclasses import dataclass

from projects.cut import Clip, Cut, Source, Track

PASSAGE_SECONDS = 8.0  # of a recording, on average, that are said again in one go
FPS = 50  # of the cut that the passages are laid into
BREATH_SECONDS = 0.6  # that a voice takes besides its letters
LETTERS_A_SECOND = 16.5  # that it says at its own speed; measured with Hibari
FASTEST = 1.6  # times its own speed: beyond, nobody could follow
SECONDS_MORE = 2.5  # times a recording's length: as long as what is said in it can take in another voice


@dataclass(frozen=True)
class Passage:
    """What is said without a longer pause. Times are of the recording, in seconds; `room`: until the next begins."""

    at: float
    room: float
    text: str

    def speed(self, own: float) -> float:
        """How many times as fast as a voice does, whose speed is `own`, it is to be said to have room."""
        needed = BREATH_SECONDS + len(self.text) / LETTERS_A_SECOND
        return min(FASTEST, max(1.0, needed / max(self.room, 0.1) / own))


def most_passages(seconds: float) -> int:
    """How many there are of a recording of this length, at most."""
    return 1 + int(seconds / PASSAGE_SECONDS)


def most_seconds(seconds: float) -> float:
    """How long saying it again takes, at most."""
    return SECONDS_MORE * seconds + 1


def passages_of(captions, seconds: float) -> list[Passage]:
    """The passages of captions, [start, end, text] each, of a recording so long: parted at the longest pauses."""
    said = [caption for caption in captions if any(letter.isalnum() for letter in caption[2])]
    pauses = sorted(range(1, len(said)), key=lambda n: (said[n - 1][1] - said[n][0], n))
    begins = [0, *sorted(pauses[: most_passages(seconds) - 1]), len(said)]
    parts = [said[first:last] for first, last in zip(begins, begins[1:], strict=False) if said[first:last]]
    ends = [part[0][0] for part in parts[1:]] + [max(seconds, said[-1][1])] if parts else []
    return [
        Passage(part[0][0], end - part[0][0], " ".join(text for _start, _end, text in part))
        for part, end in zip(parts, ends, strict=True)
    ]


def laid(passages, spoken, recording, seconds: float) -> Cut:
    """The Cut in which each of `spoken`, assets, begins when its passage did, or when the one before it ended: as long
    as the recording at least, which lies beside it unheard."""
    at, voice, captions = 0, [], []
    for n, (passage, asset) in enumerate(zip(passages, spoken, strict=True)):
        at = max(at, round(passage.at * FPS))
        frames = max(1, round(asset.duration_seconds * FPS))
        voice.append(Clip(f"said-{n}", at, frames, Source("asset", str(asset.pk))))
        captions.append(Clip(f"caption-{n}", at, frames, text=passage.text[:500]))
        at += frames
    whole = Clip("recording", 0, max(1, round(seconds * FPS)), Source("asset", str(recording)), muted=True)
    return Cut(
        fps=FPS,
        tracks=(
            Track("a1", "audio", "A1", clips=tuple(voice)),
            Track("a2", "audio", "A2", muted=True, clips=(whole,)),
            Track("c1", "caption", "C1", clips=tuple(captions)),
        ),
    )
