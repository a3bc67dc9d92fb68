"""The staff's console: pages that read through selectors and write through services."""
