"""Models that others publish and this studio drives: what `manage.py models pull` fetches.

Sizes of parts are from the published weights and configurations; a revision that nobody here has looked up stays empty.
"""

from generation.engine.cards import camera, images, ltx, performance, sound, wan

PUBLISHED = (*wan.CARDS, *sound.CARDS, *images.CARDS, *ltx.CARDS, *camera.CARDS, *performance.CARDS)
