"""The model card as Markdown, written from `card.json`, so that the two never differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.core.model.card import Card, Figure
from training.evaluation import printing
from training.evaluation.printing import Table


def as_markdown(card: Card) -> str:
    """The card in the usual sections (Mitchell et al., Model Cards for Model Reporting, 2019)."""
    parts = [
        f"# Model card: {card.name} {card.version}",
        "Written from `resources/model/card.json` by `melascreen-train model-card`; not edited by hand.",
    ]
    for title, content in SECTIONS.items():
        paragraphs = content(card)
        parts += [f"## {title}", *paragraphs] if paragraphs else []
    return "\n\n".join(parts) + "\n"


def _details(card: Card) -> list[str]:
    network, origin = card.network, card.origin
    outputs = ", ".join(f"`{name}` {'×'.join(map(str, shape[1:]))}" for name, shape in network.outputs.items())
    diagnoses = f" Diagnoses: {', '.join(card.diagnoses)}; {_calibrated(card)}." if card.diagnoses else ""
    return [
        card.description + ".",
        _list(
            f"Network: {network.architecture}; {network.format}; SHA-256 `{network.sha256}`.",
            f"Takes {network.side}×{network.side} pixels, {network.colour}, "
            f"{network.lowest:g} to {network.highest:g}; gives {outputs}.",
            f"Classes: {', '.join(card.classes)}.{diagnoses}",
            *_outline(card),
            f"Made on {card.created} by `{origin.command}` (recipe `{origin.recipe}`, seed {origin.seed}), "
            f"commit `{origin.commit}`.",
            "Packages: " + ", ".join(f"{name} {version}" for name, version in origin.packages.items()) + ".",
        ),
    ]


def _intended_use(card: Card) -> list[str]:
    return [card.intended_use, "Not for:", _list(*card.not_for)]


def _metrics(card: Card) -> list[str]:
    calibration = card.calibration
    points = Table(
        ("operating point", "threshold", "chosen for", "sensitivity (95 % CI)", "specificity (95 % CI)", "on"),
        tuple(
            (p.name, f"{p.threshold:.4f}", p.chosen, p.sensitivity.percent(), p.specificity.percent(), p.measured_on)
            for p in card.operating_points
        ),
    )
    return [
        "AUROC says how well melanomas are ranked above the others, whatever the threshold; sensitivity is the share "
        "of melanomas at the threshold or above it, specificity the share of the others below it. In these a picture "
        "that the gate refuses counts by the number that it would have; in *referred* it counts as not referred. "
        "Probabilities are "
        f"softmax(logits / {calibration.temperature:.4f} + bias), with the bias "
        f"{', '.join(f'{value:.4f}' for value in calibration.bias)}; fitted on {calibration.fitted_on}. Their "
        "expected calibration error is the mean distance of probability and frequency over 15 bins. Intervals are of "
        "95 %: the percentile bootstrap's for AUROC and calibration error, Wilson's for shares.",
        printing.as_markdown(points),
        *_other_cancers(card),
    ]


def _other_cancers(card: Card) -> list[str]:
    """The thresholds for cancers other than melanoma, where the card has any."""
    found = [(point.name, point.other_cancer) for point in card.operating_points if point.other_cancer is not None]
    if not found:
        return []
    header = ("operating point", "threshold", "chosen as", "referred (95 % CI)", "benign not referred (95 % CI)", "on")
    rows = tuple(
        (
            name,
            f"{p.threshold:.4f}",
            p.chosen,
            p.sensitivity.percent(),
            p.benign_not_referred.percent(),
            p.measured_on,
        )
        for name, p in found
    )
    return [
        f"Other cancers ({', '.join(card.other_cancers)}) have a threshold of their own on the sum of their "
        "probabilities, which make one set with melanoma's. *Referred* is the share of them that is referred, as "
        "melanoma or as other cancer; *benign not referred* the share of the benign images below both thresholds.",
        printing.as_markdown(Table(header, rows)),
    ]


def _data(card: Card) -> list[str]:
    rows = tuple((data.name, str(data.images), str(data.melanomas), data.licence, data.citation) for data in card.data)
    return [
        "Trained on:",
        printing.as_markdown(Table(("source", "images", "of them melanoma", "licence", "citation"), rows)),
        "What these data lack:",
        _list(*card.data_lack),
    ]


def _licence(card: Card) -> list[str]:
    if card.licence is None:
        return []
    return [
        f"The weights are given under {card.licence.name}: `{card.licence.file}` beside them says why, what it means "
        "for a clinic, and whom to name. The program's code is under the MIT licence. The images' own licences are in "
        "the table above; none of the images is in the model."
    ]


def _general_figures(card: Card) -> list[str]:
    general = [figure for figure in card.figures if _kind_of(figure) == "evaluate"]
    return [
        *_figures([figure for figure in general if not _is_of_group(figure)]),
        "By group, whatever the threshold; a group with fewer than 10 images of a class is left out:",
        *_figures([figure for figure in general if _is_of_group(figure)]),
    ]


def _more_figures(card: Card) -> list[str]:
    parts = [_list(*_limits(card))]
    for kind in dict.fromkeys(map(_kind_of, card.figures)):
        if kind in TITLES:
            table = pivoted_table if kind in PIVOTED else figures_table
            parts += [TITLES[kind], *_figures([figure for figure in card.figures if _kind_of(figure) == kind], table)]
    return parts


SECTIONS: dict[str, Callable[[Card], list[str]]] = {
    "Details": _details,
    "Intended use": _intended_use,
    "Factors": lambda card: [_list(*card.factors)],
    "Metrics": _metrics,
    "Data": _data,
    "Licence": _licence,
    "Figures": _general_figures,
    "When it refuses, and what else it says": _more_figures,
    "Ethics": lambda card: [_list(*card.ethics)],
    "Caveats": lambda card: [_list(*card.limits)],
}
"""Each section's title and its paragraphs; one without any is left out."""

