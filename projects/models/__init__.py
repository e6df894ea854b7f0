from .budget import Budget, BudgetReached
from .entity import Entity, View
from .export import Export
from .invocation import Invocation, NodeRun
from .measurement import Measurement
from .project import Project
from .pursuit import Pursuit
from .report import Report
from .scene import Scene
from .score import Score
from .script import Script
from .share import Share
from .shot import Shot
from .sitting import Sitting
from .take import Take
from .timeline import Conflict, Timeline
from .voice import Voice
from .workflow import Workflow, WorkflowVersion

__all__ = [
    "Budget",
    "BudgetReached",
    "Conflict",
    "Entity",
    "Export",
    "Invocation",
    "Measurement",
    "NodeRun",
    "Project",
    "Pursuit",
    "Report",
    "Scene",
    "Score",
    "Script",
    "Share",
    "Shot",
    "Sitting",
    "Take",
    "Timeline",
    "View",
    "Voice",
    "Workflow",
    "WorkflowVersion",
]
