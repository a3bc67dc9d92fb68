"""What a kind of standard must say for the engine to judge by it: a log that only grows, and a query over it.

A finding has one time of its own. Which findings have a time in [since, before), two watermarks, must follow from the
signals up to that time alone: that is why each is given once, however the stream was cut (Law 1).
"""

from typing import Protocol, runtime_checkable

import ibis.expr.types as ir

from amends.monitor.core.standard import Declared, Standards


@runtime_checkable
class Detector(Protocol):
    """A module of `tables` with these names; the registry lists them."""

    @property
    def KIND(self) -> type[Declared]:  # noqa: N802  a module's constant
        """The standards that it judges by; without any, it is not run."""

    @property
    def WHATS(self) -> tuple[str, ...]:  # noqa: N802  a module's constant
        """What it can find."""

    @property
    def LOG(self) -> dict[str, str]:  # noqa: N802  a module's constant
        """The columns of its log."""

    def entries(self, signals: ir.Table, standards: Standards) -> ir.Table:
        """What a batch of signals adds to the log."""

    def findings(
        self, log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue
    ) -> ir.Table:
        """The FINDINGS with since <= at < before; all signals older than `before` are logged."""

    def unsettled(self, log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
        """A log, as small as can be, that gives the same findings at or after `before`, whatever comes from then on."""


@runtime_checkable
class Echo(Detector, Protocol):
    """A detector that also looks at what the others found; it is run after them."""

    def echoes(self, found: ir.Table, standards: Standards) -> ir.Table:
        """What the FINDINGS of the others, all those of one span of time, add to the log."""
