"""What can be asked of a model, each by the name that cards, docs and API use."""

from generation.engine.request import gettext_noop

TASKS = {
    "text_to_image": gettext_noop("a still from a prompt"),
    "image_edit": gettext_noop("a still made from pictures by a prompt"),
    "text_to_video": gettext_noop("a clip from a prompt"),
    "image_to_video": gettext_noop("a clip that begins or ends with a picture"),
    "references": gettext_noop("a clip with characters, places or objects from pictures"),
    "video_to_video": gettext_noop("a clip painted over another one"),
    "edit": gettext_noop("a part of a clip painted anew, by a mask"),
    "outpaint": gettext_noop("a clip with more around it, in another shape of frame"),
    "extend": gettext_noop("a clip that goes on from another's last frame"),
    "camera": gettext_noop("a clip with the camera move that was asked for"),
    "performance": gettext_noop("a character that moves as somebody in a clip does"),
    "upscale": gettext_noop("a larger clip from a small one"),
    "interpolate": gettext_noop("a smoother clip with frames between a clip's own"),
    "text_to_sound": gettext_noop("a sound from a prompt"),
    "video_to_sound": gettext_noop("the sound of a clip, in step with what is seen"),
    "text_to_music": gettext_noop("music from a prompt"),
    "text_to_speech": gettext_noop("a text, spoken"),
    "captions": gettext_noop("what is said in a sound, as captions with times"),
    "translation": gettext_noop("what is said in a sound, as captions in English"),
    "voice_isolation": gettext_noop("the voice of a sound without what is around it"),
}
FINISHES = frozenset({"upscale", "interpolate"})  # of a clip that is there already
STILLS = frozenset({"text_to_image", "image_edit"})
SOUNDS = frozenset(
    {
        "text_to_sound",
        "video_to_sound",
        "text_to_music",
        "text_to_speech",
        "captions",
        "translation",
        "voice_isolation",
    }
)
