from .audit import AuditEntry
from .belonging import Belonging
from .invitation import Invitation
from .membership import Membership, OwnerStays
from .role import Right, Role
from .user import User
from .workspace import NotHandedOver, Workspace

__all__ = [
    "AuditEntry",
    "Belonging",
    "Invitation",
    "Membership",
    "NotHandedOver",
    "OwnerStays",
    "Right",
    "Role",
    "User",
    "Workspace",
]
