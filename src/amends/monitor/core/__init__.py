"""What the monitor knows without looking at a signal: standards and the conditions in them."""
