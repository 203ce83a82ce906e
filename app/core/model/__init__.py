"""The model bundle and what runs it: card, networks, calibration, gate, out-of-distribution check, segmentation."""
