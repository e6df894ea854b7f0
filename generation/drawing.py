"""From an engine and a request to a clip of the size that was asked for."""

from generation.engine.encode import scale_frames, with_given_pixels
from generation.engine.outpaint import with_the_clip_itself


def draw(engine, card, request, on_step, look=lambda clip: None):
    """The Clip of a VideoRequest: drawn at the nearest size that the model of `card` has, then scaled.

    `look` sees the clip as it was drawn and may raise. Raises what the engine raises.
    """
    native = card.native(request)
    clip = engine.generate(native, on_step)
    look(clip)
    if (native.width, native.height) == (request.width, request.height):
        return clip
    frames = scale_frames(clip.frames, request.width, request.height)
    # What stayed is not to lose what the model could not have drawn.
    if request.placed is not None:
        return with_the_clip_itself(clip.with_frames(frames), request)
    if clip.painted is not None:
        frames = with_given_pixels(frames, clip.painted, request.video)
    return clip.with_frames(frames)
