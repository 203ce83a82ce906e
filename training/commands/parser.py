"""The options of `melascreen-train`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.commands import bundle_steps, measure, run_steps
from training.data.examples import SPLITS

FIGURES = (
    "refusals", "warnings", "stability", "why", "outline", "abcd", "diagnoses", "groups", "kinds", "calibration",
    "patient",
)  # fmt: skip
STRATEGIES = ("one", "mirrored", "multi-worker")
MODEL = Path("resources/model")

Add = Callable[..., argparse.ArgumentParser]
"""Adds a sub-command by its name and what it does."""


def make_parser() -> argparse.ArgumentParser:
    """The parser; the options that it gives have the step to call as `step`."""
    parser = argparse.ArgumentParser(prog="melascreen-train", description="Train, measure and export a model.")
    steps = parser.add_subparsers(required=True, metavar="STEP")

    def add(name: str, step: Callable[[argparse.Namespace], int], text: str, **more: Any) -> argparse.ArgumentParser:
        sub = steps.add_parser(name, help=text, description=text, **more)
        sub.set_defaults(step=step)
        return sub

    _add_run_steps(add)
    _add_evaluate(add)
    _add_compare(add)
    _add_outline(add)
    _add_figures(add)
    _add_negatives(add)
    _add_model_card(add)
    return parser


def _add_run_steps(add: Add) -> None:
    for name, step, text in (
        ("prepare", run_steps.prepare_step, "resize labelled images to 256×256 into the run's folder"),
        ("split", run_steps.split_step, "divide the prepared images 80/10/10, groups kept together"),
        ("train", run_steps.train_step, "train what is not trained yet"),
        ("gate", run_steps.gate_step, "measure the gate on sources that it was trained without"),
        ("export", run_steps.export_step, "write the best network as a model bundle, calibrated and measured"),
        (
            "recalibrate",
            run_steps.recalibrate_step,
            "fit a bundle's calibration, thresholds, limits and gate anew, and keep its network",
        ),
        ("all", run_steps.all_steps, "all of these, then evaluate; begun again after a kill, it goes on"),
        (
            "cross-validate",
            run_steps.cross_validate_step,
            "train and measure on folds of train and val, by lesion or by source",
        ),
    ):
        sub = add(name, run_steps.on_job(step), text)
        sub.add_argument("--recipe", default="broad", help="a recipe's name or TOML file (default: broad)")
        _add_data(sub, required=False)
        text = "photographs that are no dermoscopy, to teach a gate with: a folder with a table, or a pattern of "
        text += "files; may be given several times (default: the recipe's, or with --data none)"
        sub.add_argument("--photographs", action="append", metavar="PATH", help=text)
        sub.add_argument("--run", type=Path, metavar="FOLDER", help="where the run's files go (default: runs/RECIPE)")
        if name == "gate":
            text = f"the bundle whose network gives the features that the gate learns from (default: {MODEL})"
            sub.add_argument("--bundle", type=Path, default=MODEL, metavar="FOLDER", help=text)
        if name in ("export", "all", "recalibrate"):
            text = "where the bundle is, and its new form goes" if name == "recalibrate" else "where the bundle goes"
            text += " (default: in the run)"
            sub.add_argument("--bundle", type=Path, metavar="FOLDER", help=text)
        if name in ("train", "all"):
            text = "devices to train on; multi-worker takes TF_CONFIG and a run's folder for each worker (default: one)"
            sub.add_argument("--strategy", choices=STRATEGIES, default="one", help=text)
        if name in ("train", "all", "export"):
            text = "the bundle of a model whose answers phases with `taught` learn (export names it in the card);"
            text += " may be given several times"
            sub.add_argument("--teacher", type=Path, action="append", metavar="BUNDLE", help=text)
        if name == "gate":
            text = "leave this source out, and measure the gate on it; may be given several times"
            sub.add_argument("--without", action="append", metavar="SOURCE", required=True, help=text)
        if name == "cross-validate":
            way = sub.add_mutually_exclusive_group()
            way.add_argument("--folds", type=int, default=5, help="folds by lesion (default: 5)")
            way.add_argument("--by-source", action="store_true", help="leave out one source at a time instead")
            text = "leave out this source alone; may be given several times"
            way.add_argument("--source", action="append", metavar="NAME", help=text)


def _add_evaluate(add: Add) -> None:
    sub = add("evaluate", measure.evaluate_step, "measure a bundle on labelled images, by the program's own path")
    _add_bundle(sub)
    _add_data(sub)
    _add_split(sub)
    sub.add_argument("--output", type=Path, default=Path("runs/evaluation"), metavar="FOLDER")
    sub.add_argument("--previous", type=Path, metavar="FOLDER", help="a bundle to compare it with")


def _add_compare(add: Add) -> None:
    text = "compare two bundles on the same labelled images (paired bootstrap)"
    sub = add("compare", measure.compare_step, text)
    sub.add_argument("bundles", type=Path, nargs=2, metavar="BUNDLE")
    _add_data(sub)
    _add_split(sub)


def _add_outline(add: Add) -> None:
    text = "train the network for the lesion's outline on a table with masks/, and put it into a bundle"
    sub = add("outline", bundle_steps.outline_step, text)
    sub.add_argument("--data", type=Path, required=True, help="a table with masks/IMAGE_segmentation.png beside it")
    sub.add_argument("--run", type=Path, metavar="FOLDER", help="where the run's files go (default: runs/outline)")
    _add_bundle(sub)


def _add_figures(add: Add) -> None:
    text = "measure what a bundle rejects, warns of and explains"
    sub = add("figures", measure.figures_step, text)
    sub.add_argument("kind", choices=FIGURES, help="what is measured")
    _add_bundle(sub)
    _add_data(sub)
    text = "the split to measure on, or all images: of a source, say, that the training left out (default: val)"
    sub.add_argument("--split", choices=(*SPLITS, "all"), default="val", help=text)
    text = "only the images of this source; may be given several times"
    sub.add_argument("--source", action="append", default=[], metavar="NAME", help=text)
    text = "files or a folder of images that are not dermoscopy, for rejections; of a folder with a metadata.csv that "
    text += "has splits, those of --split; may be given several times"
    sub.add_argument("--strangers", "--negatives", action="append", default=[], metavar="PATTERN", help=text)
    text = "the same, but counted apart; may be given several times"
    sub.add_argument("--apart", action="append", default=[], metavar="PATTERN", help=text)
    sub.add_argument("--into-card", action="store_true", help="write the figures into the bundle's card")


def _add_negatives(add: Add) -> None:
    sub = add("strangers", measure.negatives_step, "draw images that are not dermoscopy", aliases=["negatives"])
    sub.add_argument("--output", type=Path, default=Path("runs/strangers"), metavar="FOLDER")


def _add_model_card(add: Add) -> None:
    sub = add("model-card", bundle_steps.model_card_step, "write a bundle's card as Markdown")
    _add_bundle(sub)
    sub.add_argument("--output", type=Path, default=Path("docs/model-card.md"), metavar="FILE")


def _add_bundle(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--bundle", type=Path, default=MODEL, metavar="FOLDER")


def _add_data(sub: argparse.ArgumentParser, *, required: bool = True) -> None:
    text = "labelled images: a table or a folder a class; may be given several times"
    text += "" if required else " (default: the recipe's)"
    sub.add_argument("--data", type=Path, action="append", required=required, help=text)


def _add_split(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--split", choices=SPLITS, default="", help="only this split (default: all images)")
