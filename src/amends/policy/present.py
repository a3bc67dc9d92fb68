"""What time it is for this deployment. A demo replays the past: its present lies a fixed span behind the machine's.

Everything that needs "now" gets it from here at the edge (view, job, command) and passes it down as an argument.
"""

from datetime import datetime

from django.utils import timezone

from amends.policy.models import Deployment
from amends.policy.selectors import deployment


def present(here: Deployment | None = None) -> datetime:
    """The present moment of this deployment, aware, in UTC; whoever has its row already gives it."""
    return timezone.now() - (here or deployment()).behind
