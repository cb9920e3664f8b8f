"""The house keeps its shape: nothing runs back up, no circle, short functions, files of one subject."""

from tests.figures import (
    LONG_FILE,
    ROOT,
    arrows_up,
    circle,
    circle_of_files,
    circle_of_folders,
    figures,
    functions,
    long_files,
    percentile,
    public_functions,
    tracked,
)

LONGEST_FUNCTION = 60
MEDIAN, NINETY_FIFTH = 6, 24
# Forked children are tested where they work: by the fits, the reader of files and the jobs.
TESTED_BY_USERS = {"processes"}


def test_no_import_of_the_engine_runs_from_a_folder_to_one_above_it() -> None:
    assert arrows_up() == []


def test_no_folders_and_no_files_of_the_engine_stand_in_a_circle() -> None:
    assert circle_of_folders() == []
    assert circle_of_files() == []


def test_a_circle_would_be_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert circle({"a": {"b"}, "b": {"c"}}) == []


def test_functions_of_both_wings_are_short() -> None:
    for wing in ("experiments/", "platform/"):
        lengths = [each.lines_of_code for each in functions() if each.path.startswith(wing)]
        assert percentile(lengths, 0.5) <= MEDIAN
        assert percentile(lengths, 0.95) <= NINETY_FIFTH


def test_no_function_needs_a_second_page() -> None:
    assert [each for each in functions() if each.lines_of_code > LONGEST_FUNCTION] == []


def test_no_file_outgrows_its_subject() -> None:
    assert long_files() == {}, f"over {LONG_FILE} lines: divide it, or say why it is one subject"


def test_every_public_name_of_the_engine_has_an_example() -> None:
    assert [(module, name) for module, name, has_example in public_functions() if not has_example] == []


def test_the_engines_tests_have_the_engines_folders() -> None:
    engine = {path.parent.name for path in (ROOT / "experiments").glob("*/*.py")}
    tests = {path.parent.name for path in (ROOT / "tests" / "experiments").glob("*/test_*.py")}
    assert tests - engine == set()
    assert engine - tests == TESTED_BY_USERS


def test_every_figure_of_the_documents_is_measured() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "python -m tests.figures" in told
    assert [name for name in figures() if name not in told] == []


def test_the_figures_are_of_the_files_that_are_there() -> None:
    assert len(tracked()) > 500
    assert all(path.is_file() for path in tracked())
