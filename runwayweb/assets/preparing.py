"""Run as a process of its own: a file from outside, looked through and made ready for the library.

    python -I closed.py preparing.py GIVEN FOLDER LIMITS

It reads the file called GIVEN piece by piece and writes into FOLDER what the studio shows of it: of a picture its
pixels (picture.webp) and a poster; of a video a poster, a sprite and a proxy that every browser plays and scrubs
through; of a sound a proxy. It knows a short list of containers and codecs, opens no other file and no address. LIMITS
is JSON: "most_seconds", "longest_side". It prints lines of JSON: {"progress": 0 to 1}, and at last what the file is, or
{"refused": why}.
"""

import json
import math
import os
import resource
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from runwayweb.assets.decoding import CHANNELS, OPTIONS, RATES, SIDES, Refused
from runwayweb.assets.pictures import POSTER_PIXELS, SPRITE_CELLS, SPRITE_PIXELS, grid, poster_of, shrunk
from runwayweb.assets.pixels import Unusable, lossless, plain_picture
from runwayweb.assets.sounds import LOUDEST, peaks_of
from runwayweb.disks import is_full

PROXY_WIDTH = 1280  # pixels, at most
PROXY_GOP = 12  # frames from one that stands by itself to the next: what a seek may have to decode
PROXY_CRF = "23"
SCALING = Interpolation.BICUBIC | Interpolation.ACCURATE_RND  # else colours come out a few steps darker
PROXY_RATE = 48_000  # samples a second
FRAME_SAMPLES = 1024  # of AAC
PROXY_BIT_RATE = 160_000  # of the sound
MOST_STREAMS = 16
MOST_FPS = 240
MOST_PIXELS = 36_000_000  # of a frame: 8K
MOST_PIECES = 4_000_000  # packets of a file
SHORT_OF = 0.9  # a file that holds less than this of what it says is not whole
DAMAGED_PIECES = 0.01  # of all packets; a few that cannot be decoded are passed over
USUAL_RATES = [Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1))]
USUAL_RATES += [Fraction(60000, 1001), Fraction(60), Fraction(120)]
NEAR = 0.05  # times in thousandths of a second are that far off
MEMORY_BYTES = 3 * 1024**3
PROCESSOR_SECONDS = (60, 20)  # to begin with, and for each second of the file that is allowed
READ_BYTES = 1024**2
STREAMED = 0x7FFFFF00  # the length of a WAV that was written without knowing it, or more
PICTURE_HEADS = (b"\x89PNG", b"\xff\xd8\xff")
PHONE_PICTURES = (b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
SOUND_KINDS = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
}
ITU601, ITU709 = 5, 1  # how colours are told from brightness, ISO/IEC 23091-2
LIMITED, FULL = 1, 2  # FFmpeg's AVCOL_RANGE


