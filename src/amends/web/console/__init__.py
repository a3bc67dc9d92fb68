"""The console of the staff: pages for those who find, make good and learn. It reads through selectors and writes through services."""
