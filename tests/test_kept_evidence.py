"""Pages, checks and programs read what is kept through its types; no key of it is spelt a second time."""

import ast
from pathlib import Path

PLATFORM = Path(__file__).resolve().parents[1] / "platform"
# Columns of JSON whose shape is that of a dataclass: a model's properties are the way in.
TYPED = {"metrics", "evidence", "result", "facts", "reason"}
# Whoever writes a run's facts while it goes on holds them as they are stored.
WRITERS = {"runner", "services", "migrations"}
# A thing of another kind by the same name: facts of a saved model, facts about personal data, the run a job returns.
OTHERS = {"artifact", "manifest", "guarded", "plan", "held", "self"}


def readers() -> list[Path]:
    return [path for path in sorted(PLATFORM.rglob("*.py")) if not WRITERS & set(path.relative_to(PLATFORM).parts)]


def indexed(path: Path) -> list[str]:
    """Return where a file looks a key up in stored JSON: ``row.metrics["auc"]``, ``run.result.get("split")``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Subscript(value=ast.Attribute(value=owner, attr=name)):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=owner, attr=name), attr="get" | "items" | "pop")
            ):
                pass
            case _:
                continue
        if name in TYPED and not (isinstance(owner, ast.Name) and owner.id in OTHERS):
            found.append(f"{path.relative_to(PLATFORM)}:{node.lineno} .{name}")
    return found


def test_no_reader_looks_keys_up_in_stored_evidence() -> None:
    assert [place for path in readers() for place in indexed(path)] == []


def test_the_guard_sees_both_ways_of_looking_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tests.test_kept_evidence.PLATFORM", tmp_path)
    (tmp_path / "page.py").write_text('a = row.metrics["auc"]\nb = run.result.get("split", {})\nc = row.kept.limits\n')
    assert indexed(tmp_path / "page.py") == ["page.py:1 .metrics", "page.py:2 .result"]
