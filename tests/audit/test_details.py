"""How the details of an audit entry read on the page."""

from audit.templatetags.audit import details


def test_what_is_nested_reads_as_words_and_what_is_empty_is_left_out() -> None:
    told = details({"budget": {"seconds": 45, "trials": None}, "learners": ["linear", "lightgbm"], "note": ""})

    assert told == "budget seconds 45 · algorithms Linear model, LightGBM"


def test_a_fingerprint_is_cut_to_its_beginning() -> None:
    assert details({"sha256": "ab" * 32}) == "file hash abababababab…"


def test_what_an_entry_says_of_tables_and_choices_reads_without_brackets() -> None:
    told = details(
        {"spec": {"base": "loan", "tables": [{"name": "account", "keys": [["id", "id"]]}]}, "ensemble": True}
    )

    assert told == "definition base table loan, tables account · offer an ensemble yes"
