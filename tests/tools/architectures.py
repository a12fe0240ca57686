"""Real architectures to judge beside: small configurations, or on meta. ``tox -e models`` runs them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize


def bert() -> nn.Module:
    """Build a BERT whose decoder is tied to its embeddings."""
    from transformers import BertConfig, BertForMaskedLM

    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return BertForMaskedLM(BertConfig(vocab_size=50, intermediate_size=64, tie_word_embeddings=True, **sizes))


def gpt2() -> nn.Module:
    """Build a GPT-2 whose head is tied to its embeddings."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=16, n_embd=32, n_layer=2, n_head=2))


def t5() -> nn.Module:
    """Build a T5, of whose embeddings encoder and decoder are the same module."""
    from transformers import T5Config, T5ForConditionalGeneration

    return T5ForConditionalGeneration(T5Config(vocab_size=50, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2))


def llama_on_meta() -> nn.Module:
    """Build a Llama of its full size, 7 billion parameters, on meta."""
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device("meta"):
        return LlamaForCausalLM(LlamaConfig())


def resnet() -> nn.Module:
    """Build a ResNet-18."""
    from torchvision.models import resnet18

    return resnet18()


def detector_on_meta() -> nn.Module:
    """Build a Mask R-CNN on meta."""
    from torchvision.models.detection import maskrcnn_resnet50_fpn

    with torch.device("meta"):
        return maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)


def vit() -> nn.Module:
    """Build a vision transformer of timm."""
    import timm

    return timm.create_model("vit_tiny_patch16_224", depth=2, num_classes=10)


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
            }
        )
        self.absent = None
        self.head = nn.Linear(8, 8)
        self.head.weight = last.weight
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        first: Any = self.experts["first"]
        nn.utils.parametrizations.weight_norm(first[0])
        parametrize.register_parametrization(first[2], "bias", nn.Tanh())
        parametrize.register_parametrization(first[2], "bias", nn.ReLU())


def of_10_000_modules() -> nn.Module:
    """Build a model of 10 000 modules, ten levels deep at most, on meta."""
    with torch.device("meta"):
        return nn.ModuleList(
            nn.ModuleDict(
                {f"layer_{index}": nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.ReLU()) for index in range(25)}
            )
            for _ in range(99)
        )
