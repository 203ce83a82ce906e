"""Whether an image can be judged, and the warnings about what it shows."""
