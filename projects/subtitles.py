"""The captions of a cut as files that players read, SubRip and WebVTT, and such files as captions of a cut."""

import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from projects.cut import CLIPS, TEXT, Cut
from runwayweb.assets import sandbox

READER = Path(__file__).with_name("caption_reading.py")
READING_SECONDS = 40


class BadSubtitles(ValueError):
    """What holds no captions. The message is a sentence for the creator."""


def read_subtitles(data: bytes, fps: int) -> list[dict]:
    """Captions as clips of a cut at `fps`: {"at", "frames", "text"}, in order, none over another; in frames.

    data: a SubRip, WebVTT or SubStation file in UTF-8, UTF-16 with its mark, or else Windows-1252. It is read in a
    closed process. Raises BadSubtitles, Busy.
    """
    clips: list[dict] = []
    for begins, ends, text in _told(_decoded(data), fps):
        at, until = round(begins * fps / 1000), round(ends * fps / 1000)
        if clips:
            at = max(at, clips[-1]["at"] + clips[-1]["frames"])
        if until > at >= 0:
            clips.append({"at": at, "frames": until - at, "text": text[:TEXT]})
    if not clips:
        raise BadSubtitles(_("There are no captions in this file. SRT and VTT can be read."))
    if len(clips) > CLIPS:
        raise BadSubtitles(_("There are more than %(most)d captions in this file.") % {"most": CLIPS})
    return clips


def _told(text, fps):
    with tempfile.TemporaryDirectory(prefix="captions-") as folder:
        given = Path(folder) / "given"
        given.write_text(text, "utf-8")
        try:
            told = sandbox.told(READER, str(given), str(fps), str(CLIPS), seconds=READING_SECONDS)
        except sandbox.Broken:  # too slow, or killed where it took too much
            told = {"refused": "unknown"}
    if "refused" in told:
        raise BadSubtitles(_("This is no file of captions. SRT and VTT can be read."))
    return told["captions"]


def _decoded(data):
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def as_srt(cut: Cut) -> str:
    """Source: the format of SubRip as players take it."""
    lines = []
    for number, (begins, ends, text) in enumerate(_said(cut), 1):
        lines.append(f"{number}\n{_time(begins, ',')} --> {_time(ends, ',')}\n{text}\n")
    return "\n".join(lines)


def as_vtt(cut: Cut) -> str:
    """Source: WebVTT, https://www.w3.org/TR/webvtt1/"""
    cues = []
    for begins, ends, text in _said(cut):
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cues.append(f"{_time(begins, '.')} --> {_time(ends, '.')}\n{escaped}\n")
    return "\n".join(["WEBVTT\n", *cues])


def caption_files(cut: Cut) -> dict[str, str]:
    """{name: text} of the files that lie beside a cut that leaves; none where nothing is said in it."""
    return {"film.srt": as_srt(cut), "film.vtt": as_vtt(cut)} if any(_said(cut)) else {}


def _said(cut):
    """(first second, last second, text) of every caption; a blank line would end one early."""
    for clip in sorted(cut.clips("caption"), key=lambda clip: clip.at):
        text = "\n".join(line.strip() for line in clip.text.splitlines() if line.strip())
        if text:
            yield clip.at / cut.fps, clip.end / cut.fps, text


def _time(seconds, mark):
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"
