"""Steps that measure a bundle: evaluate, compare, figures; and the negatives to measure with."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from training.data import examples
from training.data.examples import Example

if TYPE_CHECKING:
    from app.core.model.card import Card
    from training.evaluation.evaluate import Scored


def evaluate_step(options: argparse.Namespace) -> int:
    images, name = examples.load_source(*options.data), examples.described(options.data)
    report(options.bundle, images, options.split, options.output, name=name, previous=options.previous)
    return 0


def figures_step(options: argparse.Namespace) -> int:
    from app.core.model.bundle import load_bundle
    from training.evaluation import card_figures, printing
    from training.evaluation.figures.task import Task
    from training.evaluation.model_card import figures_table
    from training.export import update

    command = ["melascreen-train", "figures", options.kind, "--bundle", str(options.bundle)]
    command += [*examples.options_of(options.data), "--split", options.split]
    for source in options.source:
        command += ["--source", source]
    for pattern in options.strangers:
        command += ["--strangers", pattern]
    for pattern in options.apart:
        command += ["--apart", pattern]
    task = Task(
        load_bundle(options.bundle),
        tuple(options.data),
        options.split,
        shlex.join(command),
        tuple(options.strangers),
        tuple(options.apart),
        tuple(options.source),
    )
    found = tuple(card_figures.KINDS[options.kind](task))
    print(printing.as_text(figures_table(found)))
    if options.into_card:
        update.put_figures(options.bundle, found)
        print(f"Written: {options.bundle}")
    return 0


def negatives_step(options: argparse.Namespace) -> int:
    from training.negatives import catalogue

    print(f"{catalogue.write(options.output)} pictures written: {options.output}")
    return 0


def report(
    bundle: Path, images: list[Example], split: str, output: Path, *, name: str, previous: Path | None = None
) -> None:
    """Measure a bundle on a split of labelled images, or on all; `name` is what the report calls them."""
    from training.evaluation import compare, evaluate, printing, targets
    from training.evaluation.report import Report

    chosen = chosen_split(images, split)
    card, scored = scored_by(bundle, chosen)
    train_lesions = {example.group for example in images if example.split == "train"} if split != "train" else set()
    evaluation = evaluate.evaluate(scored, card, data=name, split=split, train_lesions=train_lesions)
    comparison = None
    if previous is not None:
        before, scored_before = scored_by(previous, chosen)
        comparison = compare.compare(scored, scored_before, (card, before), data=name, split=split)
    size = sum(file.stat().st_size for file in bundle.iterdir())
    reached = tuple(targets.targets(evaluation, bundle_bytes=size))
    Report(card, scored, evaluation, reached, comparison).write(output)
    print(evaluate.as_text(evaluation))
    print(printing.as_text(targets.table(reached)) + "\n")
    if comparison is not None:
        print(compare.as_text(comparison))
    print(f"Written: {output / 'report.html'}")


def compare_step(options: argparse.Namespace) -> int:
    from training.evaluation import compare

    chosen = chosen_split(examples.load_source(*options.data), options.split)
    (first, ours), (second, theirs) = (scored_by(bundle, chosen) for bundle in options.bundles)
    comparison = compare.compare(
        ours, theirs, (first, second), data=examples.described(options.data), split=options.split
    )
    print(compare.as_text(comparison), end="")
    return 0


def chosen_split(images: list[Example], split: str) -> list[Example]:
    return examples.of_split(images, split) if split else images


def scored_by(bundle: Path, images: list[Example]) -> tuple[Card, Scored]:
    from app.core.model.bundle import load_bundle
    from app.core.model.classifier import Classifier
    from training.evaluation import evaluate

    classifier = Classifier(load_bundle(bundle))
    return classifier.card, evaluate.score(classifier, images)
