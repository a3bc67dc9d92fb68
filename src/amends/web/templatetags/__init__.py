"""The words and shapes that templates use."""
