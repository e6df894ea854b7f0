"""Stills of a video: the poster, and the sprite a player scrubs through."""

import io
import math
from dataclasses import dataclass

import av
import numpy as np
from PIL import Image

POSTER_PIXELS = 640  # the longer side
SPRITE_PIXELS = 240  # the longer side of one cell
SPRITE_CELLS = 24
SPRITE_COLUMNS = 6


class UnreadableVideo(Exception):
    """The file holds no picture that can be decoded."""


@dataclass(frozen=True)
class Sprite:
    """A grid of stills, `columns` wide, `count` in all, in reading order; evenly spaced over the video."""

    webp: bytes
    columns: int
    count: int


def of_video(file):
    """Return (poster as WebP bytes, Sprite) of an MP4 given as an open binary file. Raises UnreadableVideo."""
    with av.open(file, format="mp4", options={"protocol_whitelist": "file"}) as container:
        stream = next(iter(container.streams.video), None)
        total = stream.frames if stream else 0
        if not total:
            raise UnreadableVideo("The file has no video stream.")
        stream.thread_type = "AUTO"
        count = min(SPRITE_CELLS, total)
        wanted = {round(cell * (total - 1) / max(count - 1, 1)) for cell in range(count)}
        poster_at = poster_frame(total)
        poster, cells = None, []
        for index, frame in enumerate(container.decode(stream)):
            if index in wanted or index == poster_at:
                picture = frame.to_image()
                if index == poster_at:
                    poster = shrunk(picture, POSTER_PIXELS)
                if index in wanted:
                    cells.append(shrunk(picture, SPRITE_PIXELS))
    if not cells:
        raise UnreadableVideo("The file has no frame that can be decoded.")
    return _webp(poster or cells[0], 86), grid(cells)


def poster_frame(total):
    """Which of a video's frames its poster shows, counted from 0: the first is often the emptiest."""
    return total // 3


def poster_of(picture):
    """The poster of a still, a PIL image, as WebP bytes."""
    return _webp(shrunk(picture, POSTER_PIXELS), 86)


def still_of_video(file, at):
    """One frame of an MP4 given as an open binary file, as a PIL image: the "first", "middle" or "last" one, or the one
    of this number counted from 0, the last one where there are fewer.

    Decodes the file up to there. Raises UnreadableVideo.
    """
    try:
        with av.open(file, format="mp4", options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            wanted = {"first": 0, "middle": stream.frames // 2, "last": math.inf}.get(at, at)
            frame = None
            for index, decoded in enumerate(container.decode(stream)):
                frame = decoded
                if index >= wanted:
                    break
            return frame.to_image()
    except (av.FFmpegError, AttributeError, IndexError) as error:
        raise UnreadableVideo("The file has no frame that can be decoded.") from error


def frame_seen_at(file, seconds, container):
    """The frame of a film that is seen at a moment, as a PIL image; after its end the last one.

    The file is an open binary one, `container` FFmpeg's name of how to open it. Decodes from the key frame before.
    Raises UnreadableVideo.
    """
    try:
        with av.open(file, format=container, options={"protocol_whitelist": "file"}) as opened:
            stream = opened.streams.video[0]
            stream.thread_type = "AUTO"
            begins, half = stream.start_time or 0, 0.5 / (stream.average_rate or 25)
            opened.seek(int(begins + seconds / stream.time_base), stream=stream, backward=True)
            seen = None
            for frame in opened.decode(stream):
                if seen is not None and (frame.pts - begins) * stream.time_base > seconds + half:
                    break
                seen = frame
            return seen.to_image()
    except (av.FFmpegError, AttributeError, IndexError, TypeError) as error:
        raise UnreadableVideo("The file has no frame that can be decoded.") from error


def frames_of(file):
    """All frames of an MP4 given as an open binary file, uint8 (F, H, W, 3). Raises UnreadableVideo.

    Only for clips of the studio's own, whose length and size its models bound: they are all in memory at once.
    """
    try:
        with av.open(file, format="mp4", options={"protocol_whitelist": "file"}) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(container.streams.video[0])]
            return np.stack(frames)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise UnreadableVideo("The file has no frame that can be decoded.") from error


def grid(cells):
    columns = min(SPRITE_COLUMNS, len(cells))
    width, height = cells[0].size
    sheet = Image.new("RGB", (columns * width, math.ceil(len(cells) / columns) * height))
    for index, cell in enumerate(cells):
        sheet.paste(cell, (index % columns * width, index // columns * height))
    return Sprite(_webp(sheet, 76), columns, len(cells))


def shrunk(picture, pixels):
    scale = min(1, pixels / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _webp(picture, quality):
    data = io.BytesIO()
    picture.save(data, "WEBP", quality=quality, method=4)
    return data.getvalue()
