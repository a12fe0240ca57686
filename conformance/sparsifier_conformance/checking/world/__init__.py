"""The state of the world as a value: what a look-up or a product must leave as it was, of a model and beyond it."""
