"""Predictions end to end: learnt from history, told of what is open, acted on once, given up where they do not fit."""

import atexit
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.monitor.core.refusals import NotDone
from amends.monitor.models import Failure, Foreseen, IncidentAct, Intervention, Training
from amends.monitor.services.foreseeing import foresee
from amends.monitor.services.intervening import finish_intervention, leave_intervention, take_intervention
from amends.monitor.services.training import ask_training, carry_out_training, check_drift, foretold, stop_training
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import create_staff
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of
from amends.policy.services import publish_blueprint
from tests.kept import Kept
from tests.monitor.airline import published
from tests.monitor.services.foreseen_air import DAYS, NOW, heard, learn, owner

pytestmark = pytest.mark.django_db


class Learnt(NamedTuple):
    """An airline with a model in force."""

    version: BlueprintVersion
    quality: Staff
    training: Training


_history = Path(tempfile.mkdtemp(prefix="amends-foreseen-"))
atexit.register(shutil.rmtree, _history, ignore_errors=True)


def _made() -> Learnt:
    version, quality = published(), owner()
    heard(_history)
    return Learnt(version, quality, learn(_history, by=quality))


_learnt = Kept(_made)  # a training takes seconds


@pytest.fixture
def world(request, db):
    return _learnt() if "learnt" in request.fixturenames else None


@pytest.fixture
def root(world, tmp_path):
    folder = tmp_path / "history"
    if world is not None:
        shutil.copytree(_history, folder)
    return folder


@pytest.fixture
def version(world):
    return world.version if world else published()


@pytest.fixture
def quality(world, version):
    return world.quality if world else owner()


@pytest.fixture
def learnt(world):
    return world.training


def changed(version, **prediction):
    """Publish the blueprint with another section of predictions."""
    content = blueprint_of(version.pk).content()
    content["prediction"] = {**content["prediction"], **prediction}
    return publish_blueprint(Blueprint.from_content(content), name="airline", now=NOW, acting_user="test")


def supervisor(unit):
    there = Unit.objects.get(code=unit)
    return create_staff(email=f"{unit}@x.test", name="S", role="supervisor", unit=there, now=NOW, acting_user=None)


def test_a_model_is_learnt_judged_and_put_in_force(learnt):
    assert (learnt.state, learnt.in_force, learnt.percent, learnt.said_en) == ("finished", True, 100, "")
    boosting, base = learnt.metrics["boosting"], learnt.metrics["base_rate"]
    assert boosting["auc"] > 0.75 > base["auc"]
    assert boosting["brier"] < base["brier"]
    assert {spot["hour"] for spot in learnt.spots} <= {*range(17, 24), 0}, "only evening flights are hot"
    assert learnt.spots


def test_open_promises_get_a_chance_with_reasons_in_both_languages(learnt):
    turn = foresee(now=NOW)
    rows = list(Foreseen.objects.order_by("due"))
    assert turn.told == len(rows) > 10
    assert all(NOW < row.due <= NOW + timedelta(hours=6) for row in rows)
    assert all(0 < row.chance < 1 and row.grounds == "model" for row in rows)
    evening = [row.chance for row in rows if row.standard == "depart-on-time" and row.due.hour >= 18]
    early = [row.chance for row in rows if row.standard == "depart-on-time" and row.due.hour < 17]
    assert min(evening) > max(early)
    assert any(row.why for row in rows)
    assert all(reason["en"] and reason["zh"] for row in rows for reason in row.why)


def test_a_turn_made_twice_changes_nothing_and_what_is_settled_is_gone(learnt, root):
    foresee(now=NOW)
    before = set(Foreseen.objects.values_list("promise_key", "chance"))
    foresee(now=NOW)
    assert set(Foreseen.objects.values_list("promise_key", "chance")) == before
    later = NOW + timedelta(hours=3)
    heard(root, now=later)
    foresee(now=later)
    assert all(row.due > later for row in Foreseen.objects.all())


