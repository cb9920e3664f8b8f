"""Makes personal data in a Parquet file unreadable: by a keyed hash that still joins, by a mask, or by dropping."""

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.schema import SCHEMA_KEY, ColumnSchema, read_schema, schema_json
from experiments.paths import AnyPath
from experiments.privacy.personal import PersonalData
from experiments.privacy.personal_patterns import (
    BETWEEN_DIGITS,
    PLAIN,
    STREET,
    SURNAMES,
    TITLES,
    WIDE,
    WITHIN,
    PersonalKind,
    compact,
    id_check_digit,
)

__all__ = ["ProtectedColumn", "SecretKey", "hashed", "mask_of", "proposed_protection", "protect_parquet"]

Protection = Literal["hash", "keep", "drop"]
HASHED_KINDS: tuple[PersonalKind, ...] = ("id_card", "mobile", "bank_card", "email")
HEX_DIGITS = 32
EXAMPLES = 3
ROWS_COMPARED, SHORTEST_QUOTED, QUOTED_ROWS = 20_000, 2, 3
DIGITS_APART = re.compile(BETWEEN_DIGITS)
AS_PLAIN = str.maketrans(WIDE, PLAIN)
HAN = "[\u4e00-\u9fff]"
# From a place to the number of a house or a room; a name stands right before a number, a title or between marks.
ADDRESS_WITHIN = re.compile(rf"{HAN}{{2,}}(?:{STREET})(?:{HAN}|[0-9A-Za-z-])*\d(?:{STREET}|楼|层)?")
NAME_WITHIN = re.compile(
    rf"[{SURNAMES}]{HAN}{{1,2}}(?=[ (（]?(?:\d{{3,4}}\*{{4}}|{TITLES}))"
    rf"|(?<=[\"“':：])[{SURNAMES}]{HAN}{{1,2}}(?=[\"”',，;；、 }}]|$)"
)
COUNTRY = re.compile(r"^(?:\+?86|0086)(?=1[3-9]\d{9}$)")


@dataclass(frozen=True)
class SecretKey:
    """The key of keyed hashes; its ``id`` tells two keys apart without giving either away.

    Examples
    --------
    >>> SecretKey(b"a secret of the bank").secret == SecretKey(b"a secret of the bank").secret
    True
    """

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hmac.digest(self.secret, b"key id", "sha256").hex()[:8]


@dataclass(frozen=True)
class ProtectedColumn:
    """How one column is protected: ``hash`` for joins, ``keep`` with its values masked, or ``drop`` its values.

    Examples
    --------
    >>> ProtectedColumn("mobile", "hash").way
    'hash'
    """

    kind: PersonalKind | None
    way: Protection
    is_within_text: bool = False


def proposed_protection(found: PersonalData) -> ProtectedColumn:
    """Propose to hash what can identify a customer across tables, and to mask names, addresses and longer texts.

    Parameters
    ----------
    found : what a column holds.

    Returns
    -------
    ProtectedColumn

    Examples
    --------
    >>> from experiments.privacy.personal import PersonalData
    >>> proposed_protection(PersonalData("phone", "mobile", 100, 98, 0.99)).way
    'hash'
    """
    way: Protection = "hash" if found.kind in HASHED_KINDS and not found.is_within_text else "keep"
    return ProtectedColumn(found.kind, way, found.is_within_text)


def hashed(values: pl.Series, kind: PersonalKind | None, *, key: SecretKey) -> pl.Series:
    """Return HMAC-SHA256 of the normalised values as 32 hexadecimal digits (128 bits); nulls stay.

    The same person gets the same hash in every file, however the number was written. A plain hash of an eleven-digit
    number can be undone by trying all of them; without the key this one cannot.

    Parameters
    ----------
    values : of a column. kind : what they are. key : of the bank.

    Returns
    -------
    polars.Series

    References
    ----------
    Krawczyk, H., Bellare, M. and Canetti, R. (1997). HMAC: keyed-hashing for message authentication. RFC 2104.

    Examples
    --------
    >>> import polars as pl
    >>> key = SecretKey(b"a secret of the bank")
    >>> one, other = hashed(pl.Series(["13800138000", "+86 138 0013 8000"]), "mobile", key=key)
    >>> one == other, len(one)
    (True, 32)
    """
    return _by_different_value(
        values, kind, lambda text: hmac.digest(key.secret, text.encode(), "sha256").hex()[:HEX_DIGITS]
    )


