"""Images, networks, results and the history, without a window: no Qt, no TensorFlow."""
