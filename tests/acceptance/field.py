"""The stage of the field's own stories: a company of one of the shipped packs, its people, its customers, its screens.

Each story is played twice: in English at a desk, in Chinese on a phone. Who plays it is at the real screens; what runs
by itself in a company (the monitor, the worker, the bank) runs here when its time has come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browsers import visitors

if TYPE_CHECKING:  # Django is set up only after this file was read
    from pathlib import Path

    from playwright.sync_api import Page

    from amends.channels.models import Message
    from amends.people.models import Customer, Staff, Unit
    from amends.policy.models import BlueprintVersion
    from amends.recover.models import Case
    from tests.web.console.browsing import Visitor

__all__ = ["SCENES", "Company", "Person", "Scene", "Setting", "company"]

ADDRESS: Final = re.compile(r"http://[^/]+(/mine/\S+)")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """In which language, light and size a story is played."""

    language: str
    theme: str
    size: str

    @property
    def chinese(self) -> bool:
        return self.language.startswith("zh")

    @property
    def locale(self) -> str:
        """The language of the story's customer."""
        return self.say("en", "zh-CN")

    def say(self, en: str, zh: str) -> str:
        """The words of this scene's language."""
        return zh if self.chinese else en

    def __str__(self) -> str:
        return f"{self.language[:2]}-{self.size}-{self.theme}"


