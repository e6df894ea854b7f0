"""The film that a new workspace can open: a bundle, and what it was made from."""

from pathlib import Path

BUNDLE = Path(__file__).parent / "the-fox-who-waited.zip"
