"""Frames and sounds into files that say themselves how they were made: H.264 MP4 and AAC M4A, which browsers play, and
ProRes in QuickTime, for editing programs.

PyAV and Pillow, no torch.
"""

import json
import os
import secrets
import struct
import uuid
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from PIL import Image

from generation.engine.clip import Audio

CRF = 17  # x264's scale, 0 (lossless) to 51: at 17 drawn edges and soft fog both stay clean
ENCODER_THREADS = 4  # fixed: x264 writes other bytes for another number of threads
AUDIO_BIT_RATE = 192_000


@dataclass(frozen=True)
class Coding:
    """How a film is written, in FFmpeg's names."""

    container: str
    codec: str
    pix_fmt: str
    sound: str
    options: Mapping[str, str]


H264 = Coding("mp4", "libx264", "yuv420p", "aac", {"crf": str(CRF), "preset": "medium"})
# Apple ProRes by the names that editors know, each with FFmpeg's.
PRORES = {
    name: Coding("mov", "prores_ks", pix_fmt, "pcm_s24le", {"profile": profile, "vendor": "apl0"})
    for name, profile, pix_fmt in (
        ("422 Proxy", "proxy", "yuv422p10le"),
        ("422 LT", "lt", "yuv422p10le"),
        ("422", "standard", "yuv422p10le"),
        ("422 HQ", "hq", "yuv422p10le"),
        ("4444", "4444", "yuv444p10le"),
        ("4444 XQ", "4444xq", "yuv444p10le"),
    )
}

BT709 = 1  # ITU-T H.273 code point, the same for primaries, transfer and matrix
LIMITED_RANGE = 1  # 16..235, what players expect of yuv420p

# What kind of picture this is, in the words of IPTC: https://cv.iptc.org/newscodes/digitalsourcetype/
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# Adobe XMP specification part 3, "MPEG-4": XMP lies in a top-level box of this type.
XMP_BOX = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{DIGITAL_SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def write_mp4(
    frames: Iterable[np.ndarray], fps: int, path: Path | str, *, audio: Audio | None = None, metadata: dict[str, Any]
) -> None:
    """Write frames, uint8 (H, W, 3) each, to an MP4 at `path` that carries `metadata` (the recipe, JSON-able).

    H.264 yuv420p in BT.709, faststart, exactly len(frames) / fps seconds; sound as AAC, cut or padded with silence to
    the length of the picture. Equal input gives equal bytes. The file is marked as made by a trained algorithm (XMP,
    and in the recipe). It is written beside `path` and moved in when whole, so nobody sees half a file.
    Frames are taken one at a time, so a generator keeps memory flat. Raises ValueError for frames that cannot be a
    clip (none, odd sides, not 8-bit RGB) and OSError where the folder cannot be written.
    """
    with _moved_in(Path(path)) as beside:
        _encode(iter(frames), fps, beside, H264, audio, _marked(metadata), Path(path).stem)


def write_prores(
    frames: Iterable[np.ndarray],
    fps: int,
    path: Path | str,
    profile: str,
    *,
    audio: Audio | None = None,
    metadata: dict[str, Any],
) -> None:
    """Write frames as `write_mp4` does to a QuickTime file in a profile of PRORES: 10 bits a colour, every frame whole,
    sound as PCM of 24 bits."""
    with _moved_in(Path(path)) as beside:
        _encode(iter(frames), fps, beside, PRORES[profile], audio, _marked(metadata), Path(path).stem)


def picture_stream(
    container: Any, coding: Any, *, width: int, height: int, fps: int, gop_size: int, threads: int
) -> Any:
    """A stream of a container for frames of a Coding, or whatever else tells `codec`, `pix_fmt` and `options`."""
    stream = container.add_stream(coding.codec, rate=fps)
    stream.width, stream.height, stream.pix_fmt = width, height, coding.pix_fmt
    stream.time_base = Fraction(1, fps)
    context = stream.codec_context
    context.thread_count = threads
    context.gop_size = gop_size
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = LIMITED_RANGE
    context.options = dict(coding.options)
    return stream


def sound_frame(samples: np.ndarray, sample_rate: int, begins: int, codec: str) -> Any:
    """Samples, float (N, 1 or 2), as the frame that an encoder of sound takes: "aac" or "pcm_s24le"."""
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    if codec == "aac":
        planar = np.ascontiguousarray(samples.T.astype(np.float32))
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=layout)
    else:
        whole = (np.clip(samples, -1, 1).astype(np.float64) * (2**31 - 1)).astype(np.int32)
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s32", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = sample_rate, begins, Fraction(1, sample_rate)
    return frame