TITLES = {
    "refusals": "Refusals. The split `train` of the other pictures teaches the gate, `val` calibrates it.",
    "warnings": "Warnings. Hair, ink and rulers were labelled by eye by a developer (an AI model), not by a "
    "dermatologist: see `training/evaluation/artifact_rates.py`.",
    "stability": "Stability: the picture mirrored, and its middle alone.",
    "why": "Heat map, on the images with an outline. Covered places take the picture's mean colour.",
    "outline": "Outline, on the images with an outline.",
    "abcd": "Measures within the outlines that the program finds: each one's AUROC for melanoma by itself, where "
    "higher is meant to be more suspicious. 0.5 is chance.",
    "diagnoses": "The probabilities of the diagnoses.",
    "groups": "By source, collection, skin tone (classes of MILK10k) and share of the area that is dark "
    "surroundings, at the screening threshold. *Too few to say*: fewer than 10 images of a class for an AUROC, none "
    "for a share.",
    "kinds": "What the program advises on each kind of lesion. A refused picture is not assessed, and counts as not "
    "referred; so does a borderline.",
    "calibration": "Calibration where the sources named weigh equally, on the collection `main`.",
    "patient": "What age, sex and site would add: a logistic regression of them and the network's log-odds, fitted on "
    "the other sources. A difference below 0 means that it is better without.",
}
"""Of the kinds of `training.evaluation.card_figures`."""

PIVOTED = frozenset({"groups", "kinds"})
"""Kinds whose figures are printed with a row for what is measured and a column for each figure of it."""
TOO_FEW = "too few to say"


def _kind_of(figure: Figure) -> str:
    """The command's own name, or what `figures` measured."""
    words = figure.command.split()
    return words[2] if words[1:2] == ["figures"] else "evaluate"


def _calibrated(card: Card) -> str:
    calibration = card.diagnosis_calibration
    return "not calibrated, and not shown" if calibration is None else f"calibrated on {calibration.fitted_on}"


def _outline(card: Card) -> list[str]:
    if card.outline is None:
        return []
    outline = card.outline
    return [
        f"Outline: {outline.architecture}; {outline.format}; {outline.side}×{outline.side} pixels; made by "
        f"`{outline.origin}`; SHA-256 `{outline.sha256}`."
    ]


def _limits(card: Card) -> list[str]:
    """The limits beyond which the program gives no result, or calls it unsteady."""
    lines = []
    if card.gate is not None:
        lines.append(
            f"A picture whose probability of dermoscopy is below {card.gate.limit:.3f} gets no result; "
            f"{card.gate.chosen}."
        )
    if card.detector is not None:
        then = "gets no result" if card.gate is None else "gets a warning that the figures may not hold for it"
        lines.append(
            "A picture whose features half way up lie further from those of the training images than "
            f"{card.detector.limit:.3f} (Mahalanobis's distance over the root of their number) {then}; "
            f"{card.detector.chosen}."
        )
    if card.consistency is not None:
        lines.append(
            "An answer is steady where the picture and its two copies lie on one side of the threshold, and their log "
            f"odds no further apart than {card.consistency.limit:.2f}; {card.consistency.chosen}."
        )
    return lines


def _is_of_group(figure: Figure) -> bool:
    return ", " in figure.metric and figure.metric.startswith("AUROC")


def figures_table(figures: Sequence[Figure]) -> Table:
    """A row a figure of the card."""
    return Table(
        ("figure", "value (95 % CI)", "data", "split", "images", "of them melanoma"),
        tuple((f.metric, f.estimate.text(), f.data, f.split, str(f.images), str(f.melanomas)) for f in figures),
    )


def pivoted_table(figures: Sequence[Figure]) -> Table:
    """A row for each group that is measured on a split, a column for each figure of it.

    A metric reads `FIGURE, GROUP`.
    """
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for f in figures:
        column, _, group = f.metric.partition(", ")
        row = rows.setdefault((group, f.data, f.split, str(f.images), str(f.melanomas)), {})
        row[column] = f.estimate.text()
    columns = list(dict.fromkeys(column for row in sorted(rows.values(), key=len, reverse=True) for column in row))
    return Table(
        ("", "data", "split", "images", "of them melanoma", *(f"{column} (95 % CI)" for column in columns)),
        tuple((*row, *(values.get(column, TOO_FEW) for column in columns)) for row, values in rows.items()),
    )


def _figures(figures: Sequence[Figure], table: Callable[[Sequence[Figure]], Table] = figures_table) -> list[str]:
    """A table, and under it the commands that give its figures again."""
    commands = dict.fromkeys(figure.command for figure in figures)
    return [printing.as_markdown(table(figures)), *(f"By `{command}`." for command in commands)]


def _list(*items: str) -> str:
    return "\n".join(f"- {item}" for item in items)
