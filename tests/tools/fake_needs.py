"""Print what ``devices/fake.py`` must still do itself with the installed torch: ``python tests/tools/fake_needs.py``.

Each line is asked in a process of its own, in torch's FakeTensorMode alone, since some end the process.
"""

from __future__ import annotations

import subprocess
import sys

BEGIN = """
import copy, warnings
warnings.simplefilter("ignore")
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
FakeTensorMode.avoid_device_init = not torch.cuda.is_available()
with FakeTensorMode():
"""
#: What devices do, as the body of a program that asserts it.
QUESTIONS = {
    "backward": "leaf = torch.ones(2, device='cuda:1', requires_grad=True); (leaf * 2).sum().backward();"
    " assert str(leaf.grad.device) == 'cuda:1'",
    "cuda()": "assert str(torch.ones(2).cuda(1).device) == 'cuda:1'",
    "cuda() of a module": "assert str(nn.Linear(2, 2).cuda(1).weight.device) == 'cuda:1'",
    "to('cuda') has an index": "assert str(torch.ones(2).to('cuda').device) == 'cuda:0'",
    "torch.ones(device='cuda') has an index": "assert str(torch.ones(2, device='cuda').device) == 'cuda:0'",
    "deepcopy of a parameter": "it = copy.deepcopy(nn.Parameter(torch.ones(2, device='cuda:1')));"
    " assert str(it.device) == 'cuda:1' and isinstance(it, nn.Parameter)",
    "deepcopy of a module": "it = copy.deepcopy(nn.Linear(2, 2, device='cuda:1'));"
    " assert str(it.bias.device) == 'cuda:1'",
    "data moves a tensor": "it = nn.Parameter(torch.ones(2)); it.data = torch.ones(2, device='cuda:1');"
    " assert str(it.device) == 'cuda:1'",
    "to() of a module that is used elsewhere": "m = nn.Linear(2, 2); m(torch.ones(1, 2)); m.to('cuda:1');"
    " assert str(m.weight.device) == 'cuda:1'",
    "storage has the device": "assert str(torch.ones(2, device='cuda:1').untyped_storage().device) == 'cuda:1'",
}


def main() -> int:
    """Ask each question, and return 0."""
    import torch

    print(f"torch {torch.__version__}")
    for name, body in QUESTIONS.items():
        lines = "".join(f"    {line.strip()}\n" for line in body.split(";"))
        ended = subprocess.run([sys.executable, "-c", BEGIN + lines], capture_output=True, text=True, check=False)
        last = (ended.stderr.strip().splitlines() or [""])[-1][:100]
        print(f"{name:42} {'torch does it' if ended.returncode == 0 else f'left to us: {last}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
