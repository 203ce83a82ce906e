"""The report on a patient as PDF: lesions over time, pictures without a lesion, follow-ups."""
