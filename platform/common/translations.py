"""Collects what is to be translated, app by app, into the catalogues of the apps; no gettext tools are needed."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

LANGUAGE_FOLDER = "zh_Hans"
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
# The engine carries its own catalogue, which a page reads as well; its sentences are also marked by where they go.
ENGINE = "experiments"
KEYWORDS_OF_ENGINE = KEYWORDS | dict.fromkeys(("Sentence", "Said", "say"), None)
OWNER_OF_SHELL = "common"


@dataclass(frozen=True)
class Found:
    """One message and where it stands."""

    message: str | tuple[str, ...]
    place: str
    line: int
    context: str | None


def collect(root: Path, apps: Iterable[str]) -> dict[str, list[Found]]:
    """Return every message of the tree under the app, or the engine, whose catalogue holds it.

    What the engine says too stands in its catalogue alone: a sentence has one translation.
    """
    found: dict[str, list[Found]] = defaultdict(list)
    for path in sorted((root / "platform").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        app = path.relative_to(root / "platform").parts[0]
        found[app if app in apps else OWNER_OF_SHELL] += _in_python(path, root, KEYWORDS)
    for path in sorted((root / "experiments").rglob("*.py")):
        found[ENGINE] += _in_python(path, root, KEYWORDS_OF_ENGINE)
    for path in sorted((root / "templates").rglob("*.html")):
        folder = path.relative_to(root / "templates").parts[0]
        found[folder if folder in apps else OWNER_OF_SHELL] += _in_template(path, root)
    engine = _once(found[ENGINE])
    keys = {(_key(one.message), one.context) for one in engine}
    own = {app: [one for one in _once(found[app]) if (_key(one.message), one.context) not in keys] for app in apps}
    return {ENGINE: engine, **own}


def read(path: Path) -> Catalog:
    """Return a catalogue as it stands; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale=LANGUAGE_FOLDER)
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE_FOLDER)


def refresh(known: list[Catalog], found: list[Found], *, prune: bool, engine: Catalog | None = None) -> Catalog:
    """Merge what was found into a catalogue, the first of the known ones.

    Translations stay; what is new takes the translation another catalogue has of the same words, or comes empty; what
    is gone goes only when asked to, since words can reach a page through a variable, too. What the engine's catalogue
    holds is left to it.
    """
    fresh = Catalog(locale=LANGUAGE_FOLDER, domain="django", charset="utf-8", fuzzy=False)
    for one in found:
        olds = [old for catalogue in known if (old := catalogue.get(_key(one.message), context=one.context))]
        string = next((old.string for old in olds if all(_strings(old.string))), None)
        fresh.add(one.message, string=string, context=one.context, locations=[(one.place, 0)])
    if not prune:
        for old in known[0]:
            is_of_engine = engine is not None and engine.get(_key(old.id), context=old.context) is not None
            if old.id and not is_of_engine and fresh.get(_key(old.id), context=old.context) is None:
                fresh.add(old.id, string=old.string, context=old.context, user_comments=["used through a variable"])
    return fresh


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as text that is the same on every machine and every day."""
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True)
    header = (
        "# Simplified Chinese. Collected by `python manage.py messages`; translations are written by hand.\n"
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return header.encode() + out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as Django reads it."""
    out = BytesIO()
    catalogue.header_comment = ""
    write_mo(out, catalogue)
    # Babel stamps the hour into the header; without it the same text always gives the same bytes.
    return re.sub(rb"(POT-Creation-Date|PO-Revision-Date): [^\n]*\n", _same_length, out.getvalue())


def untranslated(catalogue: Catalog) -> list[str]:
    """Return messages without a translation, or with one that lost or invented a ``%(place)s``."""
    return [
        _key(message.id)
        for message in catalogue
        if message.id and (not all(_strings(message.string)) or _places(message.id) != _places(message.string))
    ]


def _in_python(path: Path, root: Path, keywords: Mapping[str, object]) -> Iterator[Found]:
    """Find the calls themselves, under whatever name a module imports them; strings inside other calls are none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = (alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names)
    names = {name: name for name in keywords} | {a.asname: a.name for a in imports if a.asname and a.name in keywords}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (keyword := names.get(_called(node))):
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            words = [text for text in texts if isinstance(text, str)]
            place = path.relative_to(root).as_posix()
            if words:
                yield _found(keyword, words, place, node.lineno)
            elif node.args and isinstance(choice := node.args[0], ast.IfExp):
                for branch in (choice.body, choice.orelse):
                    if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                        yield _found(keyword, [branch.value], place, branch.lineno)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _found(keyword: str, words: list[str], place: str, line: int) -> Found:
    if keyword.startswith("pgettext"):
        return Found(words[1], place, line, words[0])
    return Found((words[0], words[1]) if keyword.startswith("ngettext") else words[0], place, line, None)


def _in_template(path: Path, root: Path) -> Iterator[Found]:
    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    # What comes back is Python to xgettext's forgiving eye; without its indentation it is so to Babel's, too.
    python = "\n".join(line.strip() for line in text.split("\n"))
    for line, message, _comments, context in extract("python", BytesIO(python.encode()), KEYWORDS):
        yield Found(message, path.relative_to(root).as_posix(), line, context)


def _once(found: list[Found]) -> list[Found]:
    return list({(_key(one.message), one.context): one for one in found if _key(one.message)}.values())


def _key(message: object) -> str:
    return str(message[0] if isinstance(message, tuple | list) else message)


def _strings(string: object) -> list[str]:
    return [str(one) for one in string] if isinstance(string, tuple | list) else [str(string or "")]


def _places(message: object) -> set[str]:
    return {place for text in _strings(message) for place in re.findall(r"%\((\w+)\)", text)}


def _same_length(match: re.Match[bytes]) -> bytes:
    return match.group(1) + b": " + b"0" * (len(match.group(0)) - len(match.group(1)) - 3) + b"\n"
