"""The page of patients: the list, and one patient's lesions over time, follow-ups and notes."""
