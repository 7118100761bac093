"""A model version as one file, and that file read again only if it is exactly what it claims to be.

The file is skops's: a zip of a description and arrays, without anything that runs. It holds dicts,
lists, strings, numbers, bytes and arrays, and nothing else is ever made of it. Reading goes from
the outside in: size, SHA-256, the zip's own list, the description, and only then the arrays.
"""

import io
import json
import math
import platform
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256 as sha256_of
from hmac import compare_digest
from importlib.metadata import version
from typing import Any, BinaryIO

from numpy.lib import format as npy
from numpy.typing import NDArray

from ml import cutting
from ml.classifiers import IntentClassifier
from ml.entities import EntityTagger

FORMAT = 1
LARGEST = 512 * 1024 * 1024  # bytes of a file
LARGEST_DESCRIPTION = 16 * 1024 * 1024  # bytes of what says how the arrays hang together
MOST_MEMBERS = 1000
DEEPEST = 20

# Every type that may be in a file, by what skops makes it with. There is no way to add one.
ALLOWED = {
    "DictNode": ("builtins", "dict"),
    "ListNode": ("builtins", "list"),
    "JsonNode": ("builtins", "str"),  # a string, a number, a truth value or nothing
    "TypeNode": ("builtins", "str"),  # that keys of dicts are strings
    "BytesNode": ("builtins", "bytes"),
    "NdArrayNode": ("numpy", "ndarray"),
}
NUMBERS = frozenset("fiub")  # kinds of arrays: of numbers and truth values
MEMBER = re.compile(r"[0-9a-f-]{1,64}\.(npy|bin)")
DESCRIPTION = "schema.json"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops", "python-crfsuite")


class ArtifactRefused(Exception):
    """Why a file was not read. Nothing of it was run, and nothing of it is in use."""


@dataclass(frozen=True)
class Artifact:
    """What a model version answers with.

    intents : IntentClassifier
    entities : EntityTagger or None
        None when nobody marked entities.
    versions : dict
        What it was made with: of this format, of Python, of libraries, of the encoder.
    """

    intents: IntentClassifier
    entities: EntityTagger | None
    versions: Mapping[str, str]


def versions_now() -> dict[str, str]:
    """Return the versions of what decides how something is learned here."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def write(intents: IntentClassifier, entities: EntityTagger | None = None) -> bytes:
    """Return the file's content. Its SHA-256 must be kept elsewhere, or it can't be read again."""
    content = {
        "format": FORMAT,
        "pieces": cutting.VERSION,
        "versions": {**versions_now(), "encoder": intents.encoder_},
        "intents": intents.parts(),
        "entities": None if entities is None else entities.parts(),
    }
    # Imported here: it brings scikit-learn, of which reading needs nothing.
    import skops.io

    written: bytes = skops.io.dumps(content)
    return written


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits."""
    return sha256_of(content).hexdigest()


def read(
    file: BinaryIO,
    *,
    sha256: str,
    encoder_version: str | None = None,
    largest: int = LARGEST,
) -> Artifact:
    """Read what `write` wrote, or raise ArtifactRefused with a sentence.

    Parameters
    ----------
    file : binary file
    sha256 : str
        What `digest` said when it was written.
    encoder_version : str, default=None
        The encoder that the vectors will be of; any if not given.
    largest : int
        Bytes that are read at most.
    """
    content = file.read(largest + 1)
    if len(content) > largest:
        raise ArtifactRefused(
            f"This file is larger than {largest} bytes, so it was not read. "
            "Train again on fewer intents, or allow larger files."
        )
    if not compare_digest(digest(content), sha256.lower()):
        raise ArtifactRefused(
            "This file is not the one that was written: its SHA-256 differs. It is damaged, cut "
            "short or was exchanged. Restore it from a backup, or train again."
        )
    parts = _look_into(content)
    with refusing("This file does not hold what a model version needs."):
        return _put_together(parts, encoder_version)


@contextmanager
def refusing(sentence: str) -> Iterator[None]:
    """Turn whatever a malformed file brings about into one refusal."""
    try:
        yield
    except ArtifactRefused:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OSError, EOFError,
            RecursionError, MemoryError, OverflowError, NotImplementedError, SyntaxError,
            zipfile.BadZipFile, struct.error,
    ) as error:  # fmt: skip
        raise ArtifactRefused(f"{sentence} Train again, or choose another version.") from error


