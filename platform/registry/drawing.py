"""The states of a model version as a page of the documentation, drawn from the table of moves."""

from registry.moves import ALIASES, DRAFT, MOVES, NONE, SINGLE, WHO, Move

HEAD = """# The states of a model version

Written by `python manage.py model_states` from `platform/registry/moves.py`: change the table, then run the command.
Pages and API offer what the table has open, services make no other move, and the triggers and constraints of both
databases are built of it.
"""
MANY = """**Aliases** belong to approved versions: {single} are with one version of a model at a time, of challengers
there may be several."""


def document() -> str:
    """Return the whole page."""
    return (
        "\n".join([HEAD, *_diagram(), "", MANY.format(single=" and ".join(SINGLE)), "", *_aliases(), "", *_table()])
        + "\n"
    )


def _diagram() -> list[str]:
    steps = [move for move in MOVES if not move.moves_alias_only]
    lines = [f"    {before} --> {move.after}: {move.label}" for move in steps for before in move.before]
    ends = sorted({move.after for move in MOVES} - {before for move in MOVES for before in move.before})
    return [
        "```mermaid", "stateDiagram-v2", f"    [*] --> {DRAFT}", *lines, *(f"    {end} --> [*]" for end in ends), "```",
    ]  # fmt: skip


def _aliases() -> list[str]:
    moves = [move for move in MOVES if move.moves_alias_only]
    lines = [
        f"    {_alias(before)} --> {_alias(move.alias)}: {move.label}" for move in moves for before in move.alias_before
    ]
    return ["```mermaid", "stateDiagram-v2", *lines, "```"]


def _alias(alias: str | None) -> str:
    return alias or "standing_by"


def _table() -> list[str]:
    head = ["| move | from | to | alias | by | needs | what follows | audit log |", "|---|---|---|---|---|---|---|---|"]
    return [*head, *(_row(move) for move in MOVES)]


def _row(move: Move) -> str:
    cells = [
        move.label, ", ".join(move.before), move.after, _alias_cell(move), WHO[move.by], "; ".join(move.needs),
        "; ".join(move.effects), f"`{move.act}`",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _alias_cell(move: Move) -> str:
    if move.alias is None:
        return "stays"
    before = "any" if move.alias_before == ALIASES else ", ".join(each or "none" for each in move.alias_before)
    return f"{before} → {move.alias if move.alias != NONE else 'none'}"
