"""A cut into a file: pictures in pieces of a few seconds, so that a stop costs at most one; then sound, then all of it.

Pieces are encoded each for itself, with closed groups of pictures, and joined without encoding again.
"""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from generation.engine.encode import picture_stream, sound_frame
from projects.cut import Cut, Source
from projects.export.formats import FORMATS, Format
from projects.export.pictures import Footage, Pictures
from projects.export.sound import RATE, gain_for, read_mix, write_mix
from projects.export.turns import take_turns

PIECE_SECONDS = 10
AAC_BIT_RATE = 192_000
KEY_FRAME_SECONDS = 2

# on_progress(frames done, frames in all) is called after every frame and may raise to stop.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be rendered: a format of FORMATS, the height in pixels, frames a second, LUFS or None, captions.

    `recipe`: what the file says of itself, as JSON. `marked`: whether the studio's name is in its corner.
    """

    format: str = "mp4"
    height: int = 1080
    fps: int = 24
    loudness: float | None = -14.0
    captions: bool = False
    name: str = "film"
    recipe: str = ""
    marked: bool = False

    def width_of(self, cut: Cut) -> int:
        """The width that keeps the cut's shape, even."""
        return round(cut.width * self.height / cut.height / 2) * 2


def render(
    cut: Cut,
    footage: Mapping[Source, Footage],
    order: Order,
    folder: Path,
    on_progress: OnProgress,
    *,
    making: Path | None = None,
) -> Path:
    """Render a cut in `folder`, which keeps what is done for a next call; the finished file in `making`.

    `making`: a folder on the same disk for what is not whole yet, which is `folder` where nobody else can be at the
    same film. Memory does not grow with the length. Raises ValueError for an empty cut, OSError for a file that is not
    there or a full disk, av.FFmpegError for one that cannot be read.
    """
    if not cut.frames:
        raise ValueError("An empty cut cannot be rendered.")
    form = FORMATS[order.format]
    making = making or folder
    making.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    pieces = _pieces(cut, footage, order, form, (folder, making), on_progress) if form.codec else []
    finished = making / f"film{form.ending}"
    beside = making / f".film.part{form.ending}"
    if order.format == "png":
        _zip(pieces, beside)
    else:
        total = cut.frames * order.fps // cut.fps

        def go_on():
            on_progress(total, total)

        mix = making / "mix.f32"
        gain = gain_for(write_mix(cut, footage, mix, go_on), order.loudness)
        _join(pieces, mix, gain, form, order, Fraction(cut.frames, cut.fps), beside, go_on)
        mix.unlink()
    os.replace(beside, finished)
    return finished


def _pieces(cut, footage, order, form: Format, folders, on_progress):
    """The files of the pictures, in order; those that are there already are left as they are."""
    folder, making = folders
    width = order.width_of(cut)
    told = {"captions": order.captions, "marked": order.marked}
    pictures = Pictures(cut, footage, width=width, height=order.height, fps=order.fps, **told)
    total, length = pictures.frames, PIECE_SECONDS * order.fps
    paths = []
    try:
        for number, first in enumerate(range(0, total, length)):
            last = min(total, first + length)
            path = folder / f"piece-{number:05}{form.ending}"
            if not path.exists():
                beside = making / f".part{form.ending}"
                write = _write_pngs if order.format == "png" else _write_piece
                write(pictures, first, last, form, order, beside, lambda done: on_progress(done, total))
                os.replace(beside, path)
            on_progress(last, total)
            paths.append(path)
    finally:
        pictures.close()
    return paths


def _write_piece(pictures, first, last, form: Format, order, path, on_frame):
    with av.open(str(path), "w", format=form.container) as container:
        stream = _picture_stream(container, pictures, form, order)
        for number, planes in enumerate(pictures.drawn(first, last)):
            frame = planes.as_frame()
            frame.color_range = av.video.reformatter.ColorRange.MPEG
            frame.colorspace = av.video.reformatter.Colorspace.ITU709
            if form.pix_fmt != "yuv420p":
                frame = frame.reformat(format=form.pix_fmt)
            frame.pts, frame.time_base = number, Fraction(1, order.fps)
            _mux(container, stream.encode(frame))
            on_frame(first + number + 1)
        _mux(container, stream.encode(None))


