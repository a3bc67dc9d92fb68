"""The lifecycle of a message: sent once, and a failed one may be tried again."""

import pytest

from amends.channels.core.message import MESSAGE
from amends.channels.models import Message
from amends.kernel.lifecycle import IllegalMove


def test_a_message_that_was_sent_is_never_sent_again():
    assert MESSAGE.after("queued", "send") == "sent"
    with pytest.raises(IllegalMove):
        MESSAGE.after("sent", "send")


def test_a_failed_message_is_queued_again():
    assert MESSAGE.after(MESSAGE.after("queued", "fail"), "retry") == "queued"


def test_the_rows_know_the_states_of_the_table():
    assert set(MESSAGE.states) | {"received"} == set(Message.State.values)
