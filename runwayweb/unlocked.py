"""asgiref's locals without the lock around them, of which every page asks thousands of times: for its language, and for
each address that it writes.

What one holds lies in a variable of the context, a copy of it written anew by each change, and no two threads share
one: there is nothing to guard. But who waits for a lock of Python's needs the interpreter's as well when it is given
it, and then each call of one thread waits for another: with sixteen at once the same pages took four times as long, and
a web server that fell behind for a moment never caught up (docs/reliability.md, Under load).
"""

from typing import Any

from asgiref import local


def unlock() -> None:
    """Of this process, from now on."""
    kind: Any = local._DefaultLocal
    kind.__getattr__ = lambda self, key: getattr(self._storage, key)
    kind.__setattr__ = lambda self, key, value: setattr(self._storage, key, value)
    kind.__delattr__ = lambda self, key: delattr(self._storage, key)
