"""The manifest of a model's folder: checksums of every file in it, and the hashes by which the whole is known."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.errors import ArtifactError, gettext_noop
from experiments.paths import AnyPath

__all__ = [
    "attach",
    "attached_file",
    "hash_of",
    "listed_files",
    "read_attached",
    "read_manifest",
    "read_recorded",
    "read_whole",
    "refuse_other_folder",
    "write_manifest",
]

# Since format 2 what lies beside a model (evidence, explanation, story of its run) is under checksums too.
FORMAT, READABLE_FORMATS = 2, (1, 2)
MANIFEST = "manifest.json"
EVIDENCE, EXPLANATION = "evidence.json", "explanation.json"
BESIDE_A_MODEL_OF_FORMAT_1 = (EVIDENCE, EXPLANATION, "run.json")

NOT_A_MODEL = gettext_noop("%(folder)s holds no model: %(file)s is missing.")
OTHER_FORMAT = gettext_noop("This model was saved in format %(found)s; this version reads format %(known)s.")
ALTERED = gettext_noop("The model cannot be used: its file %(file)s is missing or was changed after it was saved.")
NOT_RECORDED = gettext_noop("The model's files are not the ones that were recorded: the hash differs.")
OTHER_FOLDER = gettext_noop(
    "%(folder)s holds files that are not of a model, so no model is saved in its place. Choose another folder."
)
UNLISTED = gettext_noop(
    "The model cannot be used: %(file)s does not belong to it. Take it out of the model's folder, or save the model "
    "again."
)


def write_manifest(folder: AnyPath, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a model's folder says of itself, with the checksum of each file in it, and return it.

    Parameters
    ----------
    folder : of the model. plain : what it says of itself, JSON-ready.

    Returns
    -------
    dict
        The manifest, with ``hash`` and ``seal``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "member.txt").write_text("a tree")
    >>> manifest = write_manifest(folder, {"learner": "lightgbm"})
    >>> read_whole(folder)["hash"] == manifest["hash"]
    True
    """
    folder = Path(folder)
    checksums = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    manifest = {"format": FORMAT, **plain, "checksums": checksums}
    return _write(folder, {**manifest, "hash": hash_of(manifest)}, attached={})


def attach(folder: AnyPath, contents: Mapping[str, str | bytes]) -> dict[str, Any]:
    """Write files, of text or of bytes, beside a model and put them under its checksums; the model's own hash stays.

    Parameters
    ----------
    folder : of the model. contents : by the file's name.

    Returns
    -------
    dict
        The manifest, with a new ``seal``.

    Raises
    ------
    ArtifactError : the folder is no model.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> before = write_manifest(folder, {"learner": "lightgbm"})
    >>> after = attach(folder, {"evidence.json": "{}"})
    >>> after["hash"] == before["hash"], after["seal"] == before["seal"]
    (True, False)
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    attached = manifest.get("attached", {}) | {name: _sha256(folder / name) for name in contents}
    return _write(folder, manifest, attached=attached)


def read_manifest(folder: AnyPath, *, model_hash: str = "", seal: str = "") -> dict[str, Any]:
    """Return a model's manifest, verified against its own hashes: ``hash`` of what scores, ``seal`` of everything.

    Parameters
    ----------
    folder : of the model. model_hash, seal : as they were recorded elsewhere; what is empty is not compared.

    Returns
    -------
    dict

    Raises
    ------
    ArtifactError : the folder is no model, of another format, or its manifest was altered or is not the recorded one.

    Examples
    --------
    >>> manifest = read_manifest(model_folder)
    >>> manifest["learner"], len(manifest["hash"])
    ('scorecard', 64)
    """
    folder = Path(folder)
    path = Path(folder) / MANIFEST
    if not path.is_file() or path.is_symlink():
        # By its name: pages show this to people, whom the directories of the server do not concern.
        raise ArtifactError(NOT_A_MODEL, folder=folder.name or str(folder), file=MANIFEST)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found = manifest["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(ALTERED, file=MANIFEST) from error
    if found not in READABLE_FORMATS:
        raise ArtifactError(OTHER_FORMAT, found=found, known=FORMAT)
    if not _is_consistent(manifest):
        raise ArtifactError(ALTERED, file=MANIFEST)
    if (model_hash and manifest["hash"] != model_hash) or (seal and manifest.get("seal") != seal):
        raise ArtifactError(NOT_RECORDED)
    return manifest


def read_whole(folder: AnyPath) -> dict[str, Any]:
    """Return a model's manifest after every file of the folder was compared with it.

    Parameters
    ----------
    folder : of the model.

    Returns
    -------
    dict

    Raises
    ------
    ArtifactError : a file is missing, altered or not listed; the sentence names it.

    Examples
    --------
    >>> read_whole(model_folder)["hash"] == read_manifest(model_folder)["hash"]
    True
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    listed = listed_files(manifest)
    for name, checksum in listed.items():
        _require(folder, name, checksum)
    tolerated = BESIDE_A_MODEL_OF_FORMAT_1 if manifest["format"] == 1 else ()
    for name in _names_in(folder):
        if name not in (MANIFEST, *listed, *tolerated):
            raise ArtifactError(UNLISTED, file=name)
    return manifest


