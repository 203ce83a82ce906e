"""Steps that add to a bundle or write its card: outline, model-card."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from app.core.system.files import write_atomically


def model_card_step(options: argparse.Namespace) -> int:
    from app.core.model.bundle import load_bundle
    from training.evaluation.model_card import as_markdown

    write_atomically(options.output, as_markdown(load_bundle(options.bundle).card).encode())
    return 0


def outline_step(options: argparse.Namespace) -> int:
    """Train the network for outlines, and put it into a bundle."""
    from training.export import update
    from training.segmentation import fit, network

    settings = network.Settings()
    run = fit.OutlineRun(options.run or Path("runs/outline"))
    fit.train(settings, options.data, run)
    command = shlex.join(["melascreen-train", "outline", "--data", str(options.data), "--bundle", str(options.bundle)])
    update.put_outline(options.bundle, fit.export(run), side=settings.side, origin=command)
    print(f"Written: {options.bundle}")
    return 0
