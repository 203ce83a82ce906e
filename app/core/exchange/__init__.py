"""Results for other programs (CSV, JSON, copies); takes values, opens no database."""
