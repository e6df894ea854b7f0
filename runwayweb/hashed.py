"""Static files in production, whose names carry a hash of what is in them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, with each address worked out once: a page asks for a hundred and fifty, and none of them changes
    while a process lives."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._known: dict[str | None, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        if name not in self._known:
            self._known[name] = super().url(name, force)
        return self._known[name]
