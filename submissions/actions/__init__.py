"""What changes a year's work. One verb, one transaction, one event; the check is inside."""
