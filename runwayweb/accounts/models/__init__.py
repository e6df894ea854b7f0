from .audit import AuditEntry
from .belonging import Belonging
from .flag import Flag
from .invitation import Invitation
from .membership import Membership, OwnerStays
from .role import Right, Role
from .terms import Acceptance, TermsVersion
from .user import User
from .workspace import NotHandedOver, Workspace

__all__ = [
    "Acceptance",
    "AuditEntry",
    "Belonging",
    "Flag",
    "Invitation",
    "Membership",
    "NotHandedOver",
    "OwnerStays",
    "Right",
    "Role",
    "TermsVersion",
    "User",
    "Workspace",
]
