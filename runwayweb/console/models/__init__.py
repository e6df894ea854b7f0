from .survey import Survey

__all__ = ["Survey"]
