"""Ways to pay: one module a connector, all behind one interface (connector.py), found by name (registry.py)."""