def _normalised(texts: pl.Series, kind: PersonalKind | None) -> pl.Series:
    """Return texts as one person's value is written once: no spaces, no country code, the eighteen-digit form.

    Examples
    --------
    >>> import polars as pl
    >>> _normalised(pl.Series(["+86 138-0013-8000", "13800138000"]), "mobile").to_list()
    ['13800138000', '13800138000']
    """
    texts = texts.str.strip_chars()
    if kind in ("id_card", "mobile", "bank_card"):
        texts = compact(texts).str.to_uppercase()
    if kind == "mobile":
        return texts.str.replace(r"^(?:\+?86|0086)(1[3-9]\d{9})$", "$1")
    if kind == "email":
        return texts.str.to_lowercase()
    if kind == "id_card" and texts.str.contains(r"^\d{15}$").any():
        return texts.map_elements(_modern_id, return_dtype=pl.String)
    return texts


def mask_of(text: str, kind: PersonalKind | None, *, is_within_text: bool = False) -> str:
    """Return a value as it may be shown.

    Parameters
    ----------
    text : a value. kind : what it is. is_within_text : whether it is a longer text that holds one.

    Returns
    -------
    str

    Examples
    --------
    >>> mask_of("13800138000", "mobile"), mask_of("11010519491231002X", "id_card"), mask_of("z.li@bank.cn", "email")
    ('138****8000', '1101**********002X', 'z***@bank.cn')
    >>> mask_of("王小明", "name"), mask_of("浙江省杭州市西湖区文三路90号", "address")
    ('王**', '浙江省杭州市****')
    """
    if is_within_text:
        return _mask_within(text)
    digits = DIGITS_APART.sub("", text).translate(AS_PLAIN)
    if kind == "mobile" and re.fullmatch(r"(?:\+?86|0086)?1[3-9]\d{9}", digits):
        digits = COUNTRY.sub("", digits)
        return f"{digits[:3]}****{digits[-4:]}"
    if kind == "id_card" and re.fullmatch(r"\d{15}|\d{17}[\dXx]", digits):
        return f"{digits[:4]}{'*' * (len(digits) - 8)}{digits[-4:]}"
    if kind == "bank_card" and re.fullmatch(r"\d{16,19}", digits):
        return f"{digits[:4]}****{digits[-4:]}"
    if kind == "email" and "@" in text:
        return f"{text[:1]}***@{text.rpartition('@')[2]}"
    if kind == "name":
        return text[:1] + "*" * min(3, max(1, len(text) - 1))
    if kind == "address":
        return f"{text[: 6 if len(text) >= 12 else 3]}****"
    return f"{text[:1]}***"


