"""One image's result: sentence, scale, explanation, lesion measurements, clinical record."""
