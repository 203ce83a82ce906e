"""Figures of a gate that has not seen a source: each source of photographs is left out of its training in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from app.core.model.bundle import ModelBundle
from app.core.model.card import INTERMEDIATE_FEATURES
from app.core.model.gate import DERMOSCOPY
from app.core.model.network import Network
from training.data.examples import Example, of_split
from training.data.photographs import Photograph
from training.evaluation.printing import Table
from training.export.gate import fit_gate, gate_images, gate_limit
from training.export.parameters import network_outputs
from training.metrics import proportion


@dataclass(frozen=True)
class LeftOut:
    """A source's photographs of one kind, and how many of them a gate refuses that has not seen the source."""

    source: str
    kind: str
    photographs: int
    refused: int


def left_out_by_source(
    bundle: ModelBundle, examples: Sequence[Example], photographs: Sequence[Photograph], *, seed: int
) -> list[LeftOut]:
    """Refusals of every source of the photographs by a gate taught with all the others, its limit from `val`.

    All photographs of a source are counted, whatever their split; those too small for the program are not.
    """
    side = bundle.card.network.side
    network = Network(bundle.network, bundle.card.network.outputs, side=side)

    def features_of(images: np.ndarray) -> np.ndarray:
        return network.outputs_of_several(images)[INTERMEDIATE_FEATURES]

    val = of_split(examples, "val")
    outputs = network_outputs(network, val, side, names=(INTERMEDIATE_FEATURES,))
    on_val = outputs[INTERMEDIATE_FEATURES].astype(np.float32)
    sources = [example.source for example in val]
    images = gate_images(features_of, of_split(examples, "train"), photographs, side=side, seed=seed)
    found = []
    for source in tqdm(sorted({one.source for one in photographs}), desc="gate without", unit="source"):
        own = images.only((images.sources == source) & (images.kinds != DERMOSCOPY) & ~images.changed)
        gate = fit_gate(images.only((images.sources != source) | (images.kinds == DERMOSCOPY)))
        limit = gate_limit(gate.probabilities(on_val)[:, DERMOSCOPY], sources)
        refused = gate.probabilities(own.features)[:, DERMOSCOPY] < limit
        for subject in np.unique(own.subjects).tolist():
            those = own.subjects == subject
            found.append(LeftOut(source, subject, int(those.sum()), int(refused[those].sum())))
    return found


def table(found: Sequence[LeftOut]) -> Table:
    """A row a kind and source, and for each kind a row of all its sources."""
    rows = [(one.kind, one.source, str(one.photographs), _share([one])) for one in found]
    for kind in sorted({one.kind for one in found}):
        own = [one for one in found if one.kind == kind]
        rows.append((kind, "each in turn", str(sum(one.photographs for one in own)), _share(own)))
    return Table(("kind", "source left out", "photographs", "refused (95 % CI)"), tuple(sorted(rows)))


def _share(found: Sequence[LeftOut]) -> str:
    return proportion(sum(one.refused for one in found), sum(one.photographs for one in found)).percent()
