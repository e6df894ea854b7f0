from .membership import Membership
from .user import User
from .workspace import Workspace

__all__ = ["Membership", "User", "Workspace"]
