"""A model version is one file, which is read only if it is exactly what it claims to be."""

import io
import json
import pickle
import random
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ml import artifacts
from ml.artifacts import ArtifactRefused, digest, read, write
from ml.entities import fit_entities
from tests.ml.bots import ENCODER, bot, fit

TIMES = range(100)


@pytest.fixture(scope="module")
def examples():
    return bot(90)


@pytest.fixture(scope="module")
def fitted(examples):
    return fit(examples)


@pytest.fixture(scope="module")
def tagger():
    return fit_entities(["a flight to rome", "to paris"], [[(12, 16, "city")], [(3, 8, "city")]])


@pytest.fixture(scope="module")
def written(fitted, tagger):
    return write(fitted, tagger)


def opened(content, *, sha256=None, **more):
    """Read `content`, by default as if its SHA-256 were the one that was kept."""
    return read(io.BytesIO(content), sha256=sha256 or digest(content), **more)


def refused(content, **more):
    with pytest.raises(ArtifactRefused) as refusal:
        opened(content, **more)
    return str(refusal.value)


def rewritten(content, change=lambda name, part: part, *, more=None, packed=zipfile.ZIP_STORED):
    """Write the zip again, each part changed, with more parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", packed) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return buffer.getvalue()


def redescribed(content, change):
    """Write the zip again with a description that `change` had its hands on."""

    def with_change(name, part):
        if name != "schema.json":
            return part
        description = json.loads(part)
        change(description)
        return json.dumps(description).encode()

    return rewritten(content, with_change)


class Trap:
    """Unpickled, it would leave a mark."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


@pytest.fixture(autouse=True)
def no_trap_was_sprung():
    yield
    assert not Trap.sprung


# ── what we wrote ─────────────────────────────────────────────────────────────────────


def test_what_was_written_answers_the_same_when_read(fitted, tagger, examples, written):
    artifact = opened(written, encoder_version=ENCODER)

    first = fitted.top_k(examples.texts, examples.vectors)
    again = artifact.intents.top_k(examples.texts, examples.vectors)
    assert first[0].tolist() == again[0].tolist()
    assert first[1].tobytes() == again[1].tobytes()
    assert artifact.entities == tagger


def test_a_bot_without_entities_has_no_tagger(fitted):
    assert opened(write(fitted)).entities is None


def test_it_says_what_it_was_made_with(written):
    versions = opened(written).versions

    assert versions["encoder"] == ENCODER
    assert versions["scikit-learn"].count(".") == 2
    assert set(versions) == {"python", "encoder", *artifacts.LIBRARIES}


def test_the_digest_is_that_of_the_file():
    assert digest(b"abc").startswith("ba7816bf")


# ── what somebody else did to it ──────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", TIMES)
def test_flipped_bits_are_refused(written, seed):
    damaged = bytearray(written)
    damaged[random.Random(seed).randrange(len(written))] ^= 1 << seed % 8

    assert "SHA-256 differs" in refused(bytes(damaged), sha256=digest(written))


@pytest.mark.parametrize("seed", TIMES)
def test_a_file_cut_short_is_refused(written, seed):
    cut = written[: random.Random(seed).randrange(len(written))]

    assert "SHA-256 differs" in refused(cut, sha256=digest(written))
    assert refused(cut)  # also by somebody who exchanged the SHA-256 too


@pytest.mark.parametrize("seed", TIMES)
def test_a_pickle_is_refused(written, seed):
    trap = pickle.dumps([Trap()] * (seed + 1), protocol=seed % 6)
    inside = random.Random(seed).choice(["model.pkl", "a.npy", "schema.pickle", "../x.npy"])

    for content in (trap, rewritten(written, more={inside: trap})):
        assert "SHA-256 differs" in refused(content, sha256=digest(written))
        assert refused(content)


@pytest.mark.parametrize("seed", TIMES)
def test_a_pickle_within_an_array_is_refused(written, seed):
    buffer = io.BytesIO()
    np.save(buffer, np.array([Trap()] * (seed + 1), object), allow_pickle=True)
    arrays = [name for name in names_in(written) if name.endswith(".npy")]
    chosen = random.Random(seed).choice(arrays)

    content = rewritten(written, lambda name, part: buffer.getvalue() if name == chosen else part)

    assert "something else than numbers" in refused(content)


