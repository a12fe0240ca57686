"""The checks: one module for each utility, one function or more for each requirement.

``test_<slug>`` in ``test_<utility>.py`` checks the requirement ``utility/slug`` (dashes become underscores);
``test_<slug>__<what>`` is a further check of the same one, and ``test_<utility>__<what>.py`` holds further checks of
the same utility. A check draws a description, builds it, says what
is ``expected`` and what is ``observed``, and ends by asserting that the two are the same.
"""
