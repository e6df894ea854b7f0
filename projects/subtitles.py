"""The captions of a cut as files that players read: SubRip and WebVTT."""

from projects.cut import Cut


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
