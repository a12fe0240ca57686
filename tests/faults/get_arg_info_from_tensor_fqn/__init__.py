"""Faults of ``get_arg_info_from_tensor_fqn``."""
