"""What a film can leave as: the containers and codecs of a finished one, and the packages for other programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from generation.engine.encode import PRORES

RATES = (24, 25, 30, 60)
# Height of a film in pixels; its width follows from the cut's shape.
HEIGHTS = (288, 480, 720, 1080, 1440, 2160)


@dataclass(frozen=True)
class Format:
    """codec "" for no picture; sound "" for none. container: FFmpeg's name of it."""

    label: object
    ending: str
    media_type: str
    container: str
    codec: str = ""
    pix_fmt: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    sound: str = ""
    note: object = ""


def _prores(profile, label, note):
    coding = PRORES[profile]
    told = {"codec": coding.codec, "pix_fmt": coding.pix_fmt, "options": coding.options, "sound": coding.sound}
    return Format(label, ".mov", "video/quicktime", coding.container, note=note, **told)


FORMATS = {
    "mp4": Format(
        _("H.264"), ".mp4", "video/mp4", "mp4", "libx264",
        options={"crf": "18", "preset": "veryfast"}, sound="aac", note=_("plays everywhere"),
    ),
    "h265": Format(
        _("H.265"), ".mp4", "video/mp4", "mp4", "libx265",
        options={"crf": "22", "preset": "fast", "x265-params": "log-level=error"}, sound="aac",
        note=_("half the size, newer players"),
    ),
    "av1": Format(
        _("AV1"), ".mp4", "video/mp4", "mp4", "libsvtav1",
        options={"crf": "30", "preset": "9"}, sound="aac", note=_("the smallest, newest players"),
    ),
    "prores": _prores("422 HQ", _("ProRes 422 HQ"), _("for editing programs")),
    "prores4444": _prores("4444", _("ProRes 4444"), _("for editing programs, with full colour")),
    "png": Format(_("PNG sequence"), ".zip", "application/zip", "", "png", note=_("every frame a picture, in a zip")),
    "wav": Format(_("Sound alone"), ".wav", "audio/wav", "wav", sound="pcm_s24le", note=_("WAV, 48 kHz, 24 bit")),
}  # fmt: skip


@dataclass(frozen=True)
class Package:
    """A zip for other programs. `of_cut`: of the cut alone, which must not be empty."""

    label: object
    note: object
    of_cut: bool = True
    ending: str = ".zip"
    media_type: str = "application/zip"


BUNDLE = "bundle"  # the one that is not of the cut
PACKAGES = {
    "otio": Package(_("OpenTimelineIO"), _("for most editing programs, and back")),
    "fcpxml": Package(_("FCPXML"), _("for Final Cut Pro")),
    "xml": Package(_("Final Cut 7 XML"), _("for Premiere Pro, DaVinci Resolve")),
    "edl": Package(_("CMX 3600 EDL"), _("for any editing program, one track")),
    "aaf": Package(_("AAF"), _("for Avid Media Composer")),
    BUNDLE: Package(_("The whole film"), _("for another studio, with all it is made of"), of_cut=False),
}  # fmt: skip
LEAVES_AS: Mapping[str, Format | Package] = {**FORMATS, **PACKAGES}
