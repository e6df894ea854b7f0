"""From an engine and a request to a clip of the size and the length that were asked for."""

from generation.engine.encode import scale_frames, with_given_pixels
from generation.engine.outpaint import with_the_clip_itself
from generation.pieces import first_piece, joined, next_piece, pieces_of


def draw(engine, card, request, on_step, look=lambda clip: None):
    """The Clip of a VideoRequest: drawn at the nearest size that the model of `card` has, then scaled; in pieces where
    that draws no such length at once.

    `look` sees the clip, or each piece, as it was drawn and may raise. Raises what the engine raises.
    """
    native = card.native(request)
    pieces = pieces_of(card, native)
    if len(pieces) == 1:
        clip = engine.generate(native, on_step)
        look(clip)
    else:
        clip = _draw_pieces(engine, card, native, pieces, on_step, look)
    if (native.width, native.height) == (request.width, request.height):
        return clip
    frames = scale_frames(clip.frames, request.width, request.height)
    # What stayed is not to lose what the model could not have drawn.
    if request.placed is not None:
        return with_the_clip_itself(clip.with_frames(frames), request)
    if clip.painted is not None:
        frames = with_given_pixels(frames, clip.painted, request.video)
    return clip.with_frames(frames)


def _draw_pieces(engine, card, native, pieces, on_step, look):
    clips, done, steps_done = [], 0, 0
    for number, frames in enumerate(pieces):
        piece = next_piece(card, native, clips[-1], done, frames) if clips else first_piece(native, frames)
        left, last = len(pieces) - number, 0

        def told(step, steps, preview, before=steps_done, left=left):
            nonlocal last
            last = step
            on_step(before + step, before + steps * left, preview)

        clips.append(engine.generate(piece, told))
        look(clips[-1])
        done, steps_done = done + frames, steps_done + last
    return joined(native, clips)
