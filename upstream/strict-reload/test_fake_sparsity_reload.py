# Owner(s): ["module: unknown"]

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import FakeSparsity
from torch.nn.utils import parametrize
from torch.testing._internal.common_utils import run_tests, TestCase


class TestFakeSparsityReload(TestCase):
    def test_strict(self):
        model = nn.Linear(2, 2)
        mask = torch.eye(2)
        parametrize.register_parametrization(model, "weight", FakeSparsity(mask))
        state = model.state_dict()
        self.assertEqual(set(state), {"bias", "parametrizations.weight.original"})
        model.load_state_dict(state, strict=True)
        self.assertIs(model.parametrizations.weight[0].mask, mask)
        self.assertEqual(model.weight, model.parametrizations.weight.original * mask)


if __name__ == "__main__":
    run_tests()
