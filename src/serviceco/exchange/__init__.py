"""Import and export: Open Repair Data first."""
