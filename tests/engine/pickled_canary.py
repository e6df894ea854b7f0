"""A pickle that gives itself away when somebody opens it."""


class Canary:
    """Sings (makes a file) when it is unpickled."""

    def __init__(self, song):
        self.song = song

    def __reduce__(self):
        return (open, (str(self.song), "w"))
