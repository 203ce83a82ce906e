"""Synthetic images that are not dermoscopy, to test rejection."""
