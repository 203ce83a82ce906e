"""Synthetic images that are not dermoscopy, to teach the gate and to test rejection."""