def protect_parquet(
    parquet: AnyPath,
    vault: AnyPath,
    *,
    choices: Mapping[str, ProtectedColumn],
    key: SecretKey,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> dict[str, list[str]]:
    r"""Protect columns of a Parquet file in place and keep their plain values in ``vault``, a file of its own.

    A vault that is there already gives the plain values of what was protected before, so that a choice can be changed;
    a column that is in the vault and no longer chosen gets its values back. The vault keeps what it once had, so that
    nothing is lost wherever a worker dies. Both files appear whole or stay as they were. Memory holds one group of
    rows.

    Parameters
    ----------
    choices : columns to protect; names that the table does not have are left aside.
    on_progress : called with the share done; may raise to stop.

    Returns
    -------
    A few masked values of each protected column, fit to be shown.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> numbers = "\n".join(str(13800138000 + n) for n in range(50))
    >>> _ = (folder / "a.csv").write_text(f"phone\n{numbers}\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> key = SecretKey(b"a secret of the bank")
    >>> choices = {"phone": ProtectedColumn("mobile", "keep")}
    >>> protect_parquet(folder / "a.parquet", folder / "vault.parquet", choices=choices, key=key)["phone"][0]
    '138****8000'
    """
    parquet = Path(parquet)
    vault = Path(vault)
    examples: dict[str, list[str]] = {}
    drafts = (parquet.with_suffix(".protecting"), vault.with_suffix(".protecting"))
    try:
        with ExitStack() as opened:
            rewriting = _Rewriting(parquet, vault, choices, opened)
            written = rewriting.writers(drafts, opened)
            groups = rewriting.table.num_row_groups
            for group in range(groups):
                plain, others = rewriting.read(group)
                _note_examples(examples, plain, rewriting.choices)
                written[0].write_table(rewriting.protected(others, plain, key), row_group_size=len(others) or None)
                written[1].write_table(rewriting.to_keep(others), row_group_size=len(others) or None)
                on_progress((group + 1) / groups)
        # The vault first: it has all that the table is about to lose.
        os.replace(drafts[1], vault)
        os.replace(drafts[0], parquet)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return examples


class _Rewriting:
    """The table with its vault, group of rows by group of rows, and the layout they are written in."""

    def __init__(self, parquet: Path, vault: Path, choices: Mapping[str, ProtectedColumn], opened: ExitStack) -> None:
        self.table = opened.enter_context(pq.ParquetFile(parquet))
        self.vault = opened.enter_context(pq.ParquetFile(vault)) if vault.exists() else None
        self.kept = {one.name: one for one in read_schema(vault)} if self.vault is not None else {}
        schema = read_schema(parquet)
        self.names = [field.name for field in self.table.schema_arrow]
        self.choices = {name: choices[name] for name in self.names if name in choices}
        # What was personal once and now is not gets back the type it had.
        self.plain_schema = [self.kept.get(one.name, one) for one in schema]
        self.schema = [replace(one, type="text") if one.name in choices else one for one in self.plain_schema]

    def read(self, group: int) -> tuple[pa.Table, pa.Table]:
        """Return the plain values of protected columns, and the table itself with plain values put back."""
        table = self.table.read_row_group(group)
        if self.vault is not None:
            kept = self.vault.read_row_group(group)
            for name in kept.column_names:
                table = table.set_column(table.schema.get_field_index(name), kept.schema.field(name), kept[name])
        return table.select(list(self.choices)), table

    def protected(self, table: pa.Table, plain: pa.Table, key: SecretKey) -> pa.Table:
        for name, choice in self.choices.items():
            values = protected_values(pl.Series(pl.from_arrow(plain[name])), choice, key)
            field = pa.field(name, pa.string())
            table = table.set_column(
                table.schema.get_field_index(name),
                field,
                values.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string()),
            )
        return table

    @property
    def kept_names(self) -> list[str]:
        return [name for name in self.names if name in self.kept or name in self.choices]

    def to_keep(self, table: pa.Table) -> pa.Table:
        """Return what goes into the vault."""
        return table.select(self.kept_names)

    def writers(self, drafts: tuple[Path, Path], opened: ExitStack) -> tuple[pq.ParquetWriter, pq.ParquetWriter]:
        types = {field.name: field.type for field in self.table.schema_arrow}
        if self.vault is not None:
            types |= {field.name: field.type for field in self.vault.schema_arrow}
        drafts[1].touch(mode=0o600)
        protected = [(name, pa.string() if name in self.choices else types[name]) for name in self.names]
        kept = [(name, types[name]) for name in self.kept_names]
        in_vault = [one for one in self.plain_schema if one.name in self.kept_names]
        table = pq.ParquetWriter(drafts[0], _layout(protected, self.schema), compression="snappy")
        vault = pq.ParquetWriter(drafts[1], _layout(kept, in_vault), compression="snappy")
        return opened.enter_context(table), opened.enter_context(vault)


def _layout(fields: list[tuple[str, pa.DataType]], columns: list[ColumnSchema]) -> pa.Schema:
    return pa.schema(fields, metadata={SCHEMA_KEY: schema_json(columns)})


def read_plain(vault: Path, columns: list[str], *, start: int, count: int) -> pl.DataFrame:
    """Return some rows of the plain values that a vault keeps, reading no more groups of rows than needed."""
    parts: list[pa.Table] = []
    with pq.ParquetFile(vault) as table:
        first = 0
        for group in range(table.num_row_groups):
            rows = table.metadata.row_group(group).num_rows
            if first < start + count and first + rows > start:
                skipped = max(0, start - first)
                wanted = min(rows, start + count - first) - skipped
                parts.append(table.read_row_group(group, columns=columns).slice(skipped, wanted))
            first += rows
    frame = pl.from_arrow(pa.concat_tables(parts)) if parts else pl.DataFrame({name: [] for name in columns})
    return pl.DataFrame(frame).select(columns)


def columns_that_quote(
    parquet: Path, names: Sequence[str], vault: Path, kept: Sequence[str], *, was: str, now: str
) -> list[str]:
    """Return the columns in which plain values of a vault stand, as where a file was cut in other places before.

    Parameters
    ----------
    names : columns of the table to look at. kept : columns of the vault.
    was, now : encodings in which the file was read then and is now; a wrong one turns values into others.
    """
    values = _turned(_some_values(vault, kept), was, now)
    if not values:
        return []
    found = []
    with pq.ParquetFile(parquet) as table:
        for name in names:
            texts = _first_texts(table, name)
            hits = int(texts.str.contains_any(values).sum())
            if hits and hits >= min(QUOTED_ROWS, len(texts)):
                found.append(name)
    return found


