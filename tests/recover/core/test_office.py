"""Office files are taken by what their container really holds: nothing that runs, nothing that bursts."""

import struct
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.recover.core.attachment import NotTaken, kind_of
from amends.recover.core.office import LARGEST_READ, MOST_PARTS

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types>'
    '<Override PartName="/{part}" ContentType="application/{kind}"/></Types>'
)
WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELS = (
    '<Relationships><Relationship Id="rId1" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>'
)
DOCX = {
    "[Content_Types].xml": TYPES.format(part="word/document.xml", kind=WORD),
    "_rels/.rels": RELS,
    "word/document.xml": "<w:document>The bag came open.</w:document>",
    "word/media/image1.png": "picture",
}
XLSX = {
    "[Content_Types].xml": TYPES.format(part="xl/workbook.xml", kind=SHEET),
    "_rels/.rels": RELS.replace("word/document", "xl/workbook"),
    "xl/workbook.xml": "<workbook/>",
    "xl/worksheets/sheet1.xml": "<sheetData/>",
    "xl/printerSettings/printerSettings1.bin": "paper",
}
ODT = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": "<office:document-content>行李箱坏了</office:document-content>",
    "META-INF/manifest.xml": "<manifest:manifest/>",
    "Thumbnails/thumbnail.png": "picture",
}
GOOD = {"docx": DOCX, "xlsx": XLSX, "odt": ODT}


def packed(parts, how=ZIP_DEFLATED) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", how) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return held.getvalue()


def taken(ending, data) -> bool:
    try:
        return kind_of(f"letter.{ending}", data).name == ending
    except NotTaken:
        return False


@pytest.mark.parametrize("ending", GOOD)
@pytest.mark.parametrize("how", [ZIP_DEFLATED, ZIP_STORED])
def test_a_document_without_macros_is_taken(ending, how):
    assert taken(ending, packed(GOOD[ending], how))


@pytest.mark.parametrize("ending", GOOD)
def test_a_container_of_another_kind_is_not_what_its_ending_says(ending):
    assert not any(taken(ending, packed(parts)) for other, parts in GOOD.items() if other != ending)
    assert not taken(ending, packed({"words.txt": "nothing of the kind"}))
    assert not taken(ending, b"PK\x03\x04 and nothing more")
    assert not taken(ending, b"%PDF-1.7" + packed(GOOD[ending]))  # another kind in front of it


@pytest.mark.parametrize(
    ("ending", "more"),
    [
        ("docx", {"word/vbaProject.bin": "code"}),
        ("docx", {"word/embeddings/oleObject1.bin": "code"}),
        ("docx", {"word/activeX/activeX1.xml": "code"}),
        ("docx", {"word/page.html": "<script/>"}),
        ("xlsx", {"xl/macrosheets/sheet1.xml": "code"}),
        ("xlsx", {"xl/other.bin": "code"}),
        ("odt", {"Basic/Standard/Module1.xml": "code"}),
        ("odt", {"Scripts/python/run.py": "code"}),
        ("odt", {"content.xml": "<office:scripts><office:script script:language='ooo:Basic'/></office:scripts>"}),
        ("odt", {"content.xml": "<a><script:event-listener/></a>"}),
        ("odt", {"content.xml": "x" * (LARGEST_READ - 3) + "<script:event-listener/>"}),  # across two pieces
        ("odt", {"content.xml": "<office:script/>".encode("utf-16")}),
        ("odt", {"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
        ("docx", {"[Content_Types].xml": DOCX["[Content_Types].xml"] + "macroEnabled.main+xml"}),
        ("docx", {"[Content_Types].xml": "<!DOCTYPE x>" + DOCX["[Content_Types].xml"]}),
        ("docx", {"word/_rels/document.xml.rels": '<Relationship Type="http://x/vbaProject" Target="code.xml"/>'}),
        (
            "docx",
            {"word/_rels/settings.xml.rels": '<Relationship Target="https://evil/t.dotm" Type="x/attachedTemplate"/>'},
        ),
    ],
)
def test_what_would_run_something_is_refused(ending, more):
    assert not taken(ending, packed(GOOD[ending] | more))


def test_links_that_people_follow_and_a_template_at_home_are_no_harm():
    rels = {
        "word/_rels/document.xml.rels": '<Relationship Type="x/hyperlink" Target="https://x.test"/>',
        "word/_rels/settings.xml.rels": '<Relationship Type="x/attachedTemplate" Target="file:///C:/Normal.dotm"/>',
    }
    assert taken("docx", packed(DOCX | rels))


@pytest.mark.parametrize("ending", GOOD)
@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\run.txt", "word/../../x"])
def test_a_part_that_leaves_the_container_is_refused(ending, name):
    assert not taken(ending, packed(GOOD[ending] | {name: "x"}))


@pytest.mark.parametrize("ending", GOOD)
def test_what_would_burst_when_unpacked_is_refused(ending):
    bomb = packed(GOOD[ending] | {"big.xml": b"\0" * 20_000_000})
    assert len(bomb) < 100_000
    assert not taken(ending, bomb)
    many = packed(GOOD[ending] | {f"part{place}.xml": "" for place in range(MOST_PARTS)})
    assert not taken(ending, many)
    assert not taken(ending, packed(GOOD[ending], ZIP_BZIP2))


def test_a_part_that_is_longer_than_it_says_is_refused():
    data = packed({**DOCX, "[Content_Types].xml": DOCX["[Content_Types].xml"] + " " * 5_000})
    size = struct.pack("<I", len(DOCX["[Content_Types].xml"]) + 5_000)
    assert taken("docx", data)
    assert not taken("docx", data.replace(size, struct.pack("<I", 50)))


def test_an_encrypted_document_is_refused():
    data = bytearray(packed(DOCX))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert not taken("docx", bytes(data))


@given(st.data())
def test_a_damaged_document_is_refused_or_taken_but_never_an_error(data):
    ending = data.draw(st.sampled_from(sorted(GOOD)))
    whole = bytearray(packed(GOOD[ending]))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert taken(ending, bytes(whole[: data.draw(st.integers(1, len(whole)))])) in {True, False}
