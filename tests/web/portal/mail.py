"""What a customer has in hand: the letters sent, and the address of the page in them."""

import re
from datetime import timedelta

from django.utils import timezone

from amends.channels.models import Message
from amends.channels.services import deliver
from amends.monitor.core.signal import SignalIn
from amends.monitor.services import accept_signals, keep_roster, record_findings
from amends.people.models import Customer
from amends.people.services import keep_customers
from amends.policy.selectors import version_in_force
from amends.policy.services import set_present
from amends.recover.models import Case
from amends.recover.services import open_cases, tell_affected
from tests.kept import Kept
from tests.web.console.world import NOON, NOW, World, airline

ADDRESS = re.compile(r"http://[^/]+(/mine/\S+)")


def _with_letters_sent() -> World:
    world = airline()
    deliver_all()
    return world


_sent = Kept(_with_letters_sent)


def build_with_letters_sent() -> World:
    """The airline's world, and the mail gone out."""
    world = _sent()
    set_present(now=NOW, machine_now=timezone.now())
    return world


def deliver_all() -> None:
    """Have the channel send what is queued."""
    deliver(list(Message.objects.filter(state="queued").values_list("pk", flat=True)), now=NOW)


def page_of(case: Case) -> str:
    """The path of the case's page, as its customer finds it in a letter."""
    return _address(f"case:{case.pk}", case.customer)


def page_about_incident(customer: Customer) -> str:
    """The path of the page about the incident that hit them lightly."""
    thread = Message.objects.get(customer=customer).thread
    assert thread.startswith("incident:")
    return _address(thread, customer)


def _address(thread: str, customer: Customer) -> str:
    letters = Message.objects.filter(thread=thread, customer=customer, direction=Message.Direction.OUT)
    found = {match[1] for letter in letters if (match := ADDRESS.search(letter.body))}
    assert len(found) == 1, found
    return found.pop()


def lightly_hit() -> tuple[Customer, Customer]:
    """Two passengers of a flight half an hour late: told what happened, and no case of their own."""
    flight, names = "XX3/2026-03-02/EWR-BOS", {"L-1": ("Lea Brandt", "en"), "L-2": ("陈静", "zh-CN")}
    keep_customers(
        [
            {"reference": reference, "name": name, "locale": locale, "email": f"{reference}@example.test"}
            for reference, (name, locale) in names.items()
        ],
        now=NOON,
    )
    keep_roster((flight, reference, {"fare": 80.0}) for reference in names)
    known = {"distance_km": 320, "domestic": True}
    signal = SignalIn(
        id=f"{flight}#scheduled", source="test", type="flight.scheduled", subject=flight, time=NOON, data=known
    )
    accept_signals([signal], now=NOON)
    findings = [
        {
            "standard": "depart-on-time",
            "subject": flight,
            "what": what,
            "at": NOON + timedelta(minutes=after),
            "due": NOON + timedelta(minutes=15),
            "opened_at": NOON - timedelta(days=1),
            "opening_id": signal.id,
            "opening_source": "test",
            "customer": None,
            "unit": "XX-EWR",
        }
        for what, after in (("at_risk", 0), ("breached", 15), ("late", 30))
    ]
    recorded = record_findings(findings, version=version_in_force("airline"), now=NOW)
    open_cases(sorted(recorded.incidents), now=NOW)
    for incident_id in recorded.incidents:
        tell_affected([incident_id], now=NOW, as_of_found=False)
    deliver_all()
    first, second = Customer.objects.filter(reference__in=names).order_by("reference")
    return first, second


def case_of(name: str) -> Case:
    """The case of a customer."""
    return Case.objects.select_related("customer").get(customer__name=name)
