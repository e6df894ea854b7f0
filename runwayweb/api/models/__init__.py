from .answer import Answer
from .chain import Chain, Step
from .delivery import Delivery
from .key import Key, Scope
from .project import ApiProject
from .router import Decision, Router
from .run import Run
from .task import Task
from .use import Begun, Use
from .webhook import Cursor, Endpoint, Secret

__all__ = [
    "Answer",
    "ApiProject",
    "Begun",
    "Chain",
    "Cursor",
    "Decision",
    "Delivery",
    "Endpoint",
    "Key",
    "Router",
    "Run",
    "Scope",
    "Secret",
    "Step",
    "Task",
    "Use",
]
