"""The demo: the main job on real flights, from the first signal to the drafted lessons."""

from amends.site.demo.run import DemoError, Figures, made_ready, run

__all__ = ["DemoError", "Figures", "made_ready", "run"]
