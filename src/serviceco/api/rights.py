"""The words of rights, which several rooms of the API share."""

import strawberry

from serviceco.core.actor import Permission
from serviceco.tenancy.words import Role

strawberry.enum(Role, name="Role", description="What a person is at the company, or at a brand.")
strawberry.enum(Permission, name="Permission", description="One thing that a role may do.")

__all__ = ("OF_CALLER", "Permission", "Role")

OF_CALLER = "a secret of the caller: 43 to 128 letters of base64url, of which only a hash is kept"
