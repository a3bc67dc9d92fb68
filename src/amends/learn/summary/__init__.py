"""The summary: one row a day, hour, place and cause, made set-wise from the rows upstream, whole or for single days."""

from amends.learn.summary.refresh import Refreshed, refresh
from amends.learn.summary.touched import touched_days

__all__ = ["Refreshed", "refresh", "touched_days"]
