"""A trained run to a bundle: calibration, operating points, gate, out-of-distribution limit, card; cross-validation."""
