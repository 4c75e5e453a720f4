"""GraphQL: one endpoint for staff, brands and machines."""
