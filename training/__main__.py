"""`melascreen-train`: one command a step, and `all` for the whole way from labelled images to a bundle.

TensorFlow is imported by the steps that need it, so that a wrong option is told at once.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.core.domain.errors import MelaScreenError
from app.core.system.files import write_whole
from training.data import examples, prepare, splits
from training.data.examples import Example
from training.errors import DataError, TrainingError
from training.recipe import Recipe, load_recipe
from training.trainer.run import Run

if TYPE_CHECKING:
    from app.core.model.card import Card
    from training.evaluation.evaluate import Scored

FIGURES = ("refusals", "warnings", "stability", "why", "outline", "abcd", "diagnoses")
STRATEGIES = ("one", "mirrored", "multi-worker")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its errors; not what it has to say of the processor


@dataclass(frozen=True)
class _Job:
    """What the options amount to: the recipe with its data, and where things go."""

    recipe: Recipe
    run: Run
    bundle: Path
    command: str
    folds: int = 0
    by_source: bool = False
    strategy: str = "one"


def main(arguments: list[str] | None = None) -> int:
    """Run a step. Returns the exit status: 0, 1 for data or a recipe that can't be used, 2 for wrong usage."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name in any script
    options = _parser().parse_args(arguments)
    try:
        return int(options.step(options))
    except (TrainingError, MelaScreenError, OSError) as error:
        print(f"melascreen-train: {error}", file=sys.stderr)
        return 1


def _refuse_if_trained(job: _Job) -> None:
    begun = any(run.epochs() for _, run in job.run.networks(job.recipe)) or any(job.run.folder.glob("folds/*"))
    if begun:
        raise DataError(f"{job.run.folder}: trained on its images and splits already; other ones would mix them.")


def _prepare(job: _Job) -> None:
    _refuse_if_trained(job)
    images = examples.load_source(*job.recipe.data_paths)
    if job.recipe.melanoma_share:
        images = splits.subset(images, job.recipe.melanoma_share, seed=job.recipe.seed)
    if job.recipe.split_by != "table":
        images = [replace(example, split="") for example in images]
    failed = prepare.prepare(images, job.run.prepared)
    for example, reason in failed:
        print(f"left out: {example.path}: {reason}")
    print(f"{len(job.run.prepared.load())} images prepared, {len(failed)} left out (see {job.run.prepared.failed}).")


def _split(job: _Job) -> None:
    _refuse_if_trained(job)
    divide = splits.divide_images if job.recipe.split_by == "image" else splits.divide
    job.run.prepared.save(divide(job.run.prepared.load(), seed=job.recipe.seed))
    _tell_splits(job)


def _tell_splits(job: _Job) -> None:
    images = job.run.prepared.load()
    examples.check_splits(images)
    for split in examples.SPLITS:
        chosen = examples.of_split(images, split)
        print(f"{split}: {len(chosen)} images, {sum(example.melanoma for example in chosen)} melanomas")


def _train(job: _Job) -> None:
    from training.evaluation import run_plots
    from training.trainer import fit, strategy

    chosen = strategy.create(job.strategy)
    examples.check_diagnoses(job.run.prepared.load(), job.recipe.network.diagnoses)
    run_plots.save_before(job.recipe, job.run)
    fit.train(job.recipe, job.run, job.run.prepared.load(), chosen)
    run_plots.save_after(job.recipe, job.run)


def _export(job: _Job) -> None:
    from training.export import bundle

    bundle.export(job.recipe, job.run, job.bundle, command=job.command)
    print(f"Written: {job.bundle}")


def _prepare_and_split(job: _Job) -> None:
    if not job.run.prepared.table.is_file():
        _prepare(job)
    divided = {bool(example.split) for example in job.run.prepared.load()}
    if divided == {True, False}:
        raise DataError(f"{examples.described(job.recipe.data_paths)}: some images have a split and some have none.")
    if divided == {False}:
        _split(job)
    else:
        _tell_splits(job)


def _all(job: _Job) -> None:
    from training.export.card import split_data

    _prepare_and_split(job)
    _train(job)
    _export(job)
    images = job.run.prepared.load()
    name = examples.described(split_data(job.recipe, job.run))
    for split in ("val", "test"):
        _report(job.bundle, images, split, job.run.folder / "evaluation" / split, name=name)


def _evaluate(options: argparse.Namespace) -> int:
    images, name = examples.load_source(*options.data), examples.described(options.data)
    _report(options.bundle, images, options.split, options.output, name=name, previous=options.previous)
    return 0


def _model_card(options: argparse.Namespace) -> int:
    from app.core.model.bundle import load_bundle
    from training.evaluation.model_card import as_markdown

    write_whole(options.output, as_markdown(load_bundle(options.bundle).card).encode())
    return 0


def _outline(options: argparse.Namespace) -> int:
    """Train the network for outlines, and put it into a bundle."""
    from training.export import update
    from training.segmentation import fit

    settings = fit.Settings()
    run = options.run or Path("runs/outline")
    fit.train(settings, options.data, run)
    command = shlex.join(["melascreen-train", "outline", "--data", str(options.data), "--bundle", str(options.bundle)])
    update.put_outline(options.bundle, fit.export(run), side=settings.side, origin=command)
    print(f"Written: {options.bundle}")
    return 0


