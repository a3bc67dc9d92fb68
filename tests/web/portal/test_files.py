"""Files from a customer: along with their words, checked before anything is written, and theirs alone to open."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from amends.recover.files import place_of
from amends.recover.links import token_of
from amends.recover.models import Attachment
from amends.recover.services import attach_file
from tests.web.console.world import NOW, World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


def send(client: Client, token: str, *files: tuple[str, bytes], words: str = "My bag is torn.") -> Any:
    given = {"words": words, "files": [SimpleUploadedFile(name, data) for name, data in files]}
    return client.post(reverse("portal:words", args=[token]), given)


def test_a_customer_sends_a_photo_and_opens_it_again(world: World, client: Client) -> None:
    case = world.case_to_approve
    token = token_of(f"case:{case.pk}")
    assert send(client, token, ("bag.png", PNG)).status_code == 302
    assert send(client, token, ("bag.png", PNG)).status_code == 302  # a form sent twice
    one = Attachment.objects.get()
    assert (one.customer_id, one.added_by, one.message.body) == (case.customer_id, None, "My bag is torn.")
    shown = client.get(reverse("portal:page", args=[token])).content.decode()
    assert "bag.png" in shown
    got = client.get(reverse("portal:file", args=[token, one.pk]))
    assert b"".join(got.streaming_content) == PNG
    assert got["Content-Security-Policy"].startswith("sandbox;")
    assert got["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_on_record_and_lost_from_the_disk_is_said_to_be_not_there(world: World, client: Client) -> None:
    case = world.case_to_approve
    one = attach_file(case.pk, name="bag.png", data=PNG + b"lost", acting_user=case.customer, now=NOW)
    place_of(one.digest).unlink()
    assert client.get(reverse("portal:file", args=[token_of(f"case:{case.pk}"), one.pk])).status_code == 404
    client.force_login(world.staff["supervisor"])
    assert client.get(reverse("console:attachment", args=[one.pk])).status_code == 404


def test_what_staff_attached_and_what_others_sent_is_not_there_for_a_customer(world: World, client: Client) -> None:
    case, other = world.case_to_approve, world.case_to_call
    inside = attach_file(case.pk, name="inside.txt", data=b"internal", acting_user=world.staff["supervisor"], now=NOW)
    theirs = attach_file(other.pk, name="theirs.png", data=PNG, acting_user=other.customer, now=NOW)
    token = token_of(f"case:{case.pk}")
    assert "inside.txt" not in client.get(reverse("portal:page", args=[token])).content.decode()
    for pk in (inside.pk, theirs.pk, 9_999):
        assert client.get(reverse("portal:file", args=[token, pk])).status_code == 404
    assert client.get(reverse("portal:file", args=[token_of("incident:1:1"), theirs.pk])).status_code == 404


def test_a_file_that_is_not_taken_sends_nothing_and_loses_no_words(world: World, client: Client) -> None:
    token = token_of(f"case:{world.case_to_approve.pk}")
    answer = send(client, token, ("page.svg", b"<svg/>"), words="A long story.")
    assert answer.status_code == 400
    assert "A long story." in answer.content.decode()
    assert "of a kind that we don" in answer.content.decode()
    many = send(client, token, *((f"{n}.txt", b"%d" % n) for n in range(6)))
    assert many.status_code == 400
    assert not Attachment.objects.exists()
