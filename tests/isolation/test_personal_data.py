from sqlalchemy import ARRAY, Enum, String
from sqlalchemy.dialects.postgresql import JSONB

from serviceco.storage.personal import SUBJECTS, Subject, columns_about
from tests.isolation.declared import TABLES


def worded_columns() -> set[tuple[str, str]]:
    """Return the columns that can hold words: text, arrays of text and JSON, not enums."""
    return {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if isinstance(column.type, JSONB)
        or (isinstance(column.type, String) and not isinstance(column.type, Enum))
        or (isinstance(column.type, ARRAY) and isinstance(column.type.item_type, String))
    }


def test_every_column_that_can_hold_words_says_of_whom_it_tells():
    """A new text column is entered in serviceco/storage/personal.py."""
    assert worded_columns() == set(SUBJECTS)


def test_a_customers_name_and_words_are_known_as_theirs():
    theirs = columns_about(Subject.CUSTOMER)
    assert {("customer", "name"), ("customer", "phone"), ("customer_words", "words")} <= set(theirs)
