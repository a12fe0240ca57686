"""The devices that checks run on: cpu, meta, real accelerators, and two that are made up."""
