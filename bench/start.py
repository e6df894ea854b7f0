"""How long `manage.py up` takes until it is ready, and until nothing of it is left: a first start, then three more."""

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from tests.servers.studio import Studio  # noqa: E402


def main():
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder) / "data")
        for start in ("first", "second", "third", "fourth"):
            ready_seconds = studio.start().ready()
            asked_at = time.monotonic()
            studio.stop()
            print(f"{start} start: ready after {ready_seconds:.1f} s, gone after {time.monotonic() - asked_at:.1f} s")


if __name__ == "__main__":
    main()
