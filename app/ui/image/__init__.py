"""The image view and what lies over it: saliency map, outline editor, measuring line."""
