"""`card.json` -> the model card for people, as Markdown, so that the two never differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.card import Card, Figure, Interval


def as_markdown(card: Card) -> str:
    """The card in the usual sections (Mitchell et al., Model Cards for Model Reporting, 2019)."""
    network, calibration, origin = card.network, card.calibration, card.origin
    outputs = ", ".join(f"`{name}` {'×'.join(map(str, shape[1:]))}" for name, shape in network.outputs.items())
    general = [figure for figure in card.figures if not _is_of_group(figure)]
    of_groups = [figure for figure in card.figures if _is_of_group(figure)]
    parts = [
        f"# Model card: {card.name} {card.version}",
        "Written from `resources/model/card.json` by `melascreen-train model-card`; not edited by hand.",
        "## Details",
        card.description + ".",
        *_list(
            (
                f"Network: {network.architecture}; {network.format}; SHA-256 `{network.sha256}`.",
                f"Takes {network.side}×{network.side} pixels, {network.colour}, "
                f"{network.lowest:g} to {network.highest:g}; gives {outputs}.",
                f"Classes: {', '.join(card.classes)}."
                + (f" Diagnoses: {', '.join(card.diagnoses)}; not calibrated." if card.diagnoses else ""),
                f"Made on {card.created} by `{origin.command}` (recipe `{origin.recipe}`, seed {origin.seed}), "
                f"commit `{origin.commit}`.",
                "Packages: " + ", ".join(f"{name} {version}" for name, version in origin.packages.items()) + ".",
            )
        ),
        "## Intended use",
        card.intended_use,
        "Not for:",
        *_list(card.not_for),
        "## Factors",
        *_list(card.factors),
        "## Metrics",
        "AUROC says how well melanomas are ranked above the others, whatever the threshold; sensitivity is the share "
        "of melanomas at the threshold or above it, specificity the share of the others below it. Probabilities are "
        f"softmax(logits / {calibration.temperature:.4f} + bias), with the bias "
        f"{', '.join(f'{value:.4f}' for value in calibration.bias)}; fitted on {calibration.fitted_on}. Their "
        "expected calibration error is the mean distance of probability and frequency over 15 bins. Intervals are of "
        "95 %: the percentile bootstrap's for AUROC and calibration error, Wilson's for shares.",
        *_table(
            ("operating point", "threshold", "chosen for", "sensitivity (95 % CI)", "specificity (95 % CI)", "on"),
            (
                (
                    p.name,
                    f"{p.threshold:.4f}",
                    p.chosen,
                    p.sensitivity.as_percent(),
                    p.specificity.as_percent(),
                    p.measured_on,
                )
                for p in card.operating_points
            ),
        ),
        "## Data",
        "Trained on:",
        *_table(
            ("source", "images", "of them melanoma", "licence", "citation"),
            ((data.name, str(data.images), str(data.melanomas), data.licence, data.citation) for data in card.data),
        ),
        "What these data lack:",
        *_list(card.data_lack),
        "## Figures",
        *_figures(general),
        "By group, whatever the threshold; a group with fewer than 10 images of a class is left out:",
        *_figures(of_groups),
        "## Ethics",
        *_list(card.ethics),
        "## Caveats",
        *_list(card.limits),
    ]
    return "\n\n".join(parts) + "\n"


def _is_of_group(figure: Figure) -> bool:
    return ", " in figure.metric and figure.metric.startswith("AUROC")


def _figures(figures: Sequence[Figure]) -> list[str]:
    """A table, and under it the command that gives its figures again."""
    table = _table(
        ("figure", "value (95 % CI)", "data", "split", "images", "of them melanoma"),
        ((f.metric, _figure(f.estimate), f.data, f.split, str(f.images), str(f.melanomas)) for f in figures),
    )
    return [*table, *(f"By `{command}`." for command in dict.fromkeys(figure.command for figure in figures))]


def _list(items: Iterable[str]) -> list[str]:
    return ["\n".join(f"- {item}" for item in items)]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["\n".join("| " + " | ".join(line) + " |" for line in lines)]


def _figure(interval: Interval) -> str:
    return f"{interval.value:.4f} ({interval.low:.4f} to {interval.high:.4f})"
