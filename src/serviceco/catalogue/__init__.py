"""Product categories, models, serial patterns and codes: registers shared by all tenants."""
