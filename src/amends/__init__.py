"""Amends, a service recovery system."""
