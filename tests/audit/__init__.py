"""What an auditor asks first, by tools that nobody here wrote: make audit."""
