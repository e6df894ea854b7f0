from .event import Event, EventCounter
from .generation import Generation
from .input import Input, LostInput
from .turn import Turn
from .worker import Worker

__all__ = ["Event", "EventCounter", "Generation", "Input", "LostInput", "Turn", "Worker"]