def read_recorded(folder: AnyPath, model_hash: str, *, seal: str = "") -> dict[str, Any]:
    """Return a folder's manifest, once all its files are those that were recorded with this hash and seal.

    Parameters
    ----------
    folder : of the model. model_hash, seal : as they were recorded; a seal that is empty is not compared.

    Returns
    -------
    dict

    Raises
    ------
    ArtifactError : a file is missing, altered or not listed, or the whole is another model.

    Examples
    --------
    >>> recorded = read_manifest(model_folder)["hash"]
    >>> read_recorded(model_folder, recorded)["learner"]
    'scorecard'
    """
    folder = Path(folder)
    manifest = read_whole(folder)
    if manifest["hash"] != model_hash or (seal and manifest.get("seal") != seal):
        raise ArtifactError(NOT_RECORDED)
    return manifest


def listed_files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the checksum of every file of a model's folder by its name, the manifest's own aside.

    Parameters
    ----------
    manifest : of the folder.

    Returns
    -------
    dict
        What scores, and what lies beside it.

    Examples
    --------
    >>> sorted(listed_files(read_manifest(model_folder)))[:3]
    ['columns.json', 'diagnosis.json', 'encoder.json']
    """
    return dict(sorted({**manifest["checksums"], **manifest.get("attached", {})}.items()))


def read_attached(folder: AnyPath, name: str, *, model_hash: str = "", seal: str = "") -> dict[str, Any]:
    """Return the JSON object in a file of a model's folder; empty where there is none and none is listed.

    Parameters
    ----------
    folder : of the model. name : of the file. model_hash, seal : as they were recorded; what is empty is not compared.

    Returns
    -------
    dict

    Raises
    ------
    ArtifactError : the file is missing, altered or not listed.

    Examples
    --------
    >>> sorted(read_attached(model_folder, "evidence.json"))[:2]
    ['by_period', 'held_out']
    """
    path = attached_file(folder, name, model_hash=model_hash, seal=seal)
    return {} if path is None else json.loads(path.read_text(encoding="utf-8"))


def attached_file(folder: AnyPath, name: str, *, model_hash: str = "", seal: str = "") -> Path | None:
    """Return a file of a model's folder, as it was put there; ``None`` where there is none and none is listed.

    Parameters
    ----------
    folder : of the model. name : of the file. model_hash, seal : as they were recorded; what is empty is not compared.

    Returns
    -------
    pathlib.Path or None

    Raises
    ------
    ArtifactError : the file is missing, altered or not listed.

    Examples
    --------
    >>> attached_file(model_folder, "evidence.json").name
    'evidence.json'
    """
    folder = Path(folder)
    path, manifest = folder / name, read_manifest(folder, model_hash=model_hash, seal=seal)
    listed = listed_files(manifest)
    if name in listed:
        _require(folder, name, listed[name])
    elif not path.is_file():
        return None
    elif manifest["format"] != 1:
        raise ArtifactError(UNLISTED, file=name)
    return path


def refuse_other_folder(folder: AnyPath) -> None:
    """Refuse to put a model in the place of what is none: an empty folder and an earlier model may be replaced.

    Parameters
    ----------
    folder : where a model is to be saved.

    Raises
    ------
    ArtifactError : the folder is a file, or holds files and no manifest.

    Examples
    --------
    >>> import tempfile
    >>> refuse_other_folder(Path(tempfile.mkdtemp()))
    """
    folder = Path(folder)
    is_free = not folder.exists() or (folder / MANIFEST).is_file() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_free:
        raise ArtifactError(OTHER_FOLDER, folder=str(folder))


def hash_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data in its one canonical form.

    Parameters
    ----------
    manifest : JSON-ready.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})
    True
    """
    canonical = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_json(path: Path, plain: Any) -> None:
    """Write plain data as a person can read it."""
    path.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")


def _write(folder: Path, manifest: dict[str, Any], *, attached: dict[str, str]) -> dict[str, Any]:
    """Write the manifest at once or not at all: a process that dies meanwhile leaves no half of it."""
    whole = {name: value for name, value in manifest.items() if name != "seal"} | {"attached": attached}
    whole["seal"] = hash_of(whole)
    draft = folder / f".{MANIFEST}.draft"
    write_json(draft, whole)
    draft.replace(folder / MANIFEST)
    return whole


def _is_consistent(manifest: dict[str, Any]) -> bool:
    scoring = {name: value for name, value in manifest.items() if name not in ("hash", "seal", "attached")}
    if not isinstance(scoring.get("checksums"), dict) or manifest.get("hash") != hash_of(scoring):
        return False
    if manifest["format"] == 1:
        return True
    everything = {name: value for name, value in manifest.items() if name != "seal"}
    return isinstance(manifest.get("attached"), dict) and manifest.get("seal") == hash_of(everything)


def _require(folder: Path, name: str, checksum: str) -> None:
    path = folder / name
    is_own = Path(name).name == name and path.is_file() and not path.is_symlink()
    if not is_own or _sha256(path) != checksum:
        raise ArtifactError(ALTERED, file=name)


def _names_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        yield path.name if path.is_symlink() or not path.is_dir() else f"{path.name}/"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
