"""Values, errors, clinical vocabularies, geometry and statistics that all other packages share; reads no file."""
