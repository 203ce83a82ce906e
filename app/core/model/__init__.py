"""The model bundle and what runs it: card, LiteRT network, calibration, out-of-distribution check, segmentation."""