def prepared(given, folder, most_seconds, longest_side):
    """What the file is, after everything is written. Raises Refused, Unusable, av.FFmpegError."""
    head = head_of(given)
    if head.startswith(PICTURE_HEADS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        with open(given, "rb") as file:
            return _picture(file, folder, longest_side)
    facts = facts_of(given, head, most_seconds)
    told = {"media_type": _media_type(facts.container_name, head, facts.has_video)}
    if facts.has_video:
        return told | _clip(given, folder, facts)
    return told | _sound(given, folder, facts)


def head_of(given):
    """The first bytes of the file, by which its kind is known. Raises Refused for one that has none."""
    with open(given, "rb") as file:
        head = file.read(64)
    if not head:
        raise Refused("empty")
    return head


def facts_of(given, head, most_seconds):
    """The Facts of a video or a sound that lasts at most so long. Raises Refused."""
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_PICTURES:
        raise Refused("phone_picture")
    if head[:4] == b"RIFF" and os.path.getsize(given) < int.from_bytes(head[4:8], "little") < STREAMED:
        raise Refused("cut_off")  # of a WAV FFmpeg believes whatever length there is
    try:
        return Facts(given, most_seconds)
    except (av.FFmpegError, ValueError) as error:
        raise Refused("unknown") from error


def _picture(file, folder, longest_side):
    picture = plain_picture(file, longest_side)
    (folder / "picture.webp").write_bytes(lossless(picture))
    (folder / "poster.webp").write_bytes(poster_of(picture))
    return {"media_type": "image/webp", "width": picture.width, "height": picture.height}


class Facts:
    """What a video or a sound really holds, by going through its packets: nothing it says of itself is believed.

    Raises Refused with what is too much or missing.
    """

    def __init__(self, given, most_seconds):
        with opened(given) as container:
            self.container_name = container.format.name
            if len(container.streams) > MOST_STREAMS:
                raise Refused("streams")
            video, sound = chosen_streams(container)
            if video is None and sound is None:
                raise Refused("unknown")
            self.has_video, self.has_sound = video is not None, sound is not None
            self._check_sound(sound)
            self._check_video(video)
            self._measure(container, video, sound, most_seconds)
            if video is not None:
                self._tell_rate(video)

    def _check_sound(self, sound):
        if sound is not None and not (RATES[0] <= (sound.rate or 0) <= RATES[1] and 1 <= sound.channels <= CHANNELS):
            raise Refused("sound_format")

    def _check_video(self, video):
        if video is None:
            return
        sides = (video.width, video.height)
        if not all(SIDES[0] <= side <= SIDES[1] for side in sides) or math.prod(sides) > MOST_PIXELS:
            raise Refused("sides")
        shape = video.sample_aspect_ratio or 1
        if not 1 / 8 <= shape <= 8:
            raise Refused("sides")
        self.width, self.height = max(2, round(video.width * float(shape))), video.height

    def _measure(self, container, video, sound, most_seconds):
        spans = {}  # index of a stream → [packets, first second, last second]
        self.seen_at = []  # the second of each frame
        wanted = [stream for stream in (video, sound) if stream is not None]
        for number, packet in enumerate(container.demux(wanted)):
            if packet.pts is None and packet.dts is None:
                continue
            at = float((packet.pts if packet.pts is not None else packet.dts) * packet.time_base)
            until = at + float((packet.duration or 0) * packet.time_base)
            if video is not None and packet.stream.index == video.index:
                self.seen_at.append(at)
            if packet.stream.index not in spans and packet.has_sidedata("encryption_info"):
                raise Refused("locked")
            span = spans.setdefault(packet.stream.index, [0, at, until])
            span[:] = span[0] + 1, min(span[1], at), max(span[2], until)
            if span[2] - span[1] > most_seconds or number > MOST_PIECES:
                raise Refused("long")
        if not spans:
            raise Refused("unknown")
        for stream in wanted:
            count, began, ended = spans.get(stream.index, [0, 0.0, 0.0])
            said = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else ended - began
            if said > most_seconds + 1:
                raise Refused("long")
            if ended - began < SHORT_OF * said and said - (ended - began) > 0.5:
                raise Refused("cut_off")
        self.pieces = sum(span[0] for span in spans.values())
        main = spans.get((video or sound).index)
        if main is None:
            raise Refused("unknown")
        self.count, self.began, self.ended = main
        self.duration_seconds = self.ended - self.began

    def _tell_rate(self, video):
        """The frames a second of the proxy, as a fraction: the file's own where they are what it says."""
        said = video.average_rate or video.guessed_rate
        if self.count < 2 or not self.duration_seconds:
            self.fps = said if said and 1 <= said <= MOST_FPS else Fraction(25)
            return
        mean = self.count / self.duration_seconds
        if mean > MOST_FPS * 1.02:
            raise Refused("rate")
        # Of a file whose frames are unevenly apart the mean is too low: frames that stand close would be lost.
        gaps = np.diff(np.sort(self.seen_at))
        usual = min(MOST_FPS, 1 / max(float(np.median(gaps[gaps > 0])), 1e-6)) if (gaps > 0).any() else mean
        near = [rate for rate in ([said] if said else []) + USUAL_RATES if abs(rate - usual) <= NEAR * usual]
        even = abs(mean - usual) <= NEAR * usual
        closest = min(near, key=lambda rate: abs(rate - (mean if even else usual)), default=max(1, round(usual)))
        self.fps = Fraction(closest)


def opened(given):
    # A file object: FFmpeg is given bytes and no name from which to find others.
    return av.open(open(given, "rb"), options=OPTIONS, buffer_size=READ_BYTES)


def chosen_streams(container):
    """The first video that is not the picture of an album, and the first sound; None for each that is missing."""
    videos = [one for one in container.streams.video if not one.disposition & av.stream.Disposition.attached_pic]
    chosen = next(iter(videos), None), next(iter(container.streams.audio), None)
    if any(stream is not None and stream.codec_context is None for stream in chosen):
        raise Refused("codec")
    return chosen


def _media_type(container, head, has_video):
    if "matroska" in container:
        kind = "webm" if b"webm" in head else "x-matroska"
        return f"{'video' if has_video else 'audio'}/{kind}"
    if "mp4" in container:
        if not has_video:
            return "audio/mp4"
        return "video/quicktime" if head[4:12] == b"ftypqt  " or head[4:8] != b"ftyp" else "video/mp4"
    if has_video or container not in SOUND_KINDS:
        raise Refused("unknown")
    return SOUND_KINDS[container]


def _clip(given, folder, facts):
    turns = _quarter_turns(given)
    with opened(given) as container:
        video, sound = chosen_streams(container)
        video.thread_type = "AUTO"
        with av.open(str(folder / "proxy.mp4"), "w", format="mp4", options={"movflags": "+faststart"}) as proxy:
            # Every track has to be there before the first of it is written.
            seen = Seen(facts, turns, proxy)
            heard = Heard(sound, facts, proxy) if sound is not None else None
            _go_through(container, facts, seen, heard)
            seen.end()
            if heard:
                heard.end()
    if not seen.count:
        raise Refused("blind")
    sprite = grid(seen.cells)
    (folder / "poster.webp").write_bytes(poster_of(seen.poster or seen.cells[0]))
    (folder / "sprite.webp").write_bytes(sprite.webp)
    return {
        "width": seen.upright(facts.width, facts.height)[0],
        "height": seen.upright(facts.width, facts.height)[1],
        "fps": float(facts.fps),
        "frame_count": seen.count,
        "duration_seconds": float(seen.count / facts.fps),
        "has_sound": bool(heard and heard.samples),
        "peaks": heard.tell_loudness(folder) if heard and heard.samples else [],
        "sprite_columns": sprite.columns,
        "sprite_count": sprite.count,
    }


def _quarter_turns(given):
    """How often a picture is turned to stand upright, as its first frame says: anticlockwise."""
    with opened(given) as container:
        video, _sound = chosen_streams(container)
        for frame in container.decode(video):
            return round(frame.rotation / 90) % 4
    raise Refused("blind")


def _sound(given, folder, facts):
    with opened(given) as container:
        with av.open(str(folder / "proxy.m4a"), "w", format="mp4", options={"movflags": "+faststart"}) as proxy:
            heard = Heard(chosen_streams(container)[1], facts, proxy)
            _go_through(container, facts, None, heard)
            heard.end()
    if not heard.samples:
        raise Refused("unknown")
    seconds = heard.samples / PROXY_RATE
    return {
        "width": 0,
        "height": 0,
        "duration_seconds": seconds,
        "has_sound": True,
        "peaks": heard.tell_loudness(folder),
    }


def _go_through(container, facts, seen, heard):
    """Decode everything once, telling how far it is. Raises Refused for a file of which too much is damaged."""
    video, sound = chosen_streams(container)
    wanted = [stream for stream, taker in ((video, seen), (sound, heard)) if taker]
    takers = {stream.index: taker for stream, taker in ((video, seen), (sound, heard)) if taker}
    damaged, told_at = 0, time.monotonic()
    for number, packet in enumerate(container.demux(wanted)):
        try:
            frames = packet.decode()
        except av.error.MemoryError:
            raise
        except av.FFmpegError:
            damaged += 1
            if damaged > max(3, DAMAGED_PIECES * facts.pieces):
                raise Refused("damaged") from None
            continue
        for frame in frames:
            takers[packet.stream.index].take(frame)
        if time.monotonic() - told_at > 1:
            told_at = time.monotonic()
            print(json.dumps({"progress": round(min(1.0, number / max(1, facts.pieces)), 3)}), flush=True)


class Seen:
    """The pictures of a video: written to the proxy at an even rate, and some of them kept for poster and sprite.

    Each is seen until the next one comes, so that frame n of the proxy is what is to be seen at n / fps.
    """

    def __init__(self, facts, turns, proxy):
        self.facts = facts
        self.proxy = proxy
        self.count = 0
        self.cells, self.poster = [], None
        self._reformatter, self._held = VideoReformatter(), None
        self._turns = turns
        self._begin()
        frames = max(1, round(facts.duration_seconds * facts.fps))
        cells = min(SPRITE_CELLS, frames)
        self._cells_at = [round(cell * (frames - 1) / max(cells - 1, 1)) for cell in range(cells)]
        self._poster_at = frames // 3  # the first frame is often the emptiest

    def take(self, frame):
        began = self.facts.began
        at = math.floor(((frame.time if frame.time is not None else began) - began) * self.facts.fps + 0.5)
        if self._held is not None and at > self.count:
            self._write(at)
        self._held = frame

    def end(self):
        if self._held is not None:
            self._write(max(self.count + 1, round(self.facts.duration_seconds * self.facts.fps)))
        self.proxy.mux(self._out.encode(None))

    def upright(self, width, height):
        return (height, width) if self._turns % 2 else (width, height)

    def _write(self, until):
        """The picture that is held, as often as it is seen before frame `until`."""
        small = self._scaled(self._held)
        while self.count < until:
            if self._cells_at and self.count >= self._cells_at[0] or self.count == self._poster_at:
                self._keep(small)
            small.pts, small.time_base = self.count, 1 / self.facts.fps
            self.proxy.mux(self._out.encode(small))
            self.count += 1

    def _keep(self, small):
        picture = small.to_image()
        if self.count == self._poster_at:
            self.poster = shrunk(picture, POSTER_PIXELS)
        if self._cells_at and self.count >= self._cells_at[0]:
            self._cells_at.pop(0)
            self.cells.append(shrunk(picture, SPRITE_PIXELS))

    def _begin(self):
        width, height = self.upright(self.facts.width, self.facts.height)
        scale = min(1, PROXY_WIDTH / width, PROXY_WIDTH / height)
        self._size = tuple(max(2, round(side * scale / 2) * 2) for side in (width, height))
        bt709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709"
        options = {"crf": PROXY_CRF, "preset": "veryfast", "bf": "0", "x264-params": bt709}
        self._out = self.proxy.add_stream("libx264", rate=self.facts.fps, options=options)
        self._out.width, self._out.height = self._size
        self._out.pix_fmt = "yuv420p"
        self._out.codec_context.gop_size = PROXY_GOP
        self._out.codec_context.time_base = 1 / self.facts.fps

    def _scaled(self, frame):
        width, height = self.upright(*self._size)
        if frame.width * frame.height > MOST_PIXELS:
            raise Refused("sides")  # it may change on the way
        full = frame.color_range == FULL or frame.format.name.startswith("yuvj")
        told = frame.colorspace if frame.colorspace in (1, 4, 5, 6, 7, 9) else ITU709 if frame.height >= 720 else ITU601
        small = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="yuv420p",
            src_colorspace=ITU601 if told == 6 else told,
            dst_colorspace=ITU709,
            src_color_range=FULL if full else LIMITED,
            dst_color_range=LIMITED,
            interpolation=SCALING,
        )
        small.pict_type = 0  # the encoder chooses
        if self._turns:
            pixels = np.ascontiguousarray(np.rot90(small.to_ndarray(format="rgb24"), k=self._turns))
            turned = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            return turned.reformat(format="yuv420p", dst_colorspace=ITU709)
        return small


