"""Whether an image can be judged, and every warning about an image."""
