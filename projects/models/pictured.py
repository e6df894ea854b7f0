"""What of a Shot keeps the pictures that its takes are given, and hands them to a run."""

from django.utils.translation import gettext_noop

from generation.engine.request import InvalidRequest
from generation.engine.tags import NAME
from generation.models import Input
from generation.models.input import ReferenceRole
from runwayweb.assets.models import Asset
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.upload import BadPicture

Role = Input.Role
PARTS: dict[str, set[str]] = {  # what an entry of each says besides its role and its asset
    Role.FIRST_FRAME.value: {"of"},
    Role.KEYFRAME.value: {"seconds"},
    Role.LAST_FRAME.value: set(),
    Role.REFERENCE.value: {"shows", "tag"},
}
LONGEST_SECONDS = 3600
TAKEN_AS = {Role.KEYFRAME.value: "keyframes", Role.REFERENCE.value: "references"}  # in the words of an engine's card


class Pictured:
    """The verbs of a Shot about its column `given`: one entry for each picture, in the order of the request form.

    {"role": of Input.Role, "asset": its id}; a keyframe with its moment in "seconds", a reference with what it "shows"
    and its "tag" or "". A first frame with "of" is the last of the clip with that id, which the shot it follows had
    chosen when it was looked up.
    """

    @property
    def given_by_hand(self):
        """Those that were chosen for it; not the frame at which the shot before it ends."""
        return [one for one in self.given if "of" not in one]

    def plan_pictures(self, given, card):
        """From now on give these, chosen for the engine of `card`; not saved.

        A shot that was shown with the frame at which another ends, and comes without it, does not follow that any more.
        """
        shown = next((one for one in self.given if "of" in one), None)
        first = next((one for one in given if one["role"] == Role.FIRST_FRAME), None)
        if shown and first and first["asset"] == shown["asset"]:
            given = [shown if one is first else one for one in given]
        elif first or (shown and "first_frame" in card.usable({one["role"] for one in given})):
            self.follows = None
        elif shown:
            given = [shown, *given]  # this engine cannot use it, the next one may
        self.given = given

    @property
    def taken_as(self):
        """What of an engine's card those that were chosen for it count as."""
        return {TAKEN_AS.get(one["role"], one["role"]) for one in self.given_by_hand}

    def follow(self, before, *, model):
        """From now on begin where the chosen take of another shot ends, drawn by this engine; a first frame of its own
        goes."""
        self.follows, self.model = before, model
        self.given = [one for one in self.given_by_hand if one["role"] != Role.FIRST_FRAME]
        self.save(update_fields=["follows", "model", "given"])

    def first_frame(self):
        """The frame at which the shot that it follows ends, as a picture; None where there is none.

        Decodes the clip where another take was chosen since it was looked up. Raises InvalidRequest for one that cannot
        be read.
        """
        run = self.follows and self.follows.chosen and self.follows.chosen.generation
        if not (run and run.asset_id):
            return None
        known = next((one for one in self.given if one.get("of") == str(run.asset_id)), None)
        if known and (frame := _pictures(self).filter(pk=known["asset"]).first()):
            return frame
        try:
            frame = run.still("last")
        except (UnreadableVideo, BadPicture, OSError) as error:
            why = gettext_noop("The last frame of the shot before it cannot be read.")
            raise InvalidRequest("first_frame", why) from error
        first = {"role": Role.FIRST_FRAME.value, "asset": str(frame.pk), "of": str(run.asset_id)}
        self.given = [first, *self.given_by_hand]
        self.save(update_fields=["given"])
        return frame

    def inputs_for(self, card, *, fps, num_frames):
        """Its pictures as rows for a run, not saved, those left out that the engine cannot use.

        Raises InvalidRequest for one that is not there any more, and for a keyframe that is not within the shot.
        """
        taken = card.usable({one["role"] for one in self.given})
        given = [one for one in self.given_by_hand if TAKEN_AS.get(one["role"], one["role"]) in taken]
        assets = {str(asset.pk): asset for asset in _pictures(self).filter(pk__in=[one["asset"] for one in given])}
        if any(one["asset"] not in assets for one in given):
            why = gettext_noop("A picture that this shot is planned with is not there any more. Choose another.")
            raise InvalidRequest("first_frame", why)
        rows = [_row(one, assets[one["asset"]]) for one in given]
        for position, row in enumerate(row for row in rows if row.role == Role.REFERENCE):
            row.position = position
        for row, one in zip(rows, given, strict=True):
            if row.role == Role.KEYFRAME:
                row.position = round(one["seconds"] * fps)
                if not 0 < row.position < num_frames - 1:
                    why = gettext_noop("Choose a moment between the first frame and the last.")
                    raise InvalidRequest("keyframe_seconds", why)
        if not any(row.role == Role.FIRST_FRAME for row in rows) and "first_frame" in taken:
            frame = self.first_frame()
            rows += [Input(role=Role.FIRST_FRAME, asset=frame)] if frame else []
        return rows


def checked_given(told):
    """Those entries of `told`, JSON from anywhere, that `given` could hold."""
    return [one for one in told if isinstance(one, dict) and _is_entry(one)] if isinstance(told, list) else []


def _is_entry(one):
    if not all(isinstance(one.get(name, ""), str) for name in ("role", "asset", "of")) or "asset" not in one:
        return False
    if one.get("role") not in PARTS or set(one) - PARTS[one["role"]] - {"role", "asset"}:
        return False
    if one["role"] == Role.KEYFRAME:
        return isinstance(one.get("seconds"), int | float) and 0 <= one["seconds"] < LONGEST_SECONDS
    if one["role"] == Role.REFERENCE:
        tag = one.get("tag")
        named = isinstance(tag, str) and (tag == "" or NAME.fullmatch(tag) is not None)
        return named and one.get("shows") in ReferenceRole.values
    return True


def _row(one, asset):
    if one["role"] == Role.REFERENCE:
        return Input(role=one["role"], asset=asset, reference_role=one["shows"], tag=one["tag"])
    return Input(role=one["role"], asset=asset)


def _pictures(shot):
    return Asset.objects.live().pictures().filter(workspace=shot.project.workspace_id)
