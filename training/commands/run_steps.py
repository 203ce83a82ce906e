"""Steps of a training run: prepare, split, train, export, all, cross-validate."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from training.commands.measure import report
from training.data import examples, prepare, splits
from training.errors import DataError
from training.recipe import Recipe, load_recipe
from training.trainer.run import Run


@dataclass(frozen=True)
class Job:
    """The recipe with its data, and the folders of run and bundle, from the options."""

    recipe: Recipe
    run: Run
    bundle: Path
    command: str
    folds: int = 0
    by_source: bool = False
    sources: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    strategy: str = "one"
    teachers: tuple[Path, ...] = ()


def refuse_if_trained(job: Job) -> None:
    trained = any(run.epochs() for _, run in job.run.networks(job.recipe))
    if trained or any(any(job.run.folder.glob(pattern)) for pattern in ("folds/*", "gate*/*/features-*.npz")):
        raise DataError(f"{job.run.folder}: trained on its images and splits already; other ones would mix them.")


def prepare_step(job: Job) -> None:
    refuse_if_trained(job)
    images = examples.of_sources(
        examples.load_source(*job.recipe.data_paths), job.recipe.sources, job.recipe.collections
    )
    if job.recipe.melanoma_share:
        images = splits.subset(images, job.recipe.melanoma_share, seed=job.recipe.seed)
    if job.recipe.split_by != "table":
        images = [replace(example, split="") for example in images]
    failed = prepare.prepare(images, job.run.prepared)
    for example, reason in failed:
        print(f"left out: {example.path}: {reason}")
    print(f"{len(job.run.prepared.load())} images prepared, {len(failed)} left out (see {job.run.prepared.failed}).")


def split_step(job: Job) -> None:
    refuse_if_trained(job)
    split_by_lesion = splits.split_by_image if job.recipe.split_by == "image" else splits.split_by_lesion
    job.run.prepared.save(split_by_lesion(job.run.prepared.load(), seed=job.recipe.seed))
    print_splits(job)


def print_splits(job: Job) -> None:
    images = job.run.prepared.load()
    examples.check_splits(images)
    for split in examples.SPLITS:
        chosen = examples.of_split(images, split)
        print(f"{split}: {len(chosen)} images, {sum(example.melanoma for example in chosen)} melanomas")


def train_step(job: Job) -> None:
    from training.evaluation import run_plots
    from training.trainer import distillation, fit, strategy

    chosen = strategy.create(job.strategy)
    examples.check_diagnoses(job.run.prepared.load(), job.recipe.network.diagnoses)
    run_plots.save_before(job.recipe, job.run)
    teachers = distillation.Teachers.load(job.teachers)
    fit.train(job.recipe, job.run, job.run.prepared.load(), chosen, teachers)
    run_plots.save_after(job.recipe, job.run)


def gate_step(job: Job) -> None:
    """Train the recipe's gate without some sources, and measure it on them."""
    from app.core.model.bundle import load_bundle
    from training.evaluation import printing
    from training.export import gate

    prepare_and_split(job)
    found = gate.left_out(job.recipe, job.run, job.run.prepared.load(), job.without, load_bundle(job.bundle))
    print(printing.as_text(gate.table(found)))


def export_step(job: Job) -> None:
    from training.export import bundle

    bundle.export(job.recipe, job.run, job.bundle, command=job.command)
    print(f"Written: {job.bundle}")


def recalibrate_step(job: Job) -> None:
    """Fit a bundle's parameters anew, around the network that it has."""
    from training.export import bundle

    prepare_and_split(job)
    bundle.recalibrate(job.recipe, job.run, job.bundle, command=job.command)
    print(f"Written: {job.bundle}")


def prepare_and_split(job: Job) -> None:
    if not job.run.prepared.table.is_file():
        prepare_step(job)
    divided = {bool(example.split) for example in job.run.prepared.load()}
    if divided == {True, False}:
        raise DataError(f"{examples.described(job.recipe.data_paths)}: some images have a split and some have none.")
    if divided == {False}:
        split_step(job)
    else:
        print_splits(job)


def all_steps(job: Job) -> None:
    from training.export.card import split_data

    prepare_and_split(job)
    train_step(job)
    export_step(job)
    images = job.run.prepared.load()
    name = examples.described(split_data(job.recipe, job.run))
    for split in ("val", "test"):
        report(job.bundle, images, split, job.run.folder / "evaluation" / split, name=name)


def cross_validate_step(job: Job) -> None:
    from training.evaluation import printing
    from training.export import cross_validation

    prepare_and_split(job)
    images = job.run.prepared.load()
    if job.by_source:
        folds, by = cross_validation.folds_by_source(images, job.sources), "source"
    else:
        folds, by = cross_validation.folds_by_lesion(images, job.folds, seed=job.recipe.seed), "lesion"
    result = cross_validation.cross_validate(job.recipe, job.run, folds)
    report = job.run.folder / f"cross-validation-by-{by}.json"
    cross_validation.write_report(result, report)
    print(printing.as_text(printing.Table(result.COLUMNS, result.rows())))
    print(f"mean AUROC    {result.mean_auroc:.4f}\nWritten: {report}")


def on_images(recipe: Recipe, data: Sequence[Path] | None, photographs: Sequence[str] | None) -> Recipe:
    """The recipe on other images, or as it is where none are given.

    With other images it takes no photographs but those given, calibrates by all sources alike, and its licence is not
    that of the weights.
    """
    paths = tuple(map(str, data or ()))
    if paths and paths != recipe.data_paths:
        card = msgspec.structs.replace(recipe.card, licence=None)
        recipe = msgspec.structs.replace(recipe, data=paths, photographs=(), calibration_sources=(), card=card)
    return msgspec.structs.replace(recipe, photographs=tuple(photographs)) if photographs else recipe


def on_job(step: Callable[[Job], None]) -> Callable[[argparse.Namespace], int]:
    def on_options(options: argparse.Namespace) -> int:
        recipe = on_images(load_recipe(options.recipe), options.data, options.photographs)
        bundle = getattr(options, "bundle", None)
        name = "recalibrate" if step is recalibrate_step else "all"
        command = ["melascreen-train", name, "--recipe", options.recipe]
        command += examples.options_of(options.data or ())
        command += [word for path in options.photographs or () for word in ("--photographs", path)]
        teachers = getattr(options, "teacher", None) or ()
        command += [word for path in teachers for word in ("--teacher", str(path))]
        command += ["--bundle", str(bundle)] if bundle else []
        run = Run(options.run or Path("runs") / recipe.name)
        run.begin(recipe)
        step(
            Job(
                recipe=recipe,
                run=run,
                bundle=bundle or run.folder / "bundle",
                command=shlex.join(command),
                folds=getattr(options, "folds", 0),
                by_source=getattr(options, "by_source", False) or bool(getattr(options, "source", None)),
                sources=tuple(getattr(options, "source", None) or ()),
                without=tuple(getattr(options, "without", ())),
                strategy=getattr(options, "strategy", "one"),
                teachers=tuple(teachers),
            )
        )
        return 0

    return on_options
