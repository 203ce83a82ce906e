"""Results for other programs (CSV, JSON, copies of images): their columns and fields; opens no database."""
