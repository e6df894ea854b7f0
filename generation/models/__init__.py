from .event import Event, EventCounter
from .generation import Generation
from .input import Input, LostInput
from .review import Review
from .turn import Turn
from .wish import Wish
from .worker import Worker

__all__ = ["Event", "EventCounter", "Generation", "Input", "LostInput", "Review", "Turn", "Wish", "Worker"]
