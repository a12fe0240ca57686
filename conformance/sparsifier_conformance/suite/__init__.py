"""The checks: one folder for each utility, one function or more for each requirement.

``test_<slug>`` in the folder ``<utility>`` checks the requirement ``utility/slug`` (dashes become underscores), and
``test_<slug>__<what>`` is a further check of the same one. A check draws a description, builds it, says what is
``expected`` and what is ``observed``, and ends by asserting that the two are the same.
"""
