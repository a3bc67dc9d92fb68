"""Money on the screens, in the API and on the command line: what is owed, the bank's answer, vouchers, the books."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from amends.cli.main import app
from amends.people.services import create_api_token
from amends.recover.models import Payout, PayoutBatch, Remedy, Voucher
from amends.recover.payouts.registry import connector
from amends.recover.selectors.money import payout_sums
from amends.recover.services.settling import order_payouts, reference_of, send_batch
from amends.recover.voucher_codes import code_for
from amends.web.templatetags.amends import bounded
from tests.web.console import test_acts
from tests.web.console.test_leave import page_of, post
from tests.web.console.world import NOW, World, airline
from tests.web.portal.mail import page_of as mine_of

As = Callable[..., Client]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.PAYOUTS_PATH = tmp_path / "payouts"
    connector.cache_clear()
    cache.clear()  # tries at codes are counted there


def told(answer: Any) -> str:
    """All that the next page says came of it."""
    return " / ".join(test_acts.told(answer))


def sent() -> list[str]:
    """Hand over all that is due; the references."""
    for batch in order_payouts(now=NOW):
        send_batch(batch, now=NOW)
    return [reference_of(one.pk, one.round) for one in Payout.objects.filter(state="sent").order_by("pk")]


def answer_of(*rows: str) -> SimpleUploadedFile:
    text = "\n".join(["reference,outcome,note", *rows])
    return SimpleUploadedFile("answer.csv", text.encode(), content_type="text/csv")


def test_what_is_owed_stands_with_its_customer_and_the_way_it_goes(world: World, as_: As) -> None:
    references = sent()
    assert references
    page = page_of(as_("supervisor"), "money")
    assert references[0] in page
    assert Payout.objects.order_by("-pk").first().remedy.customer.name in page
    assert "file for the bank" in page
    assert "The bank's answer" not in re.sub(r"&#x27;", "'", page)  # that is for those who work on money
    chinese = page_of(as_("manager", "zh-hans"), "money", state="sent")
    assert "银行文件" in chinese
    assert "银行回执" in chinese
    assert "没有付款" in page_of(as_("manager", "zh-hans"), "money", state="returned")


def test_the_banks_answer_counts_once_and_its_bad_rows_are_told(world: World, as_: As) -> None:
    first, *others = sent()
    rows = [f"{first},returned,account closed", *(f"{one},paid," for one in others), "P0-9,paid,", "x,maybe,"]
    manager = as_("manager")
    said = told(manager.post("/money/answer/", {"file": answer_of(*rows)}, follow=True))
    assert f"{len(others)} paid, 1 came back, 0 known before." in said
    assert "Row" in said
    assert "P0-9" in said
    again = told(manager.post("/money/answer/", {"file": answer_of(*rows)}, follow=True))
    assert f"0 paid, 0 came back, {len(others) + 1} known before." in again
    payout = Payout.objects.get(state="returned")
    assert payout.note in page_of(manager, "money", state="returned")
    assert "leaves with the next batch" in told(manager.post(f"/money/payouts/{payout.pk}/again/", follow=True))
    assert sent() == [reference_of(payout.pk, 2)]
    assert "choose a file" in told(manager.post("/money/answer/", follow=True))
    assert "no column" in told(
        manager.post("/money/answer/", {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2")}, follow=True)
    )


def test_the_books_are_held_against_the_records_on_the_page(world: World, as_: As) -> None:
    manager = as_("manager")
    assert "have not been held against" in page_of(manager, "money")
    assert "The books come to zero." in told(manager.post("/money/reconcile/", follow=True))
    page = page_of(manager, "money")
    assert "Trial balance" in page
    assert "Owed against payouts that are due or returned" in page
    assert "账实相符" in page_of(as_("manager", "zh-hans"), "money")


def test_a_voucher_is_redeemed_at_the_till_once(world: World, as_: As) -> None:
    clerk = as_("front_line")
    voucher = Voucher.objects.filter(state="open").order_by("pk")[0]
    code = code_for(voucher.pk).lower().replace("-", " ")
    good = clerk.post("/vouchers/", {"code": code, "reference": "S-1"})
    assert good.status_code == 200
    assert "is good and is redeemed now" in good.content.decode()
    for given, why in (({"code": code}, "redeemed before"), ({"code": "0000-0001"}, "no voucher with this code")):
        refused = clerk.post("/vouchers/", given)
        assert refused.status_code == 422
        assert why in refused.content.decode()
    assert "请输入券码" in as_("front_line", "zh-hans").post("/vouchers/", {"code": ""}).content.decode()


def test_codes_are_not_guessed_at_speed(world: World, as_: As) -> None:
    clerk = as_("front_line")
    seen = {clerk.post("/vouchers/", {"code": f"0000-{number:04}"}).status_code for number in range(31)}
    assert seen == {422, 429}


def test_a_customer_finds_the_code_on_their_page_and_what_became_of_it(world: World, as_: As) -> None:
    voucher = Voucher.objects.filter(state="open").select_related("remedy").order_by("pk")[0]
    page, code = mine_of(voucher.remedy.case), code_for(voucher.pk)
    client = Client()
    assert code in client.get(page).content.decode()
    assert code not in page_of(as_("manager"), "case", voucher.remedy.case_id)  # who works here need not know it
    as_("front_line").post("/vouchers/", {"code": code})
    client.cookies["django_language"] = "en"
    after = client.get(page).content.decode()
    assert code not in after
    assert "You have used it." in after


def test_a_manager_takes_back_what_is_not_with_the_customer_yet(world: World, as_: As) -> None:
    line = Remedy.objects.filter(voucher__state="open").order_by("pk")[0]
    page = page_of(as_("manager"), "case", line.case_id)
    assert f"/remedies/{line.pk}/reverse/" in page
    assert f"/remedies/{line.pk}/reverse/" not in page_of(as_("supervisor"), "case", line.case_id)
    assert "Say why" in told(post(as_("manager"), "remedy_reverse", line.pk))
    assert "taken back" in told(post(as_("manager"), "remedy_reverse", line.pk, reason="Given twice."))
    after = page_of(as_("manager"), "case", line.case_id)
    assert "Given twice." in after
    assert f"/remedies/{line.pk}/reverse/" not in after
    assert code_for(line.voucher.pk) not in Client().get(mine_of(line.case)).content.decode()


def test_a_till_and_a_payment_service_use_the_api(world: World, client: Client) -> None:
    manager = world.staff["manager"]
    scopes = ["read:money", "write:money", "write:vouchers"]
    secret = create_api_token(manager, name="till", scopes=scopes, now=timezone.now())[1]

    def call(method: str, path: str, key: str = "", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
        answer = client.generic(method, f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)
        return answer.status_code, answer.json()

    code = code_for(Voucher.objects.filter(state="open").order_by("pk")[0].pk)
    status, used = call("POST", "/vouchers/redeem", "k1", code=code, reference="S-1")
    assert (status, used["state"]) == (200, "redeemed")
    assert call("POST", "/vouchers/redeem", "k2", code=code, reference="S-1")[0] == 200  # the same sale
    assert call("POST", "/vouchers/redeem", "k3", code=code, reference="S-2")[0] == 409
    assert call("POST", "/vouchers/redeem", "k4", code="0000-0001")[0] == 404
    references = sent()
    listed = call("GET", "/payouts?state=sent")[1]["items"]
    assert {one["reference"] for one in listed} == set(references)
    results = [{"reference": one, "outcome": "paid"} for one in references]
    assert call("POST", "/payouts/results", "k5", results=results)[1]["paid"] == len(references)
    assert call("POST", "/payouts/results", "k6", results=results)[1]["already"] == len(references)
    status, report = call("POST", "/ledger/reconciliations", "k7")
    assert (status, report["differences"]) == (200, 0)
    assert call("GET", "/ledger/reconciliations")[1][0]["id"] == report["id"]


@pytest.mark.django_db(transaction=True)
def test_the_command_pays_confirms_and_reconciles(tmp_path: Path) -> None:
    airline()

    def amends(*arguments: str, code: int = 0) -> str:
        said = CliRunner().invoke(app, ["ledger", *arguments])
        assert said.exit_code == code, (said.output, said.exception)
        return said.output

    assert json.loads(amends("pay", "--json")) == {"batches": 1, "not_sent": 0}
    batch = PayoutBatch.objects.get()
    file = tmp_path / "answer.csv"
    rows = [f"{reference_of(one.pk, 1)},paid" for one in batch.payouts.all()]
    file.write_text("\n".join(["reference,outcome", *rows]), encoding="ascii")
    assert json.loads(amends("confirm", str(file), "--json"))["paid"] == batch.count
    assert f"{batch.count} known before" in amends("confirm", str(file))
    file.write_text("reference,outcome\nP0-1,paid\nP1-1,lost\n", encoding="ascii")
    assert "row 3" in amends("confirm", str(file), code=2)
    assert "no such file" in amends("confirm", str(tmp_path / "none.csv"), code=2).lower()
    assert "0 differences" in amends("reconcile")
    assert json.loads(amends("reconcile", "--json"))["differences"] == 0


def test_payouts_that_are_over_are_not_added_up_each_time(world: World) -> None:
    manager = world.staff["manager"]
    some = Payout.objects.order_by("id").first()
    assert some is not None
    Payout.objects.exclude(pk=some.pk).update(state="paid")
    Payout.objects.filter(pk=some.pk).update(state="sent")
    assert payout_sums(manager) == [("sent", some.currency, 1, some.amount)]


@pytest.mark.parametrize(("count", "said"), [(99, "99"), (100, "100"), (101, "100+")])
def test_what_nobody_counts_further_ends_in_a_plus(count: int, said: str) -> None:
    assert bounded(count) == said
