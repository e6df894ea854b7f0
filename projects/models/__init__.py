from .budget import Budget, BudgetReached
from .entity import Entity, View
from .export import Export
from .measurement import Measurement
from .project import Project
from .pursuit import Pursuit
from .scene import Scene
from .score import Score
from .script import Script
from .share import Share
from .shot import Shot
from .sitting import Sitting
from .take import Take
from .timeline import Conflict, Timeline

__all__ = [
    "Budget",
    "BudgetReached",
    "Conflict",
    "Entity",
    "Export",
    "Measurement",
    "Project",
    "Pursuit",
    "Scene",
    "Score",
    "Script",
    "Share",
    "Shot",
    "Sitting",
    "Take",
    "Timeline",
    "View",
]
