"""The image view, its tools, and what lies over it: saliency map, outline editor, measuring line."""