def _some_values(vault: Path, names: Sequence[str]) -> list[str]:
    with pq.ParquetFile(vault) as table:
        values = {text for name in names for text in _first_texts(table, name).to_list()}
    return sorted(value for value in values if len(value) >= SHORTEST_QUOTED)


def _first_texts(table: pq.ParquetFile, name: str) -> pl.Series:
    batch = next(table.iter_batches(batch_size=ROWS_COMPARED, columns=[name]), None)
    if batch is None:
        return pl.Series([], dtype=pl.String)
    return as_text(pl.Series(pl.from_arrow(batch.column(0)))).drop_nulls().str.strip_chars()


def _turned(values: list[str], was: str, now: str) -> list[str]:
    """Return values as they look where bytes written in one encoding are read in another."""
    if not was or not now or was == now:
        return values
    turned = set()
    for value in values:
        raw = value.encode(was, "ignore")
        # The last character may have been read together with what follows.
        texts = (each.decode(now, "ignore") for each in (raw, b"\0" + raw))
        turned |= {text[:-1] for text in texts} | {text[1:-1] for text in texts}
    return sorted(text for text in turned if len(text) >= SHORTEST_QUOTED)


def columns_in(vault: Path) -> tuple[ColumnSchema, ...]:
    """Return the columns whose plain values a vault keeps, as the file had them."""
    return read_schema(vault) if vault.exists() else ()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def protected_values(values: pl.Series, choice: ProtectedColumn, key: SecretKey) -> pl.Series:
    """Return values as a column so protected holds them."""
    if choice.way == "drop":
        return pl.Series(values.name, [None] * len(values), dtype=pl.String)
    if choice.way == "hash":
        return hashed(values, choice.kind, key=key)
    return _masked(values, choice)


def _masked(values: pl.Series, choice: ProtectedColumn) -> pl.Series:
    return _by_different_value(
        values, None, lambda text: mask_of(text, choice.kind, is_within_text=choice.is_within_text)
    )


def _by_different_value(values: pl.Series, kind: PersonalKind | None, change: Callable[[str], str]) -> pl.Series:
    """Change each different value once."""
    texts = _normalised(as_text(values), kind)
    different = texts.drop_nulls().unique()
    changed = pl.Series([change(text) for text in different.to_list()], dtype=pl.String)
    return texts.replace_strict(different, changed, default=None, return_dtype=pl.String).alias(values.name)


def as_text(values: pl.Series) -> pl.Series:
    """Return values as they were written: a whole number without a point."""
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        is_whole = (values == values.floor()) & (values.abs() < 1e18)
        return whole.cast(pl.String).zip_with(is_whole.fill_null(True), values.cast(pl.String))
    return values.cast(pl.String)


def _modern_id(text: str) -> str:
    """Write an identity number of the old form as the new: the century and the check digit are added."""
    if not re.fullmatch(r"\d{15}", text):
        return text
    body = f"{text[:6]}19{text[6:]}"
    return body + id_check_digit(body)


def _mask_within(text: str) -> str:
    """Mask the numbers in a text, and what beside them looks like a name or an address."""
    for kind, pattern in _WITHIN.items():
        text = pattern.sub(lambda found, kind=kind: mask_of(found.group(), kind), text)  # type: ignore[misc]
    text = ADDRESS_WITHIN.sub(lambda found: mask_of(found.group(), "address"), text)
    return NAME_WITHIN.sub(lambda found: mask_of(found.group(), "name"), text)


def _note_examples(examples: dict[str, list[str]], plain: pa.Table, choices: Mapping[str, ProtectedColumn]) -> None:
    for name, choice in choices.items():
        known = examples.setdefault(name, [])
        if len(known) < EXAMPLES and choice.way != "drop":
            values = as_text(pl.Series(pl.from_arrow(plain[name]))).drop_nulls().head(1_000).unique(maintain_order=True)
            shown = [mask_of(text, choice.kind, is_within_text=choice.is_within_text) for text in values.head(EXAMPLES)]
            known += shown[: EXAMPLES - len(known)]


_WITHIN: dict[PersonalKind, re.Pattern[str]] = {
    "id_card": re.compile(r"(?<![\dA-Za-z.])\d{17}[\dXx](?![\dA-Za-z])"),
    "bank_card": re.compile(r"(?<![\dA-Za-z.])\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?![\dA-Za-z])"),
    "mobile": re.compile(r"(?<![\dA-Za-z.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\dA-Za-z])"),
    "email": re.compile(WITHIN["email"]),
}
