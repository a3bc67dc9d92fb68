"""Engines that run the monitor's tables."""