def _figures(options: argparse.Namespace) -> int:
    from app.core.model.bundle import load_bundle
    from training.evaluation import card_figures
    from training.export import update

    command = ["melascreen-train", "figures", options.kind, "--bundle", str(options.bundle)]
    command += ["--data", str(options.data), "--split", options.split]
    for pattern in options.strangers:
        command += ["--strangers", pattern]
    for pattern in options.apart:
        command += ["--apart", pattern]
    task = card_figures.Task(
        load_bundle(options.bundle),
        options.data,
        options.split,
        shlex.join(command),
        tuple(options.strangers),
        tuple(options.apart),
    )
    found = tuple(card_figures.KINDS[options.kind](task))
    for figure in found:
        print(f"{figure.metric}: {figure.estimate}, {figure.images} images of {figure.data} {figure.split}".rstrip())
    if options.into_card:
        update.put_figures(options.bundle, found)
        print(f"Written: {options.bundle}")
    return 0


def _strangers(options: argparse.Namespace) -> int:
    from training.negatives import catalogue

    print(f"{catalogue.write(options.output)} pictures written: {options.output}")
    return 0


def _report(
    bundle: Path, images: list[Example], split: str, output: Path, *, name: str, previous: Path | None = None
) -> None:
    """Measure a bundle on a split of labelled images, or on all; `name` is what the report calls them."""
    from training.evaluation import compare, evaluate, targets
    from training.evaluation.report import Report

    chosen = _chosen(images, split)
    card, scored = _scored(bundle, chosen)
    learned_from = {example.group for example in images if example.split == "train"} if split != "train" else set()
    evaluation = evaluate.evaluate(scored, card, data=name, split=split, learned_from=learned_from)
    comparison = None
    if previous is not None:
        before, scored_before = _scored(previous, chosen)
        comparison = compare.compare(scored, scored_before, (card, before), data=name, split=split)
    size = sum(file.stat().st_size for file in bundle.iterdir())
    reached = tuple(targets.marks(evaluation, bundle_bytes=size))
    Report(card, scored, evaluation, reached, comparison).write(output)
    print(evaluate.as_text(evaluation))
    print(targets.as_text(reached))
    if comparison is not None:
        print(compare.as_text(comparison))
    print(f"Written: {output / 'report.html'}")


def _compare(options: argparse.Namespace) -> int:
    from training.evaluation import compare

    chosen = _chosen(examples.load_source(*options.data), options.split)
    (first, ours), (second, theirs) = (_scored(bundle, chosen) for bundle in options.bundles)
    comparison = compare.compare(
        ours, theirs, (first, second), data=examples.described(options.data), split=options.split
    )
    print(compare.as_text(comparison), end="")
    return 0


def _chosen(images: list[Example], split: str) -> list[Example]:
    return examples.of_split(images, split) if split else images


def _scored(bundle: Path, images: list[Example]) -> tuple[Card, Scored]:
    from app.core.model.bundle import load_bundle
    from app.core.model.classifier import Classifier
    from training.evaluation import evaluate

    classifier = Classifier(load_bundle(bundle))
    return classifier.card, evaluate.score(classifier, images)


def _cross_validate(job: _Job) -> None:
    from training.trainer import cross_validation

    _prepare_and_split(job)
    images = job.run.prepared.load()
    if job.by_source:
        folds, by = cross_validation.folds_by_source(images), "source"
    else:
        folds, by = cross_validation.folds_by_lesion(images, job.folds, seed=job.recipe.seed), "lesion"
    result = cross_validation.cross_validate(job.recipe, job.run, folds)
    report = job.run.folder / f"cross-validation-by-{by}.json"
    cross_validation.write_report(result, report)
    for fold in result.folds:
        print(cross_validation.as_line(fold))
    print(f"mean AUROC    {result.mean_auroc:.4f}\nWritten: {report}")