def write_audio(audio: Audio, path: Path | str, metadata: dict[str, Any]) -> None:
    """Write a sound to an M4A at `path` that carries `metadata` (the recipe, JSON-able).

    AAC at 192 kbit/s, faststart. Equal input gives equal bytes, marked and moved in as `write_mp4` does it. Raises
    ValueError for what cannot be a sound (no samples, not-a-number, more than two channels) and OSError where the
    folder cannot be written.
    """
    samples = audio.samples
    if not len(samples):
        raise ValueError("A sound needs at least one sample.")
    if not np.isfinite(samples).all():
        raise ValueError("A sound holds samples that are not a number.")
    with (
        _moved_in(Path(path)) as beside,
        av.open(str(beside), "w", format="ipod", options={"movflags": "+faststart"}) as container,
    ):
        _tell(container, _marked(metadata), otherwise=Path(path).stem)
        stream = _sound_stream(container, audio)
        container.mux(stream.encode(_audio_frame(audio, seconds=Fraction(len(samples), audio.sample_rate))))
        container.mux(stream.encode(None))


def with_sound(clip: BinaryIO, audio: Audio, path: Path | str, metadata: dict[str, Any]) -> None:
    """Write a clip of the studio's own, an open MP4, to `path` with another sound; its pictures stay bit for bit.

    The sound is cut or padded with silence to the length of the picture. Marked and moved in as `write_mp4` does it.
    Raises ValueError for what holds no picture.
    """
    with _moved_in(Path(path)) as beside:
        try:
            with (
                av.open(clip, "r", format="mp4", options={"protocol_whitelist": "file"}) as given,
                av.open(str(beside), "w", format="mp4", options={"movflags": "+faststart"}) as container,
            ):
                _tell(container, _marked(metadata), otherwise=Path(path).stem)
                picture = given.streams.video[0]
                seconds = Fraction(picture.frames) / (picture.average_rate or 1)
                kept = container.add_stream_from_template(picture)
                sound = _sound_stream(container, audio)
                for packet in given.demux(picture):
                    if packet.dts is not None:  # the last is empty
                        packet.stream = kept
                        container.mux(packet)
                container.mux(sound.encode(_audio_frame(audio, seconds=seconds)))
                container.mux(sound.encode(None))
        except (IndexError, av.error.InvalidDataError) as error:
            raise ValueError("There is no clip to which a sound could be given.") from error


def read_recipe(path: Path | str) -> dict[str, Any]:
    """The recipe that was written into the file; {} where there is none. Raises ValueError if it is no media file."""
    try:
        with av.open(str(path)) as container:
            comment = container.metadata.get("comment", "")
    except av.error.InvalidDataError as error:
        raise ValueError(f"{Path(path).name} is not a media file.") from error
    try:
        recipe = json.loads(comment)
    except ValueError:
        return {}  # somebody else's file, with a comment of its own
    return recipe if isinstance(recipe, dict) else {}


def scale_frames(frames: np.ndarray, width: int, height: int) -> np.ndarray:
    """Frames, uint8 (F, H, W, 3), at another size by Lanczos; the same array if the size is already right."""
    if frames.shape[1:3] == (height, width):
        return frames
    scaled = np.empty((len(frames), height, width, 3), dtype=np.uint8)
    for index, frame in enumerate(frames):
        scaled[index] = np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.LANCZOS))
    return scaled