def _put_together(parts: Mapping[str, Any], encoder_version: str | None) -> Artifact:
    if parts["format"] != FORMAT or parts["pieces"] != cutting.VERSION:
        raise ArtifactRefused(
            f"This file was written in format {parts['format']}.{parts['pieces']}, and this "
            f"learnloop reads {FORMAT}.{cutting.VERSION}. "
            "Train again, or run the one that wrote it."
        )
    intents = IntentClassifier.from_parts(parts["intents"])
    if encoder_version not in (None, intents.encoder_):
        raise ArtifactRefused(
            f"This model version reads vectors of {intents.encoder_}, and the bot's are of "
            f"{encoder_version}. Train again with the bot's encoder."
        )
    entities = parts["entities"]
    tagger = None if entities is None else EntityTagger.from_parts(entities)
    return Artifact(intents, tagger, dict(parts["versions"]))


# ── from the outside in ───────────────────────────────────────────────────────────────


def _look_into(content: bytes) -> Any:
    """Refuse all but a plain list of arrays and a description that names only what is allowed.

    Then return what is described. skops would do the same, and look for what may not be there.
    """
    with (
        refusing("This file is not a model version."),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
    ):
        members = _members(archive, len(content))
        description = json.loads(archive.read(DESCRIPTION))
        _check_node(description, members, depth=0)
        if members - set(_files(description)):
            raise ArtifactRefused("This file has parts that its description does not name.")
        return _made_of(description, archive)


def _members(archive: zipfile.ZipFile, length: int) -> set[str]:
    """Return the names of all but the description. Nothing is unpacked before this."""
    members = archive.infolist()
    names = {member.filename for member in members}
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    # Stored as it is, nothing can become larger than the file.
    if packed or sum(member.file_size for member in members) > length:
        raise ArtifactRefused("This file would become larger when unpacked, so it was not.")
    if len(names) != len(members) or len(members) > MOST_MEMBERS:
        raise ArtifactRefused("This file has too many parts, or one of them twice.")
    if archive.getinfo(DESCRIPTION).file_size > LARGEST_DESCRIPTION:
        raise ArtifactRefused("This file's description is too long to be one of ours.")
    names.remove(DESCRIPTION)
    if foreign := sorted(name for name in names if not MEMBER.fullmatch(name)):
        raise ArtifactRefused(f"This file holds something foreign, {foreign[0][:60]!r}.")
    return names


def _check_node(node: dict[str, Any], members: set[str], *, depth: int) -> None:
    """Refuse a type that is not allowed, wherever in the description it is."""
    loader = node["__loader__"]
    if ALLOWED.get(loader) != (node["__module__"], node["__class__"]) or depth > DEEPEST:
        named = f"{node['__module__']}.{node['__class__']}"
        raise ArtifactRefused(f"This file holds a type that none of ours has, {named[:60]!r}.")
    if loader in ("NdArrayNode", "BytesNode") and node["file"] not in members:
        raise ArtifactRefused("This file lacks one of its parts.")
    if loader == "NdArrayNode" and node["type"] != "numpy":
        raise ArtifactRefused("This file holds an array of something else than numbers.")
    for child in _children(node):
        _check_node(child, members, depth=depth + 1)


def _children(node: dict[str, Any]) -> list[dict[str, Any]]:
    if node["__loader__"] == "DictNode":
        return [*node["content"].values(), node["key_types"]]
    return list(node["content"]) if node["__loader__"] == "ListNode" else []


def _files(node: dict[str, Any]) -> Iterator[str]:
    if node["__loader__"] in ("NdArrayNode", "BytesNode"):
        yield node["file"]
    for child in _children(node):
        yield from _files(child)


def _made_of(node: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    """Make what a checked node describes: nothing but dicts, lists, numbers, bytes and arrays."""
    loader = node["__loader__"]
    if loader == "DictNode":
        return {str(key): _made_of(child, archive) for key, child in node["content"].items()}
    if loader == "ListNode":
        return [_made_of(child, archive) for child in node["content"]]
    if loader == "JsonNode":
        return json.loads(node["content"])
    if loader == "BytesNode":
        return archive.read(node["file"])
    if loader == "NdArrayNode":
        return _array(archive.read(node["file"]))
    raise ArtifactRefused("This file describes something that is not there.")


def _array(content: bytes) -> NDArray[Any]:
    """Refuse an array that is not of numbers, or says that it is larger than it is."""
    buffer = io.BytesIO(content)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, _, dtype = read_header[npy.read_magic(buffer)](buffer)
    if dtype.kind not in NUMBERS or dtype.names:
        raise ArtifactRefused("This file holds an array of something else than numbers.")
    if math.prod(shape) * dtype.itemsize != len(content) - buffer.tell():
        raise ArtifactRefused("This file holds an array that is not as large as it says.")
    buffer.seek(0)
    array: NDArray[Any] = npy.read_array(buffer, allow_pickle=False)
    return array
