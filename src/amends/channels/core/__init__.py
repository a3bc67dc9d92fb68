"""What channels decide, as pure functions."""
