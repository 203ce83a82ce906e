"""`card.json` -> the model card for people, as Markdown, so that the two never differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.card import Card, Interval


def as_markdown(card: Card) -> str:
    """The card in the usual sections (Mitchell et al., Model Cards for Model Reporting, 2019)."""
    network, calibration, origin = card.network, card.calibration, card.origin
    parts = [
        f"# Model card: {card.name} {card.version}",
        "Written from `resources/model/card.json` by `melascreen-train model-card`; not edited by hand.",
        "## Details",
        card.description + ".",
        *_list(
            (
                f"Network: {network.architecture}; {network.format}; SHA-256 `{network.sha256}`.",
                f"Takes {network.side}×{network.side} pixels, {network.colour}, "
                f"{network.lowest:g} to {network.highest:g}; gives logits for {', '.join(card.classes)}.",
                f"Made on {card.created} by `{origin.command}` (recipe `{origin.recipe}`, seed {origin.seed}), "
                f"commit `{origin.commit}`.",
                "Packages: " + ", ".join(f"{name} {version}" for name, version in origin.packages.items()) + ".",
            )
        ),
        "## Intended use",
        card.intended_use,
        "## Limits",
        *_list(card.limits),
        "## Training data",
        *_table(
            ("source", "images", "of them melanoma", "licence", "citation"),
            ((data.name, str(data.images), str(data.melanomas), data.licence, data.citation) for data in card.data),
        ),
        "## Calibration and threshold",
        f"Probabilities are softmax(logits / {calibration.temperature:.4f} + bias), with the bias "
        f"{', '.join(f'{value:.4f}' for value in calibration.bias)}; fitted on {calibration.fitted_on}.",
        *_table(
            ("operating point", "threshold", "chosen for", "sensitivity (95 % CI)", "specificity (95 % CI)", "on"),
            (
                (p.name, f"{p.threshold:.4f}", p.chosen, _share(p.sensitivity), _share(p.specificity), p.measured_on)
                for p in card.operating_points
            ),
        ),
        "## Figures",
        *_table(
            ("figure", "value (95 % CI)", "data", "split", "images", "of them melanoma", "command"),
            (
                (f.metric, _figure(f.estimate), f.data, f.split, str(f.images), str(f.melanomas), f"`{f.command}`")
                for f in card.figures
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _list(items: Iterable[str]) -> list[str]:
    return ["\n".join(f"- {item}" for item in items)]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["\n".join("| " + " | ".join(line) + " |" for line in lines)]


def _share(interval: Interval) -> str:
    return f"{interval.value:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def _figure(interval: Interval) -> str:
    return f"{interval.value:.4f} ({interval.low:.4f} to {interval.high:.4f})"
