"""Background jobs of the web; thin, they call what does it."""

from typing import Final

from procrastinate.contrib.django import app

from amends.policy.present import present
from amends.web.kept_answers import sweep_answers

WEB: Final = "web"  # queue


@app.periodic(cron="*/5 * * * *")
@app.task(name="web.sweep_answers", queue=WEB, queueing_lock="web.sweep_answers", pass_context=False)
def sweep_answers_often(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Answers to writes with a key are kept for a day, whether others come after them or not."""
    while sweep_answers(now=present()):
        pass
