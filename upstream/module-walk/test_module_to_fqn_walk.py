# Owner(s): ["module: unknown"]

import sys

from torch import nn
from torch.ao.pruning.sparsifier.utils import module_to_fqn
from torch.testing._internal.common_utils import run_tests, TestCase


class TestModuleToFqnWalk(TestCase):
    def test_deep(self):
        depth = sys.getrecursionlimit()
        model = leaf = nn.Module()
        for _ in range(depth):
            parent = nn.Module()
            parent.child = model
            model = parent
        self.assertEqual(module_to_fqn(model, leaf), ".".join(["child"] * depth))

    def test_cyclic(self):
        model = nn.Sequential(nn.Sequential(nn.ReLU()))
        model[0].up = model
        model.last = nn.Tanh()
        self.assertEqual(module_to_fqn(model, model.last), "last")
        self.assertIsNone(module_to_fqn(model, nn.ReLU()))

    def test_shared(self):
        visits = []

        class Counting(nn.ReLU):
            def named_children(self):
                visits.append(self)
                return super().named_children()

        model = shared = Counting()
        for _ in range(8):
            model = nn.Sequential(model, model)
        self.assertIsNone(module_to_fqn(model, nn.Tanh()))
        self.assertLessEqual(len(visits), 1)
        self.assertEqual(module_to_fqn(model, shared, "net."), "net." + ".".join("0" * 8))


if __name__ == "__main__":
    run_tests()
