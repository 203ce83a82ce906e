"""An evaluation as one HTML file, its images inside it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

import msgspec

from app.core.domain.results import CLASSES
from app.core.exchange import table
from app.core.model.card import Card
from app.core.system.files import write_atomically
from training.evaluation import compare, plots, printing, targets
from training.evaluation.compare import Comparison
from training.evaluation.evaluate import Evaluation, Scored
from training.evaluation.targets import Target

_VERDICTS = {
    compare.FIRST: "this one is better",
    compare.SECOND: "the previous one is better",
    compare.NEITHER: "no difference shown",
}

WORST = 12
"""How many thumbnails of either kind of error are shown."""

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>$title</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
figure { display: inline-block; margin: .4rem; vertical-align: top; }
figure img { max-width: 29rem; width: 100%; } figure.small img { width: 8rem; }
figcaption { font-size: .8rem; color: #555; max-width: 29rem; } figure.small figcaption { max-width: 8rem; }
</style>
<h1>$title</h1>
<p>$summary</p>
<p>The program that uses this model supports a clinical decision and does not replace it. These figures hold for these
images; another clinic's cameras and patients differ.</p>
$body
</html>
""")


@dataclass(frozen=True)
class Report:
    """The parts of a report; `comparison` is with the previous bundle, where there is one."""

    card: Card
    scored: Scored
    evaluation: Evaluation
    targets: tuple[Target, ...]
    comparison: Comparison | None = None

    def write(self, folder: Path) -> None:
        """Write `report.html`, the figures as `figures.json` and each image's result as `predictions.csv`."""
        write_atomically(folder / "figures.json", msgspec.json.format(msgspec.json.encode(self.evaluation)))
        write_atomically(folder / "predictions.csv", table.as_csv(self.scored.screenings))
        write_atomically(folder / "report.html", as_html(self).encode())


def as_html(report: Report) -> str:
    """The report as a page that needs nothing from outside."""
    card, scored, evaluation, comparison = report.card, report.scored, report.evaluation, report.comparison
    labels, probabilities = scored.labels, scored.probabilities
    sections = [
        _section("Figures", printing.as_html(evaluation.main_figures())),
        _section("Targets", printing.as_html(targets.table(report.targets))),
        _section("Thresholds", printing.as_html(evaluation.operating_points())),
        _section(
            "Curves",
            _image(
                plots.as_png(plots.roc(labels, probabilities, evaluation, card)),
                "Receiver operating characteristic. The dermatologists saw other images: a scale, no comparison.",
            ),
            _image(plots.as_png(plots.precision_recall(labels, probabilities, evaluation)), "Precision and recall"),
            _image(plots.as_png(plots.reliability(labels, probabilities, evaluation)), "Reliability"),
        ),
        _section(
            "Confusion",
            *(
                _image(plots.as_png(plots.confusion(result, CLASSES)), "Rows are the true class.")
                + _image(plots.as_png(plots.per_class(result)), "Each class by itself")
                for result in evaluation.thresholds
            ),
        ),
        _section(
            "Groups",
            "<p>Sensitivity and specificity at the first operating point; accuracy of the more probable class.</p>",
            printing.as_html(evaluation.by_group()),
        ),
        *([_section("Comparison with the previous bundle", *_comparison(comparison))] if comparison else []),
        _section("Melanomas given the lowest probability", *_worst(scored, melanoma=1)),
        _section("Others given the highest probability", *_worst(scored, melanoma=0)),
    ]
    return _PAGE.substitute(
        title=escape(evaluation.title),
        summary=escape(
            f"{evaluation.images} images, {evaluation.melanomas} melanomas; {evaluation.failed} could not be read. "
            "Intervals are of 95 %: by bootstrap over lesions for AUROC, calibration error and comparison, Wilson's "
            "over images for shares."
        ),
        body="\n".join(sections),
    )


def _comparison(comparison: Comparison) -> list[str]:
    return [
        f"<p>{escape(comparison.first)} against {escape(comparison.second)}, on the same images.</p>",
        printing.as_html(comparison.table("this one", "the previous one", _VERDICTS)),
    ]


def _worst(scored: Scored, *, melanoma: int) -> list[str]:
    thumbnails = {screening.path: screening.thumbnail for screening in scored.screenings}
    wrong = [(example, p) for example, p in scored.classified() if example.melanoma == melanoma]
    wrong.sort(key=lambda pair: pair[1], reverse=not melanoma)
    return [
        _image(
            thumbnails[Path(example.path)],
            f"{example.image}: {example.title}, {probability:.1%}",
            kind="small",
            format_="jpeg",
        )
        for example, probability in wrong[:WORST]
    ]


def _section(title: str, *parts: str) -> str:
    return f"<h2>{escape(title)}</h2>\n" + "\n".join(parts)


def _image(content: bytes, caption: str, *, kind: str = "large", format_: str = "png") -> str:
    data = base64.b64encode(content).decode()
    text = escape(caption)
    return (
        f'<figure class="{kind}"><img src="data:image/{format_};base64,{data}" alt="{text}">'
        f"<figcaption>{text}</figcaption></figure>"
    )
