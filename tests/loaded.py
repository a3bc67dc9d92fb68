"""What processes that tests start have loaded already: they are forked from one that imported this, and nothing else.

Loading takes a second of a core each time, which is most of what many of them do.
"""

from importlib import import_module

from amends.site.loading import load_django

load_django()
for name in ("django.db", "amends.site.worker", "amends.recover.jobs", "amends.monitor.services.recording"):
    import_module(name)
