"""What belongs to a workspace is found by what its members may do there."""

from .role import Right
from .workspace import Workspace


class Belonging:
    """Verbs of a queryset whose rows belong to a workspace; `to_workspace` is the way there.

    `right` None asks for any member's: to tell somebody that their role does not reach from somebody who has no
    business here.
    """

    to_workspace = "workspace"

    def visible_to(self, user, right=Right.SEE):
        """Those in sight of workspaces in which `user` has a right: by default, to see films."""
        return self.owned_by(user, right).in_sight()

    def editable_by(self, user):
        """Those of them that `user` may change, spend credits on, delete."""
        return self.visible_to(user, Right.MAKE)

    def owned_by(self, user, right=Right.SEE):
        """The same with deleted ones, which can still be brought back."""
        if not user.is_authenticated:
            return self.none()
        workspaces = Workspace.objects.where(user, right) if right else Workspace.objects.of(user)
        return self.filter(**{f"{self.to_workspace}__in": workspaces})

    def in_sight(self):
        """Those that were not deleted, with all that they stand in."""
        return self
