"""An export is made, proven and only then put where it was asked for."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.exports.check import Proof, prove
from experiments.exports.formats import FORMATS
from experiments.exports.formats.form import Form
from experiments.exports.formats.sql import DIALECTS, Sql
from experiments.exports.rows import check_rows
from experiments.paths import AnyPath

__all__ = ["Export", "cannot_be", "export_model", "why_not"]

NO_FORMAT = _("There is no format %(form)s. Choose one of: %(forms)s.")
NO_DIALECT = _("There is no SQL dialect %(dialect)s. Choose one of: %(dialects)s.")
ONLY_SQL = _("Only the format sql has dialects; leave the dialect out.")
THERE = _("%(path)s is there already. Choose another name, or remove it.")
NO_FOLDER = _("There is no folder %(path)s.")
# All files of an archive get this moment, so that the same model gives the same bytes.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
STEPS = 4


@dataclass(frozen=True)
class Export:
    """What was exported, and the proof that it scores as the model does.

    Attributes
    ----------
    form : name of the format. path : of the file. sha256, size_bytes : of it. proof : rows compared, and how near.

    Examples
    --------
    >>> Export("sql", "a.zip", "00", 1, Proof(10_000, 3, 0.0, 1e-9)).proof.rows
    10000
    """

    form: str
    path: str
    sha256: str
    size_bytes: int
    proof: Proof

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return asdict(self)


def _no_progress(share: float) -> None:
    """Progress that nobody follows."""


def cannot_be(model_dir: AnyPath, form: str) -> BadInput | None:
    """Return why a model cannot be had in a format, ``None`` where it can; nothing is written.

    Parameters
    ----------
    model_dir : folder of the model. form : name of a format.

    Returns
    -------
    BadInput or None

    Raises
    ------
    BadInput : there is no such format. ArtifactError : the folder is no model, or an altered one.

    Examples
    --------
    >>> cannot_be(model_folder, "bundle") is None
    True
    """
    _form(form)
    return why_not(ModelArtifact.load(model_dir))[form]


def why_not(artifact: ModelArtifact) -> dict[str, BadInput | None]:
    """Return for each format why a model cannot be had in it, ``None`` where it can.

    Parameters
    ----------
    artifact : the model, which is open.

    Returns
    -------
    dict of str to BadInput or None

    Examples
    --------
    >>> why_not(ModelArtifact.load(model_folder))["bundle"] is None
    True
    """
    return {name: _refusal(artifact, form) for name, form in FORMATS.items()}


def _refusal(artifact: ModelArtifact, form: Form) -> BadInput | None:
    try:
        form.require(artifact)
    except BadInput as error:
        return error
    return None


def export_model(
    model_dir: AnyPath,
    out: AnyPath,
    *,
    form: str,
    dialect: str = "",
    on_progress: Callable[[float], None] = _no_progress,
) -> Export:
    """Write a saved model in another format, once what was written scores like the model.

    Parameters
    ----------
    model_dir : folder of the model. out : the file to write, which must not be there yet.
    form : name of a format, see ``experiments.exports.formats``.
    dialect : of the format sql, the one that is wanted beside the statement that is proven; without it, all.
    on_progress : is told the share that is done; what it raises ends the export without a trace.

    Returns
    -------
    Export

    Raises
    ------
    BadInput : the model cannot be had in this format, or what was written scores otherwise; then there is no file.
    ArtifactError : the folder is no model, or an altered one.

    Examples
    --------
    >>> import tempfile
    >>> made = export_model(model_folder, Path(tempfile.mkdtemp()) / "card.zip", form="bundle")
    >>> made.proof.rows > 10_000, made.proof.furthest <= made.proof.tolerance
    (True, True)
    """
    out, one = Path(out), _form(form, dialect)
    if out.exists():
        raise BadInput(THERE, path=str(out))
    if not out.parent.is_dir():
        raise BadInput(NO_FOLDER, path=str(out.parent))
    artifact = ModelArtifact.load(model_dir)
    plain = one.require(artifact)
    on_progress(1 / STEPS)
    rows = check_rows(artifact, plain, has_times=one.has_times)
    with TemporaryDirectory(prefix=".export-", dir=out.parent) as place:
        folder = Path(place) / "export"
        folder.mkdir()
        one.write(artifact, plain, folder, rows)
        on_progress(2 / STEPS)
        scores = one.scores(artifact, folder, rows)
        on_progress(3 / STEPS)
        proof = prove(rows, artifact.predict(rows.frame), scores, tolerance=one.tolerance)
        draft = Path(place) / "draft"
        _pack(folder, draft)
        shutil.move(draft, out)
    on_progress(1.0)
    with out.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Export(one.name, str(out), sha256, out.stat().st_size, proof)


def _form(name: str, dialect: str = "") -> Form:
    if name not in FORMATS:
        raise BadInput(NO_FORMAT, form=name, forms=", ".join(FORMATS))
    if not dialect:
        return FORMATS[name]
    if name != Sql.name:
        raise BadInput(ONLY_SQL)
    if dialect not in DIALECTS:
        raise BadInput(NO_DIALECT, dialect=dialect, dialects=", ".join(DIALECTS))
    return Sql(dialect)


def _pack(folder: Path, archive: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in files:
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(member, path.read_bytes())
