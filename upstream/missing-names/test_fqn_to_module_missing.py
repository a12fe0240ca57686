# Owner(s): ["module: unknown"]

from torch import nn
from torch.ao.pruning.sparsifier.utils import fqn_to_module
from torch.testing._internal.common_utils import run_tests, TestCase


class TestFqnToModuleMissing(TestCase):
    def test_nothing_beyond_a_missing_name(self):
        model = nn.Sequential(nn.Linear(2, 2))
        for fqn in ("missing", "missing.__class__", "0.missing.__doc__"):
            self.assertIsNone(fqn_to_module(model, fqn))
        self.assertIs(fqn_to_module(model, "0.weight"), model[0].weight)


if __name__ == "__main__":
    run_tests()
