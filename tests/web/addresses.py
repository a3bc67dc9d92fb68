"""Every address and who gets in: the one table that `test_every_address.py` holds against what there is.

A new address needs a row here. Of a console page: the right that opens it and, where the address names a row of the
database, of what. What belongs to a unit is there for whoever's unit is that one or above it, and for nobody else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

MISSING: Final = 4_242_424_242
OTHERS: Final = frozenset(
    {"run", "view", "notice", "absence", "upload", "support"}
)  # somebody else's own, so there for nobody


@dataclass(frozen=True, kw_only=True)
class Console:
    """A page for members of staff: `right` None is every one of them."""

    right: str | None = None
    of: str = ""  # the kind of row that the address names; see `things`
    acts: tuple[str, ...] = ()  # for addresses that end in what is to be done; these take POST only
    posts: bool = False  # takes POST only, as acts do
    whole: bool = False  # for those alone who reach the whole company
    filled: Mapping[str, str] = field(default_factory=dict)  # what else stands in the address
    good: int = 0  # the status when it goes well; 0 is 200 for a page and 302 for what takes POST

    @property
    def method(self) -> str:
        return "POST" if self.acts or self.posts else "GET"

    @property
    def status(self) -> int:
        return self.good or (302 if self.method == "POST" else 200)


CONSOLE: Final[Mapping[str, Console]] = {
    "": Console(),
    "search/": Console(),
    "palette/": Console(),
    "monitor/board/": Console(right="see_incidents"),
    "monitor/board/live/": Console(right="see_incidents"),
    "monitor/standards/": Console(right="see_incidents"),
    "monitor/standards/<str:standard_id>/": Console(right="see_incidents", filled={"standard_id": "depart-on-time"}),
    "report/": Console(),
    "inside/": Console(right="report"),
    "support/": Console(),
    "support/give/": Console(right="work_teams"),
    "support/<int:support_id>/<str:act>/": Console(of="support", posts=True, filled={"act": "withdraw"}),
    "incidents/": Console(right="see_incidents"),
    "incidents/<int:incident_id>/": Console(right="see_incidents", of="incident"),
    "incidents/<int:incident_id>/<str:act>/": Console(
        right="work_incidents", of="incident", acts=("merge", "part", "split", "end", "recur")
    ),
    "candidates/": Console(right="see_incidents"),
    "candidates/<int:candidate_id>/": Console(right="see_incidents", of="candidate"),
    "candidates/<int:candidate_id>/<str:act>/": Console(
        right="work_incidents", of="candidate", posts=True, filled={"act": "dismiss"}
    ),
    "closures/": Console(right="see_incidents"),
    "closures/enter/": Console(right="work_incidents", posts=True, good=422),
    "closures/<int:closure_id>/<str:act>/": Console(
        right="work_incidents", of="closure", posts=True, filled={"act": "withdraw"}
    ),
    "held/": Console(right="resume_standards"),
    "held/<str:standard>/resume/": Console(right="resume_standards", posts=True, filled={"standard": "depart-on-time"}),
    "failures/": Console(right="see_incidents"),
    "failures/<int:failure_id>/": Console(right="see_incidents", of="failure"),
    **{
        f"monitor/standards/<str:standard_id>/{act}/": Console(
            right="work_standards", whole=True, posts=act != "edit", good=good, filled={"standard_id": "depart-on-time"}
        )
        for act, good in {"edit": 200, "check": 200, "backtest": 422, "publish": 422, "withdraw": 422}.items()
    },
    "monitor/standards/<str:standard_id>/versions/": Console(
        right="see_blueprints", filled={"standard_id": "depart-on-time"}
    ),
    "monitor/prediction/": Console(right="see_incidents"),
    "monitor/prediction/<str:act>/": Console(right="work_standards", whole=True, posts=True, filled={"act": "stop"}),
    "monitor/interventions/": Console(right="see_incidents"),
    "monitor/interventions/<int:intervention_id>/<str:act>/": Console(
        right="work_incidents", of="intervention", posts=True, filled={"act": "leave"}
    ),
    "monitor/backtests/": Console(right="work_standards", whole=True),
    "monitor/backtests/<int:number>/": Console(right="work_standards", whole=True, of="backtest"),
    "monitor/backtests/<int:number>/<str:act>/": Console(
        right="work_standards", whole=True, of="backtest", posts=True, filled={"act": "cancel"}
    ),
    "signals/": Console(right="feed"),
    "signals/upload/": Console(right="feed"),
    "signals/uploads/<int:file_id>/": Console(right="feed", of="upload"),
    "signals/uploads/<int:file_id>/columns/": Console(right="feed", of="upload", posts=True),
    "signals/uploads/<int:file_id>/rejected.csv": Console(right="feed", of="upload"),
    "signals/uploads/<int:file_id>/<str:act>/": Console(right="feed", of="upload", posts=True, filled={"act": "drop"}),
    "cases/": Console(right="see_cases"),
    "cases/<int:case_id>/": Console(right="see_cases", of="case"),
    "cases/<int:case_id>/<str:act>/": Console(
        right="work_cases",
        of="case",
        acts=(
            *(
                "take",
                "object",
                "message",
                "outcome",
                "promise",
                "wait",
                "resume",
                "close",
                "reassess",
                "correct",
                "add",
                "replan",
            ),
            *(
                "reopen",
                "demand",
                "receipt",
                "look",
                "emotion",
                "stage",
                "note",
                "tick",
                "time",
                "start-timer",
                "stop-timer",
            ),
            *("merge", "split", "link", "hand_over", "assign"),
        ),
    ),
    "cases/<int:case_id>/files/": Console(right="work_cases", of="case", posts=True),
    "cases/<int:case_id>/draft/<str:form>/": Console(
        right="work_cases", of="case", posts=True, filled={"form": "message"}, good=200
    ),
    "cases/<int:case_id>/draft/<str:form>/discard/": Console(
        right="work_cases", of="case", posts=True, filled={"form": "message"}
    ),
    "cases/<int:case_id>/letter/": Console(right="work_cases", of="case"),
    "cases/<int:case_id>/preview/": Console(right="work_cases", of="case", posts=True, good=200),
    "cases/<int:case_id>/colleagues/": Console(right="work_cases", of="case"),
    "cases/<int:case_id>/macro/": Console(right="work_cases", of="case", good=302),  # back, since none was chosen
    "cases/<int:case_id>/authority/": Console(right="see_cases", of="case"),
    "cases/<int:case_id>/course/": Console(right="see_cases", of="case"),
    "cases/<int:case_id>/complaint/": Console(right="work_cases", of="case", posts=True),
    "cases/<int:case_id>/gesture/<str:gesture_id>/": Console(
        right="work_cases", of="case", posts=True, filled={"gesture_id": "none"}, good=404
    ),
    "cases/<int:case_id>/here/": Console(right="see_cases", of="case", posts=True, good=200),
    "cases/<int:case_id>/pass-on/": Console(right="work_cases", of="case"),
    "cases/bulk/": Console(right="work_cases", posts=True),
    "cases/bulk/<int:run_id>/": Console(right="work_cases", of="run"),
    "cases/bulk/<int:run_id>/<str:act>/": Console(right="work_cases", of="run", posts=True, filled={"act": "run"}),
    "cases/next/": Console(right="work_cases", posts=True),
    "cases/views/": Console(right="see_cases", posts=True),
    "cases/views/<int:view_id>/<str:act>/": Console(right="see_cases", of="view", posts=True, filled={"act": "drop"}),
    "cases/views/counts/": Console(right="see_cases"),
    "links/<int:link_id>/end/": Console(right="work_cases", of="link", posts=True),
    "undo/<int:step_id>/": Console(right="work_cases", of="undo", posts=True),
    "escalations/": Console(right="see_cases"),
    "notices/": Console(right="see_cases"),
    "notices/<int:notice_id>/open/": Console(right="see_cases", of="notice", posts=True),
    "notices/seen/": Console(right="see_cases", posts=True),
    "recharges/": Console(right="recharge"),
    "recharges/<int:claim_id>/<str:act>/": Console(right="recharge", of="recharge", posts=True, filled={"act": "send"}),
    "splits/": Console(right="approve"),
    "splits/<int:split_id>/<str:act>/": Console(right="approve", of="split", posts=True, filled={"act": "clear"}),
    "teams/": Console(right="work_teams"),
    "teams/<int:team_id>/<str:act>/": Console(right="work_teams", of="team", posts=True, filled={"act": "end"}),
    "teams/new/": Console(right="work_teams", posts=True, good=422),
    "absences/": Console(),
    "absences/<int:absence_id>/withdraw/": Console(of="absence", posts=True),
    "absences/enter/": Console(posts=True),
    "absences/shift/": Console(posts=True),
    "money/": Console(right="see_money"),
    "money/answer/": Console(right="work_money", posts=True),
    "money/reconcile/": Console(right="work_money", posts=True, whole=True),
    "money/payouts/<int:payout_id>/again/": Console(right="work_money", of="payout", posts=True),
    "remedies/<int:remedy_id>/reverse/": Console(right="work_money", of="remedy", posts=True),
    "vouchers/": Console(right="work_cases"),
    "budgets/": Console(right="see_budgets"),
    "budgets/set/": Console(right="set_budgets", posts=True),
    "attachments/<int:attachment_id>/": Console(right="see_cases", of="attachment"),
    "attachments/<int:attachment_id>/remove/": Console(right="work_cases", of="attachment", posts=True),
    "replies/": Console(right="work_cases"),
    "replies/new/": Console(right="work_cases"),
    "replies/macros/new/": Console(right="work_cases"),
    "actions/<int:action_id>/<str:act>/": Console(right="work_cases", of="action", acts=("do", "alter", "skip")),
    "approvals/": Console(right="approve"),
    "approvals/<int:approval_id>/<str:act>/": Console(right="approve", of="approval", acts=("grant", "refuse")),
    "customers/": Console(right="see_customers"),
    "customers/<int:customer_id>/": Console(right="see_customers", of="customer"),
    "customers/<int:customer_id>/<str:act>/": Console(
        right="work_cases", of="customer", acts=("profile", "watch", "lift")
    ),
    "customers/callers/": Console(right="see_customers"),
    "complaints/new/": Console(right="work_cases"),
    "complaints/facts/": Console(right="work_cases"),
    "learn/": Console(right="see_learning"),
    "learn/lessons/": Console(right="see_learning"),
    "learn/lessons/<int:lesson_id>/": Console(right="see_learning", of="lesson"),
    "learn/lessons/<int:lesson_id>/<str:act>/": Console(
        right="work_learning", of="lesson", acts=("confirm", "reject", "reconsider")
    ),
}

# Prepared words are one's own, a unit's or everybody's, so they are tried on their own,
# in tests/recover/services/test_macros.py
ELSEWHERE: Final = (
    "replies/<int:reply_id>/",
    "replies/macros/<int:macro_id>/",
    "replies/<str:what>/<int:pk>/retire/",
    "report/thanks/<int:failure_id>/",  # one's own alone: tests/web/console/test_reports.py
)

# The customer's page: nobody signs in, the address itself is the key. Method, what is sent, status with a good key.
PORTAL: Final[Mapping[str, tuple[str, Mapping[str, str], int]]] = {
    "mine/<str:token>": ("GET", {}, 200),
    "mine/<str:token>/yes": ("POST", {}, 302),
    "mine/<str:token>/words": ("POST", {"words": "Hello?"}, 302),
    "mine/<str:token>/complaint": ("POST", {"words": "Hello?"}, 302),
    "mine/<str:token>/files/<int:attachment_id>": ("GET", {}, 404),  # they sent none; see portal/test_files.py
}

# What is there for everybody or sees to signing in: the status for a stranger and for a member of staff.
OPEN: Final[Mapping[str, tuple[int, int]]] = {
    "theme/": (405, 405),
    "i18n/setlang/": (302, 302),
    "healthz": (200, 200),
    "readyz": (200, 200),
    "metrics": (200, 200),  # from this machine; from elsewhere see test_probes.py
    "api/v1/docs": (200, 200),
    "api/v1/openapi.json": (200, 200),
    "api/v1/streams": (200, 200),
    "api/v1/asyncapi.json": (200, 200),
    "api/v1/": (404, 404),
    "accounts/link/<str:token>/": (410, 410),  # a good one is 200, see test_sign_in.py
    "accounts/email/": (404, 404),
    "accounts/login/": (200, 302),
    "accounts/logout/": (302, 200),
    "accounts/inactive/": (200, 200),
    "accounts/signup/": (200, 302),
    "accounts/reauthenticate/": (302, 403),
    "accounts/confirm-email/": (200, 200),
    "accounts/password/change/": (302, 302),
    "accounts/password/set/": (302, 200),
    "accounts/password/reset/": (200, 200),
    "accounts/password/reset/done/": (200, 200),
    "accounts/password/reset/key/done/": (200, 200),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (200, 200),
    "accounts/login/code/confirm/": (302, 302),
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": (200, 200),
    "accounts/2fa/": (302, 200),
    "accounts/2fa/authenticate/": (302, 302),
    "accounts/2fa/reauthenticate/": (302, 403),
    "accounts/2fa/totp/activate/": (302, 200),
    "accounts/2fa/totp/deactivate/": (302, 404),
    "accounts/2fa/recovery-codes/": (302, 404),
    "accounts/2fa/recovery-codes/generate/": (302, 200),
    "accounts/2fa/recovery-codes/download/": (302, 404),
}


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A row that an address names."""

    pk: int
    unit: str | None  # its unit's code; None where it belongs to the whole company


