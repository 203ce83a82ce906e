"""What the program knows about images, networks and results. No Qt, no TensorFlow."""
