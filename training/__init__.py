"""Makes model bundles from labelled images; the only place with TensorFlow."""
