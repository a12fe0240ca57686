"""How well the suite pins an implementation down: its code changed a little, one change after the other, and judged."""
