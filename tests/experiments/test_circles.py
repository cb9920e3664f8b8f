"""No module of the engine stands in a circle, not even one that is hidden by ``TYPE_CHECKING``."""

import grimp


def _circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Return the sets of modules that import each other, by Tarjan's walk without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    imported = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    for root in sorted(imported):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack.append(root)
        walk = [(root, iter(imported[root]))]
        while walk:
            module, rest = walk[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    walk.append((other, iter(imported[other])))
                    break
                if other in stack:
                    low[module] = min(low[module], order[other])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[module])
                if low[module] == order[module]:
                    circle = stack[stack.index(module) :]
                    del stack[stack.index(module) :]
                    if len(circle) > 1:
                        found.append(sorted(circle))
    return found


def test_no_two_modules_of_the_engine_import_each_other_by_any_way() -> None:
    graph = grimp.build_graph("experiments", cache_dir=None)

    # The package's own front imports nothing until it is asked, and only then what stands above.
    assert _circles(graph) == []


def test_a_circle_is_seen() -> None:
    graph = grimp.build_graph("experiments", cache_dir=None)
    graph.add_import(importer="experiments.search.clock", imported="experiments.search.workers")

    assert any("experiments.search.clock" in circle for circle in _circles(graph))
