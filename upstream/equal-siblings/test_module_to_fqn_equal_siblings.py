# Owner(s): ["module: unknown"]

from torch import nn
from torch.ao.pruning.sparsifier.utils import module_to_fqn
from torch.testing._internal.common_utils import run_tests, TestCase


class AllEqual(nn.Module):
    def __eq__(self, other):
        return isinstance(other, AllEqual)

    def __hash__(self):
        return 0


class TestModuleToFqnEqualSiblings(TestCase):
    def test_each_is_found(self):
        model = nn.Sequential(AllEqual(), AllEqual())
        model.register_module("absent", None)
        for name, child in model._modules.items():
            if child is not None:
                self.assertEqual(module_to_fqn(model, child), name)
        self.assertIsNone(module_to_fqn(model, AllEqual()))


if __name__ == "__main__":
    run_tests()