def things(of: str) -> list[Thing]:
    """One row of a kind for each unit that has some, or the one for the whole company or of somebody else's own."""
    from amends.learn.models import Lesson
    from amends.monitor.models import Backtest, Candidate, Closure, Failure, Incident, IntakeFile, Intervention
    from amends.people.models import Absence, Customer
    from amends.recover import models

    objects: Mapping[str, tuple[Any, str | None]] = {  # the rows, and where their unit stands
        "incident": (Incident, "unit__code"),
        "failure": (Failure, "unit__code"),
        "backtest": (Backtest, None),
        "candidate": (Candidate, "unit__code"),
        "closure": (Closure, "unit__code"),
        "intervention": (Intervention, "unit__code"),
        "case": (models.Case, "unit__code"),
        "action": (models.Action, "case__unit__code"),
        "approval": (models.Approval, "unit__code"),
        "attachment": (models.Attachment, "case__unit__code"),
        "claim": (models.RechargeClaim, "unit__code"),
        "recharge": (models.RechargeClaim, "unit__code"),  # as its list is called
        "remedy": (models.Remedy, "case__unit__code"),
        "payout": (models.Payout, "unit__code"),
        "link": (models.CaseLink, "case__unit__code"),
        "split": (models.Split, "unit__code"),
        "team": (models.Team, "unit__code"),
        "run": (models.BulkRun, None),
        "upload": (IntakeFile, None),
        "view": (models.SavedView, None),
        "undo": (models.UndoStep, "case__unit__code"),
        "notice": (models.Notice, None),
        "absence": (Absence, None),
        "customer": (Customer, None),
        "lesson": (Lesson, "unit__code"),
        "support": (models.Support, None),
    }
    model, unit = objects[of]
    if unit is None:
        return [Thing(pk=model.objects.values_list("pk", flat=True)[0], unit="nobody's" if of in OTHERS else None)]
    first: dict[str, int] = {}
    for pk, code in model.objects.order_by("pk").values_list("pk", unit):
        first.setdefault(code, pk)
    return [Thing(pk=pk, unit=code) for code, pk in sorted(first.items())]


def every_address() -> set[str]:
    """All that the URL resolver knows, without the API's operations, which have a table of their own."""
    return {route for route in _routes(get_resolver().url_patterns) if not _is_operation(route)}


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _is_operation(route: str) -> bool:
    return route.startswith("api/v1/") and route not in OPEN
