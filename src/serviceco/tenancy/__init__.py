"""Tenants (repair companies), their branches, brands, contracts and staff."""
