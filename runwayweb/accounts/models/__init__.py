from .audit import AuditEntry
from .membership import Membership
from .role import Right, Role
from .user import User
from .workspace import Workspace

__all__ = ["AuditEntry", "Membership", "Right", "Role", "User", "Workspace"]
