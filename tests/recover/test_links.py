"""The address of a customer's page: signed as Django signs, and read back."""

import pytest
from django.core.signing import Signer

from amends.recover.links import thread_of, token_of


@pytest.mark.parametrize("thread", ["case:1", "incident:7:123456"])
def test_a_token_is_what_the_signer_of_django_makes(thread: str, settings) -> None:
    for secret in ("one secret", "another secret"):
        settings.SECRET_KEY = secret
        assert token_of(thread) == Signer(salt="amends.customer_page", sep=".").sign(thread)
        assert thread_of(token_of(thread)) == thread


def test_what_was_not_given_out_stands_for_nothing() -> None:
    assert thread_of(token_of("case:1").replace("1", "2", 1)) is None
