"""Real architectures, in small configurations or on meta, and what judges beside them: ``tox -e models``.

``python tests/tools/architectures.py reference torch`` prints what each implementation comes to beside all of them, and
fails where a requirement of models fails that is not expected to.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize


def bert() -> Any:
    """Build a BERT whose decoder is tied to its embeddings."""
    from transformers import BertConfig, BertForMaskedLM

    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return BertForMaskedLM(BertConfig(vocab_size=50, intermediate_size=64, tie_word_embeddings=True, **sizes))


def gpt2() -> Any:
    """Build a GPT-2 whose head is tied to its embeddings."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(n_positions=16, n_embd=32, n_layer=2, n_head=2))


def t5() -> Any:
    """Build a T5, of whose embeddings encoder and decoder are the same module."""
    from transformers import T5Config, T5ForConditionalGeneration

    return T5ForConditionalGeneration(T5Config(vocab_size=50, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2))


def llama_on_meta() -> Any:
    """Build a Llama of its full size, 7 billion parameters, on meta."""
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device("meta"):
        return LlamaForCausalLM(LlamaConfig())


def resnet() -> Any:
    """Build a ResNet."""
    from transformers import ResNetConfig, ResNetForImageClassification

    return ResNetForImageClassification(ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 2]))


def vit() -> Any:
    """Build a vision transformer."""
    from transformers import ViTConfig, ViTForImageClassification

    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return ViTForImageClassification(ViTConfig(intermediate_size=64, image_size=32, patch_size=16, **sizes))


class Experts(nn.Module):
    """Experts by name, of which two share their last layer and one its weights, with parametrized tensors."""

    def __init__(self) -> None:
        super().__init__()
        last = nn.Linear(8, 8)
        self.experts = nn.ModuleDict(
            {
                "first": nn.Sequential(nn.Linear(8, 8), nn.ReLU(), last),
                "second": nn.Sequential(nn.Linear(8, 8), nn.GELU(), last),
                "weight": nn.LSTM(8, 8),
                "voxels": nn.Conv3d(2, 2, 2),
            }
        )
        self.absent = None
        self.head = nn.Linear(8, 8)
        self.head.weight = last.weight
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        first: Any = self.experts["first"]
        if hasattr(nn.utils.parametrizations, "weight_norm"):  # from torch 2.1 on
            nn.utils.parametrizations.weight_norm(first[0])
        parametrize.register_parametrization(first[2], "bias", nn.Tanh())
        parametrize.register_parametrization(first[2], "bias", nn.ReLU())


def of_1_000_modules() -> nn.Module:
    """Build a model of 1 001 modules."""
    return _of_layers(10)


def of_10_000_modules() -> nn.Module:
    """Build a model of 10 001 modules."""
    return _of_layers(100)


def _of_layers(count: int) -> nn.Module:
    """Build a model of so many layers, each of which has 100 modules; few have weights, which take long to make."""
    return nn.ModuleList(
        nn.Sequential(*(nn.ModuleDict({"norm": nn.LayerNorm(2), "heads": _heads()}) for _ in range(11)))
        for _ in range(count)
    )


def _heads() -> nn.Module:
    head = nn.Linear(2, 2, bias=False)
    return nn.ModuleDict({"head": head, **{f"skip_{index}": nn.Identity() for index in range(5)}})


ARCHITECTURES = (bert, gpt2, t5, llama_on_meta, resnet, vit, Experts, of_10_000_modules)


def main(arguments: list[str] | None = None) -> int:
    """Judge implementations beside every architecture."""
    from sparsifier_conformance import Verdict, judge

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("implementations", nargs="+", metavar="WHERE")
    accepted = True
    for where in parser.parse_args(arguments).implementations:
        models = [f"{__file__}:{each.__name__}" for each in ARCHITECTURES]
        expected = ["torch"] if where == "torch" else []
        result = judge(where, models=models, devices="cpu", examples=1, timeout=300, expect=expected, output=True)
        accepted = accepted and result.verdict in (Verdict.CONFORMS, Verdict.CONFORMS_IN_FULL)
    return 0 if accepted else 1


if __name__ == "__main__":
    sys.exit(main())
