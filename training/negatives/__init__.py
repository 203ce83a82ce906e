"""Synthetic images that are not dermoscopy, to teach and test rejection."""
