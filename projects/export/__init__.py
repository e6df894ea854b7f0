"""How a film leaves the studio: rendered, as a cut for other editors, or whole."""