SCENES: Final = (
    Scene(language="en", theme="light", size="desktop"),
    Scene(language="zh-hans", theme="dark", size="phone"),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in a story, under the name that fits the scene."""

    role: str
    en: str
    zh: str
    unit: str = ""  # code; empty: the whole company


@dataclass(kw_only=True)
class Company:
    """A company in a scene: what a story tells it to do, and what it asks of it."""

    scene: Scene
    version: BlueprintVersion
    zone: str
    staff: dict[str, Staff]
    units: dict[str, Unit]
    enter: Callable[..., Visitor]
    folder: Path
    _seats: dict[str, Visitor] = field(default_factory=dict)

    # ---- people

    def at_desk(self, role: str) -> Visitor:
        """The screen of one of its people, the same one all along."""
        if role not in self._seats:
            self._seats[role] = self._visitor(self.staff[role])
        return self._seats[role]

    def at_home(self, case: Case) -> Visitor:
        """The customer's own page, as they find it in a letter."""
        seat = case.customer.reference
        if seat not in self._seats:
            self._seats[seat] = self._visitor(None)
        self._seats[seat].open(self.page_of(f"case:{case.pk}", case.customer), accessible=False)
        return self._seats[seat]

    def at_home_of(self, customer: Customer) -> Page:
        """The page of somebody whom an incident hit lightly, as they find it in their letter."""
        from amends.channels.models import Message

        (thread,) = set(Message.objects.filter(customer=customer).values_list("thread", flat=True))
        return self._visitor(None).open(self.page_of(thread, customer), accessible=False)

    def knows(self, reference: str, en: str, zh: str, **more: Any) -> Customer:
        """A customer whom the company has on its books."""
        from amends.people.models import Customer
        from amends.people.services import keep_customers
        from amends.policy.present import present

        row = {"reference": reference, "name": self.scene.say(en, zh), "locale": self.scene.locale, **more}
        row.setdefault("email", f"{reference.lower()}@example.test")
        row.setdefault("currency", self.version.content["currency"])
        assert keep_customers([row], now=present()).rejected == []
        return Customer.objects.get(reference=reference)

    def _visitor(self, who: Staff | None) -> Visitor:
        scene = self.scene
        return self.enter(who, language=scene.language, theme=scene.theme, size=scene.size)

    # ---- time, and what runs by itself

    @staticmethod
    def it_is(now: datetime) -> None:
        """Let it be so late."""
        from django.utils import timezone

        from amends.policy.models import Deployment

        Deployment.objects.filter(pk=1).update(behind=timezone.now() - now)

    def machines_work(self) -> None:
        """What is ready and needs nobody is done, and the mail goes out."""
        from amends.channels.models import Message
        from amends.channels.services import deliver
        from amends.policy.present import present
        from amends.recover.models import Action
        from amends.recover.services import carry_out, sweep_clocks

        now = present()
        sweep_clocks(now=now)
        ids = sorted(Action.objects.filter(state="ready", performer="automatic").values_list("pk", flat=True))
        if ids:
            carry_out(ids[0], ids[-1], now=now, as_of_ready=False)
        deliver(list(Message.objects.filter(state="queued").values_list("pk", flat=True)), now=now)

    def hears(self, *signals: Mapping[str, Any], serves: Sequence[tuple[str, str, dict[str, Any]]] = ()) -> None:
        """Its systems tell what happened: type, subject, time and unit of each, and what else there is to it.

        Args:
            signals: in the order in which they come.
            serves: who is served by which subject, and what is known of that.
        """
        from amends.monitor.core.signal import SignalIn
        from amends.monitor.services import accept_signals, keep_roster
        from amends.policy.present import present

        now = present()
        if serves:
            keep_roster(serves)
        rows = [
            SignalIn(
                id=f"{one['type']}/{one['subject']}/{one['time'].isoformat()}/{number}",
                source="operations",
                type=one["type"],
                subject=one["subject"],
                time=one["time"],
                customer=one.get("customer"),
                unit=one["unit"],
                data=one.get("data", {}),
            )
            for number, one in enumerate(signals)
        ]
        assert accept_signals(rows, now=now).accepted == len(rows)

    def watches(self) -> None:
        """The monitor judges what came up to now; cases are opened, and whoever was hit lightly is told."""
        from amends.monitor.models import Incident
        from amends.policy.present import present
        from amends.recover.services import open_cases, tell_affected
        from amends.site.ring import Watch

        now = present()
        before = set(Incident.objects.values_list("pk", "failures"))
        with Watch(self.folder, self.version) as monitor:
            monitor.turn(now=now)
            monitor.tick(now=now)
        changed = sorted({pk for pk, _ in set(Incident.objects.values_list("pk", "failures")) - before})
        open_cases(changed, now=now)
        tell_affected(changed, now=now, as_of_found=False)

    # ---- letters and money

    @staticmethod
    def letters(customer: Customer) -> list[str]:
        """What the customer has in hand, the first letter first."""
        from amends.channels.models import Message

        sent = Message.objects.filter(customer=customer, direction=Message.Direction.OUT).exclude(state="queued")
        return [f"{letter.subject}\n\n{letter.body}" for letter in sent.order_by("created_at", "pk")]

    @staticmethod
    def words_by(channel: str, customer: Customer) -> list[Message]:
        """What went out to the customer by that way and is in their hands."""
        from amends.channels.models import Message

        sent = Message.objects.filter(customer=customer, channel=channel, direction=Message.Direction.OUT, state="sent")
        return list(sent.order_by("created_at", "pk"))

    @staticmethod
    def page_of(thread: str, customer: Customer) -> str:
        """The path of the page that the letters of a thread lead to."""
        from amends.channels.models import Message

        letters = Message.objects.filter(thread=thread, customer=customer, direction=Message.Direction.OUT)
        found = {match[1] for letter in letters if (match := ADDRESS.search(letter.body))}
        assert len(found) == 1, found
        return found.pop()

    def settles(self) -> Decimal:
        """The bank pays what is owed, then the books are held against what happened: the difference is nothing.

        Returns:
            what was paid out by the bank.
        """
        from django.db.models import Sum

        from amends.policy.present import present
        from amends.recover.models import Payout
        from amends.recover.payouts.connector import Result
        from amends.recover.services.reconciling import reconcile
        from amends.recover.services.settling import order_payouts, reference_of, send_batch, settle

        now = present()
        for batch in order_payouts(now=now):
            assert send_batch(batch, now=now)
        sent = [reference_of(*row) for row in Payout.objects.filter(state="sent").values_list("pk", "round")]
        assert settle([Result(reference=one, outcome="paid") for one in sent], now=now).paid == len(sent)
        assert not Payout.objects.exclude(state__in=("paid", "cancelled")).exists()
        done = reconcile(now=now)
        assert done.entries > 0
        assert done.differences == 0, done.checks
        return Payout.objects.filter(state="paid").aggregate(all=Sum("amount", default=Decimal(0)))["all"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a story's company is; each file says it once."""

    pack: str
    name: tuple[str, str]  # English, Chinese
    units: Sequence[tuple[str, str | None, str, str]]
    people: Sequence[Person]
    begins: datetime
    zone: str = "Asia/Shanghai"


@pytest.fixture
def company(
    request: pytest.FixtureRequest, chromium: Any, live_server: Any, transactional_db: None, tmp_path: Path
) -> Iterator[Company]:
    """The company of the file's `SETTING`, in the scene that the test is played in."""
    from amends.kernel.blueprint import load_shipped
    from amends.kernel.text import Localised
    from amends.people.models import Unit
    from amends.people.services import create_staff, plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment

    setting: Setting = request.module.SETTING
    scene: Scene = request.getfixturevalue("scene")
    name = Localised(en=setting.name[0], zh=setting.name[1])
    set_up_deployment(kind=Deployment.Kind.COMPANY, blueprint_name=setting.pack, company=name, timezone=setting.zone)
    Company.it_is(setting.begins)
    since = setting.begins - timedelta(days=30)
    version = publish_blueprint(load_shipped(setting.pack), name=setting.pack, now=since, acting_user="test")
    plant_units(setting.units)
    units = {unit.code: unit for unit in Unit.objects.all()}
    staff = {
        one.role: create_staff(
            email=f"{one.role}@example.test",
            name=scene.say(one.en, one.zh),
            role=one.role,
            unit=units.get(one.unit),
            locale=scene.language,
            now=since,
            acting_user=None,
        )
        for one in setting.people
    }
    with visitors(chromium, live_server.url) as enter:
        yield Company(
            scene=scene, version=version, zone=setting.zone, staff=staff, units=units, enter=enter, folder=tmp_path
        )
