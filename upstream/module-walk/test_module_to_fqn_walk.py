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

        class Counting(nn.Sequential):
            def named_children(self):
                visits.append(self)
                return super().named_children()

        last = nn.ReLU(), nn.Tanh()
        pair = last
        for _ in range(8):
            pair = Counting(*pair), Counting(*pair)
        model = Counting(*pair)
        self.assertIsNone(module_to_fqn(model, nn.ReLU()))
        self.assertLessEqual(len(visits), 17)
        self.assertEqual(module_to_fqn(model, last[0], "net."), "net." + ".".join("0" * 9))


if __name__ == "__main__":
    run_tests()
