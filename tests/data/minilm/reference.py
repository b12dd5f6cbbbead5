#!/usr/bin/env python3
"""What the sentence model of the tests must give, computed another way: in plain Python, at double precision, each text padded and masked.

Without arguments writes `reference.json` beside this file: pieces and vectors of a tiny model, whose weights are numbers of a generator that
the tests know too. With the folder of all-MiniLM-L6-v2 it writes those of that model to `reference_real.json`; that takes minutes.
"""

import json
import math
import pathlib
import struct
import sys
import unicodedata
from operator import mul

HERE = pathlib.Path(__file__).parent

WORDS = """[PAD] [UNK] [CLS] [SEP] [MASK] the cat dog invoice customer order pay un naive uber 中 国 , . - _ ! ( ) ' [ ] & sep 2024 20
σ ας i s 😀 ##s ##ment ##er ##aff ##able ##24 ##_ ##中 ##id a ##a cafe ##ασ स""".split()
SHAPE = {
    "model_type": "bert",
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": len(WORDS),
    "max_position_embeddings": 20,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}
MAX_PIECES = 16

TEXTS = [
    "",
    " \t\n",
    "cat",
    "The cat pays the invoice.",
    "unaffable customers",
    "Na\u00efve \u00dcBER Cafe\u0301",
    "\u4e2d\u56fdorders \u4e2dcat",
    "customer_order-id (2024)",
    "zebra cat qq",
    "c\u0000at\u200b do\u0007g\u00a0dog\ue000\ufffd",
    "\U0001f600 cat \U0001f600cat \U0001f469\u200d\U0001f680",
    "cats & dogs' payments!",
    "cat dog " * 40,
    "a" * 100,
    "a" * 101,
    "[SEP] cat [CLS]",
    "\u03a3\u0391\u03a3 \u0130",
    "\u0938\u093f\u0902 \u0938",
]


def tensors(shape):
    """Names and sizes, in the order in which the tiny model's numbers are drawn."""
    hidden, wide = shape["hidden_size"], shape["intermediate_size"]
    yield "embeddings.word_embeddings.weight", (shape["vocab_size"], hidden)
    yield "embeddings.position_embeddings.weight", (shape["max_position_embeddings"], hidden)
    yield "embeddings.token_type_embeddings.weight", (shape["type_vocab_size"], hidden)
    yield "embeddings.LayerNorm.weight", (hidden,)
    yield "embeddings.LayerNorm.bias", (hidden,)
    for layer in range(shape["num_hidden_layers"]):
        for name, gives, takes in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("attention.output.LayerNorm", hidden, None),
            ("intermediate.dense", wide, hidden),
            ("output.dense", hidden, wide),
            ("output.LayerNorm", hidden, None),
        ]:
            yield f"encoder.layer.{layer}.{name}.weight", (gives,) if takes is None else (gives, takes)
            yield f"encoder.layer.{layer}.{name}.bias", (gives,)


def drawn(shape):
    """The tiny model's weights: from -1 to 1, in steps that four bytes hold exactly."""
    state, weights = 1, {}
    for name, size in tensors(shape):
        numbers = []
        for _ in range(math.prod(size)):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            numbers.append((state >> 40) / 2**23 - 1.0)
        # Small biases: large ones would make all texts alike.
        weights[name] = rows([number / 16 for number in numbers] if name.endswith("bias") else numbers, size)
    return weights


