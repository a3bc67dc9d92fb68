"""A made-up customer who answers a recovery, so that the ring can turn where no real customer is asked. Not a forecast.

The directions and shapes come from the literature; the sizes (every number in `Temperament`) are our assumptions, of
low confidence, chosen so that the loyalty it gives lies in the range of the TARP figures. Whatever it answers must be
kept with the label `simulated`.

- Money against the loss: whoever went without the service answers by an S-curve, steepest from 60 to 120 % of the loss;
  whoever used it all the same by a concave curve, where the first money does most (Gelbrich, Gäthke & Grégoire 2015).
  The effect rises to about 150 % and then falls (Haesevoets et al. 2017).
- Distributive justice counts more than interactional, interactional more than procedural (Orsingher et al. 2010).
- An excellent recovery can leave a customer more satisfied than if nothing had happened (De Matos et al. 2007): after
  one failure, not after two (Maxham & Netemeyer 2002). It does so for satisfaction only, not for staying.
- Earlier purchases soften the wish to leave, earlier failures harden it (Knox & van Oest 2014).
- Loyal after a problem: 19-46 % of those who complained in vain, 54-70 % of the satisfied, 82-95 % of the quickly
  satisfied (TARP, as other works cite it).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from amends.monitor.core.keyed_random import Floats, keys_of, normal, uniform

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Ratings = npt.NDArray[np.int8]

LIGHT, MODERATE, SEVERE = 0, 1, 2
LABEL: Final = "simulated"


@dataclass(frozen=True, kw_only=True)
class Handled:
    """What the customers went through, one element a case."""

    severity: Numbers  # LIGHT, MODERATE or SEVERE
    minutes_late: Numbers  # 0 if not a matter of time
    compensation_share: Numbers  # worth given / price paid
    used_service: Bools  # had the service all the same, late or flawed; False: went without it
    apologised: Bools
    explained: Bools
    informed_in_time: Bools
    tier: Numbers  # 0 none to 3 the highest
    prior_failures: Numbers  # within the last year, this one not counted

    def __post_init__(self) -> None:
        sizes = {name: len(getattr(self, name)) for name in self.__dataclass_fields__}
        if len(set(sizes.values())) > 1:
            raise ValueError(f"one element a case is needed in each array, not {sizes}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the customers say, one element a case. Where `answered` is False nobody replied: record no rating."""

    answered: Bools
    accepted: Bools
    satisfaction_before: Ratings  # 1 to 5, after the failure and before the recovery
    satisfaction_after: Ratings  # 1 to 5
    intends_to_stay: Bools


@dataclass(frozen=True, kw_only=True)
class Temperament:
    """The sizes of the effects. Ratings are on the scale from 1 to 5; `logit` numbers add up in log-odds."""

    content: float = 4.1  # rating when nothing has gone wrong
    harm: tuple[float, float, float] = (0.8, 1.6, 2.4)  # off the rating, by severity
    harm_per_doubled_hour: float = 0.20  # off the rating for each doubling of (1 h + lateness)
    harm_per_prior_failure: float = 0.25
    most_prior_failures: int = 3  # more than these make no further difference
    distributive: float = 0.5  # weights of justice; they sum to 1
    interactional: float = 0.3
    procedural: float = 0.2
    steepest_share: float = 0.9  # of the loss, for those who went without the service
    s_curve_width: float = 0.12
    concave_scale: float = 0.4  # share of the loss by which 63 % of the effect is reached
    saturation: float = 1.5  # share of the price from which on more money does harm
    oversized_slope: float = 0.2  # effect lost per further whole price
    neglect: float = 0.5  # off the rating if nothing at all is done
    paradox: float = 0.4  # on the rating, beyond content, for a perfect recovery of a first failure
    paradox_from: float = 0.8  # no paradox unless the recovery is better than this
    wear: float = 0.2  # share of the repair lost per prior failure
    noise: float = 0.5  # standard deviation of a rating before rounding
    answers_logit: float = -0.4  # replies at all
    answers_per_distance: float = 0.5  # the very happy and the very unhappy reply more often
    accepts_logit: float = -1.0
    accepts_per_recovery: float = 4.2
    accepts_per_severity: float = -0.4
    stays_logit: float = -1.7  # at the worst rating
    stays_per_point: float = 1.0
    stays_per_tier: float = 0.2
    stays_per_prior_failure: float = -0.3


