"""Run as a process of its own: whether a closed process reaches anybody, for `manage.py doctor`.

    python -I closed.py reaching.py PORT

Somebody listens on PORT of this machine. It prints JSON: {"reached": true} or {"reached": false}.
"""

import json
import socket
import sys


def main(port):
    try:
        socket.create_connection(("127.0.0.1", int(port)), timeout=2).close()
    except OSError:
        return {"reached": False}
    return {"reached": True}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
