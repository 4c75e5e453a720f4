"""The doors of identity that the pages go through, together."""

from dataclasses import dataclass

from serviceco.edge.gate import Gate
from serviceco.edge.own_security import OwnSecurity
from serviceco.edge.provider_client import ProviderClient
from serviceco.edge.provider_sign_ins import ProviderSignIns
from serviceco.edge.second_steps import SecondSteps
from serviceco.edge.sign_in_settings import SignInSettings
from serviceco.edge.sign_ins import SignIns


@dataclass(frozen=True, slots=True)
class IdentityDoors:
    """Signing in by each way there is, what a person keeps of their own, and what a company says."""

    gate: Gate
    sign_ins: SignIns
    second_steps: SecondSteps
    own_security: OwnSecurity
    providers: ProviderSignIns
    settings: SignInSettings

    @classmethod
    def at(cls, gate: Gate, *, is_development: bool) -> "IdentityDoors":
        """Open the doors of one web process; development may speak with its own machine."""
        client = ProviderClient(is_development=is_development)
        return cls(
            gate=gate,
            sign_ins=SignIns(gate),
            second_steps=SecondSteps(gate),
            own_security=OwnSecurity(gate),
            providers=ProviderSignIns(gate, client),
            settings=SignInSettings(gate, client),
        )
