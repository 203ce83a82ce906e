"""Kinds of figures for the card that have a module each: rejections, diagnoses, what each kind of lesion is told."""
