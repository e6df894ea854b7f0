from .entity import Entity, View
from .project import Project
from .scene import Scene
from .script import Script
from .shot import Shot
from .take import Take
from .timeline import Conflict, Timeline

__all__ = ["Conflict", "Entity", "Project", "Scene", "Script", "Shot", "Take", "Timeline", "View"]
