"""A trained run to a bundle: calibration, operating points, out-of-distribution limit, card."""
