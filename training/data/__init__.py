"""Labelled images: tables, preparation, splits, sampling, augmentation, masks."""