@contextmanager
def _moved_in(path):
    """The path of a file beside `path` that is marked as machine-made and takes its place, if it is written whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield beside
        with open(beside, "ab") as file:
            file.write(_xmp_box())
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _marked(metadata):
    return {**metadata, "digital_source_type": DIGITAL_SOURCE_TYPE}


def _tell(container, recipe, otherwise):
    """Write the recipe into a file, and its prompt as the title, or what is used `otherwise`."""
    container.metadata["title"] = str(recipe.get("request", {}).get("prompt") or otherwise)[:200]
    container.metadata["comment"] = json.dumps(recipe, ensure_ascii=False, sort_keys=True)


def with_given_pixels(frames: np.ndarray, painted: np.ndarray, video: np.ndarray) -> np.ndarray:
    """Frames, uint8 (F, H, W, 3), with the pixels of a video that was given wherever it was not painted over.

    painted: bool (F, h, w), at any size. video: uint8 (N, …, 3), at any size too; its last frame goes on to the end.
    """
    height, width = frames.shape[1:3]
    given = scale_frames(video, width, height)
    result = frames.copy()
    for index, mask in enumerate(painted):
        large = Image.fromarray(mask).convert("L").resize((width, height), Image.Resampling.NEAREST)
        kept = np.asarray(large) == 0
        result[index][kept] = given[min(index, len(given) - 1)][kept]
    return result


def _encode(frames, fps, path, coding: Coding, audio, recipe, name):
    first = next(frames, None)
    if first is None:
        raise ValueError("A clip needs at least one frame.")
    height, width = first.shape[:2]
    if width % 2 or height % 2:
        raise ValueError(f"A clip of {width}×{height} pixels cannot be encoded: both sides must be even.")

    with av.open(str(path), "w", format=coding.container, options={"movflags": "+faststart"}) as container:
        _tell(container, recipe, otherwise=name)
        # A key frame a second, so that scrubbing lands quickly.
        size = {"width": width, "height": height, "fps": fps}
        picture = picture_stream(container, coding, **size, gop_size=max(1, fps), threads=ENCODER_THREADS)
        sound = _sound_stream(container, audio, coding.sound) if audio is not None else None

        count = 0
        for frame in chain((first,), frames):
            if frame.dtype != np.uint8 or frame.shape != (height, width, 3):
                raise ValueError(f"Frame {count} is not an 8-bit RGB picture of {width}×{height} pixels.")
            _write_packets(container, picture.encode(_yuv(frame, count, fps, coding.pix_fmt)), duration=1)
            count += 1
        _write_packets(container, picture.encode(None), duration=1)

        if sound is not None:
            container.mux(sound.encode(_audio_frame(audio, seconds=Fraction(count, fps), codec=coding.sound)))
            container.mux(sound.encode(None))


def _sound_stream(container, audio, codec="aac"):
    channels = audio.samples.shape[1]
    if channels not in (1, 2):
        raise ValueError(f"Sound has {channels} channels; one or two can be written.")
    stream = container.add_stream(codec, rate=audio.sample_rate, layout="mono" if channels == 1 else "stereo")
    if codec == "aac":
        stream.bit_rate = AUDIO_BIT_RATE
    return stream


def _yuv(frame, index, fps, pix_fmt):
    """One RGB frame as BT.709 YUV. swscale would use BT.601 unless told, and reds would drift to orange."""
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format=pix_fmt, dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    picture.pts = index
    picture.time_base = Fraction(1, fps)
    return picture


def _audio_frame(audio, seconds, codec="aac"):
    """All samples as one frame, exactly `seconds` long; the encoder cuts it into its own blocks."""
    return sound_frame(cut_or_padded(audio, seconds), audio.sample_rate, 0, codec)


def cut_or_padded(audio: Audio, seconds: Fraction) -> np.ndarray:
    """The samples of a sound, (N, channels), cut or padded with silence to a length."""
    wanted = round(seconds * audio.sample_rate)
    samples = audio.samples[:wanted]
    return np.pad(samples, ((0, wanted - len(samples)), (0, 0)))


def _write_packets(container, packets, duration):
    for packet in packets:
        packet.duration = duration  # without it the last frame would last no time at all
        container.mux(packet)


def _xmp_box():
    """An ISO base media `uuid` box: size, type, the sixteen bytes that say XMP, the packet."""
    body = XMP_BOX.bytes + XMP.encode()
    return struct.pack(">I4s", 8 + len(body), b"uuid") + body
