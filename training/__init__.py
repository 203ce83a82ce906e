"""Makes MelaScreen's model: prepare, split, train, evaluate, export. TensorFlow is only in here."""
