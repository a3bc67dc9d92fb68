"""How a case's words are cut, and what people search for: by the same rule, or nothing would be found.

Chinese is kept as pairs of characters that follow each other, since nothing parts its words.
"""

import re
from typing import Final

from django.db import connection

CJK: Final = re.compile(r"[\u3400-\u9fff]+")
WORDS: Final = r"array_remove(regexp_split_to_array(lower({text}), '[[:space:][:punct:]]+'), '')"
PAIRS: Final = r"""case when {text} ~ '[㐀-鿿]' then (
    select array_agg(substr(run, place, 2))
    from regexp_replace({text}, '[^㐀-鿿]+', '', 'g') as run, generate_series(1, length(run) - 1) as place
) else '{{}}' end"""
# of a row `cases` and its row `customer`
KNOWN: Final = f"""array_to_tsvector(
    {WORDS.format(text="concat_ws(' ', customer.reference, customer.name, cases.subject)")}
    || {PAIRS.format(text="concat_ws(' ', customer.name, cases.subject)")} || cases.id::text)"""


def search_query(wanted: str) -> str | None:
    """The text as a query over `CaseSearch.words`: all words, the last by its beginning. None if it has no words."""
    with connection.cursor() as cursor:  # cut by the database, as the cases' own words were
        cursor.execute(f"select {WORDS.format(text='%s')}", [wanted])
        words: list[str] = cursor.fetchone()[0]
    parts = []
    for place, word in enumerate(words):
        runs = CJK.findall(word)
        pairs = [run[start : start + 2] for run in runs for start in range(len(run) - 1)]
        if pairs:
            parts += [_quoted(pair) for pair in pairs]
        elif runs or place == len(words) - 1:
            parts.append(f"{_quoted(word)}:*")
        else:
            parts.append(_quoted(word))
    return " & ".join(parts) or None


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


MOST_WORDS: Final = 4_000  # of a case: who writes more is found by the earlier ones
LONGEST_WORD: Final = 60  # characters; longer ones are no words
# Of what people write, Chinese is cut run by run, since sentences end; the last character of a run stands alone too.
CUT: Final = """
    select word from regexp_split_to_table(
        lower(regexp_replace({text}, '[㐀-鿿]+', ' ', 'g')), '[[:space:][:punct:]]+') as word
    union all
    select substr(run[1], place, 2) from regexp_matches({text}, '[㐀-鿿]+', 'g') as run,
        generate_series(1, length(run[1])) as place
"""
SAID: Final = f"""
    select distinct word from ({CUT.format(text="%(text)s")}) as cut
    where length(word) between 1 and {LONGEST_WORD} limit {MOST_WORDS}
"""
# What a case was opened with, and all that was said on it since and still stands.
STANDING: Final = f"""
    select cases.id::text as word from recover_case as cases where cases.id = %(case)s
    union all
    select unnest({WORDS.format(text="about")} || {PAIRS.format(text="about")})
    from recover_case as cases join people_customer as customer on customer.id = cases.customer_id,
        concat_ws(' ', customer.reference, customer.name, cases.subject) as about
    where cases.id = %(case)s
    union all
    select said.word from (
        select body as told from recover_note where case_id = %(case)s
        union all
        select concat_ws(' ', subject, body) from channels_message where thread = 'case:' || %(case)s
        union all
        select name from recover_attachment where case_id = %(case)s and removed_at is null
    ) as texts, lateral ({CUT.format(text="told")}) as said
"""


def add_words(case_id: int, *texts: str) -> None:
    """Have a case found by these words too; its row is held by whoever calls."""
    text = " ".join(texts).replace("\0", "")[:20_000]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            update recover_casesearch set words = words || array_to_tsvector(array({SAID}))
            where case_id = %(case)s and length(words) < {MOST_WORDS}
            """,
            {"text": text, "case": case_id},
        )


def drop_words(case_id: int, text: str) -> None:
    """Have a case found by these words no more, unless something that stands says them too; what said them is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            update recover_casesearch
            set words = ts_delete(words, array(select word from ({SAID}) as gone except ({STANDING})))
            where case_id = %(case)s
            """,
            {"text": text.replace("\0", "")[:20_000], "case": case_id},
        )