class Heard:
    """The sound, as AAC beside the pictures, and how loud it is from its beginning to its end."""

    def __init__(self, stream, facts, proxy):
        self.began = facts.began
        self.most = math.ceil(facts.duration_seconds * PROXY_RATE) + PROXY_RATE
        self.proxy = proxy
        self.samples = 0
        self._loudest = []
        layout = self._layout = "mono" if stream.channels == 1 else "stereo"
        self._out = proxy.add_stream("aac", rate=PROXY_RATE, layout=layout)
        self._out.codec_context.bit_rate = PROXY_BIT_RATE
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=PROXY_RATE, frame_size=FRAME_SAMPLES)

    def take(self, frame):
        pieces = frame.to_ndarray()
        if np.issubdtype(pieces.dtype, np.floating) and not np.isfinite(pieces).all():
            raise Refused("damaged")
        late = round(((frame.time if frame.time is not None else self.began) - self.began) * PROXY_RATE) - self.samples
        if late > PROXY_RATE // 10:  # it pauses, or begins after the pictures
            self._write_silence(min(late, self.most - self.samples))
        frame.pts = None
        self._write(self._resampler.resample(frame))

    def end(self):
        self._write(self._resampler.resample(None))
        self.proxy.mux(self._out.encode(None))

    def tell_loudness(self, folder):
        """Write how loud it is in each frame, 0 to 100, the loudest 100; and give the few bars that are drawn small."""
        loudest = np.array([max(pieces) for pieces in self._loudest])
        drawn = np.round(LOUDEST * loudest / max(loudest.max(), 1e-4)).astype(int).tolist()
        rate = PROXY_RATE / FRAME_SAMPLES
        (folder / "waveform.json").write_text(json.dumps({"rate": rate, "peaks": drawn}))
        return peaks_of(np.concatenate(self._loudest)[:, None])

    def _write_silence(self, samples):
        for _ in range(samples // FRAME_SAMPLES):
            channels = 1 if self._layout == "mono" else 2
            silence = np.zeros((channels, FRAME_SAMPLES), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout=self._layout)
            frame.sample_rate = PROXY_RATE
            self._write([frame])

    def _write(self, frames):
        for frame in frames:
            pieces = np.array_split(np.abs(frame.to_ndarray()).max(axis=0), max(1, frame.samples * 100 // PROXY_RATE))
            self._loudest.append([float(piece.max(initial=0)) for piece in pieces])
            frame.pts, frame.time_base = self.samples, Fraction(1, PROXY_RATE)
            self.samples += frame.samples
            self.proxy.mux(self._out.encode(frame))


def main(given, folder, limits):
    limits = json.loads(limits)
    seconds = PROCESSOR_SECONDS[0] + int(PROCESSOR_SECONDS[1] * limits["most_seconds"])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        told = prepared(given, Path(folder), **limits)
    except Refused as why:
        told = {"refused": str(why)}
    except Unusable as error:
        told = {"refused": "picture", "why": error.why, "values": error.values}
    except (MemoryError, av.error.MemoryError):
        told = {"refused": "memory"}
    except (av.FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        if is_full(error):
            raise
        told = {"refused": "damaged"}
    print(json.dumps(told), flush=True)
    return 2 if "refused" in told else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
