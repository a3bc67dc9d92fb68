"""What files are taken: by what they hold, and only if they say so themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.attachment import (
    ENDINGS,
    LARGEST_CASE,
    LARGEST_FILE,
    LONGEST_NAME,
    MOST_FILES,
    NotTaken,
    check_room,
    kind_of,
    plain_name,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
GOOD = {
    "receipt.pdf": b"%PDF-1.7\n...",
    "bag.png": PNG,
    "bag.JPG": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "bag.webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "list.csv": b"item,price\n=1+1,2\n",
    "words.txt": "行李箱坏了".encode(),
    "old.txt": "行李箱坏了".encode("gb18030"),
}
BAD = {
    "page.html": b"<html><script>alert(1)</script></html>",
    "picture.svg": b"<svg onload='alert(1)'/>",
    "page.txt": b"\xef\xbb\xbf <!DOCTYPE html><script>alert(1)</script>",
    "picture.csv": b"  <svg xmlns='http://www.w3.org/2000/svg'/>",
    "picture.png": b"<svg/>",
    "paper.pdf": b"MZ\x90\0 %PDF-1.7",
    "photo.jpg": PNG,
    "sound.webp": b"RIFF\x10\0\0\0WAVEfmt ",
    "program.txt": b"MZ\x90\0\x03\0",
    "noending": b"words",
    "empty.txt": b"",
    "office.docm": b"PK\x03\x04",
    "large.txt": b"a" * (LARGEST_FILE + 1),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_what_it_says_is_taken(name):
    assert name.rpartition(".")[2].lower() in kind_of(name, GOOD[name]).endings


@pytest.mark.parametrize("name", BAD)
def test_what_browsers_would_run_or_what_is_not_what_it_says_is_refused_in_both_languages(name):
    with pytest.raises(NotTaken) as refused:
        kind_of(name, BAD[name])
    assert name in refused.value.why.en
    assert name in refused.value.why.zh


@given(st.binary(min_size=1, max_size=200), st.sampled_from(ENDINGS))
def test_nothing_that_starts_as_markup_is_ever_taken(data, ending):
    for start in (b"<html>", b"<svg>", b"<!doctype html>", b"<?xml ?>", b" \n<SCRIPT>"):
        with pytest.raises(NotTaken):
            kind_of(f"file.{ending}", start + data)


@given(st.text())
def test_a_name_has_no_folder_and_nothing_unseen_and_fits(name):
    plain = plain_name(name)
    assert len(plain) <= LONGEST_NAME
    assert not set(plain) & set("/\\\0\r\n\u202e\u200b")


def test_a_name_keeps_its_ending_however_long_it_is():
    assert plain_name("../../etc/passwd") == "passwd"
    assert plain_name("C:\\photos\\bag.png") == "bag.png"
    assert plain_name("a" * 300 + ".pdf").endswith("aaa.pdf")
    assert plain_name("gnp.\u202etxt") == "gnp.txt"


def test_a_case_has_room_for_so_much_and_no_more():
    check_room(files=MOST_FILES - 1, held=0, more=LARGEST_CASE)
    for files, held, more in ((MOST_FILES, 0, 1), (0, LARGEST_CASE, 1)):
        with pytest.raises(NotTaken):
            check_room(files=files, held=held, more=more)
