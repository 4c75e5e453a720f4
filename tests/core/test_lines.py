from serviceco.core.lines import changed_lines


def test_only_what_differs_is_shown_with_two_lines_around():
    before = "a\nb\nc\nd\ne\nf\n"
    lines = changed_lines(before, before.replace("d", "D"))
    assert [line for line in lines if line[0] != "@"] == [" b", " c", "-d", "+D", " e", " f"]
    assert [line[0] for line in lines].count("@") == 1


def test_lines_that_begin_like_the_head_of_a_comparison_are_kept():
    assert changed_lines("-- a\n", "++ b\n")[1:] == ["--- a", "+++ b"]


def test_the_same_text_has_no_changes():
    assert changed_lines("a\n", "a\n") == []
