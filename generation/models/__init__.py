from .event import Event, EventCounter
from .generation import Generation
from .input import Input, LostInput
from .worker import Worker

__all__ = ["Event", "EventCounter", "Generation", "Input", "LostInput", "Worker"]