def _on_job(step: Callable[[_Job], None]) -> Callable[[argparse.Namespace], int]:
    def on_options(options: argparse.Namespace) -> int:
        recipe = load_recipe(options.recipe)
        if options.data:
            recipe = msgspec.structs.replace(recipe, data=tuple(map(str, options.data)))
        bundle = getattr(options, "bundle", None)
        command = ["melascreen-train", "all", "--recipe", options.recipe]
        command += examples.options_of(options.data or ())
        command += ["--bundle", str(bundle)] if bundle else []
        run = Run(options.run or Path("runs") / recipe.name)
        run.begin(recipe)
        step(
            _Job(
                recipe=recipe,
                run=run,
                bundle=bundle or run.folder / "bundle",
                command=shlex.join(command),
                folds=getattr(options, "folds", 0),
                by_source=getattr(options, "by_source", False),
                strategy=getattr(options, "strategy", "one"),
            )
        )
        return 0

    return on_options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="melascreen-train", description="Train, measure and export a model.")
    steps = parser.add_subparsers(required=True, metavar="STEP")
    for name, step, text in (
        ("prepare", _prepare, "resize labelled images to 256×256 into the run's folder"),
        ("split", _split, "divide the prepared images 80/10/10, lesions kept together"),
        ("train", _train, "train what is not trained yet"),
        ("export", _export, "write the best network as a model bundle, calibrated and measured"),
        ("all", _all, "all of these, then evaluate; begun again after a kill, it goes on"),
        ("cross-validate", _cross_validate, "train and measure on folds of train and val, by lesion or by source"),
    ):
        sub = steps.add_parser(name, help=text, description=text)
        sub.set_defaults(step=_on_job(step))
        sub.add_argument("--recipe", default="default", help="a recipe's name or TOML file (default: default)")
        text = "labelled images: a table or a folder a class; may be given several times (default: the recipe's)"
        sub.add_argument("--data", type=Path, action="append", help=text)
        sub.add_argument("--run", type=Path, metavar="FOLDER", help="where the run's files go (default: runs/RECIPE)")
        if name in ("export", "all"):
            sub.add_argument(
                "--bundle", type=Path, metavar="FOLDER", help="where the bundle goes (default: in the run)"
            )
        if name in ("train", "all"):
            text = "devices to train on; multi-worker takes TF_CONFIG and a run's folder for each worker (default: one)"
            sub.add_argument("--strategy", choices=STRATEGIES, default="one", help=text)
        if name == "cross-validate":
            way = sub.add_mutually_exclusive_group()
            way.add_argument("--folds", type=int, default=5, help="folds by lesion (default: 5)")
            way.add_argument("--by-source", action="store_true", help="leave out one source at a time instead")
    text = "measure a bundle on labelled images, by the program's own path"
    sub = steps.add_parser("evaluate", help=text, description=text)
    sub.set_defaults(step=_evaluate)
    sub.add_argument("--bundle", type=Path, default=Path("resources/model"), metavar="FOLDER")
    text = "labelled images: a table or a folder a class; may be given several times"
    sub.add_argument("--data", type=Path, action="append", required=True, help=text)
    sub.add_argument("--split", choices=examples.SPLITS, default="", help="only this split (default: all images)")
    sub.add_argument("--output", type=Path, default=Path("runs/evaluation"), metavar="FOLDER")
    sub.add_argument("--previous", type=Path, metavar="FOLDER", help="a bundle to hold it against")
    text = "hold two bundles against each other on the same labelled images (paired bootstrap)"
    sub = steps.add_parser("compare", help=text, description=text)
    sub.set_defaults(step=_compare)
    sub.add_argument("bundles", type=Path, nargs=2, metavar="BUNDLE")
    text = "labelled images: a table or a folder a class; may be given several times"
    sub.add_argument("--data", type=Path, action="append", required=True, help=text)
    sub.add_argument("--split", choices=examples.SPLITS, default="", help="only this split (default: all images)")
    text = "train the network for the lesion's outline on a table with masks/, and put it into a bundle"
    sub = steps.add_parser("outline", help=text, description=text)
    sub.set_defaults(step=_outline)
    sub.add_argument("--data", type=Path, required=True, help="a table with masks/IMAGE_segmentation.png beside it")
    sub.add_argument("--run", type=Path, metavar="FOLDER", help="where the run's files go (default: runs/outline)")
    sub.add_argument("--bundle", type=Path, default=Path("resources/model"), metavar="FOLDER")
    text = "measure what a bundle refuses and warns of, and what its reasons are worth"
    sub = steps.add_parser("figures", help=text, description=text)
    sub.set_defaults(step=_figures)
    sub.add_argument("kind", choices=FIGURES, help="what is measured")
    sub.add_argument("--bundle", type=Path, default=Path("resources/model"), metavar="FOLDER")
    sub.add_argument("--data", type=Path, required=True, help="labelled images: a table or a folder a class")
    sub.add_argument("--split", choices=examples.SPLITS, default="val")
    text = "files or a folder of pictures that are no dermoscopy, for refusals; may be given several times"
    sub.add_argument("--strangers", action="append", default=[], metavar="PATTERN", help=text)
    text = "the same, but counted apart; may be given several times"
    sub.add_argument("--apart", action="append", default=[], metavar="PATTERN", help=text)
    sub.add_argument("--into-card", action="store_true", help="write the figures into the bundle's card")
    text = "draw pictures that are no dermoscopy"
    sub = steps.add_parser("strangers", help=text, description=text)
    sub.set_defaults(step=_strangers)
    sub.add_argument("--output", type=Path, default=Path("runs/strangers"), metavar="FOLDER")
    text = "write a bundle's card as Markdown"
    sub = steps.add_parser("model-card", help=text, description=text)
    sub.set_defaults(step=_model_card)
    sub.add_argument("--bundle", type=Path, default=Path("resources/model"), metavar="FOLDER")
    sub.add_argument("--output", type=Path, default=Path("docs/model-card.md"), metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