def test_the_gravest_are_raised_once_ranked_by_what_they_would_cost(learnt, version):
    changed(version, intervene_from="50")
    first = foresee(now=NOW)
    raised = list(Intervention.objects.order_by("-cost"))
    assert first.raised == len(raised) > 0
    assert all(one.cost >= 50 and one.playbook and one.state == "open" for one in raised)
    assert raised[0].cost == max(Foreseen.objects.values_list("cost", flat=True))
    again = foresee(now=NOW)
    known = set(Intervention.objects.values_list("promise_key", flat=True))
    assert len(known) == Intervention.objects.count() == first.raised + again.raised
    assert not {one.promise_key for one in raised} - known


def test_nobody_is_called_unless_the_blueprint_says_so(learnt, version):
    changed(version, intervene_from=None)
    assert foresee(now=NOW).raised == 0
    assert not Intervention.objects.exists()


def test_without_the_section_nothing_is_predicted(learnt, version, quality):
    foresee(now=NOW)
    content = blueprint_of(version.pk).content()
    del content["prediction"]
    publish_blueprint(Blueprint.from_content(content), name="airline", now=NOW, acting_user="test")
    assert foresee(now=NOW).told == 0
    assert not Foreseen.objects.exists()
    with pytest.raises(NotDone):
        ask_training(acting_user=quality, now=NOW)


def test_another_season_is_noticed_and_base_rates_speak_with_a_word(learnt, root, version):
    assert check_drift(root=root, now=NOW).verdict == "steady"
    later = NOW + timedelta(days=9)
    heard(root, now=later, first=DAYS + 2, days=7, seed=9, morning=0.9, evening=0.95)
    found = check_drift(root=root, now=later)
    assert found.drifted
    learnt.refresh_from_db()
    assert (learnt.drifted_at, learnt.drift["verdict"]) == (later, found.verdict)
    changed(version, intervene_from="1")
    turn = foresee(now=later)
    rows = list(Foreseen.objects.all())
    assert turn.told
    assert not turn.raised, "a base rate says nothing of a single promise: nobody is called"
    assert {row.grounds for row in rows} == {"drifted"}
    assert {row.standard: row.chance for row in rows} == {
        row.standard: learnt.model["rates"][row.standard] for row in rows
    }
    assert "unlike" in rows[0].why[0]["en"]


def test_a_kind_never_seen_gets_the_share_of_all_with_a_word(learnt, version):
    content = blueprint_of(version.pk).content()
    new = next(one for one in content["standards"] if one["id"] == "depart-on-time")
    content["standards"].append({**new, "id": "doors-closed", "name": {"en": "Doors closed", "zh": "舱门关闭"}})
    publish_blueprint(Blueprint.from_content(content), name="airline", now=NOW, acting_user="test")
    foresee(now=NOW)
    row = Foreseen.objects.filter(standard="doors-closed").first()
    assert (row.grounds, row.chance) == ("unknown_kind", pytest.approx(learnt.model["rate"]))
    assert row.why[0]["zh"].startswith("训练中没有此类承诺")
    assert Foreseen.objects.filter(standard="depart-on-time", grounds="model").exists()


def test_a_model_that_was_tampered_with_foresees_nothing(learnt, caplog):
    learnt.model["forest"]["left"] = "import os"
    learnt.save(update_fields=["model"])
    assert foresee(now=NOW).told == 0
    assert "cannot be read" in caplog.text


def test_nothing_is_foretold_of_what_is_between_colleagues(version):
    pack = blueprint_of(version.pk)
    assert pack.watched_inside
    assert not {one.id for one in foretold(pack).standards} & set(pack.watched_inside)


def test_too_little_history_makes_no_model_and_says_so(quality, root):
    heard(root, first=DAYS - 3, days=3)
    run = learn(root, by=quality)
    assert (run.state, run.in_force) == ("failed", False)
    assert "too little" in run.said_en
    assert "历史记录不足" in run.said_zh
    assert foresee(now=NOW).told == 0


def test_what_is_no_better_than_the_base_rate_is_not_used(quality, root):
    heard(root, evening=0.3, morning=0.3)
    run = learn(root, by=quality)
    assert run.state == "finished"
    assert run.in_force == (run.metrics["boosting"]["brier"] < run.metrics["base_rate"]["brier"])
    assert bool(run.said_en) != run.in_force


