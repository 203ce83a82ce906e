"""Results for other programs (CSV, Excel, FHIR, ISIC, DICOM), with names or de-identified; opens no database."""
