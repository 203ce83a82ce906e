"""Keras networks, pretrained weights, conversion to LiteRT."""