def test_one_training_at_a_time_and_it_can_be_stopped(quality, root):
    heard(root)
    run = ask_training(acting_user=quality, now=NOW)
    with pytest.raises(NotDone):
        ask_training(acting_user=None, now=NOW)
    stop_training(run.pk, acting_user=quality, now=NOW)
    assert not carry_out_training(run.pk, root=root, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.model) == ("cancelled", None)
    with pytest.raises(IllegalMove):
        stop_training(run.pk, acting_user=quality, now=NOW)


def test_a_training_that_is_stopped_midway_leaves_the_model_in_force(learnt, quality, root, monkeypatch):
    run = ask_training(acting_user=quality, now=NOW)
    from amends.monitor.services import training

    tell = training._tell

    def stopped(one, percent):
        if percent > 60:
            Training.objects.filter(pk=one.pk).update(state="cancelled")
        tell(one, percent)

    monkeypatch.setattr(training, "_tell", stopped)
    assert not carry_out_training(run.pk, root=root, now=NOW)
    assert Training.objects.get(in_force=True) == learnt


def test_a_training_that_was_killed_begins_anew_and_ends_with_the_same_model(learnt, quality, root, monkeypatch):
    run = ask_training(acting_user=quality, now=NOW)
    from amends.monitor.services import training

    with monkeypatch.context() as patched:

        def killed(one, percent):
            raise KeyboardInterrupt

        patched.setattr(training, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out_training(run.pk, root=root, now=NOW)
    assert Training.objects.get(in_force=True) == learnt
    assert carry_out_training(run.pk, root=root, now=NOW)
    run.refresh_from_db()
    assert (run.in_force, run.model) == (True, learnt.model)


def test_a_new_version_takes_over_and_old_ones_keep_their_figures(learnt, quality, root):
    other = learn(root, by=quality)
    learnt.refresh_from_db()
    assert (other.in_force, learnt.in_force) == (True, False)
    assert learnt.metrics == other.metrics, "the same history gives the same model"


def test_only_those_who_change_standards_for_the_whole_company_train(quality):
    with pytest.raises(NotAllowed):
        ask_training(acting_user=supervisor("XX-AAA"), now=NOW)


def test_an_intervention_is_taken_done_and_on_record_by_whoever_reaches_its_unit(learnt, version):
    changed(version, intervene_from="50")
    foresee(now=NOW)
    here, there = supervisor("XX-AAA"), supervisor("XX-BBB")
    one = Intervention.objects.filter(unit=here.unit).first()
    with pytest.raises(NotFound):
        take_intervention(one.pk, acting_user=there, now=NOW)
    take_intervention(one.pk, acting_user=here, now=NOW)
    done = finish_intervention(one.pk, note="Another aircraft", acting_user=here, now=NOW)
    assert (done.state, done.by, done.note) == ("done", here, "Another aircraft")
    with pytest.raises(IllegalMove):
        leave_intervention(one.pk, note="", acting_user=here, now=NOW)
    acts = IncidentAct.objects.filter(details__intervention=one.pk).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["take_intervention", "do_intervention"]


def test_what_came_of_it_is_said_once_its_time_has_passed(learnt, version, quality):
    changed(version, intervene_from="50")
    foresee(now=NOW)
    broken, kept, *_ = Intervention.objects.order_by("due")
    from tests.monitor.told import finding

    take_intervention(kept.pk, acting_user=supervisor("XX"), now=NOW)
    from amends.monitor.services import record_findings

    source, id_ = "ops", f"{broken.subject}#scheduled"
    record_findings(
        [
            finding(
                "breached",
                broken.due,
                standard=broken.standard,
                subject=broken.subject,
                due=broken.due,
                opening_source=source,
                opening_id=id_,
            )
        ],
        version=version,
        now=broken.due,
    )
    assert Failure.objects.get().promise_key == broken.promise_key
    foresee(now=NOW + timedelta(hours=8))
    broken.refresh_from_db()
    kept.refresh_from_db()
    assert (broken.broken, broken.state) == (True, "passed")
    assert (kept.broken, kept.state) == (False, "passed")
