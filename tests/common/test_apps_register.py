"""Apps register themselves: what gathers knows none of them, and none knows one that stands above it."""

import ast
import doctest
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern

from common import addresses, declared, finding, home, inbox, menu, problems
from common.declared import Declared

ROOT = Path(settings.ROOT)
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(each["layers"] for each in CONTRACTS if each["name"].startswith("Apps import only downward"))
# From the lowest to the highest; what stands beside each other has the same height.
HEIGHTS = {app: height for height, layer in enumerate(reversed(LAYERS)) for app in re.findall(r"\w+", layer)}
OURS = [app.name for app in apps.get_app_configs() if Path(app.path).parent == ROOT / "platform"]


def texts_in(path: Path) -> Iterator[str]:
    """Yield every string of a module but its sentences about itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
    told = {id(node.body[0].value) for node in documented if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def modules_of(package: str) -> list[Path]:
    return [path for path in (ROOT / "platform" / package).rglob("*.py") if "migrations" not in path.parts]


def test_every_app_has_its_place_among_the_layers() -> None:
    assert set(HEIGHTS) == {*OURS, "config", "experiments"}


def test_what_collects_knows_no_app_but_what_all_share() -> None:
    known = {name for path in modules_of("config") for name in imports_of(path)} & {*OURS}

    assert known == {"common"}


def test_the_settings_name_apps_with_data_only_as_installed() -> None:
    holding_data = [app for app in OURS if HEIGHTS[app] > HEIGHTS["api"]]
    named = [text for path in modules_of("config") for text in texts_in(path) if text.partition(".")[0] in holding_data]

    assert sorted(named) == sorted(holding_data)


@pytest.mark.parametrize("app", OURS)
def test_no_app_names_a_module_or_a_template_of_one_above_it(app: str) -> None:
    above = "|".join(name for name, height in HEIGHTS.items() if height > HEIGHTS[app])
    place = re.compile(rf"^({above})(\.[a-z_]+)+$|^({above})/[\w/]+\.(html|css|js)$")
    named = [(path.name, text) for path in modules_of(app) for text in texts_in(path) if place.match(text)]
    used = re.compile(rf"{{% (?:include|extends|static) ['\"](?:{above})/")
    templates = [path.name for path in (ROOT / "templates" / app).rglob("*.html") if used.search(path.read_text())]

    assert (named, templates) == ([], [])


def test_every_app_with_addresses_has_declared_them() -> None:
    pages = {f"{app}.{path.stem}" for app in OURS for path in (ROOT / "platform" / app).glob("*urls.py")}

    assert {each.urlconf for each in addresses._pages} == pages
    with_routers = {
        app
        for app in OURS
        for path in modules_of(app)
        if re.search(r"^router = Router\(", path.read_text(), re.MULTILINE)
    }
    assert {each.router.partition(".")[0] for each in addresses.operations()} == with_routers


def test_getting_ready_twice_shows_nothing_twice() -> None:
    def shown() -> list[int]:
        kept = (addresses._pages, addresses._operations, menu._entries, home._cards, inbox._sources, finding._finders)
        return [len(list(each)) for each in kept]

    before = shown()
    for app in apps.get_app_configs():
        if app.name in ("catalog", "training", "registry", "approvals", "accounts", "shell"):
            app.ready()

    assert shown() == before
    assert min(before) > 1


def test_what_is_declared_stands_by_weight_and_in_no_order_of_imports() -> None:
    one, other = SimpleNamespace(weight=10), SimpleNamespace(weight=20)
    forth: Declared[SimpleNamespace] = Declared()
    back: Declared[SimpleNamespace] = Declared()
    for name, thing in (("one", one), ("other", other)):
        forth.add(name, thing)
    for name, thing in (("other", other), ("one", one)):
        back.add(name, thing)

    assert [*forth] == [*back] == [one, other]


def test_the_examples_in_the_registries_run() -> None:
    ran = [doctest.testmod(module) for module in (declared, problems)]

    assert [(found.failed, found.attempted > 0) for found in ran] == [(0, True), (0, True)]


def names_asked_for(app: str) -> Iterator[tuple[str, str]]:
    """Yield where an app's templates and modules name a view, and its name."""
    for path in (ROOT / "templates" / app).rglob("*.html"):
        yield from ((path.name, name) for name in re.findall(r"{% url '(\w+)'", path.read_text(encoding="utf-8")))
    for path in modules_of(app):
        found = re.findall(r'(?:reverse|redirect)\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
        yield from ((path.name, name) for name in found)


@pytest.mark.parametrize("app", OURS)
def test_no_app_names_a_page_of_one_above_it(app: str) -> None:
    owners = {
        pattern.name: resolver.urlconf_name.__name__.partition(".")[0]
        for resolver in addresses.pages()
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLPattern)
    }
    upward = {
        f"{where}: {name} of {owners[name]}"
        for where, name in names_asked_for(app)
        if name in owners and HEIGHTS[owners[name]] > HEIGHTS[app]
    }

    assert not upward, f"{upward}: ask with address_of, and let the app above declare it with register_views"