def _picture_stream(container, pictures, form: Format, order):
    size = {"width": pictures.width, "height": pictures.height, "fps": order.fps}
    gop_size = KEY_FRAME_SECONDS * order.fps
    stream = picture_stream(container, form, **size, gop_size=gop_size, threads=os.cpu_count() or 1)
    if form.codec == "libx265":
        stream.codec_context.codec_tag = "hvc1"  # without it some players of Apple's show nothing
    if form.codec == "libsvtav1":
        stream.codec_context.open()
        take_turns()
    return stream


def _mux(container, packets):
    for packet in packets:
        packet.duration = 1  # without it the last frame would last no time at all
        container.mux(packet)


def _write_pngs(pictures, first, last, form, order, path, on_frame):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, planes in enumerate(pictures.drawn(first, last), first):
            image = planes.as_frame().reformat(format="rgb24", src_colorspace="ITU709", src_color_range="MPEG")
            with archive.open(f"{order.name}-{number:06}.png", "w") as file:
                Image.fromarray(image.to_ndarray()).save(file, "PNG", compress_level=1)
            on_frame(number + 1)


def _zip(pieces, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for piece in pieces:
            with zipfile.ZipFile(piece) as part:
                for entry in part.infolist():
                    archive.writestr(entry.filename, part.read(entry))


def _join(pieces, mix, gain, form: Format, order, seconds: Fraction, path, go_on):
    """Pieces after each other and the sound beside them, in one file, in the order of their times."""
    options = {"movflags": "+faststart"} if form.container in ("mp4", "mov") else {}
    with av.open(str(path), "w", format=form.container, options=options) as container:
        container.metadata["title"] = order.name
        if order.recipe:
            container.metadata["comment"] = order.recipe
        pictures = _joined_packets(container, pieces, order) if pieces else iter(())
        packet = next(pictures, None)  # the stream of the pictures comes first in the file
        sound = _sound_packets(container, mix, gain, form, seconds) if form.sound else iter(())
        heard = next(sound, None)
        while packet is not None or heard is not None:
            if packet is not None and (heard is None or _seconds(packet) <= _seconds(heard)):
                container.mux(packet)
                packet = next(pictures, None)
            else:
                assert heard is not None
                container.mux(heard)
                heard = next(sound, None)
                go_on()


def _joined_packets(container, pieces, order):
    stream, frames = None, 0
    for piece in pieces:
        with av.open(str(piece)) as part:
            source = part.streams.video[0]
            if stream is None:
                stream = container.add_stream_from_template(source, opaque=True)
                stream.time_base = Fraction(1, order.fps)
            count = 0
            for packet in part.demux(source):
                if packet.dts is None:
                    continue
                scale = packet.time_base * order.fps
                packet.pts, packet.dts = round(packet.pts * scale) + frames, round(packet.dts * scale) + frames
                packet.duration, packet.time_base = 1, Fraction(1, order.fps)
                packet.stream = stream
                count += 1
                yield packet
            frames += count


def _sound_packets(container, mix, gain, form: Format, seconds: Fraction):
    stream = container.add_stream(form.sound, rate=RATE, layout="stereo")
    if form.sound == "aac":
        stream.bit_rate = AAC_BIT_RATE
    written, total = 0, round(seconds * RATE)
    for block in read_mix(mix, gain):
        block = block[: total - written]
        if not len(block):
            continue
        yield from stream.encode(sound_frame(block, RATE, written, form.sound))
        written += len(block)
    yield from stream.encode(None)


def _seconds(packet):
    return (packet.dts if packet.dts is not None else packet.pts) * packet.time_base
