"""From a path to an upright sRGB image and to the model's input: find, read, decode, cut borders, resize."""
