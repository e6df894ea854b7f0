from .event import Event, EventCounter
from .generation import Generation
from .worker import Worker

__all__ = ["Event", "EventCounter", "Generation", "Worker"]