DEFAULT: Final = Temperament()


def answers(handled: Handled, seed: int, cases: list[str], temperament: Temperament = DEFAULT) -> Answer:
    """What each customer says; the same for a seed and case key, whichever other cases are asked."""
    if len(cases) != len(handled.severity):
        raise ValueError(f"{len(cases)} case keys for {len(handled.severity)} cases")
    t, keys = temperament, keys_of(seed, cases)
    prior = _prior(handled, t)
    severity = np.asarray(handled.severity, dtype=np.int64)
    before, after = expected_satisfaction(handled, t)
    mood = t.noise * normal(keys, 0)  # one person's mood colours both ratings
    before, after = before + mood, after + mood + 0.5 * t.noise * normal(keys, 1)
    accepts = t.accepts_logit + t.accepts_per_recovery * recovery(handled, t) + t.accepts_per_severity * severity
    without_paradox = np.clip(after, 1.0, t.content)
    stays = (
        t.stays_logit
        + t.stays_per_point * (without_paradox - 1.0)
        + t.stays_per_tier * np.asarray(handled.tier, dtype=np.float64)
        + t.stays_per_prior_failure * prior
    )
    replies = t.answers_logit + t.answers_per_distance * np.abs(after - 3.0)
    return Answer(
        answered=uniform(keys, 2) < _share(replies),
        accepted=uniform(keys, 3) < _share(accepts),
        satisfaction_before=_rating(before),
        satisfaction_after=_rating(after),
        intends_to_stay=uniform(keys, 4) < _share(stays),
    )


def expected_satisfaction(handled: Handled, temperament: Temperament = DEFAULT) -> tuple[Floats, Floats]:
    """Satisfaction after the failure, and after its recovery, before anybody's mood and rounding."""
    t = temperament
    prior = _prior(handled, t)
    harm = (
        np.array(t.harm)[np.asarray(handled.severity, dtype=np.int64)]
        + t.harm_per_doubled_hour * np.log2(1.0 + np.maximum(handled.minutes_late, 0) / 60.0)
        + t.harm_per_prior_failure * prior
    )
    done = recovery(handled, t)
    before = np.maximum(t.content - harm, 1.0)
    after = t.content - (t.content - before + t.neglect) * (1.0 - done * (1.0 - t.wear * prior))
    surprise = t.paradox * np.clip((done - t.paradox_from) / (1.0 - t.paradox_from), 0.0, 1.0)
    return before, np.maximum(after + np.where(prior == 0, surprise, 0.0), 1.0)


def recovery(handled: Handled, temperament: Temperament = DEFAULT) -> Floats:
    """How well the case was handled, from 0 (nothing done) to 1: the three kinds of justice, weighted."""
    t = temperament
    interactional = (handled.apologised.astype(np.float64) + handled.explained) / 2.0
    return np.asarray(
        t.distributive * redress(handled.compensation_share, handled.used_service, t)
        + t.interactional * interactional
        + t.procedural * handled.informed_in_time,
        dtype=np.float64,
    )


def redress(share: Numbers, used_service: Bools, temperament: Temperament = DEFAULT) -> Floats:
    """The effect, from 0 to 1, of compensation that is this share of the price."""
    t = temperament
    paid = np.maximum(np.asarray(share, dtype=np.float64), 0.0)
    counted = np.minimum(paid, t.saturation)
    floor, ceiling = (_share((end - t.steepest_share) / t.s_curve_width) for end in (0.0, t.saturation))
    s_curve = (_share((counted - t.steepest_share) / t.s_curve_width) - floor) / (ceiling - floor)
    concave = np.expm1(-counted / t.concave_scale) / np.expm1(-t.saturation / t.concave_scale)
    effect = np.where(used_service, concave, s_curve) - t.oversized_slope * (paid - counted)
    return np.asarray(np.maximum(effect, 0.0), dtype=np.float64)


def _prior(handled: Handled, temperament: Temperament) -> Floats:
    return np.minimum(np.asarray(handled.prior_failures, dtype=np.float64), temperament.most_prior_failures)


def _share(log_odds: Floats | float) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(log_odds))), dtype=np.float64)


def _rating(latent: Floats) -> Ratings:
    return np.clip(np.rint(latent), 1, 5).astype(np.int8)