def stored(path):
    """The weights of a safetensors file of four-byte numbers."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    weights = {}
    for name, about in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__" and about["dtype"] == "F32":
            begin, end = (8 + length + offset for offset in about["data_offsets"])
            weights[name] = rows(struct.unpack(f"<{(end - begin) // 4}f", data[begin:end]), about["shape"])
    return weights


def rows(numbers, size):
    return list(numbers) if len(size) == 1 else [numbers[at : at + size[1]] for at in range(0, len(numbers), size[1])]


def is_sign(character):
    return unicodedata.category(character).startswith("P") or (character.isascii() and character.isprintable() and not character.isalnum() and character != " ")


def is_ideograph(character):
    spans = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]
    return any(begin <= ord(character) <= end for begin, end in spans)


def pieces(text, known, most):
    clean = ""
    for character in text:
        if character in "\t\n\r" or unicodedata.category(character) in ("Zs", "Zl", "Zp"):
            clean += " "
        elif character not in "\0\ufffd" and unicodedata.category(character) not in ("Cc", "Cf", "Co"):
            clean += f" {character} " if is_ideograph(character) else character
    plain = "".join(own for own in unicodedata.normalize("NFD", clean) if unicodedata.category(own) != "Mn")
    plain = "".join(character.lower() for character in plain)
    words = "".join(f" {own} " if is_sign(own) else own for own in plain).split()
    found = []
    for word in words:
        own, start = [], 0
        while start < len(word) and len(word) <= 100:
            ends = (end for end in range(len(word), start, -1) if ("##" if start else "") + word[start:end] in known)
            end = next(ends, None)
            if end is None:
                break
            own.append(("##" if start else "") + word[start:end])
            start = end
        found += own if start == len(word) else ["[UNK]"]
    return [known[piece] for piece in ["[CLS]"] + found[: most - 2] + ["[SEP]"]]


def product(row, weight, bias):
    return [sum(map(mul, row, own)) + add for own, add in zip(weight, bias)]


def normed(row, weight, bias, least):
    mean = sum(row) / len(row)
    spread = sum((number - mean) ** 2 for number in row) / len(row)
    return [(number - mean) / math.sqrt(spread + least) * by + add for number, by, add in zip(row, weight, bias)]


def vector(ids, weights, shape, padding=0):
    """The mean of the last layer over what is no padding, of length one."""
    hidden, heads, least = shape["hidden_size"], shape["num_attention_heads"], shape.get("layer_norm_eps", 1e-12)
    mask = [1] * len(ids) + [0] * padding
    of = lambda name: (weights[f"{name}.weight"], weights[f"{name}.bias"])
    words, places, types = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type"))
    x = [[a + b + c for a, b, c in zip(words[own], places[at], types[0])] for at, own in enumerate(ids + [0] * padding)]
    x = [normed(row, *of("embeddings.LayerNorm"), least) for row in x]
    for layer in range(shape["num_hidden_layers"]):
        part = lambda name: of(f"encoder.layer.{layer}.{name}")
        q, k, v = ([product(row, *part(f"attention.self.{name}")) for row in x] for name in ("query", "key", "value"))
        mixed = [[] for _ in x]
        size = hidden // heads
        for begin in range(0, hidden, size):
            span = slice(begin, begin + size)
            for at, asks in enumerate(q):
                fit = [sum(map(mul, asks[span], offers[span])) / math.sqrt(size) - 1e9 * (1 - there) for offers, there in zip(k, mask)]
                shares = [math.exp(own - max(fit)) for own in fit]
                mixed[at] += [sum(share * tells[column] for share, tells in zip(shares, v)) / sum(shares) for column in range(begin, begin + size)]
        told = [product(row, *part("attention.output.dense")) for row in mixed]
        x = [normed(list(map(sum, zip(a, b))), *part("attention.output.LayerNorm"), least) for a, b in zip(x, told)]
        wide = [[0.5 * n * (1 + math.erf(n / math.sqrt(2))) for n in product(row, *part("intermediate.dense"))] for row in x]
        narrow = [product(row, *part("output.dense")) for row in wide]
        x = [normed(list(map(sum, zip(a, b))), *part("output.LayerNorm"), least) for a, b in zip(x, narrow)]
    mean = [sum(row[column] for row, there in zip(x, mask) if there) / sum(mask) for column in range(hidden)]
    length = math.sqrt(sum(number * number for number in mean))
    return [number / length for number in mean]


def main():
    if len(sys.argv) > 1:
        folder = pathlib.Path(sys.argv[1])
        shape, weights = json.loads((folder / "config.json").read_text()), stored(folder / "model.safetensors")
        known = {word: at for at, word in enumerate((folder / "vocab.txt").read_text().splitlines())}
        texts, most, name = TEXTS, 256, "reference_real.json"
    else:
        shape, weights, known = SHAPE, drawn(SHAPE), {word: at for at, word in enumerate(WORDS)}
        texts, most, name = TEXTS, MAX_PIECES, "reference.json"
    cases = []
    for text in texts:
        ids = pieces(text, known, most)
        # Padding is masked; the longest text is let off it, for its places are used up.
        own = vector(ids, weights, shape, padding=min(2, most - len(ids))) if len(ids) < 60 else None
        cases.append({"text": text, "pieces": ids, "vector": own and [round(number, 6) for number in own[:8]]})
    out = {"words": WORDS, "shape": SHAPE, "max_pieces": MAX_PIECES, "cases": cases} if name == "reference.json" else {"cases": cases}
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in out.pop("cases"))
    head = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in out.items())
    (HERE / name).write_text("{\n" + head + '"cases": [\n' + lines + "\n]\n}\n")


if __name__ == "__main__":
    main()
