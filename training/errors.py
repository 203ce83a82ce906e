"""Errors of a training run; their messages are for the person who started it."""

from __future__ import annotations


class TrainingError(Exception):
    """The base of the errors below."""


class RecipeError(TrainingError):
    """A recipe is missing or invalid, or not the one that a run was begun with."""


class DataError(TrainingError):
    """Labelled images are missing or invalid."""


class WeightsError(TrainingError):
    """Pretrained weights are missing or not the expected ones."""


class ExportError(TrainingError):
    """A network can't be exported as a valid bundle."""


class StrategyError(TrainingError):
    """Several devices or workers can't be used as asked."""