def names_in(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


FOREIGN = [
    ("subprocess", "Popen", "TypeNode"),
    ("os", "system", "FunctionNode"),
    ("builtins", "eval", "FunctionNode"),
    ("functools", "partial", "PartialNode"),
    ("operator", "methodcaller", "OperatorFuncNode"),
    ("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode"),
    ("builtins", "dict", "ObjectNode"),
    ("builtins", "str", "ConstructorFromReduceNode"),
    ("collections", "OrderedDict", "DictNode"),
    ("numpy", "matrix", "NdArrayNode"),
]


@pytest.mark.parametrize("seed", TIMES)
def test_a_type_that_none_of_ours_has_is_refused(written, seed):
    module, name, loader = FOREIGN[seed % len(FOREIGN)]

    def change(description):
        nodes = [node for node in nodes_of(description) if "__class__" in node]
        node = random.Random(seed).choice(nodes)
        node.update({"__module__": module, "__class__": name, "__loader__": loader})

    assert f"'{module}.{name}'" in refused(redescribed(written, change))


def nodes_of(part):
    """Every dict within a description."""
    if isinstance(part, dict):
        yield part
    for child in (
        part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    ):
        yield from nodes_of(child)


@pytest.mark.parametrize(
    "estimator",
    [RandomForestClassifier(), make_pipeline(FunctionTransformer(np.sqrt)), {1: 2}, {"a": {3}}],
    ids=lambda each: type(each).__name__,
)
def test_what_skops_itself_would_read_is_refused_all_the_same(estimator):
    assert "none of ours has" in refused(skops.io.dumps(estimator))


@pytest.mark.parametrize("seed", TIMES)
def test_a_zip_bomb_is_refused(written, seed):
    zeros = bytes(10_000 * (seed + 1))
    bomb = rewritten(written, more={f"{seed}.npy": zeros}, packed=zipfile.ZIP_DEFLATED)
    claims = claiming(written, seed, size=2**31 - 1 - seed)

    assert "larger when unpacked" in refused(bomb)
    assert refused(claims)


def claiming(content, seed, *, size):
    """Let the zip's list say that a part is `size` bytes."""
    changed = bytearray(content)
    entries = [at for at in range(len(content)) if content[at : at + 4] == b"PK\x01\x02"]
    at = random.Random(seed).choice(entries)
    changed[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def test_an_array_that_says_it_is_larger_than_it_is_is_refused(written):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)}
    )
    chosen = next(name for name in names_in(written) if name.endswith(".npy"))

    content = rewritten(written, lambda name, part: buffer.getvalue() if name == chosen else part)

    assert "not as large as it says" in refused(content)


def test_a_part_that_is_there_twice_is_refused(written):
    with pytest.warns(UserWarning, match="Duplicate name"):
        doubled = rewritten(written, more={"schema.json": b"{}"})

    assert "one of them twice" in refused(doubled)


def test_a_part_that_is_missing_is_refused(written):
    def change(description):
        next(node for node in nodes_of(description) if "file" in node)["file"] = "0.npy"

    assert "lacks one of its parts" in refused(redescribed(written, change))


def test_a_description_without_end_is_refused(written):
    deep = b'{"__class__":"list","__module__":"builtins","__loader__":"ListNode","content":['

    def change(name, part):
        return deep * 5000 if name == "schema.json" else part

    assert "not a model version" in refused(rewritten(written, change))


def test_nests_within_nests_are_refused(written):
    def change(description):
        for _ in range(50):
            description["content"] = {"in": dict(description)}

    assert refused(redescribed(written, change))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}", b"\x80\x04N.", bytes(1000)])
def test_what_is_no_zip_is_refused(content):
    assert "not a model version" in refused(content)


@pytest.mark.parametrize("part", ["intents", "versions", "format"])
def test_a_file_that_lacks_what_we_need_is_refused(fitted, part):
    content = {"format": 1, "pieces": "1", "versions": {}, "intents": fitted.parts()}
    content["entities"] = None
    del content[part]

    assert "does not hold what a model version needs" in refused(skops.io.dumps(content))


@pytest.mark.parametrize(
    ("part", "name"),
    [("vectors_", "coef"), ("words_", "rarity"), ("words_", "intercept"), ("scope_", "reference")],
)
def test_arrays_that_do_not_fit_each_other_are_refused(examples, part, name):
    changed = fit(examples, candidates=["both"]).parts()
    changed[part] = {**changed[part], name: changed[part][name][..., :-1]}
    content = {"format": 1, "pieces": "1", "versions": {}, "intents": changed, "entities": None}

    assert "does not hold what a model version needs" in refused(skops.io.dumps(content))


def test_a_file_that_is_too_large_is_not_read(written):
    class Endless(io.BytesIO):
        def read(self, size=-1):
            assert 0 < size <= 1001
            return bytes(size)

    with pytest.raises(ArtifactRefused, match="larger than 1000 bytes"):
        read(Endless(), sha256=digest(written), largest=1000)


# ── what another learnloop wrote ──────────────────────────────────────────────────────


def test_another_format_is_refused_with_both_numbers(fitted, monkeypatch):
    monkeypatch.setattr(artifacts, "FORMAT", 2)
    content = write(fitted)
    monkeypatch.setattr(artifacts, "FORMAT", 1)

    assert "written in format 2.1, and this learnloop reads 1.1" in refused(content)


def test_vectors_of_another_encoder_are_refused_with_both_names(written):
    assert f"reads vectors of {ENCODER}, and the bot's are of use-9" in refused(
        written, encoder_version="use-9"
    )
