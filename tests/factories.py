"""Values, files and bundles that several tests use."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed
from PIL import Image, ImageCms
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRLittleEndian,
    RLELossless,
    VLPhotographicImageStorage,
    generate_uid,
)

from app.core.domain.entry import Entry
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.domain.statistics import Interval
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import CARD_FILE, ModelBundle, load_bundle
from app.core.model.card import (
    EMBEDDING,
    INTERMEDIATE_FEATURES,
    Calibration,
    Card,
    ConsistencyLimit,
    GateFile,
    OutOfDistributionFile,
    write_card,
)
from app.core.model.gate import KINDS, Gate
from app.core.model.network import Network
from app.core.model.operating_point import BorderlineLimit, OtherCancerPoint
from app.core.model.out_of_distribution import OutOfDistributionDetector

DATA = Path(__file__).parent / "data"


def file_of(rgb: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind)
    return buffer.getvalue()


THUMBNAIL = file_of(np.full((8, 8, 3), 128, np.uint8), "JPEG")


def screening(name: str = "a.jpg", probability: float = 0.25, **changes: object) -> Screening:
    fields: dict[str, object] = {
        "path": Path("/pictures") / name,
        "model": ModelId("model", "1.2", "f" * 64),
        "screened_at": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=3))),
        "sha256": "a" * 64,
        "prediction": Prediction(probability, 0.2),
        "warnings": ("a ruler; perhaps", "ещё"),
        "thumbnail": THUMBNAIL,
    }
    return Screening(**(fields | changes))  # type: ignore[arg-type]


def names(entries: list[Entry]) -> list[str]:
    return [entry.screening.path.name for entry in entries]


def load_version(number: int, file: Path) -> None:
    """Make a history of an earlier schema: `data/history-N.sql`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript((DATA / f"history-{number}.sql").read_text(encoding="utf-8"))


FAR, NEAR = 1e-6, 1e6
"""Limits of `fake_detector` at which every picture is unfamiliar, or none."""


def roots_of_features(bundle: ModelBundle, rgb: np.ndarray) -> np.ndarray:
    side = bundle.card.network.side
    network = Network(bundle.network, bundle.card.network.outputs, side=side)
    return np.sqrt(network.outputs(model_input(rgb, side))[INTERMEDIATE_FEATURES].clip(0))


def root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def without_detector(model: Path, folder: Path) -> Path:
    """A copy of a bundle's folder that rejects no image as out of distribution or no dermoscopy: drawn images all
    would be."""
    bundle = load_bundle(model)
    return write_bundle(replace(bundle, card=changed(bundle.card, detector=None, gate=None)), folder)


def bare(model: Path) -> ModelBundle:
    """A folder's network, and nothing beside it."""
    whole = load_bundle(model)
    card = changed(
        whole.card,
        operating_points=tuple(changed(point, other_cancer=None, near=None) for point in whole.card.operating_points),
        other_cancers=(),
        diagnosis_calibration=None,
        **dict.fromkeys(("detector", "consistency", "outline", "gate", "licence")),
    )
    return ModelBundle(card, whole.network)


def with_detector(bundle: ModelBundle, limit: float, detector: OutOfDistributionDetector | None = None) -> ModelBundle:
    content = (detector or fake_detector(bundle.card)).write()
    described = OutOfDistributionFile("familiar.npz", hashlib.sha256(content).hexdigest(), limit, "for a test")
    return replace(bundle, card=changed(bundle.card, detector=described), detector=content)


def with_gate(bundle: ModelBundle, dermoscopy: float, limit: float = 0.5) -> ModelBundle:
    """With a gate that gives every picture the same probability of dermoscopy."""
    content = gate_of(np.zeros((bundle.card.network.outputs[INTERMEDIATE_FEATURES][1], len(KINDS)))).write()
    rest = (1 - dermoscopy) / (len(KINDS) - 1)
    bias = tuple(float(value) for value in np.log([dermoscopy, rest, rest]))
    described = GateFile(
        file="gate.npz",
        sha256=hashlib.sha256(content).hexdigest(),
        calibration=Calibration(1.0, bias, "nothing"),
        limit=limit,
        chosen="for a test",
        origin="a test",
    )
    return replace(bundle, card=changed(bundle.card, gate=described), gate=content)


def with_other_cancers(bundle: ModelBundle, threshold: float | None = None) -> ModelBundle:
    """With the cancers other than melanoma named in the card, and perhaps a threshold for them."""
    share = Interval(0.9, 0.8, 0.95)
    other = None if threshold is None else OtherCancerPoint(threshold, "for a test", "nothing", share, share)
    point = changed(bundle.card.operating_point, other_cancer=other)
    return replace(
        bundle,
        card=changed(bundle.card, operating_points=(point,), other_cancers=("BCC", "AKIEC", "SCC")),
    )


def write_bundle(bundle: ModelBundle, folder: Path) -> Path:
    """Write a bundle into a new folder."""
    folder.mkdir()
    for name, content in bundle.contents.items():
        (folder / name).write_bytes(content)
    (folder / CARD_FILE).write_bytes(write_card(bundle.card))
    return folder


def with_consistency(bundle: ModelBundle, *, threshold: float, limit: float = 50.0) -> ModelBundle:
    point = changed(bundle.card.operating_point, threshold=threshold)
    card = changed(bundle.card, operating_points=(point,), consistency=ConsistencyLimit(limit, "for a test"))
    return replace(bundle, card=card)


def with_near(bundle: ModelBundle, distance: float) -> ModelBundle:
    """With a limit, in logits below a threshold, within which a picture's copies are looked at."""
    share = Interval(0.1, 0.05, 0.2)
    near = BorderlineLimit(distance, "for a test", "nothing", share, share, share)
    points = tuple(changed(point, near=near) for point in bundle.card.operating_points)
    return replace(bundle, card=changed(bundle.card, operating_points=points))


def profile_with_red_and_blue_exchanged() -> bytes:
    """sRGB's profile with the names of its first and last primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """An image as a file of one of Pillow's formats."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def dicom(
    pixels: np.ndarray, *, syntax: str = ExplicitVRLittleEndian, data: bytes | None = None, **fields: object
) -> bytes:
    """A photographic DICOM file with the given pixels, or with `data` in place of them."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = VLPhotographicImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.Modality = "XC"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = pixels.tobytes() if data is None else encapsulate([data])
    for name, value in fields.items():
        setattr(dataset, name, value)
    if syntax == RLELossless:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def gate_of(weights: np.ndarray) -> Gate:
    """A gate whose logits are the square roots of the features times `weights` (features, kinds), none below 0."""
    kinds = np.float32(np.eye(len(KINDS)))
    nothing = np.zeros(len(KINDS), np.float32)
    return Gate(weights.astype(np.float32), nothing, kinds, nothing)


def fake_detector(card: Card) -> OutOfDistributionDetector:
    """For the card's network: a picture's distance is the root mean of its middle features, so more than 0 for all."""
    features, embedding = card.network.outputs[INTERMEDIATE_FEATURES][1], card.network.outputs[EMBEDDING][1]
    axes = np.eye(max(features, embedding), 4, dtype=np.float32)
    return OutOfDistributionDetector(
        mean=np.zeros(features, np.float32),
        scale=np.ones(features, np.float32),
        centres=np.zeros((1, features), np.float32),
        components=axes[:features],
        variances=np.ones(4, np.float32),
        rest=np.ones(1, np.float32),
        case_mean=np.zeros(embedding, np.float32),
        case_components=axes[:embedding],
    )
