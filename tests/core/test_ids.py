from datetime import UTC, datetime, timedelta

from serviceco.core.ids import first_id_of, new_id


def test_ids_made_from_an_instant_on_are_not_below_its_first():
    before = datetime.now(UTC)
    made = new_id()
    after = datetime.now(UTC) + timedelta(milliseconds=1)
    assert first_id_of(before) <= made < first_id_of(after)
