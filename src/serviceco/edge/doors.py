"""The doors of identity that the pages go through, together."""

from dataclasses import dataclass

from serviceco.edge.gate import Gate
from serviceco.edge.own_security import OwnSecurity
from serviceco.edge.second_steps import SecondSteps
from serviceco.edge.sign_ins import SignIns


@dataclass(frozen=True, slots=True)
class IdentityDoors:
    """Signing in, its second step, and what a person keeps of their own."""

    gate: Gate
    sign_ins: SignIns
    second_steps: SecondSteps
    own_security: OwnSecurity

    @classmethod
    def at(cls, gate: Gate) -> "IdentityDoors":
        """Open the doors of one web process."""
        return cls(gate, SignIns(gate), SecondSteps(gate), OwnSecurity(gate))
