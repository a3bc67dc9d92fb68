"""The chance that an open promise will be broken: what is known of it at a moment, and how a chance is judged."""
