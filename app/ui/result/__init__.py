"""One result: answer, scale, explanation, lesion measurements, clinical record."""
