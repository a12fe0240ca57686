"""What ``pretend`` claims to torchcts: one dtype and one sample for each operator, and these features."""

import torch

_CAPABILITIES = ("inference", "training", "serialization", "rng", "double_backward", "module_hooks", "channels_last")

manifest = {
    "manifest_version": 1,
    "device_name": "pretend",
    "backend_import": "pretended_backend",
    "supported_dtypes": {torch.float32: True},
    "device_count": 1,
    "max_samples": 1,
    "max_samples_ieee754": 1,
    "hardware": {"memory_model": "discrete", "device_memory_gb": "auto", "system_memory_gb": "auto"},
    "capabilities": dict.fromkeys(_CAPABILITIES, True),
}
