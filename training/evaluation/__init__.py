"""Measures a bundle: metrics by group, comparison, figures for the card, reports."""
