"""Cases as DICOM objects: the picture, the answer as a picture, the report, the outline, the measurements."""
