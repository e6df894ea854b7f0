"""What can be asked of a model, each by the name that cards, docs and API use."""

TASKS = {
    "text_to_image": "a still from a prompt",
    "image_edit": "a still made from pictures by a prompt",
    "text_to_video": "a clip from a prompt",
    "image_to_video": "a clip that begins or ends with a picture",
    "references": "a clip with characters, places or objects from pictures",
    "video_to_video": "a clip painted over another one",
    "edit": "a part of a clip painted anew, by a mask",
    "outpaint": "a clip with more around it, in another shape of frame",
    "extend": "a clip that goes on from another's last frame",
    "camera": "a clip with the camera move that was asked for",
    "performance": "a character that moves as somebody in a clip does",
    "upscale": "a larger clip from a small one",
    "interpolate": "a smoother clip with frames between a clip's own",
    "text_to_sound": "a sound from a prompt",
    "video_to_sound": "the sound of a clip, in step with what is seen",
    "text_to_music": "music from a prompt",
    "text_to_speech": "a text, spoken",
    "captions": "what is said in a sound, as captions with times",
    "voice_isolation": "the voice of a sound without what is around it",
}
FINISHES = frozenset({"upscale", "interpolate"})  # of a clip that is there already
STILLS = frozenset({"text_to_image", "image_edit"})
SOUNDS = frozenset(
    {"text_to_sound", "video_to_sound", "text_to_music", "text_to_speech", "captions", "voice_isolation"}
)
