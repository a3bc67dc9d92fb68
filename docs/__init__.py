"""The documentation; `python -m docs.generate` brings what is generated in it up to date."""
