"""Texts are found wherever they stand, kept when they move, and told when a translation lost a place."""

from pathlib import Path

from babel.messages import Catalog

from common import translations


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_texts_are_found_in_code_templates_and_the_engine(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "platform/audit/words.py": 'from x import gettext_noop as noop\nA = [noop("signed in"), _(words["key"])]',
            "templates/audit/log.html": "{% if a %}\n  {% translate 'Audit log' %}{% endif %}\n"
            "{% blocktranslate trimmed count n=n %}\n {{ n }} entry\n"
            "{% plural %}\n {{ n }} entries\n{% endblocktranslate %}",
            "templates/components/top.html": "{% translate 'Menu' %}",
            "experiments/ingest/reading.py": 'E = gettext_noop("The file is "\n "empty.")',
        },
    )
    found = translations.collect(tmp_path, ("common", "audit"))
    assert {app: [one.message for one in ones] for app, ones in found.items()} == {
        "common": ["Menu"],
        "audit": ["signed in", "Audit log", ("%(n)s entry", "%(n)s entries")],
        "experiments": ["The file is empty."],
    }


def test_a_translation_stays_and_one_known_elsewhere_is_taken_over() -> None:
    own, other = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    own.add("Save", "保存")
    own.add("Gone", "没了")
    other.add("Close", "关闭")
    found = [translations.Found(word, "a.html", 1, None) for word in ("Save", "Close", "New")]
    fresh = translations.refresh([own, other], found, prune=True)
    assert {message.id: message.string or "" for message in fresh if message.id} == {
        "Save": "保存",
        "Close": "关闭",
        "New": "",
    }
    assert translations.untranslated(fresh) == ["New"]
    assert "Gone" in translations.refresh([own], found, prune=False)


def test_a_translation_that_lost_a_place_counts_as_missing() -> None:
    catalogue = Catalog(locale="zh_Hans")
    catalogue.add("%(name)s can sign in now.", "现在可以登录。")
    assert translations.untranslated(catalogue) == ["%(name)s can sign in now."]


def test_the_same_catalogue_always_gives_the_same_bytes() -> None:
    def build() -> Catalog:
        catalogue = Catalog(locale="zh_Hans")
        catalogue.add("Save", "保存")
        return catalogue

    assert translations.compiled(build()) == translations.compiled(build())
    assert translations.written(build()) == translations.written(build())


def test_what_the_engine_says_stands_in_its_catalogue_alone(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "experiments/report/page.py": 'A = report.say("Rows")\nB = Sentence("Events" if one else "Event", {})',
            "templates/audit/log.html": "{% translate 'Rows' %}{% translate 'Audit log' %}",
        },
    )
    found = translations.collect(tmp_path, ("common", "audit"))
    assert {one.message for one in found["experiments"]} == {"Rows", "Events", "Event"}
    assert [one.message for one in found["audit"]] == ["Audit log"]
    own, engine = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    own.add("Rows", "行")
    engine.add("Rows", "行数")
    assert "Rows" not in translations.refresh([own, engine], found["audit"], prune=False, engine=engine)
