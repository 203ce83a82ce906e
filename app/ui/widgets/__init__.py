"""Buttons, chips, lists, sections and other widgets that several pages use."""
